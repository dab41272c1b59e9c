using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Nothing may be open; then the report, the signed transcript, the head into the HSM, the bundle.</summary>
internal static class Closing
{
    public static Move Close(CeremonyState s, CloseStep step) => step.Signed ? Close(s) : CloseUnsigned(s, step);

    /// <summary>
    /// No HSM is here, so nothing is signed and nothing leaves the room: the next ceremony's signature covers what stands in the ledger.
    /// The checker lets nothing into such a script that could be unfinished.
    /// </summary>
    private static Move CloseUnsigned(CeremonyState s, CloseStep step)
    {
        if (!s.ClosedEntry)
            return Bags.Again(s) is { } bag ? bag : s.Answer("close") is null
                ? new Ask(new Question("close", step.By, 1, "Everything is done. The ceremony is closed.", AnswerKind.Typed,
                    "After this nothing can be added. Nothing is signed today: the next ceremony with the HSM signs what stands in the "
                        + "ledger, and its bundle tells of this day.", "CLOSE",
                    Evidence: [$"Entries {s.Last.Seq}", Exceptions(s)]))
                : new Note(new CeremonyClosed());
        // The words of the end come on the last page, when there is one: those of an entry before it would be other ones.
        return Room.Seen(s, Roles.Witness, "The record stands on both sticks. The words of its end come next: the witness writes them into "
            + "the binder and signs.", $"Entries {s.Last.Seq}");
    }

    private static Move Close(CeremonyState s)
    {
        Refusal? unfit = s.Format >= JournalFormats.Replayed ? Transcripts.Refuse(s.World, s.Last.Utc) : null;
        if (!s.ClosedEntry)
        {
            ImmutableArray<string> open = [.. unfit is null ? [] : new[] { unfit.Message }, .. Unfinished(s)];
            if (open.Length > 0)
                return new Ask(new Question("stopped", Roles.Administrator, 1, "The ceremony cannot close yet.", AnswerKind.Choice,
                    "Leave it and come back, or abort it (F9).", Options: [new Option("look-again", "Look again")], Evidence: open,
                    Blocked: unfit is null ? new Refusal(CeremonyRules.NotReady, open[0], "The script must do this before it closes.")
                        : new Refusal(CeremonyRules.TranscriptUnfit, unfit.Message, unfit.Remedy)));
            return Bags.Again(s) is { } bag ? bag : s.Answer("close") is null
                ? new Ask(new Question("close", Roles.Administrator, 1, "Everything is done. The administrator closes the ceremony.",
                    AnswerKind.Typed,
                    "After this nothing can be added: "
                        + "the report is written, the transcript is signed inside the HSM, and the bundle is exported.", "CLOSE",
                    Evidence: [$"Entries {s.Last.Seq}", Exceptions(s)]))
                : s is { Script.Recording: true, Format: >= JournalFormats.Prepared } && s.Latest<TerminalRecorded>() is null
                    ? new Perform(new KeepRecording())
                : new Note(new CeremonyClosed());
        }
        // A quorum that had to unlock the HSM again took its cards out of their bags.
        if (s is { Unlocked: true, Format: >= JournalFormats.Prepared } && Bags.Again(s) is { } opened)
            return opened;
        if (s.Latest<CheckpointSigned>() is not { } checkpoint)
        {
            if (unfit is not null && s.Pending is null)
                return Tokens.Stop(s, CeremonyRules.TranscriptUnfit, unfit.Message, unfit.Remedy);
            return new Perform(new SignCheckpoint(Signer(s, s.World.TranscriptKey!),
                s.World.TranscriptCosigner is { } second ? Signer(s, second) : null));
        }
        if (s.Latest<HeadStored>() is null)
            return new Perform(new StoreHead(checkpoint.Seq, checkpoint.Head));
        if (s.Latest<BundleExported>() is not { } exported)
            return new Perform(new ExportBundle(checkpoint.Seq));
        return Room.Seen(s, Roles.Witness, "The bundle is written and was read back. Compare the head with the report and sign.",
            [.. Evidence.Hash($"Head of the ceremony, entry {checkpoint.Seq}", checkpoint.Head),
                .. Evidence.Hash("SHA-256 of SHA256SUMS", exported.Sums), .. exported.Files]);
    }

    private static TranscriptSigner Signer(CeremonyState s, KeyFact key) =>
        new(key.CkaId, key.Generated.Algorithm, s.World.CertificateOf(key.Generated.Key)!.Signed.Der);

    private static string Exceptions(CeremonyState s) =>
        s.ExceptionCount == 0 ? "Exceptions none" : $"Exceptions {s.ExceptionCount}, all signed off";

    private static IEnumerable<string> Unfinished(CeremonyState s)
    {
        foreach (ShareSetFact set in s.World.Sets.Values.Where(x => x.Ceremony == s.Id && x.Voided is null && !x.Combined)
            .OrderBy(x => x.Made.Set, StringComparer.Ordinal))
            yield return $"Not every share of {set.Made.Set} was read back and combined.";
        foreach (KeyFact key in s.World.Keys.Values.Where(k => k.Serial == s.World.Primary?.Commissioned.Serial && !Abandoned(s, k))
            .OrderBy(k => k.Generated.Key, StringComparer.Ordinal))
        {
            if (key.Backup is null ? key.Generated.Extractable : !key.Drilled)
                yield return $"The backup of the key \"{key.Generated.Key}\" was not drilled.";
            if (!key.Locked)
                yield return $"The key \"{key.Generated.Key}\" is not locked.";
        }
        foreach (string held in s.Held.Order(StringComparer.Ordinal))
            yield return $"The secret of {held} is still in memory.";
        foreach (string copies in Ending.Unfinished(s).Concat(Moving.Unfinished(s)))
            yield return copies;
        if (s.World.TranscriptKey is not { } transcript || s.World.CertificateOf(transcript.Generated.Key) is null)
            yield return "There is no transcript key with a certificate that could sign the transcript.";
        if (s.World.TranscriptCosigner is { } second && s.World.CertificateOf(second.Generated.Key) is null)
            yield return $"The transcript key \"{second.Generated.Key}\" has no certificate.";
    }

    /// <summary>
    /// Keys that are never used: nobody backs them up or drills them any more. Before the second format every aborted
    /// ceremony's were.
    /// </summary>
    private static bool Abandoned(CeremonyState s, KeyFact key) => s.Format < JournalFormats.Replayed
        ? s.World.Ceremonies.Any(c => c.Id == key.Ceremony && c.End == "aborted")
        : s.World.IsDead(key.Ceremony);
}
