using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Whoever has both record sticks of an open ceremony can write them anew, in one consistent story. What the witness wrote on
/// paper when the program was stopped is the one thing that cannot be rewritten with them.
/// </summary>
internal static class Resuming
{
    public const string HeadId = "resume/head";

    /// <summary>Typed when nobody could write anything down, as when the power fails.</summary>
    public const string Nothing = "none";

    /// <summary>
    /// What must be compared after the program was started again in this state. While the words of an earlier stop were not
    /// compared, they stay the ones that count: else whoever leaves and comes back would be shown the words that pass.
    /// </summary>
    public static string? HeadToCompare(CeremonyState stopped) =>
        stopped.Format < JournalFormats.Replayed || stopped.NameOf(Roles.Witness).Length == 0
            ? null
            : stopped.StoppedAt ?? stopped.Last.HashHex;

    public static Move Compare(CeremonyState s, string head) => s.Since(b => b is Reopened).Answer(HeadId) is null
        ? new Ask(new Question(HeadId, Roles.Witness, 1,
            "The program was started again. The witness types the eight words that were written down when it stopped.", AnswerKind.Text,
            $"They stood on the screen that was left. Nothing was written down, as when the power fails? Type {Nothing}: "
                + "an exception is recorded.",
            StopWords.Of(Convert.FromHexString(head)),
            Evidence: [$"Ceremony {s.Id}, step {s.Step?.Number}: {s.Step?.Title}", $"Entries on the record sticks: {s.Last.Seq}",
                $"Last written {s.SoFar.LastOrDefault(e => e.Body is not Reopened)?.Utc ?? s.Last.Utc:yyyy-MM-dd HH:mm:ss} UTC",
                $"Nothing was written down? Type {Nothing}."]))
        : new Note(Room.Exception(s, CeremonyRules.NothingWritten,
            "The program was started again, and nobody had written down where it stopped: "
                + "what is on the record sticks was compared with nothing."));

    public static Refusal? Check(Question q, string value) =>
        q.Id != HeadId || Read(q, value) ? null
            : Mistyped(value) ?? new(CeremonyRules.OtherWords,
                "The record sticks do not end where you stopped: other words belong to their end.",
                "Type the words once more from the paper. Were they written at an earlier stop, and did people go on after it? "
                    + $"Then type {Nothing}: an exception is recorded. If not, leave (F10): "
                    + "somebody changed both sticks, they are evidence.");

    /// <summary>The words that are expected, or that there are none.</summary>
    public static bool Read(Question q, string value) =>
        string.Equals(value, q.Expected, StringComparison.OrdinalIgnoreCase) || IsNothing(value);

    /// <summary>What cannot be eight words of the lists was typed wrong and accuses nobody. The lists are public.</summary>
    public static Refusal? Mistyped(string value) => !PgpWords.TryParse(value, out byte[]? bytes, out Refusal? misread)
        ? misread with { Remedy = $"Compare what is typed with the paper, word by word, and type all {StopWords.Count} words." }
        : bytes.Length == StopWords.Count ? null
        : new(CeremonyRules.NotAllWords,
            $"{StopWords.Count} words were written down; {(bytes.Length == 1 ? "1 was" : $"{bytes.Length} were")} typed.",
            $"Type all of them in their order. If some are missing on the paper, type {Nothing}: an exception is recorded.");

    /// <summary>The words as the list spells them.</summary>
    public static string Recorded(Question q, string value) => IsNothing(value) ? Nothing : q.Expected;

    private static bool IsNothing(string value) => string.Equals(value, Nothing, StringComparison.OrdinalIgnoreCase);
}
