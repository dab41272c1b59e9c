using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Ceremonies since the head that the HSM keeps: closed without an HSM, or aborted. No signature covers them yet, so whoever has both
/// record sticks can leave them out or write them anew. What the witness wrote into the binder at their end is typed here; the screen does
/// not show it.
/// </summary>
internal static class UnsignedDays
{
    public const string EndId = "end/";

    /// <summary>The last of them first: its words cover those before it. Null: there are none, or they were compared.</summary>
    public static Move? Compare(CeremonyState s)
    {
        if (s.Format < JournalFormats.Kept)
            return null;
        foreach (CeremonyFact day in Of(s.World).Reverse())
            switch (s.Answer(EndId + day.Id))
            {
                case null:
                    return new Ask(Words(s, day));
                case Resuming.Nothing when !s.Facts<ExceptionRaised>().Any(x => x.What.StartsWith($"{day.Id} ", StringComparison.Ordinal)):
                    return new Note(Room.Exception(s, CeremonyRules.EndNotKnown, $"{day.Id} ended without a signature, and nobody has the "
                        + "words of its end: what the record sticks say of it was compared with nothing."));
                case Resuming.Nothing:
                    break;
                default:
                    return null;
            }
        return null;
    }

    public static bool Asks(Question q) => q.Id.StartsWith(EndId, StringComparison.Ordinal);

    public static Refusal? Check(Question q, string value) => !Asks(q) ? null
        : Resuming.Read(q, value) ? null
        : Resuming.Mistyped(value) ?? new(CeremonyRules.OtherEnd,
            "The record sticks do not hold that day as it ended: other words belong to its end.",
            "Type the words once more from the binder. If they stay others, leave (F10): "
                + "somebody changed both sticks, they are evidence.");

    /// <summary>Ended, and behind the ceremony whose head the HSM keeps.</summary>
    private static ImmutableArray<CeremonyFact> Of(World world) =>
        [.. world.Ceremonies[..^1].Reverse().TakeWhile(c => c.Id != world.HeadIn).Reverse()];

    private static Question Words(CeremonyState s, CeremonyFact day) => new(EndId + day.Id, Roles.Witness, 1,
        $"{day.Id} was {day.End} without a signature. The witness types the first eight words of its end from the binder.",
        AnswerKind.Text,
        $"They stood on its last page. Nobody wrote them down? Type {Resuming.Nothing}: an exception is recorded.",
        StopWords.Of(Convert.FromHexString(s.World.Ends[day.Id])),
        Evidence: ["Since the last signed record:", .. Of(s.World).Select(c => $"{c.Id}, {c.OpenedUtc:yyyy-MM-dd}, {c.End}")]);
}
