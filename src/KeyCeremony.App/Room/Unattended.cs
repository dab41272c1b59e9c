using System.Text.Json;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room;

/// <summary>
/// Plays all the people from a file, in the rehearsal environment only. The officers' cards are files in a folder
/// of their own, which plays the sealed envelopes: words stand there and nowhere else.
/// </summary>
internal sealed class Unattended(AnswersFile answers, string envelopes, Custody custody, TimeProvider clock)
{
    private const int MaxTries = 3;

    /// <summary>
    /// People who read one file after another are asked the same question each time; a file answers it the same way for ever.
    /// </summary>
    private const int MaxRepeats = 20;

    private readonly Dictionary<(int Step, string Question), int> _answered = [];
    private int _tries;
    private int _triedStep = -1;

    /// <summary>Why it stopped, when it did.</summary>
    public Refusal? Stopped { get; private set; }

    public Reply? Ask(CeremonyState s, Question q, Refusal? refused)
    {
        if (refused is not null)
            return Stop(refused);
        if (q.Kind == AnswerKind.Choice && (q.Blocked is not null || q.Id == "resolve") && !MayTryAgain(s))
            return Stop(Blocked(q) ?? new Refusal("ANSWERS-03",
                $"{(s.Pending is { } attempt ? Director.InWords(attempt) : "It")} failed {MaxTries} times.",
                "Mend the cause, then run the same command again."));
        return q.Kind switch
        {
            AnswerKind.ShowShare => Write(q),
            AnswerKind.ReadBackShare => Type(s, q, q.Share!.Share, WordEntry.ReadBack(custody.Dealt(q.Share.Set, q.Share.Share))),
            AnswerKind.CheckShare => Type(s, q, q.Share!.Share, WordEntry.Any(q.Share.Words)),
            AnswerKind.PresentForeign => Type(s, q, $"{q.Id.Replace('/', '-')}.txt", WordEntry.Any(q.Share!.Words)),
            AnswerKind.PresentShare => Type(s, q, NextCard(s, q.Share!), WordEntry.Any(q.Share!.Words)),
            _ => Said(s, q),
        };
    }

    /// <summary>With the lines that say FAIL: a screen has them beside it.</summary>
    private static Refusal? Blocked(Question q) => q.Blocked is { } blocked
        && q.EvidenceLines.Where(l => l.StartsWith("FAIL", StringComparison.Ordinal)).ToArray() is { Length: > 0 } failed
            ? blocked with { Message = string.Join('\n', failed.Prepend(blocked.Message)) } : q.Blocked;

    /// <summary>People would look for the cause; a file cannot.</summary>
    private bool MayTryAgain(CeremonyState s)
    {
        _tries = _triedStep == s.StepIndex ? _tries + 1 : 1;
        _triedStep = s.StepIndex;
        return _tries <= MaxTries;
    }

