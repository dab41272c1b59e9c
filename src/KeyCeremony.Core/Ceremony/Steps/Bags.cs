using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Tamper-evident bags: numbers chain from the ceremony that sealed to the one that opens.</summary>
internal static class Bags
{
    private const string BagId = "bag/";
    private const string DiffersId = "differs/";
    private const string HereId = "here/";
    private const string Stays = "stays";

    public static Move Open(CeremonyState s, OpenBagsStep step)
    {
        foreach (string content in step.All)
        {
            if (step.Optional.Contains(content) && s.Answer(HereId + content) is null)
                return new Ask(new Question(HereId + content, step.By, 1, $"Is \"{content}\" needed today?", AnswerKind.Choice, "A bag that is not needed stays closed, with its number.",
                    Options: [new Option("open", "Yes: its bag is here"), new Option(Stays, "No: its bag stays closed")]));
            if (s.Answer(HereId + content) == Stays)
                continue;
            string? recorded = s.World.Bags.GetValueOrDefault(content);
            if (s.Facts<BagOpened>().Any(b => b.Content == content))
                continue;
            if (s.Answer(BagId + content) is not { } number)
                return new Ask(new Question(BagId + content, step.By, 1, $"Read the number of the bag with \"{content}\" and type it.", AnswerKind.Text,
                    "Look at the seal before you open the bag. The number must be the one recorded when it was sealed.",
                    Evidence: recorded is null ? [$"The ledger knows no sealed bag with \"{content}\"."] : [$"Recorded for \"{content}\": {recorded}"]));
            if (number != recorded && s.Answer(DiffersId + content) is null)
                return new Ask(new Question(DiffersId + content, Roles.Witness, 1, "This is not the recorded bag. The witness decides.", AnswerKind.Choice,
                    "If it was a typing mistake, undo (F2) and type it again. Otherwise it is recorded as an exception.",
                    Options: [new Option("exception", "It is this bag: record an exception")],
                    Evidence: [$"Typed    {number}", $"Recorded {recorded ?? "nothing"}"]));
            if (number != recorded && !s.Facts<ExceptionRaised>().Any(x => x.Rule is CeremonyRules.BagDiffers or CeremonyRules.BagUnknown && x.What.Contains($"\"{content}\"", StringComparison.Ordinal)))
                return new Note(Room.Exception(s, recorded is null ? CeremonyRules.BagUnknown : CeremonyRules.BagDiffers,
                    $"The bag with \"{content}\" carries {number}; recorded is {recorded ?? "nothing"}."));
            return new Note(new BagOpened(content, number));
        }
        return Room.Seen(s, Roles.Witness, "Is every bag open and were all seals whole?", [.. s.Facts<BagOpened>().Select(b => $"{b.Content}: {b.Number}")]);
    }

    public static Move Seal(CeremonyState s, SealBagsStep step)
    {
        ImmutableArray<string> contents = [.. step.Contents.Where(c => !StayedClosed(s, c))];
        ImmutableArray<string> lines = [.. contents.Where(c => s.Answer(BagId + c) is not null).Select(c => $"{c}: {s.Answer(BagId + c)}")];
        foreach (string content in contents)
            if (s.Answer(BagId + content) is null)
                return new Ask(new Question(BagId + content, step.By, 1, $"Put \"{content}\" into a new bag, seal it, and type the bag's number.", AnswerKind.Text,
                    "A number is used once in the life of a ledger.", Evidence: lines));
        if (s.Answer("sealed") is null)
            return new Ask(new Question("sealed", Roles.Witness, 1, "Has the witness seen every seal and compared every number?", AnswerKind.Acknowledge,
                "Enter goes on. Undo takes the last number back.", Evidence: lines));
        string? next = contents.FirstOrDefault(c => s.Facts<BagSealed>().All(b => b.Content != c));
        return next is null ? Room.Done : new Note(new BagSealed(next, s.Answer(BagId + next)!));
    }

    /// <summary>The script let its bag stay closed, and it is still the one that an earlier ceremony sealed.</summary>
    private static bool StayedClosed(CeremonyState s, string content) => s.World.Bags.ContainsKey(content)
        && !s.Facts<BagSealed>().Any(b => b.Content == content) && s.Script.MayStayClosed(content);

    public static Refusal? Check(CeremonyState s, Question q, string value)
    {
        if (!q.Id.StartsWith(BagId, StringComparison.Ordinal))
            return null;
        if (value.Length > 40 || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or ' '))
            return new(CeremonyRules.NotInForm, "That is not a bag number.", "Type the letters and digits printed on the bag.");
        bool used = s.World.UsedBagNumbers.Contains(value) || s.Facts<Answered>().Any(a => a.Question != q.Id && a.Value == value);
        return s.Step is SealBagsStep && used
            ? new(CeremonyRules.BagUsed, $"Bag {value} was used before.", "Take a new bag and type its number.")
            : null;
    }
}
