using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Bundle;

/// <summary>What each verb of the script must have left in the journal.</summary>
internal static class StepFacts
{
    /// <summary>Null when nothing is missing.</summary>
    public static string? Missing(JournalFacts journal, CeremonyRun run, CeremonyScript script, Step step)
    {
        Entry[] here = [.. run.Entries.Where(e => e.Step == step.Id)];
        bool Has<T>(Func<T, bool> right) where T : EntryBody => here.Any(e => e.Body is T fact && right(fact));
        return step switch
        {
            RollCallStep => Has<RoomOpened>(_ => true) ? null : "the roll was not called.",
            RecordStep r => r.Fields.FirstOrDefault(f => Answer(here, f.Id) is not { } given || (given.Length == 0 && !f.Optional)) is { } field ? $"\"{field.Id}\" was not recorded." : null,
            ConfirmStep c => string.Equals(Answer(here, "confirm"), c.Type, StringComparison.OrdinalIgnoreCase) ? null : "it was not confirmed.",
            GateStep => Has<ApplianceInspected>(_ => true) ? null : "the appliance was not inspected.",
            ClockStep c => Clock(here, c),
            OpenBagsStep b => b.Contents.FirstOrDefault(x => !Has<BagOpened>(o => o.Content == x)) is { } bag ? $"\"{bag}\" was not taken out of a bag." : null,
            SealBagsStep b => b.Contents.FirstOrDefault(x => !Has<BagSealed>(o => o.Content == x) && (run.Of<BagOpened>().Any(o => o.Content == x) || !script.MayStayClosed(x))) is { } bag ? $"\"{bag}\" was not sealed." : null,
            LedgerStep => Has<LedgerInspected>(i => IsOf(i, journal)) ? null : "the ledger was not inspected, or another one was.",
            InspectHsmStep h => Has<TokenProbed>(p => p.Token == h.Token) ? null : $"the {h.Token} HSM was not inspected.",
            DealSharesStep d => Shares(run, here, script, d),
            CommissionHsmStep c => Has<TokenCommissioned>(t => t.Label == c.Label) ? null : "the HSM was not commissioned.",
            UnlockHsmStep => run.Of<TokenUnlocked>().Any() || run.Of<TokenCommissioned>().Any() ? null : "the HSM was not unlocked.",
            RetireHsmStep => Has<TokenRetired>(_ => true) ? null : "no HSM was retired.",
            ImportRequestStep r => Has<RequestRead>(x => x.Request == r.Request) || LeftOut(run, r.Request) ? null : "no request was read.",
            ImportCertificateStep c => Has<CertificateImported>(x => x.Certificate == c.Certificate) || LeftOut(run, c.Certificate) ? null : "no certificate was read.",
            PreviewCrlStep c => Has<CrlPreviewed>(x => x.Crl == c.Crl && x.Issuer == c.Issuer && x.NextUpdate == x.ThisUpdate.AddDays(c.Days)) ? null : "the list was not previewed as the script says.",
            SignCrlStep c => Has<CrlSigned>(x => x.Crl == c.Crl) ? null : "the list was not signed.",
            PreviewCertificateStep p when LeftOut(run, p.Key) => null,
            SignCertificateStep s when script.Steps.OfType<PreviewCertificateStep>().Any(p => p.Certificate == s.Certificate && LeftOut(run, p.Key)) => null,
            PreviewCertificateStep p => Has<CertificatePreviewed>(x => x.Certificate == p.Certificate && x.Key == p.Key && x.Issuer == p.Issuer) ? null : "the certificate was not previewed.",
            GenerateKeyStep g => Has<KeyGenerated>(k => k.Key == g.Key && k.Purpose == g.Purpose && k.Algorithm == g.Algorithm && k.Extractable == g.Backup) ? null : "the key was not generated as the script says.",
            SignCertificateStep s => Has<CertificateSigned>(c => c.Certificate == s.Certificate) ? null : "the certificate was not signed.",
            BackupKeyStep b => Has<KeyBackedUp>(k => k.Key == b.Key && SetName(journal, k.Set) == b.Set) ? null : "the key was not backed up.",
            DestroyWrapKeyStep d => Has<WrapKeyDestroyed>(w => SetName(journal, w.Set) == d.Set) ? null : "the wrap key was not destroyed.",
            RecoveryDrillStep d => Has<BackupDrilled>(x => x.Key == d.Key) ? null : "the recovery was not drilled.",
            LockKeyStep l => Has<KeyLocked>(k => k.Key == l.Key) || journal.Key(l.Key)?.Body.Extractable == false || run.Of<KeyRestored>().Any(k => k.Key == l.Key) ? null : "the key was not locked.",
            DestroyAbandonedStep => null, // There may have been none; replay knows.
            RestoreKeyStep r => Has<KeyRestored>(k => k.Key == r.Key) ? null : "the key was not restored.",
            PreviewManifestsStep => Has<BatchTaken>(_ => true) ? null : "no batch was taken.",
            SignManifestsStep => run.Of<BatchTaken>().FirstOrDefault(t => !Has<ManifestSigned>(m => m.BatchId == t.BatchId)) is { } batch ? $"the manifest of {batch.BatchId} was not signed." : null,
            ShowResultsStep => Has<ResultsFound>(f => f.Results.IsEmpty || Answer(here, ResultWords.Carry) == ResultWords.Stick) || Has<ResultsShown>(_ => true) ? null : "the results were not offered.",
            CloseStep => Has<CeremonyClosed>(_ => true) ? null : "the ceremony was not closed.",
            _ => $"this program does not know the verb of {step.GetType().Name}.",
        };
    }

