using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>
/// Which findings a fact must carry: the rules that the program asks, each as often as it asks it, with results from the
/// closed list. Each method says what is wrong, or null. docs/formats/journal.md lists the same.
/// </summary>
internal static partial class FindingForms
{
    private const int MaxText = 2000;

    // The gate's rules by their numbers: what fails, what warns, the measurements of the boot (once each), the kernel, the devices.
    private const string GateFamily = "GATE";
    private const int FirstThatWarns = 8;
    private const int Measured = 12;
    private const int Kernel = 13;
    private const int Devices = 14;

    // What a script needs: the module of the HSM, each record stick, then the tools. What stands between goes by what is connected.
    private const string NeedFamily = "NEED";
    private const int LastNeed = 14;
    private const int ModuleAnswers = 1;
    private const int RecordSticks = 8;
    private const int Zlints = 12;
    private const int Openssls = 13;
    private const int Cameras = 14;
    private const int MostNeeds = 64;

    private const string ProbeFamily = "PROBE";
    private const int WrapQuestion = 8;
    private const int LockQuestion = 10;
    private const int FinalQuestion = 12;

    /// <summary>The name of a PKCS#11 return value, a maker's own among them.</summary>
    private const string Answer = @"CKR_([A-Z0-9_]{1,60}|(VENDOR_DEFINED\|)?0x[0-9A-F]{1,16})";

    private static readonly ImmutableArray<string> Results = [FindingResults.Pass,
        FindingResults.Warning, FindingResults.Fail, FindingResults.Unknown];

    /// <summary>The gate asks of the appliance: eight things that can fail or warn, then what it was started from and with.</summary>
    public static string? Gate(ImmutableArray<Finding> findings)
    {
        string pcr = Gate(Measured), device = Gate(Devices);
        string[] pcrs = [.. findings.Where(f => f.Id == pcr).Select(f => f.Id)],
            devices = [.. findings.Where(f => f.Id == device).Select(f => f.Id)];
        return Asked(findings, [.. Numbered(GateFamily, 1, Measured - 1), .. pcrs.DefaultIfEmpty(pcr), Gate(Kernel), .. devices])
            ?? findings.Select(f => Result(f, int.Parse(f.Id.AsSpan(GateFamily.Length + 1), CultureInfo.InvariantCulture) switch
            {
                >= Kernel => [FindingResults.Pass],
                >= FirstThatWarns => [FindingResults.Pass, FindingResults.Warning],
                _ => [FindingResults.Pass, FindingResults.Fail],
            })).FirstOrDefault(wrong => wrong is not null);
    }

    /// <summary>
    /// What a script needs was there, as far as it could be seen before its first step; what was missing would have forbidden to begin.
    /// What is looked at for every script, and for this one's steps, stands there as often as it is looked at.
    /// </summary>
    public static string? Needs(ImmutableArray<Finding> findings, ScriptNeeds needs)
    {
        if (findings.FirstOrDefault(f => !Numbered(NeedFamily, 1, LastNeed).Contains(f.Id)) is { } strange)
            return $"{PlainText.Of(strange.Id, 20)} is no rule that is asked here.";
        bool tokens = needs.BlankPrimary || needs.KnownPrimary || needs.Drill;
        foreach ((int number, int times) in new[]
        {
            (ModuleAnswers, tokens ? 1 : 0), (RecordSticks, 2), (Zlints, needs.Previews ? 1 : 0), (Openssls, needs.Signs ? 1 : 0),
            (Cameras, needs.ReadsCards ? 1 : 0),
        })
            if (findings.Count(f => f.Id == Id(NeedFamily, number)) is var found && found != times)
                return $"the finding {Id(NeedFamily, number)} stands there {found} times, where this script has it {times} times.";
        return findings.Length > MostNeeds ? "it holds more findings than can be looked at."
            : findings.Select(f => Result(f, [FindingResults.Pass, FindingResults.Warning])).FirstOrDefault(wrong => wrong is not null);
    }

