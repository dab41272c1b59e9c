using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>The people: roll call, records, confirmations, exceptions, breaks, undo.</summary>
internal static class Room
{
    public const string EndBreakId = "break/end";
    private const string SignOffId = "sign-off/";
    private const string ReasonIsEnough = "The reason that was given is enough to go on.";
    private const int MaxName = 64;
    private const int FewestLetters = 4;
    private static readonly ImmutableArray<string> LockedMeanwhile =
        ["The HSM is locked; when it is needed again, a quorum brings its cards."];

    public static Move RollCall(CeremonyState s)
    {
        ImmutableArray<ImmutableArray<SeatRef>> all = CombinedSeats.People(s.Script);
        ImmutableArray<string> named = [.. all.TakeWhile(p => s.Answer(NameId(p[0])) is not null)
            .Select(p => $"{CombinedSeats.InWords(s.Script, p)}: {s.Answer(NameId(p[0]))}")];
        if (named.Length < all.Length)
            return new Ask(new Question(NameId(all[named.Length][0]), s.Step!.By, 1, WhoIs(s.Script, all[named.Length]), AnswerKind.Text,
                "First and family name as in the identity document. " + (s.Script.Combined.IsEmpty ? "One person sits in one seat."
                    : "One person has the seats that the script says, and no others."), Evidence: named));
        if (s.Answer("everybody") is null)
            return new Ask(new Question("everybody", s.Step!.By, 1, "Read the names aloud. Is everybody here and named right?",
                AnswerKind.Acknowledge,
                "Enter goes on. Undo takes the last name back.", Evidence: [.. named, .. CombinedSeats.Losses(s.Script)]));
        if (!s.Facts<RoomOpened>().Any())
            return new Note(new RoomOpened([.. s.Script.Seats.SelectMany(seat => Enumerable.Range(1, seat.Count)
                .Select(i => new Person(seat.Role, i, s.Answer(NameId(all.First(p => p.Contains(new SeatRef(seat.Role, i)))[0]))!)))]));
        return s.Format >= JournalFormats.Replayed && s.Answer("script") is null
            ? new Ask(new Question("script", Roles.Witness, 1,
                "Compare the script's hash with the cover of the binder, then type the first two words of the hash.", AnswerKind.Typed,
                "What was approved and printed is what runs here. If the binder has another hash, stop: it is another script.",
                Evidence.FirstWords(s.Script.Sha256), Evidence: [$"{s.Script.Title}, version {s.Script.Version}",
                    .. Evidence.Hash("SHA-256 of the script", s.Script.Sha256)]))
            : Done;
    }

    private static string NameId(SeatRef seat) => string.Create(CultureInfo.InvariantCulture, $"name/{seat.Role}/{seat.Index}");

    private static string WhoIs(CeremonyScript script, ImmutableArray<SeatRef> person) => person is not [var seat]
        ? $"Who is {CombinedSeats.InWords(script, person)}, in one person?"
        : script.SeatsFor(seat.Role) is var count and > 1 ? $"Who is {seat.Role} number {seat.Index} of {count}?"
        : $"Who is the {seat.Role}?";

    public static Move Record(CeremonyState s, RecordStep step)
    {
        ImmutableArray<string> soFar = [.. step.Fields.Where(f => s.Answer(f.Id) is not null).Select(f => $"{f.Ask} {s.Answer(f.Id)}")];
        foreach (RecordField f in step.Fields)
            if (s.Answer(f.Id) is null)
                return new Ask(new Question(f.Id, step.By, 1, f.Ask,
                    f.Kind == "utc" ? AnswerKind.Utc : f.Optional ? AnswerKind.OptionalText : AnswerKind.Text,
                    f.Kind switch
                    {
                        "number" => "Digits only.",
                        "serial" => "As printed on the device; letters, digits and - . / _ only.",
                        "sha256" => "64 hexadecimal digits.",
                        "utc" => "UTC, not local time.",
                        _ => f.Optional ? "Enter alone leaves it empty." : "One line of text.",
                    }, Evidence: soFar));
        return s.Answer("right") is null
            ? new Ask(new Question("right", Roles.Witness, 1, "Is everything recorded right?", AnswerKind.Acknowledge,
                "Enter goes on. Undo takes the last answer back.", Evidence: soFar))
            : Done;
    }