    private Reply? Said(CeremonyState s, Question q)
    {
        string? value = answers.For(s.Step?.Id ?? "", q.Id) ?? q.Kind switch
        {
            AnswerKind.Acknowledge => "yes",
            AnswerKind.Typed or AnswerKind.ToldHash => q.Expected,
            AnswerKind.ReceivedWords => Acknowledgement.Of(Convert.FromHexString(q.Expected)),
            AnswerKind.OptionalText or AnswerKind.Passphrase => "",
            // Of cards that were made elsewhere nobody knows whose they are.
            AnswerKind.Choice when ForeignWords.IsWho(q.Id) => q.Choices[0].Key,
            // Whoever plays the witness wrote down where it stopped.
            AnswerKind.Text when q.Expected.Length > 0 => q.Expected,
            // Whoever has the card comes with it.
            AnswerKind.Choice when q.Share is not null => Seat(s, q.Share),
            _ => null,
        };
        if (value is not null && Repeats(s, q) > MaxRepeats)
            return Stop(new Refusal("ANSWERS-05", $"\"{s.Step?.Id}:{q.Id}\" was answered {MaxRepeats} times and is asked again.",
                "The answers lead in a circle. Take the line out: "
                    + "the run stops at the question, and the same command goes on with another answer."));
        return value switch
        {
            not null when value.StartsWith(AnswersFile.Abort,
                StringComparison.Ordinal) => new Reply(new Abort(value[AnswersFile.Abort.Length..].Trim())),
            null when Blocked(q) is { } blocked => Stop(blocked),
            not null when q.Kind == AnswerKind.Dice => Throw(q, value),
            not null when q.Kind == AnswerKind.Passphrase => Whisper(q, value),
            null => Stop(new Refusal("ANSWERS-01", $"The answers file has no answer for \"{s.Step?.Id}:{q.Id}\" ({q.Prompt})",
                "Add the line, or rehearse by hand with --record-answers.")),
            AnswersFile.Now => new Reply(new Answer(q.Id, clock.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss"))),
            AnswersFile.FirstOption => new Reply(new Answer(q.Id, q.Choices[0].Key)),
            AnswersFile.RecordedBag => new Reply(new Answer(q.Id, s.World.Bags.GetValueOrDefault(Content(q)) ?? "none")),
            AnswersFile.NewBag => new Reply(new Answer(q.Id, NewBag(s))),
            _ => new Reply(new Answer(q.Id, value)),
        };
    }

    private int Repeats(CeremonyState s, Question q) =>
        _answered[(s.StepIndex, q.Id)] = _answered.GetValueOrDefault((s.StepIndex, q.Id)) + 1;

    /// <summary>The thing that a question about a bag is about.</summary>
    private static string Content(Question q) => q.Id[(q.Id.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static string NewBag(CeremonyState s) => Enumerable.Range(1001, int.MaxValue - 1001).Select(n => $"KC-{n}")
        .First(number => !s.World.UsedBagNumbers.Contains(number) && s.Facts<Answered>().All(a => a.Value != number));

    private Reply? Throw(Question q, string rolls) =>
        custody.ThrowDice(System.Text.Encoding.ASCII.GetBytes(rolls)) is { } refusal
            ? Stop(refusal)
            : new Reply(new Answer(q.Id, $"{rolls.Length} throws"));

    private Reply? Whisper(Question q, string passphrase) =>
        custody.TakePassphrase(System.Text.Encoding.UTF8.GetBytes(passphrase), out Refusal? refusal) is { } recorded
            ? new Reply(new Answer(q.Id, recorded))
            : Stop(refusal!);

    private Reply Write(Question q)
    {
        Share share = custody.Dealt(q.Share!.Set, q.Share.Share);
        string path = Card(q.Share.Set, q.Share.Share);
        if (File.Exists(path))
            File.Delete(path);
        using var card = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int word = 1; word <= share.WordCount; word++)
        {
            card.Write(share.Word(word));
            card.Write(" "u8);
        }
        return new Reply(new Answer(q.Id, ""));
    }

    private Reply? Type(CeremonyState s, Question q, int share, WordEntry entry) => Type(s, q, CardName(q.Share!.Set, share), entry);

    private Reply? Type(CeremonyState s, Question q, string card, WordEntry entry)
    {
        using (entry)
        {
            string path = Path.Combine(envelopes, card);
            if (!File.Exists(path))
                return Stop(new Refusal("ANSWERS-04", $"There is no envelope {Path.GetFileName(path)}.",
                    "Too few custodians came: bring the envelope, then run the same command again."));
            using SecretBytes words = Read(path);
            foreach (byte letter in words.Span)
            {
                Refusal? wrong = letter == ' ' ? entry.Accept() : letter == 0 ? null : entry.Type((char)letter);
                if (wrong is not null)
                    return Stop(wrong);
            }
            if (!entry.TryFinish(out Share? typed, out Refusal? refusal))
                return Stop(refusal);
            return new Reply(custody.Took(s, q, typed), typed);
        }
    }

    private static SecretBytes Read(string path)
    {
        using var card = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var bytes = new SecretBytes((int)card.Length);
        card.ReadExactly(bytes.Span);
        return bytes;
    }

    /// <summary>The first custodian who has not presented yet, and whose group is not complete.</summary>
    private static int NextCard(CeremonyState s, ShareRef share)
    {
        GroupPlan plan = s.World.Sets[share.Set].Made.Plan;
        HashSet<int> presented = [.. s.Since(b => b is Reopened or SecretRebuilt or Failed)
            .OfType<SharePresented>().Where(p => p.Set == share.Set).Select(p => p.Share)];
        return Enumerable.Range(1, plan.Cards).First(i => !presented.Contains(i) && plan.Advances(i, presented));
    }

    private static string? Seat(CeremonyState s,
        ShareRef share) => s.World.Sets[share.Set].Made.Custodians[NextCard(s, share) - 1] is var custodian
        && s.People.OrderBy(p => p.Role != Roles.Officer).ToArray() is var people
        && (people.FirstOrDefault(p => p.Name == custodian) ?? people.FirstOrDefault(p => p.Role == Roles.Officer)) is { } person
        ? $"{person.Role}/{person.Index}"
        : null;

    private string Card(string set, int share) => Path.Combine(envelopes, CardName(set, share));

    private static string CardName(string set, int share) => $"{set}-{share}.txt";

    private Reply? Stop(Refusal refusal)
    {
        Stopped = refusal;
        return null;
    }
}

/// <summary>
/// Answers by <c>step:question</c>, or by <c>:question</c> for any step; <c>/*</c> at the end stands for whatever follows
/// the slash. docs/formats/answers.md.
/// </summary>
internal sealed class AnswersFile(IReadOnlyDictionary<string, string> answers)
{
    /// <summary>The time at the moment of answering, UTC.</summary>
    public const string Now = "@now";

    /// <summary>The first of the options.</summary>
    public const string FirstOption = "@first";

    /// <summary>The number of the bag in which the ledger knows the thing.</summary>
    public const string RecordedBag = "@recorded";

    /// <summary>A bag number that the ledger has not seen.</summary>
    public const string NewBag = "@new";

    /// <summary>Instead of an answer somebody proposes to abort; the reason follows.</summary>
    public const string Abort = "@abort";

    private const int MaxBytes = 1 << 20;

    public string? For(string step, string question)
    {
        string any = question.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? question[..slash] + "/*" : question;
        foreach (string key in new[] { $"{step}:{question}", $"{step}:{any}", $":{question}", $":{any}" })
            if (answers.TryGetValue(key, out string? value))
                return value;
        return null;
    }

    public static bool TryRead(string path, out AnswersFile? file, out Refusal? refusal)
    {
        (file, refusal) = (null, null);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new FileFaultException("It is larger than 1 MiB.");
            using FileStream stream = File.OpenRead(path);
            Dictionary<string, string> answers = JsonSerializer.Deserialize(stream, AnswersJson.Default.DictionaryStringString)
                ?? throw new FileFaultException("It is null.");
            // The serialiser honours the nullability of members, not of what a dictionary holds.
            if (answers.ContainsValue(null!))
                throw new FileFaultException("An answer is null.");
            file = new AnswersFile(answers);
            return true;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal("ANSWERS-02", "The answers file cannot be read: "
                + (e is JsonException json ? JsonFaults.InWords(json) : $"{FileFaults.InWords(e)}."), "It is one JSON object of strings.");
            return false;
        }
    }

    /// <summary>Another day has other cards and other hashes: what is typed then stands on the screen.</summary>
    private static bool IsOfThisDay(Answered a) =>
        a.Question is "words" or "head" or "script" or "resume/head" or ImportWords.ToldHash or ImportWords.Compared
            || a.Question.StartsWith("card/", StringComparison.Ordinal) || a.Question.StartsWith("present/", StringComparison.Ordinal)
            || ForeignWords.IsOfThisDay(a.Question)
            || a.Question.StartsWith("destroy/", StringComparison.Ordinal) || a.Question.StartsWith("end/", StringComparison.Ordinal)
        || (a.Question.StartsWith(ResultWords.Received, StringComparison.Ordinal) && !ResultWords.IsWayOut(a.Value));

    /// <summary>The answers given in a ceremony, as a file that plays it again. No share is among them: shares are never answers.</summary>
    public static void Write(string path, IEnumerable<Entry> entries)
    {
        var given = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (Entry entry in entries)
        {
            if (entry.Body is Answered a && !IsOfThisDay(a))
                given[$"{entry.Step}:{a.Question}"] = a.Question == "utc" ? Now : a.Value;
            if (entry.Body is ExceptionSignedOff x)
                given[$"{entry.Step}:sign-off/{x.Number}"] = x.Remark;
        }
        using var file = new FileStream(path, FileMode.CreateNew);
        JsonSerializer.Serialize(file, new Dictionary<string, string>(given), AnswersJson.Default.DictionaryStringString);
    }
}