    /// <param name="blank">Before format 4 only a token in use was asked one question more: what the probe left in it.</param>
    public static string? Probe(ImmutableArray<Finding> findings, bool blank, int format) =>
        Asked(findings, Numbered(ProbeFamily, 1, blank && format < JournalFormats.Prepared ? 18 : 19))
            ?? findings.Select(f => Result(f, Results)).FirstOrDefault(wrong => wrong is not null);

    /// <summary>Whether the probe decoded what the HSM wrapped.</summary>
    public static bool Wraps(ImmutableArray<Finding> findings) =>
        findings.Any(f => f.Result == FindingResults.Pass && f.Id == Id(ProbeFamily, WrapQuestion));

    /// <summary>Whether a key could be locked after its backup, and stayed so.</summary>
    public static bool Locks(ImmutableArray<Finding> findings) => new[] { LockQuestion, FinalQuestion }.All(
        question => findings.Any(f => f.Result == FindingResults.Pass && f.Id == Id(ProbeFamily, question)));

    /// <summary>
    /// The three comparisons of a second look, or that the token does not allow one; a token that was read once cannot say so.
    /// What passed is said in the program's words and fits what the ledger knows of the keys.
    /// </summary>
    public static string? Look(LookAgain effect, ImmutableArray<string> keys, ImmutableArray<Finding> findings)
    {
        if (findings is [{ Id: CeremonyRules.NotLooked } impossible])
            return effect.MustShow ? "this HSM let itself be looked at before."
                : keys.IsEmpty && SecondLooks.IsImpossible(impossible)
                ? null
                : "why it was not looked at is none of the program's reasons.";
        if (Asked(findings, [CeremonyRules.OtherObjects, CeremonyRules.OtherProperties, CeremonyRules.OtherKeys]) is { } other)
            return other;
        if (!keys.All(IsKeyId) || !keys.SequenceEqual(keys.Order(StringComparer.Ordinal)))
            return "its keys are not CKA_IDs in their order.";
        ImmutableArray<string> same = [SecondLooks.SameObjects, SecondLooks.SameProperties, SecondLooks.AsTheLedgerSays(keys)];
        for (int i = 0; i < findings.Length; i++)
            if (Result(findings[i], [FindingResults.Pass, FindingResults.Fail]) is { } wrong)
                return wrong;
            else if (findings[i].Result == FindingResults.Pass && findings[i].Text != same[i])
                return $"{findings[i].Id} passed in other words than the program's.";
        return findings[^1].Result == FindingResults.Pass && !SecondLooks.Fits(effect, keys)
            ? "its keys are not those that the ledger says lie in this HSM."
            : null;
    }

    /// <summary>What opening put right: at most one torn line, sticks that were behind; then each of the two sticks read whole.</summary>
    public static string? Ledger(ImmutableArray<Finding> findings, long seq, string head)
    {
        ImmutableArray<Finding> behind = [.. findings.TakeWhile(f => f.Id == CeremonyRules.StickBehind || IsTorn(f))];
        ImmutableArray<Finding> sticks = findings[behind.Length..];
        if (behind.Length > 2 || behind.Skip(1).Any(IsTorn)
            || behind.Any(f => Result(f, [FindingResults.Warning, FindingResults.Fail]) is not null))
            return "it tells of sticks that were behind as the program would not.";
        if (sticks.Length != 2)
            return $"it holds {sticks.Length} findings about record sticks, where two sticks are read.";
        foreach (Finding stick in sticks)
            if (stick.Result == FindingResults.Pass
                ? stick.Id != CeremonyRules.StickWhole
                    || !stick.Text.EndsWith($": {seq} entries, unbroken, head {head}", StringComparison.Ordinal) || !IsText(stick.Text)
                : stick.Result != FindingResults.Fail || !StickRule().IsMatch(stick.Id) || !IsText(stick.Text))
                return $"the finding {stick.Id} {stick.Result} about a record stick is none of the program's.";
        return null;
    }

