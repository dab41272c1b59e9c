using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Retelling;

/// <summary>
/// Where a ledger stands after a journal that the engine could have written, entry by entry. Verifier, resume and tests
/// come here; there is no other way to believe a journal.
/// </summary>
/// <param name="World">What the ledger knows.</param>
/// <param name="Ceremony">The ceremony that was opened last, also when it has ended; null before the first.</param>
/// <param name="Entries">How many entries were retold.</param>
/// <param name="Refusal">Why the next entry is not one that the engine could have written; null when all were retold.</param>
public sealed record Retold(World World, CeremonyState? Ceremony, int Entries, Refusal? Refusal)
{
    private static readonly Retold Nothing = new(World.Empty, null, 0, null);

    /// <param name="entries">A whole chain, as <see cref="JournalReader"/> gives it.</param>
    public static Retold Of(ImmutableArray<Entry> entries)
    {
        Retold retold = Nothing;
        foreach (Entry entry in entries)
            if ((retold = retold.Then(entry)).Refusal is not null)
                break;
        return retold;
    }

    /// <summary>With one entry more, or with the refusal of it.</summary>
    public Retold Then(Entry entry)
    {
        try
        {
            return entry.Body switch
            {
                LedgerCreated created => Created(entry, created),
                CeremonyOpened opened => Opened(entry, opened),
                LedgerRestored restored => Restored(entry, restored),
                _ => Ceremony is null || Ceremony.Ended ? Refused(ReplayRules.Ledger(entry, "no ceremony is running."))
                    : Legality.Refuse(Ceremony, entry) is { } refusal ? Refused(refusal)
                    : Applied(entry),
            };
        }
        // The legality of an entry keeps nonsense out before it is folded; what slips through ends here and nowhere else.
        catch (Exception e) when (e is KeyNotFoundException or UnreachableException
            or FormatException or ArgumentException or InvalidOperationException
            or IndexOutOfRangeException or NullReferenceException or InvalidCastException or OverflowException)
        {
            return Refused(ReplayRules.Impossible(entry));
        }
    }

    private Retold Applied(Entry entry)
    {
        CeremonyState after = Replay.Apply(Ceremony!, entry);
        return new Retold(after.World, after, Entries + 1, null);
    }

    private Retold Created(Entry entry, LedgerCreated created) =>
        Entries > 0 || entry.Ceremony.Length > 0 || entry.Step.Length > 0 || created.LedgerId.Length != 32
            || !created.LedgerId.All(char.IsAsciiHexDigitLower)
            || !Environments.All.Contains(created.Environment) || !FindingForms.IsText(created.Program)
            ? Refused(ReplayRules.Ledger(entry, "a ledger does not begin so."))
            : new Retold(Replay.WorldAfter([entry]), null, 1, null);

    private Retold Opened(Entry entry, CeremonyOpened opened)
    {
        if (World.LedgerId.Length == 0)
            return Refused(ReplayRules.Ledger(entry, "the ledger was not created."));
        if (!ScriptReader.TryRead(opened.Script, null, out CeremonyScript? script, out ImmutableArray<ScriptError> errors))
            return Refused(ReplayRules.Opening(entry, $"its script is none that this program can run: {errors[0]}"));
        int format = JournalFormats.Of(opened),
            before = World.Ceremonies.IsEmpty ? JournalFormats.First : JournalFormats.Of(World.Ceremonies[^1].Opened);
        if (opened.Format is JournalFormats.First or < 0 || format > JournalFormats.Current || format < before)
            return Refused(ReplayRules.Opening(entry, $"its format is {opened.Format}, after format {before}."));
        if (format < JournalFormats.Kept
            && (!script.IsSigned || script.Steps.Any(s => s is CheckCardsStep or DealSharesStep { Sites.IsEmpty: false })))
            return Refused(ReplayRules.Opening(entry, $"what its script asks for came with format {JournalFormats.Kept}."));
        if (format < JournalFormats.Renewed && (!script.Combined.IsEmpty || script.Steps.Any(s => s is RewrapKeyStep)))
            return Refused(ReplayRules.Opening(entry, $"what its script asks for came with format {JournalFormats.Renewed}."));
        if (format < JournalFormats.Accounted
            && (script.Quorums.Any(q => q.Plan.HasGroups)
                || script.Steps.Any(s => s is LinkRootsStep or DestroyKeyStep or AccountCopiesStep or ReplaceHsmStep or EmptyHsmStep
                or RestKeyStep or EndKeyStep or WithdrawRootStep or ChangeActivationStep
                or RestoreKeyStep { Foreign: true } or RewrapKeyStep { Foreign: true }
                or ImportBuilderStep or PreviewReleaseStep or SignReleaseStep or WithdrawReleaseStep
                or GenerateKeyStep { Purpose: KeyPurposes.Release } or PreviewCertificateStep { Profile: "release-signer" })))
            return Refused(ReplayRules.Opening(entry, $"what its script asks for came with format {JournalFormats.Accounted}."));
        if ((opened.Name, opened.Version, opened.ScriptSha256) != (script.Name, script.Version, script.Sha256)
            || !FindingForms.IsText(opened.Program))
            return Refused(ReplayRules.Opening(entry, "its name, version and hash are not the script's."));
        if (entry.Ceremony != Director.NextId(World, script.Name) || entry.Step.Length > 0)
            return Refused(ReplayRules.Opening(entry, $"the ledger's next ceremony is {Director.NextId(World, script.Name)}."));
        // Whether a transcript certificate may sign today was not asked by the first format, whether a card stands in the script not by
        // the third.
        if (Director.MayOpen(World, script, entry.Utc) is { } refusal
            && (format >= JournalFormats.Replayed || refusal.Rule != CeremonyRules.TranscriptRanOut)
            && (format >= JournalFormats.Prepared || refusal.Rule != CeremonyRules.ACard))
            return Refused(ReplayRules.Opening(entry, $"{refusal.Rule} {refusal.Message}"));
        CeremonyState state = Replay.Open(script, World, entry);
        return new Retold(state.World, state, Entries + 1, null);
    }

    /// <summary>A bundle ends where the signing of its checkpoint was announced: there, and nowhere else, a ledger is restored.</summary>
    private Retold Restored(Entry entry, LedgerRestored restored) =>
        Ceremony is not { Ended: false, ClosedEntry: true, Last.Body: Attempted { Effect: SignCheckpoint.EffectName } } running
            || entry.Ceremony.Length > 0 || entry.Step.Length > 0
            || restored.Seq != running.Last.Seq || restored.Head != running.Last.HashHex || !Facts.IsSha256(restored.CheckpointSha256)
            || (restored.Statement is { } statement
                && (Facts.Base64(statement) is not { } bytes || Facts.Sha256(bytes) != restored.CheckpointSha256
                    || (restored.Cosignature is null) != (running.World.TranscriptCosigner is null)))
            ? Refused(ReplayRules.Ledger(entry, "a ledger is restored only at the end of a bundle, and names that end."))
            : Applied(entry);

    private Retold Refused(Refusal refusal) => this with { Refusal = refusal };
}