    private static bool LeftOut(CeremonyRun run, string subject) => run.Of<LeftOut>().Any(l => l.Subject == subject);

    private static string? Clock(Entry[] here, ClockStep step)
    {
        if (here.Select(e => e.Body).OfType<ClockCompared>().LastOrDefault() is not { } compared)
            return "the clocks were not compared.";
        if (Math.Abs((compared.Appliance - compared.Witness).TotalSeconds - compared.OffsetSeconds) > 1)
            return "the recorded offset is not the difference of the recorded times.";
        return Math.Abs((long)compared.OffsetSeconds) > step.ToleranceSeconds && !here.Any(e => e.Body is ExceptionRaised)
            ? $"the clocks differ by {compared.OffsetSeconds} seconds and no exception says so."
            : null;
    }

    private static string? Shares(CeremonyRun run, Entry[] here, CeremonyScript script, DealSharesStep step)
    {
        Quorum? quorum = script.Quorums.FirstOrDefault(q => q.Name == step.Quorum);
        SharesMade? made = here.Select(e => e.Body).OfType<SharesMade>().LastOrDefault(m => m.Name == step.Set);
        if (quorum is null || made is null || run.Of<ShareSetVoided>().Any(v => v.Set == made.Set))
            return "no shares were dealt.";
        ImmutableArray<string> officers = [.. run.Of<RoomOpened>().SelectMany(r => r.People).Where(p => p.Role == Roles.Officer).OrderBy(p => p.Index).Select(p => p.Name).Take(quorum.Count)];
        return made.Bits == step.Bits && made.Threshold == quorum.Threshold && made.Custodians.SequenceEqual(officers) && (!step.Dice || made.Sources.Contains("dice"))
            ? null
            : $"the shares of {made.Set} were not dealt as the script says.";
    }

    private static bool IsOf(LedgerInspected inspected, JournalFacts journal) =>
        inspected.LedgerId == ((LedgerCreated)journal.Entries[0].Body).LedgerId
        && inspected.Seq >= 1 && inspected.Seq <= journal.Entries.Length && journal.Entries[(int)inspected.Seq - 1].HashHex == inspected.Head;

    private static string? SetName(JournalFacts journal, string set) => journal.Set(set)?.Body.Name;

    private static string? Answer(Entry[] here, string question)
    {
        var withdrawn = here.Select(e => e.Body).OfType<Withdrawn>().Select(w => w.Seq).ToHashSet();
        return here.Where(e => !withdrawn.Contains(e.Seq)).Select(e => e.Body).OfType<Answered>().LastOrDefault(a => a.Question == question)?.Value;
    }
}