    public static Move Confirm(CeremonyState s, ConfirmStep step) => s.Answer("confirm") is null
        ? new Ask(new Question("confirm", step.By, 1, step.Ask, AnswerKind.Typed,
            $"Type {step.Type} when it is so. If it is not, report a deviation or undo.", step.Type))
        : Done;

    public static Move Done { get; } = new Note(new StepDone());

    /// <summary>Somebody looks at what was found before the ceremony goes on.</summary>
    public static Move Seen(CeremonyState s, string by, string prompt, params ImmutableArray<string> evidence) => s.Answer("seen") is null
        ? new Ask(new Question("seen", by, 1, prompt, AnswerKind.Acknowledge, "Enter goes on.", Evidence: evidence))
        : Done;

    public static Question EndOfBreak(CeremonyState s, BreakBegan pause) => new(EndBreakId, Roles.Witness, 1,
        "The ceremony rests. Is everybody back?", AnswerKind.Acknowledge,
        "Enter ends the break and records it.", Evidence: [$"Since {s.Last.Utc:yyyy-MM-dd HH:mm:ss} UTC",
            .. pause.Remaining.Select(r => $"stays in the room: {r}"), .. s.Format >= JournalFormats.Replayed && s.World.Primary is not null
            ? LockedMeanwhile : []]);

    public static Question SignOff(CeremonyState s, ExceptionRaised open) => SecondWitness.For(s, open) is { } second
        ? new($"{SignOffId}{open.Number}", second.Role, second.Index, $"Exception {open.Number} is about the witness, and holds "
            + $"the reason that was given. Enter signs it off; {second.Name} may say more in a sentence.", AnswerKind.OptionalText,
            "The remark is recorded under this name and stands in the report.", Evidence: [$"{open.Rule} {open.What}"])
        : new($"{SignOffId}{open.Number}", Roles.Witness, 1, HasReason(open.Rule)
            ? $"Exception {open.Number} holds the reason that was given. Enter signs it off; the witness may say more in a sentence."
            : $"Exception {open.Number}: the witness says in a sentence what happened and why it may go on.",
            HasReason(open.Rule) ? AnswerKind.OptionalText : AnswerKind.Text,
        "The remark is recorded under the witness's name and stands in the report.", Evidence: [$"{open.Rule} {open.What}"]);

    /// <summary>The witness was asked for the reason, and it stands in the exception: it is not asked for again.</summary>
    private static bool HasReason(string rule) =>
        rule is CeremonyRules.Stranger or CeremonyRules.CardInOtherHands or CeremonyRules.OwnCard;

    /// <summary>An exception from before the roll call, such as a late record stick, waits for the witness's name.</summary>
    public static bool WitnessIsStillUnnamed(CeremonyState s) =>
        s.People.IsEmpty && s.Script.Steps.Skip(s.StepIndex).Any(step => step is RollCallStep);

    public static ExceptionSignedOff? SignedOff(CeremonyState s, Question q, string value) =>
        q.Id.StartsWith(SignOffId, StringComparison.Ordinal)
            ? new(int.Parse(q.Id.AsSpan(SignOffId.Length), CultureInfo.InvariantCulture), s.NameOf(q.By, q.Seat),
                IsReasonAlone(q, value) ? ReasonIsEnough : value)
            : null;

    /// <summary>Who gave the reason a moment ago has nothing to add: it is not asked for in other words.</summary>
    private static bool IsReasonAlone(Question q, string value) => q.Kind == AnswerKind.OptionalText && value.Length == 0;

