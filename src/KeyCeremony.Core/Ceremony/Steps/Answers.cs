using System.Globalization;
using System.Text;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>What a typed answer means: its form first, then what the step says to it.</summary>
internal static class Answers
{
    public const int MaxLength = 200;

    private const int FewestThrows = 99;

    // 32 PGP words, of at most eleven letters, with their blanks.
    private const int MaxHashLength = 400;

    public const string UtcForm = "yyyy-MM-dd HH:mm:ss";

    public static Decision Decide(CeremonyState s, Question q, string typed, DateTimeOffset utc)
    {
        string value = Crls.Spelled(s, q, string.Join(' ', Room.Typed(s, typed).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Refusal? wrong = Unseated(s, q) ?? Card(s, q, value) ?? Form(s, q, value) ?? Room.Check(s, q, value) ?? Bags.Check(s, q, value)
            ?? Appliance.Check(s, q, value) ?? Crls.Check(s, q, value, utc) ?? CardChecks.Check(s, q, value)
            ?? Results.Check(q, value) ?? Resuming.Check(q, value) ?? UnsignedDays.Check(q, value);
        if (wrong is not null)
            return new Decision([], wrong);
        if (q.Id == Room.EndBreakId)
            return Decision.Take(new BreakEnded());
        if (Room.SignedOff(s, q, value) is { } signed)
            return Decision.Take(signed);
        var answered = new Answered(q.Id, q.By, s.NameOf(q.By, q.Seat), Recorded(q, value));
        return Decision.Take(answered);
    }

    /// <summary>
    /// From the roll call on everybody has a name; what nobody's seat answers is answered by whoever likes to. The checker lets no such
    /// script begin; a journal may have been written by another program. Not asked in the first four formats.
    /// </summary>
    private static Refusal? Unseated(CeremonyState s, Question q) =>
        s.Format >= JournalFormats.Kept && !s.People.IsEmpty && s.NameOf(q.By, q.Seat).Length == 0
            ? new(CeremonyRules.NobodySits, $"The {q.By} is asked, and nobody sits there.",
                "Abort this ceremony (F9), and use a script that seats everybody who is asked.")
            : null;

    /// <summary>
    /// What is typed here stands in the journal and in every bundle for ever, also when it is taken back. Asked first: another refusal
    /// would repeat what was typed. Not asked in the first three formats.
    /// </summary>
    public static Refusal? OfACard(CeremonyState s, string text) =>
        s.Format >= JournalFormats.Prepared && CardTraces.Are(Encoding.UTF8.GetBytes(text)) ? ACard : null;

    public static Refusal ACard { get; } = new(CeremonyRules.ACard,
        "That reads like a share card, or a part of one. Nothing was recorded.",
        "A card is typed only where the screen asks for its words. Here say it without them. "
            + "If others saw it on the screen, report a deviation.");

    private static Refusal? Card(CeremonyState s, Question q, string value) => IsTheProgramsOwn(q, value) ? null : OfACard(s, value);

    /// <summary>
    /// What the program says itself is no card: a choice, a phrase, the words of a hash. Cards that are asked for are typed word by word.
    /// </summary>
    public static bool IsTheProgramsOwn(Question q, string value) =>
        q.AsksForCard || q.Kind is AnswerKind.ToldHash or AnswerKind.ReceivedWords or AnswerKind.Passphrase
            || string.Equals(value, q.Expected, StringComparison.OrdinalIgnoreCase) || q.Choices.Any(o => o.Key == value);

    /// <summary>Only their number reaches the ceremony: <c>99 throws</c>. 99 throws are 256 bits.</summary>
    private static bool AreThrows(string value) => value.Split(' ') is [var number, "throws"]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int throws)
        && throws >= FewestThrows && number == throws.ToString(CultureInfo.InvariantCulture);

    public static bool TryUtc(string value, out DateTimeOffset utc) =>
        DateTimeOffset.TryParseExact(value, UtcForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out utc);

    private static Refusal? Form(CeremonyState s, Question q, string value)
    {
        int most = q.Kind is AnswerKind.ToldHash or AnswerKind.ReceivedWords ? MaxHashLength : MaxLength;
        if (value.Length > most)
            return new(CeremonyRules.TooLong, $"An answer has at most {most} characters.", "Shorten it.");
        if (!PlainText.Is(value))
            return new(CeremonyRules.NotInForm, "The answer contains a character that cannot be seen.", "Type it again by hand.");
        if (value.Length == 0 && Emptily(q) is { } how)
            return new(CeremonyRules.Empty, "Nothing was typed.", how);
        return q.Kind switch
        {
            AnswerKind.Text when Room.IsNothing(s, value) => new(CeremonyRules.Empty,
                "Nothing was typed.", "Type the answer, then press Enter."),
            AnswerKind.Typed when !string.Equals(value, q.Expected, StringComparison.OrdinalIgnoreCase) =>
                new(CeremonyRules.NotThePhrase, "That is not the phrase.",
                    q.ExpectsWhatWasFound
                        // Who is only told to look at the screen copies it from there, and has compared nothing.
                        ? "It stands in what was found. If your paper says other words, do not type the screen's: stop, and leave (F10)."
                        : $"Type exactly: {q.Expected}"),
            AnswerKind.Choice when q.Choices.All(o => o.Key != value) =>
                new(CeremonyRules.NotAnOption, $"\"{value}\" cannot be chosen.",
                    $"Choose one of: {string.Join(", ", q.Choices.Select(o => o.Key))}."),
            AnswerKind.ToldHash => ToldHash.Compare(Convert.FromHexString(q.Expected), value, s.Step is Script.PreviewManifestsStep),
            AnswerKind.Utc when !TryUtc(value, out _) =>
                new(CeremonyRules.NotInForm, $"\"{value}\" is not a time.", $"Type it as {UtcForm}, for example 2026-11-22 18:30:00."),
            AnswerKind.Dice when s.Format >= JournalFormats.Replayed && !AreThrows(value) =>
                new(CeremonyRules.NoDice, $"Fewer than {FewestThrows} throws of the dice were counted.",
                    "Throw them again, and type each."),
            AnswerKind.ShowShare or AnswerKind.Acknowledge or AnswerKind.Dice => null,
            AnswerKind.Passphrase => value is ForeignWords.WasTyped or ForeignWords.IsNone ? null
                : new(CeremonyRules.NotInForm, "Only whether there is a passphrase is an answer.", "Type it where the screen asks for it."),
            _ when q.AsksForCard => new(CeremonyRules.NotAsked, "A share is typed word by word.", "Type the first word of the card."),
            _ => null,
        };
    }

    /// <summary>What to type where nothing was; null: the rule of its kind says it, or nothing is an answer.</summary>
    private static string? Emptily(Question q) => q.Kind switch
    {
        AnswerKind.Typed when !q.ExpectsWhatWasFound => $"Type exactly: {q.Expected}",
        AnswerKind.Typed => "Type the words that stand in what was found, then press Enter.",
        AnswerKind.ToldHash => "Type the hash as it was told: 64 hexadecimal digits, or 32 words.",
        AnswerKind.Choice => "Mark a line, then press Enter.",
        AnswerKind.Utc => $"Type it as {UtcForm}, for example 2026-11-22 18:30:00.",
        _ => null,
    };

    /// <summary>An acknowledgement is recorded as such; for dice only their number is ever known here.</summary>
    private static string Recorded(Question q, string value) => q.Kind switch
    {
        _ when q.Id == Resuming.HeadId || UnsignedDays.Asks(q) => Resuming.Recorded(q, value),
        AnswerKind.Acknowledge or AnswerKind.ShowShare => "yes",
        AnswerKind.Typed or AnswerKind.ToldHash => q.Expected,
        AnswerKind.ReceivedWords => Results.Recorded(value),
        _ => value,
    };
}
