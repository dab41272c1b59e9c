using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Results cross from the screen to a camera elsewhere, one after another, and the receiver reads the first words of each hash
/// back. The export stick carries all of them besides: none has to be shown, and each may stay without acknowledgement.
/// </summary>
internal static class Results
{
    private const string RightId = "right";

    public static Move Show(CeremonyState s, ShowResultsStep step)
    {
        if (s.Latest<ResultsFound>() is not { } found)
            return new Perform(new GatherResults());
        if (found.Results.IsEmpty || s.Answer(ResultWords.Carry) == ResultWords.Stick || s.Latest<ResultsShown>() is not null)
            return Room.Done;
        if (s.Answer(ResultWords.Carry) is null)
            return new Ask(Carry(step, found));
        if (s.Answer(ResultWords.Receiver) is not { } receiver)
            return new Ask(new Question(ResultWords.Receiver, step.By, 1, "Who reads the codes at the receiver? Type the name.",
                AnswerKind.Text,
                "It stands in the report beside each result that was received."));
        if (Next(s, found) is { } next)
            return new Ask(Received(step, found, next, receiver));
        ImmutableArray<ShownResult> shown =
            [.. found.Results.Select(r => new ShownResult(r.Path, r.Type, r.Length, r.Sha256, WordsOf(s, r)))];
        return s.Answer(RightId) is null
            ? new Ask(new Question(RightId, Roles.Witness, 1, "Is this what the receiver has?", AnswerKind.Acknowledge,
                "Enter goes on. Undo takes the last answer back.", Evidence: [$"Receiver: {receiver}", .. shown.SelectMany(Lines)]))
            : new Note(new ResultsShown(receiver, shown));
    }

    /// <summary>What was typed beside the codes, compared with the hash of the result.</summary>
    public static Refusal? Check(Question q,
        string value) => q.Kind == AnswerKind.ReceivedWords && !(ResultWords.IsWayOut(value) && q.Choices.Any(o => o.Key == value))
        ? Acknowledgement.Compare(q.Id[(q.Id.LastIndexOf('/') + 1)..], Convert.FromHexString(q.Expected), value)
        : null;

    /// <summary>The words as the list spells them.</summary>
    public static string Recorded(string value) =>
        !ResultWords.IsWayOut(value) && PgpWords.TryParse(value, out byte[]? bytes, out _) ? PgpWords.Of(bytes) : value;

    private static Question Carry(ShowResultsStep step, ResultsFound found) => new(ResultWords.Carry, step.By, 1,
        found.Results.Length == 1
            ? "Does the result leave by QR code, too?"
            : $"Do the {found.Results.Length} results leave by QR code, too?", AnswerKind.Choice,
        "The export stick carries them in any case. By QR code they are elsewhere at once, and nothing is plugged in. "
            + "Each can still be left out.",
        Options: [new Option(ResultWords.Stick, $"No: the export stick carries {(found.Results.Length == 1 ? "it" : "them")}"),
            new Option(ResultWords.Codes, "Yes: a receiver is ready with a camera")],
        Evidence: [.. found.Results.Select(Line), .. found.Others.Select(path => $"By the export stick only: {path}")]);

    private static Question Received(ShowResultsStep step, ResultsFound found, Result result, string receiver)
    {
        int number = found.Results.IndexOf(result) + 1;
        return new Question(ResultWords.Received + result.Path, step.By, 1,
            $"Result {number} of {found.Results.Length}: {result.Path[(result.Path.LastIndexOf('/') + 1)..]}. "
                + $"Show its codes; {receiver} reads words back.", AnswerKind.ReceivedWords,
            $"The codes take the whole screen. When the receiver has them all, "
                + $"press Enter there and type the first {Acknowledgement.Words} words of the hash that the receiver shows.",
            result.Sha256,
            [new Option(ResultWords.ShowCodes, "Show its codes"), new Option(ResultWords.NotReceived, "Go on without it: not received"),
                .. number == found.Results.Length
                ? ImmutableArray<Option>.Empty : [new Option(ResultWords.NoMore, "Go on without it and all that follow")]],
            // The words are not shown here: they are to come from the receiver's screen.
            [Line(result), $"Type {result.Type}", "SHA-256", .. Evidence.Hex(result.Sha256)]);
    }

    /// <summary>The first result without an answer; null when all have one, or no more are wanted.</summary>
    private static Result? Next(CeremonyState s,
        ResultsFound found) => found.Results.Any(r => s.Answer(ResultWords.Received + r.Path) == ResultWords.NoMore)
        ? null : found.Results.FirstOrDefault(r => s.Answer(ResultWords.Received + r.Path) is null);

    private static string WordsOf(CeremonyState s, Result result) =>
        s.Answer(ResultWords.Received + result.Path) is { } words && !ResultWords.IsWayOut(words) ? words : "";

    private static string Line(Result result) => $"{result.Path} ({result.Length:N0} bytes)";

    private static IEnumerable<string> Lines(ShownResult result) =>
        [result.Path, result.Words.Length > 0 ? $"  received: {result.Words}" : "  not acknowledged"];
}