    public static Decision Undo(CeremonyState s) =>
        s.SoFar is [.., { Body: Answered { Question: not Resuming.HeadId } } last] && s.Pending is null
        ? Decision.Take(new Withdrawn(last.Seq))
        : s.SoFar.IsEmpty ? Decision.Refuse(CeremonyRules.NothingToUndo, "Nothing was answered in this step yet.",
            "Answer the question; an answer can be taken back until something was done with it.")
        : Decision.Refuse(CeremonyRules.NothingToUndo, "There is no answer here that can be taken back: what was done has taken effect.",
            "If a line on the screen goes back, choose it. If not, and something is wrong, report a deviation (F4): "
                + "it is recorded and signed off.");

    public static Decision Report(CeremonyState s, Report r) => IsNothing(s, r.What)
        ? Decision.Refuse(CeremonyRules.Empty, "Nothing was typed.", "Say in a sentence what was different.")
        : s.ClosedEntry
            ? Decision.Refuse(CeremonyRules.TooLate, "The ceremony is closed.", "Write it on the paper exception sheet of the binder.")
            : SaysNothing(s, r.What)
            ? Decision.Refuse(CeremonyRules.NoSentence, "That does not say what was different.", "Say in a sentence what was different.")
            : (Answers.OfACard(s, Typed(s, r.What)) ?? Answers.OfACard(s, Cut(Typed(s, r.What).Trim()))) is { } card
            ? new Decision([], card)
            : Decision.Take(Exception(s, CeremonyRules.Deviation, Cut(Typed(s, r.What).Trim())));

    /// <summary>A letter and its accent, typed one after the other or as one, are the same letter: Normalization Form C.</summary>
    public static string Typed(CeremonyState s, string text) => s.Format >= JournalFormats.Prepared ? ComposedLetters.Of(text) : text;

    /// <summary>Nothing that anybody could read.</summary>
    public static bool IsNothing(CeremonyState s, string text) =>
        s.Format >= JournalFormats.Replayed ? NameHygiene.IsBlank(text) : text.Trim().Length == 0;

    /// <summary>
    /// "ok" and "3" are no sentence. Fewer than <see cref="FewestLetters"/> letters say nothing, but in a writing in which one is a word.
    /// </summary>
    private static bool SaysNothing(CeremonyState s, string text) => s.Format >= JournalFormats.Prepared
        && text.Count(char.IsLetter) < FewestLetters && !text.Any(c => char.GetUnicodeCategory(c) == UnicodeCategory.OtherLetter);

    public static ExceptionRaised Exception(CeremonyState s, string rule, string what) => new(s.ExceptionCount + 1, rule, what);

    public static Decision TakeBreak(CeremonyState s, Move move, TakeBreak b)
    {
        if (move is not Ask { Question: { AsksForCard: false, Kind: not (AnswerKind.ShowShare or AnswerKind.Passphrase) } }
            || s.Break is not null)
            return Decision.Refuse(CeremonyRules.NotNow, "A break cannot begin now.", "Finish what is on the screen first.");
        if (!s.Held.IsEmpty)
            return Decision.Refuse(CeremonyRules.SecretHeld,
                $"A break cannot begin now: the secret of {string.Join(" and ", s.Held.Order(StringComparer.Ordinal))} is in memory.",
                "Go on until it is wiped. If that cannot wait, stop the program (F10): "
                    + "it wipes the secret, and this part starts again afterwards.");
        if (s.Format >= JournalFormats.Accounted && Shares.Waiting(s) is { } waiting)
            return Decision.Refuse(CeremonyRules.SecretHeld,
                $"A break cannot begin now: {(waiting.Cards == 1 ? "a card" : $"{waiting.Cards} cards")} of {waiting.Set} "
                    + $"{(waiting.Cards == 1 ? "is" : "are")} in memory and {(waiting.Cards == 1 ? "waits" : "wait")} for the others.",
                "Go on until the quorum's secret was used and is wiped. If that cannot wait, stop the program (F10): "
                    + "it wipes what was typed, and these cards are asked for again afterwards.");
        ImmutableArray<string> known = [.. b.Remaining.Distinct().Where(r => s.People.Any(p => p.Name == r))];
        return known.Length < 2
            ? Decision.Refuse(CeremonyRules.TooFewStay, "Two people of the roll call must stay with the equipment.",
                "Name at least two who stay.")
            : Decision.Take(new BreakBegan(known));
    }

