using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>An abort is proposed by anybody in the room and decided by the witness, who is asked in person.</summary>
internal static class Aborting
{
    public const string Word = "ABORT";
    private const string DecideId = "abort/decide";
    private const string WordId = "abort/word";
    private const string End = "abort";
    private const string GoOn = "go-on";

    public static Decision Propose(CeremonyState s, Move move, Abort a)
    {
        // Closed, but the HSM died before it signed the transcript: without this way out no other ceremony could ever begin.
        if (s.Latest<BundleExported>() is not null || move is not Ask ask)
            return Decision.Refuse(CeremonyRules.TooLate, "The ceremony cannot be aborted now.", "Let it come to its end.");
        string witness = s.NameOf(Roles.Witness);
        bool asked = s.Format >= JournalFormats.Replayed;
        if (s.StoppedAt is not null)
            return Decision.Refuse(CeremonyRules.TooLate, "The ceremony cannot be aborted now.",
                "First the witness compares where it stopped.");
        if (asked && ask.Question.Id is DecideId or WordId)
            return Decision.Refuse(CeremonyRules.AbortProposed, "It is proposed already to abort the ceremony.",
                "The witness decides: answer what stands on the screen.");
        if (asked ? witness.Length == 0 : !string.Equals(witness, a.Witness.Trim(), StringComparison.OrdinalIgnoreCase))
            return Decision.Refuse(CeremonyRules.NotTheWitness, "Only the witness can agree to end the ceremony.",
                witness.Length == 0
                    ? "Finish the roll call first, or leave and come back."
                    : "Type the witness's name as in the roll call.");
        string reason = Room.Cut(Room.Typed(s, a.Reason).Trim());
        return Room.IsNothing(s, reason)
            ? Decision.Refuse(CeremonyRules.Empty, "No reason was typed.", "Say in a sentence why the ceremony ends here.")
            : (Answers.OfACard(s, a.Reason) ?? Answers.OfACard(s, reason)) is { } card ? new Decision([], card)
            : Decision.Take(asked ? new AbortProposed(reason) : new CeremonyAborted(reason, witness));
    }

    /// <summary>While a proposal is open: the witness chooses, then types the word. Null: none is open.</summary>
    public static Move? Next(CeremonyState s)
    {
        if (s.Latest<AbortProposed>() is not { } proposed)
            return null;
        ImmutableArray<EntryBody> said = s.Since(b => b is AbortProposed);
        return said.Answer(DecideId) switch
        {
            null => new Ask(new Question(DecideId, Roles.Witness, 1,
                "Somebody wants to abort the ceremony, for good. The witness decides.", AnswerKind.Choice,
                s.ClosedEntry ? "It is closed; its record stays without a signature. Its keys and backups are as good as before."
                    : "It ends without its goal. What it made is dead: keys, cards, certificates, an HSM that it commissioned. "
                        + Changing.StaysSo(s) + "To come back later go on, and stop the program instead.",
                Options:
                [
                    new Option(GoOn, "Go on with the ceremony"),
                    new Option(End, s.ClosedEntry ? "Abort it: its record stays unsigned" : "Abort it: what it made is dead"),
                ],
                Evidence: [$"Reason: {proposed.Reason}"])),
            GoOn => null,
            _ => said.Answer(WordId) is null
                ? new Ask(new Question(WordId, Roles.Witness, 1, $"The witness types {Word} with their own hands.", AnswerKind.Typed,
                    "Undo (F2) takes the choice back. After this word nothing does.", Word, Evidence: [$"Reason: {proposed.Reason}"]))
                : new Note(new CeremonyAborted(proposed.Reason, s.NameOf(Roles.Witness))),
        };
    }

    /// <summary>The last entry that is not of a proposal on which the witness went on: it is as if nobody had asked.</summary>
    public static Entry Before(CeremonyState s) => s.Format < JournalFormats.Replayed ? s.Last
        : s.SoFar.LastOrDefault(e => e.Body is not (AbortProposed or Answered { Question: DecideId or WordId })) ?? s.Last;
}