    /// <summary>
    /// What lint found anew, in its order; a rule of the whole certificate may have failed besides; then zlint or why it was not asked.
    /// </summary>
    public static string? Certificate(ImmutableArray<Finding> findings, ImmutableArray<Finding> lint,
        Finding? contradiction, Func<string, bool> isRule)
    {
        int at = 0, asked = 0;
        ImmutableArray<Finding> ours = [.. lint, .. contradiction is null ? ImmutableArray<Finding>.Empty : [contradiction]];
        for (; at < findings.Length && findings[at].Id != CeremonyRules.Zlint; at++)
            if (asked < ours.Length && findings[at] == ours[asked])
                asked++;
            else if (findings[at].Result != FindingResults.Fail || !isRule(findings[at].Id) || !IsText(findings[at].Text))
                return $"the finding {findings[at].Id} {findings[at].Result} is not what lint finds in these bytes.";
        return asked < ours.Length
            ? $"lint finds {ours[asked].Id} {ours[asked].Result} in these bytes, and it is not among the findings."
            : Zlint(findings[at..]);
    }

    private static string? Zlint(ImmutableArray<Finding> findings)
    {
        if (findings is [{ Result: FindingResults.Unknown } only])
            return only == CertificatePlanning.ZlintNotAsked ? null : "it says in other words than the program's that zlint was not asked.";
        return findings is [{ Result: FindingResults.Pass } first, .. var rest] && ZlintSaid().IsMatch(first.Text)
            && rest.All(f => f.Id == CeremonyRules.Zlint && f.Result is FindingResults.Pass or FindingResults.Fail
                && ZlintFound().IsMatch(f.Text)
                && f.Text.StartsWith("info ", StringComparison.Ordinal) == (f.Result == FindingResults.Pass))
            ? null : "what it holds of zlint is not as the program records it.";
    }

    /// <summary>Whether a request's key was compared with the keys that other environments know.</summary>
    public static string? Keys(ImmutableArray<Finding> findings) =>
        findings is [{ Id: CeremonyRules.KnownKeys, Result: FindingResults.Pass or FindingResults.Unknown } only]
            && KeysCompared().IsMatch(only.Text)
            && only.Text.EndsWith("other environments were not asked.", StringComparison.Ordinal) == (only.Result == FindingResults.Unknown)
            ? null : "its findings are not those of the comparison with known keys.";

    /// <param name="isRule">Whether this is the ID of a rule for lists.</param>
    /// <param name="begins">That the rules were asked, and how many serials are known.</param>
    public static string? List(ImmutableArray<Finding> findings, ImmutableArray<Finding> begins, Func<string, bool> isRule) =>
        findings.Take(begins.Length).SequenceEqual(begins)
            && findings.Skip(begins.Length).All(f => f.Result == FindingResults.Fail && isRule(f.Id) && IsText(f.Text))
            ? null : "its findings are not those of the lint of lists.";

    public static string? Batch(ImmutableArray<Finding> findings, ImmutableArray<Finding> asked,
        ImmutableArray<ImmutableArray<Finding>> compared)
    {
        if (findings.Length != asked.Length + compared.Length)
            return $"it holds {findings.Length} findings, where {asked.Length + compared.Length} things are compared.";
        for (int i = 0; i < findings.Length; i++)
            if (i < asked.Length ? findings[i] != asked[i] : !compared[i - asked.Length].Contains(findings[i]))
                return $"the finding {findings[i].Id} {findings[i].Result} is not what the comparison gives.";
        return null;
    }