    public static Refusal? Check(CeremonyState s, Question q, string value)
    {
        if (q.Id.StartsWith(SignOffId, StringComparison.Ordinal) && !IsReasonAlone(q, value) && SaysNothing(s, value))
            return new(CeremonyRules.NoSentence, "That says neither what happened nor why it may go on.",
                "Say both in a sentence: it stands in the report under the witness's name.");
        if (q.Id.StartsWith("name/", StringComparison.Ordinal) && s.Step is RollCallStep)
            return value.Length > MaxName
                ? new(CeremonyRules.TooLong, $"A name has at most {MaxName} characters.", "Shorten it.")
                : s.Format >= JournalFormats.Replayed
                ? PeopleNames.Refuse(value, s.Facts<Answered>()
                    .Where(a => a.Question != q.Id && a.Question.StartsWith("name/", StringComparison.Ordinal))
                    .Select(a => a.Value), s.Format)
                : s.Facts<Answered>().FirstOrDefault(a => a.Question != q.Id
                    && string.Equals(a.Value, value, StringComparison.OrdinalIgnoreCase)) is { } twice
                    ? new(CeremonyRules.PersonTwice, $"{value} already sits as {twice.Question.Split('/')[1]}.",
                        "One person sits in one seat: name somebody else.")
                    : null;
        if (s.Step is RecordStep r && r.Fields.FirstOrDefault(f => f.Id == q.Id) is { } field && value.Length > 0)
            return field.Kind switch
            {
                RecordField.Serial when s.Format >= JournalFormats.Replayed
                    && SameSerial(s, r, field, value) is { } other => new(CeremonyRules.SerialTwice,
                    $"The number {value} was typed already, for the {other.Replace('-', ' ')}: no two devices have the same.",
                    "Read both numbers again. If the first one is wrong, undo (F2) takes it back, or report a deviation."),
                "number" when !value.All(char.IsAsciiDigit) => NotInForm("a number", "digits only"),
                "serial" when !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or '_' or ' ') =>
                    NotInForm("a serial number", "letters, digits and - . / _"),
                "sha256" when value.Length != 64 || !value.All(char.IsAsciiHexDigit) => NotInForm("a SHA-256", "64 hexadecimal digits"),
                _ => null,
            };
        return null;
    }

    /// <summary>The field that this number was given to before.</summary>
    private static string? SameSerial(CeremonyState s, RecordStep step, RecordField field, string value) => step.Fields
        .Where(f => f.Kind == RecordField.Serial && s.Answer(f.Id) is not null).Select(f => KeyValuePair.Create(f.Id, s.Answer(f.Id)!))
        .Concat(s.Printed)
        .Where(known => known.Key != field.Id && HsmNumber.IsSame(s.Format, known.Value, value))
        .Select(known => known.Key).FirstOrDefault()
        // The drill wipes its HSM: the ledger's own is never the one.
        ?? (s.Format >= JournalFormats.Prepared && field.Id == RecordField.OfHsm("drill") && s.World.Primary is { } primary
            && HsmNumber.IsSame(s.Format, primary.Commissioned.Serial, value) ? RecordField.OfHsm("primary") : null);

    private static Refusal NotInForm(string what, string form) => new(CeremonyRules.NotInForm, $"That is not {what}.", $"Type {form}.");

    public static string Seated(CeremonyState s, Person p) => s.Script.SeatsFor(p.Role) == 1 ? p.Role : $"{p.Role} {p.Index}";

    public static string Cut(string text) => PlainText.Of(text, Answers.MaxLength);
}
