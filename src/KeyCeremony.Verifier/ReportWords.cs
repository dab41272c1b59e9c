using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>
/// What the report calls a question. The journal has its ID; the sentence that stood on the screen is the program's and may be
/// worded better tomorrow, while the report of a journal stays the same. So the words stand here, and a script's own questions
/// come from the script. Words of format 2: who changes one here changes reports that were signed.
/// </summary>
internal sealed class ReportWords
{
    private static readonly ImmutableDictionary<string, string> Whole = new Dictionary<string, string>
    {
        ["everybody"] = "Everybody is here and named right",
        ["script"] = "First words of the script's hash, compared with the binder",
        ["begin"] = "Typed to begin what cannot be taken back",
        ["right"] = "Recorded right",
        ["seen"] = "Seen and compared",
        ["sealed"] = "Every seal seen, every number compared",
        ["utc"] = "Time by the witness's own clock, UTC",
        ["head"] = "First words of the ledger's head",
        ["resume/head"] = "Words of the head, after an interruption",
        ["words"] = "First words of the hash, read whole",
        ["close"] = "The administrator closes",
        ["gate-again"] = "The appliance is looked at again",
        ["another/seen"] = "Another drill HSM, seen and compared",
        ["probe-again"] = "The HSM is looked at again",
        ["eyes-again"] = "The HSM is read again by both bindings",
        ["stopped"] = "Stopped: what is to be done",
        ["file"] = "File that is taken",
        ["take"] = "It is what was meant",
        ["told"] = "How the hash is compared",
        ["told-hash"] = "Hash as its owner sent it",
        ["compared"] = "First words of the hash, compared",
        ["refused"] = "Refused, and seen",
        ["list"] = "What becomes of the list",
        ["more"] = "More of it",
        ["serial"] = "Serial number that is revoked",
        ["reason"] = "Why it is revoked",
        ["revoked"] = "When it was revoked, UTC",
        ["invalidity"] = "Since when it is not to be believed, UTC",
        ["enter"] = "The revocation is right",
        ["how"] = "What became of the old HSM",
        ["remark"] = "How this is known",
        ["dice"] = "Throws of dice",
        ["withdraw"] = "It is the release that must not be shipped",
        ["carry"] = "How the results leave the room",
        ["receiver"] = "Who reads the codes at the receiver",
        ["resolve"] = "What becomes of the interrupted work",
        ["replace"] = "Typed: the HSM steps back, its keys move",
        ["activation/which"] = "Which activation cards are tried",
        ["former/here"] = "What becomes of the keys in the former HSM",
        ["former/why"] = "Why they remain in it",
        ["former/moved"] = "Why keys are destroyed that did not move",
        ["ends/why"] = "Why the key ends",
        ["ends/although"] = "Why it ends although it is needed",
        ["ends/word"] = "Typed: from here on the key is dead",
        ["abort/decide"] = "Whether the ceremony is aborted",
        ["abort/word"] = "Typed by the witness",
        ["break/end"] = "The break ends",
        ["foreign/origin"] = "Who made the cards that this ledger did not deal, when, and with what",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private static readonly ImmutableArray<(string Prefix, string Words)> Begun =
    [
        ("bag/", "Bag of {0}"),
        ("here/", "Bag of {0} is opened"),
        ("opened/", "Number of the opened bag of {0}"),
        ("differs/", "Another bag than the recorded one: {0}"),
        ("end/", "Words of the end of {0}, from the binder"),
        ("received/", "First words of {0}, read back"),
        ("destroy/", "Key that is destroyed, CKA_ID {0}"),
        ("rest/", "Key that rests from here on, destroyed in the HSM, CKA_ID {0}"),
        ("again/", "After the interruption: {0}"),
        ("sign-off/", "What the witness says to exception {0}"),
        ("present/", "Card {0} is presented"),
    ];

    private static readonly ImmutableDictionary<string, string> OfCards = new Dictionary<string, string>
    {
        ["alone"] = "its custodian came to the screen alone",
        ["written"] = "all words written",
        ["back"] = "typed back",
        ["seen"] = "an officer's word that the witness was alone with it",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    // Since format 5.
    private static readonly ImmutableDictionary<string, string> OfChecks = new Dictionary<string, string>
    {
        ["set"] = "its set",
        ["card"] = "its number",
        ["here"] = "whether it is here",
        ["state"] = "what is done with it",
        ["who"] = "who brings it",
        ["why"] = "why not its owner",
        ["site"] = "where it lies from today on",
        ["own"] = "why its own owner attests it",
        ["words"] = "who types it before it is destroyed",
        ["burn"] = "whether it is destroyed, after it was typed",
        ["sure"] = "what became of it, typed by the witness",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private readonly CeremonyScript? _script;
    private readonly ImmutableDictionary<string, Step> _steps;

    private ReportWords(CeremonyScript? script)
    {
        _script = script;
        _steps = script?.Steps.ToImmutableDictionary(s => s.Id, StringComparer.Ordinal) ?? ImmutableDictionary<string, Step>.Empty;
    }

    public static ReportWords Of(string script) => new(ScriptReader.TryRead(script, null, out CeremonyScript? read, out _) ? read : null);

    /// <summary>Number and title of a step.</summary>
    public string Title(string step) => _steps.TryGetValue(step, out Step? found) ? $"{found.Number}. {found.Title}" : step;

    /// <summary>What was asked, in words.</summary>
    public string Asked(string step, string question)
    {
        Step? asking = _steps.GetValueOrDefault(step);
        if (asking is RecordStep record && record.Fields.FirstOrDefault(f => f.Id == question) is { } field)
            return field.Ask;
        if (asking is ConfirmStep confirm && question == "confirm")
            return confirm.Ask;
        if (asking is InspectHsmStep && question == "serial")
            return "Another number was read from the device: what is to be done";
        return InWords(question);
    }

    /// <summary>What was answered. To a yes there is a question beside it.</summary>
    public string Said(string question, string value) => (question.Split('/')[0], value) switch
    {
        ("here", "open") => "yes",
        ("here", "stays") => "no: it stays closed",
        ("differs", "exception") => "an exception",
        // What the witness said of the cards stands as it was said.
        ("foreign", _) when !ForeignWords.IsOfThisDay(question) => value,
        ("foreign", ForeignWords.NewCards) => "the cards, from the first one",
        // A seat, as the witness marked it.
        ("present" or "foreign", _) when question.EndsWith("/who", StringComparison.Ordinal) => value.Replace('/', ' '),
        ("foreign", ForeignWords.WasTyped) => "typed, and kept nowhere",
        ("foreign", ForeignWords.IsNone) => "there is none",
        _ => value,
    };

    /// <summary>How many of the findings are what. What is not installed or cannot be looked at did not fail.</summary>
    public static string Sum(ImmutableArray<Finding> findings)
    {
        if (findings.IsEmpty)
            return "nothing was found";
        string[] parts =
        [
            .. new[] { FindingResults.Fail, FindingResults.Warning, FindingResults.Unknown, FindingResults.Pass }
                .Select(result => (Count: findings.Count(f => f.Result == result), Result: result)).Where(p => p.Count > 0)
                .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Count} {Plural(p.Result, p.Count)}")),
        ];
        return findings.All(f => f.Result == FindingResults.Pass) ? "passed" : $"of {findings.Length}: {string.Join(", ", parts)}";
    }

    private static string Plural(string result, int count) => result switch
    {
        FindingResults.Fail => "failed",
        FindingResults.Warning => count == 1 ? "warning" : "warnings",
        FindingResults.Unknown => "not known",
        _ => "passed",
    };

    private string InWords(string question)
    {
        if (Whole.GetValueOrDefault(question) is { } whole)
            return whole;
        return question.Split('/') switch
        {
            ["name", var role, "1"] when _script?.SeatsFor(role) == 1 => $"Name of the {role}",
            ["name", var role, var seat] => $"Name of {role} {seat}",
            ["present", var number, "who"] => $"Who presents a card, in turn {number}",
            ["present", var number, "why"] => $"Why it is not the owner who presents, in turn {number}",
            ["present", var number, "seen"] => $"An officer's word that the witness was alone with the card presented in turn {number}",
            ["foreign", var number, "who"] => $"Who comes with a card made elsewhere, in turn {number}",
            ["foreign", var attempt, "passphrase"] => $"The passphrase of the cards made elsewhere ({attempt})",
            ["foreign", var attempt, "again"] => $"What is typed again, for the secret was another one ({attempt})",
            ["card", var set, var number, var what] when OfCards.ContainsKey(what) => $"Card {number} of {set}: {OfCards[what]}",
            ["copy", .. var copy, "what"] => $"What became of the copy {string.Join(' ', copy)}",
            ["copy", .. var copy, "words"] => $"Who did it and how, or why it remains: {string.Join(' ', copy)}",
            ["check", var number, var what] when OfChecks.ContainsKey(what) => $"Card checked in turn {number}: {OfChecks[what]}",
            // A question that is asked again in the same step carries its count.
            [var first, var again] when Whole.ContainsKey(first) && again.All(char.IsAsciiDigit) => $"{Whole[first]} ({again})",
            var other => Prefixed(question) ?? string.Join(' ', other).Replace('-', ' '),
        };
    }

    private static string? Prefixed(string question)
    {
        foreach ((string prefix, string words) in Begun)
            if (question.StartsWith(prefix, StringComparison.Ordinal))
                return string.Format(CultureInfo.InvariantCulture, words, question[prefix.Length..]);
        return null;
    }
}