    /// <summary>The HSM refused to wrap a locked key, by each way to wrap that the program knows.</summary>
    /// <param name="yubiHsm">By its own way, too.</param>
    public static string? Tried(Finding finding, int format, bool yubiHsm) =>
        finding is { Id: CeremonyRules.StillWraps, Result: FindingResults.Pass }
            && (format < JournalFormats.Prepared ? TriedTwo() : yubiHsm ? TriedFive() : TriedFour()).IsMatch(finding.Text)
        ? null : "what it holds of the try to wrap the locked key is not as the program records it.";

    public static bool IsText(string text) => text.Length is > 0 and <= MaxText && PlainText.Is(text);

    /// <summary>Empty where a key has none.</summary>
    private static bool IsKeyId(string id) => id.Length <= MaxText && id.Length % 2 == 0 && id.All(char.IsAsciiHexDigitLower);

    private static string? Asked(ImmutableArray<Finding> findings, ImmutableArray<string> rules)
    {
        ImmutableArray<string> found = [.. findings.Select(f => f.Id)];
        if (found.SequenceEqual(rules))
            return null;
        string? missing = rules.Except(found).FirstOrDefault(), strange = found.Except(rules).FirstOrDefault();
        return missing is not null
            ? $"the finding {missing} is missing."
            : strange is not null ? $"{strange} is no rule that is asked here." : "its findings are not each asked once and in order.";
    }

    /// <summary>As a failure the rule speaks of a stick that was read, and in the first program of its database.</summary>
    private static bool IsTorn(Finding finding) => finding is { Id: CeremonyRules.StickTorn, Result: FindingResults.Warning };

    private static string? Result(Finding finding, ImmutableArray<string> allowed) =>
        !allowed.Contains(finding.Result) ? $"the result \"{PlainText.Of(finding.Result, 20)}\" is none that {finding.Id} can have."
        : IsText(finding.Text) ? null : $"the text of {finding.Id} is empty or not plain.";

    private static ImmutableArray<string> Numbered(string family, int from, int to) =>
        [.. Enumerable.Range(from, to - from + 1).Select(n => Id(family, n))];

    private static string Gate(int number) => Id(GateFamily, number);

    private static string Id(string family, int number) => $"{family}-{number:D2}";

    [GeneratedRegex(
        @"\AWrapping the locked key was tried and refused: 0x210A with (CKR_[A-Z0-9_]{1,60}|0x[0-9A-F]{1,16}), 0x210B with (CKR_[A-Z0-9_]{1,60}|0x[0-9A-F]{1,16})\.\z")]
    private static partial Regex TriedTwo();

    [GeneratedRegex(@"\AWrapping the locked key was tried and refused: 0x210A with " + Answer + ", 0x210B with " + Answer
        + ", 0x1085 with " + Answer + ", 0x80000171 with " + Answer + @"\.\z")]
    private static partial Regex TriedFour();

    [GeneratedRegex(@"\AWrapping the locked key was tried and refused: 0x210A with " + Answer + ", 0x210B with " + Answer
        + ", 0x1085 with " + Answer + ", 0x80000171 with " + Answer + ", 0xD9554204 with " + Answer + @"\.\z")]
    private static partial Regex TriedFive();

    [GeneratedRegex(@"\A(LEDGER|JOURNAL)-[0-9]{2}\z")]
    private static partial Regex StickRule();

    [GeneratedRegex(@"\AZLint[^\p{C}]{0,80}: [1-9][0-9]{0,4} lints asked, [0-9]{1,4} findings explained for this profile\z")]
    private static partial Regex ZlintSaid();

    [GeneratedRegex(@"\A(info|warn|error|fatal) [a-z0-9_]{1,100}( \([^\p{C}]{1,1500}\))?\z")]
    private static partial Regex ZlintFound();

    [GeneratedRegex(
        @"\AThe key is none of the [0-9]+ of this ledger(\. The stick has no known-keys\.csv: other environments were not asked\.| and none of the [1-9][0-9]* of other environments\.)\z")]
    private static partial Regex KeysCompared();
}
