using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>Whether keys and certificates came to be in the right order and are what was previewed: VERIFY-25 to VERIFY-31.</summary>
internal static class KeyChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Previewed, Previewed),
        (VerifyRules.Certificate, Certificates),
        (VerifyRules.CertifiedKey, CertifiedKeys),
        (VerifyRules.Backup, Backups),
        (VerifyRules.Drill, Drills),
        (VerifyRules.Locked, Locked),
        (VerifyRules.Heads, Heads),
    ];

    private static IEnumerable<string> Previewed(JournalFacts journal)
    {
        foreach ((Entry entry, CertificateSigned signed) in journal.All<CertificateSigned>())
        {
            if (journal.PreviewOf(signed.Certificate, entry.Seq) is not { } preview || preview.Entry.Ceremony != entry.Ceremony)
            {
                yield return $"{signed.Certificate} was signed in entry {entry.Seq} without a preview in its ceremony.";
                continue;
            }
            if (preview.Body.Key != signed.Key)
                yield return $"{signed.Certificate} was previewed for the key \"{preview.Body.Key}\" and signed for \"{signed.Key}\".";
            // A preview that grew too old is made again; the first one must still stand before the key.
            if (journal.Key(signed.Key) is { } key && key.Entry.Seq < preview.Entry.Seq && key.Entry.Ceremony == entry.Ceremony
                && !(journal.PreviewOf(signed.Certificate, key.Entry.Seq)?.Entry.Ceremony == entry.Ceremony
                    && journal.All<ExceptionRaised>().Any(x => x.Entry.Ceremony == entry.Ceremony && x.Body.Rule == KeyCeremony.Core.Ceremony.CeremonyRules.PreviewTooOld)))
                yield return $"{signed.Certificate} was previewed after its key was generated.";
            if (preview.Body.Lint.IsEmpty)
                yield return $"{signed.Certificate} was not linted.";
            foreach (Finding failed in preview.Body.Lint.Where(f => f.Result == "fail"))
                yield return $"{signed.Certificate} was signed although {failed.Id} failed: {failed.Text}";
        }
    }

    private static IEnumerable<string> Certificates(JournalFacts journal)
    {
        foreach ((Entry entry, CertificateSigned signed) in journal.All<CertificateSigned>())
        {
            if (journal.PreviewOf(signed.Certificate, entry.Seq) is not { Body: var preview }
                || JournalFacts.Bytes(signed.Der) is not { } der || JournalFacts.Bytes(preview.Tbs) is not { } tbs)
            {
                yield return $"{signed.Certificate} has no preview or no bytes.";
                continue;
            }
            if (Sha256(der) != signed.Sha256)
                yield return $"{signed.Certificate} does not have the recorded SHA-256.";
            if (Sha256(tbs) != preview.TbsSha256)
                yield return $"The preview of {signed.Certificate} does not have the recorded SHA-256.";
            if (!PlanJson.TryRead(Encoding.UTF8.GetBytes(preview.Plan), out CertificatePlan? plan, out KeyCeremony.Core.Refusal? unreadable))
            {
                yield return $"The plan of {signed.Certificate} cannot be read: {unreadable.Message}";
                continue;
            }
            if (entry.Utc - plan.NotBefore is var backdated && (backdated < TimeSpan.Zero || backdated > CertificatePlan.MaxBackdating))
                yield return $"{signed.Certificate} begins {plan.NotBefore:yyyy-MM-dd HH:mm:ss} UTC; it was signed {entry.Utc:yyyy-MM-dd HH:mm:ss} UTC.";
            foreach (LintFinding finding in CertificateChecks.Verify(der, tbs, plan).Findings.Where(f => f.Severity == LintSeverity.Error))
                yield return $"{signed.Certificate}: {finding.Rule.Id} {finding.Message}";
            if (plan.Issuer is { } issuer && !journal.All<CertificateSigned>().Any(c => c.Entry.Seq < entry.Seq && c.Body.Certificate == preview.Issuer
                && JournalFacts.Bytes(c.Body.Der)?.AsSpan().SequenceEqual(issuer.Der.Span) == true))
                yield return $"{signed.Certificate} was issued by a certificate that is not the journal's \"{preview.Issuer}\".";
            if (plan.Issuer is null && preview.Issuer != signed.Certificate)
                yield return $"{signed.Certificate} is self-signed; its issuer should be \"{preview.Issuer}\".";
        }
    }

    private static IEnumerable<string> CertifiedKeys(JournalFacts journal)
    {
        foreach ((Entry entry, CertificateSigned signed) in journal.All<CertificateSigned>())
        {
            if (JournalFacts.Certificate(signed.Der) is not { } certificate)
                yield return $"{signed.Certificate} cannot be read.";
            else if (RequestChecks.KeyOf(journal, entry, signed) is not { } spki)
                yield return $"{signed.Certificate} certifies the key \"{signed.Key}\", which was not generated, requested or known before.";
            else if (JournalFacts.Bytes(spki)?.AsSpan().SequenceEqual(certificate.ToBeSigned.SubjectPublicKeyInfo.Span) != true)
                yield return $"{signed.Certificate} does not hold the public key of \"{signed.Key}\".";
            else if (AsksFor(journal, entry, signed.Certificate) is { } step && AsTheScriptSays(journal, entry, signed, certificate.ToBeSigned, step) is { } differs)
                yield return $"{signed.Certificate} is not what the script asks for: {differs}";
        }
        foreach (IGrouping<string, (Entry, KeyGenerated Body)> twice in journal.All<KeyGenerated>().GroupBy(k => k.Body.Key).Where(g => g.Count() > 1))
            yield return $"The key \"{twice.Key}\" was generated {twice.Count()} times.";
        foreach (IGrouping<string, (Entry, KeyGenerated Body)> same in journal.All<KeyGenerated>().GroupBy(k => k.Body.Spki).Where(g => g.Count() > 1))
            yield return $"{string.Join(" and ", same.Select(k => $"\"{k.Body.Key}\""))} are the same key.";
    }

    private static PreviewCertificateStep? AsksFor(JournalFacts journal, Entry signed, string certificate) =>
        journal.Ceremonies.FirstOrDefault(r => r.Id == signed.Ceremony) is { } run && journal.ScriptOf(run) is { } script
            ? script.Steps.OfType<PreviewCertificateStep>().FirstOrDefault(p => p.Certificate == certificate)
            : null;

    private static string? AsTheScriptSays(JournalFacts journal, Entry entry, CertificateSigned signed, ParsedTbs tbs, PreviewCertificateStep step)
    {
        if (step.Source == KeySource.Existing)
        {
            if (RequestChecks.Existing(journal, step.Key, entry.Seq) is not { } existing || !existing.ToBeSigned.Subject.Equals(tbs.Subject))
                return $"the subject is {tbs.Subject}, not that of \"{step.Key}\".";
        }
        else if (!DistinguishedName.TryCreate([.. step.Subject.Select(a => (a.Type, a.Value))], out DistinguishedName? plain, out _)
            || !plain.TryWithEnvironment(journal.Environment, out DistinguishedName? subject, out _) || !subject.Equals(tbs.Subject))
            return $"the subject is {tbs.Subject}.";
        if (tbs.KeyAlgorithm?.ScriptName != step.Algorithm)
            return $"the key is {tbs.KeyAlgorithm?.ScriptName ?? "of an unknown kind"}.";
        if (tbs.NotAfter.Value != CertificatePlan.EndAfter(tbs.NotBefore.Value, step.Days))
            return $"it ends {tbs.NotAfter.Value:yyyy-MM-dd HH:mm:ss} UTC.";
        if (step.PathLength is { } length && tbs.BasicConstraints?.PathLength != length)
            return "the path length differs.";
        return journal.PreviewOf(signed.Certificate, entry.Seq) is { Body: var preview } && PlanJson.TryRead(Encoding.UTF8.GetBytes(preview.Plan), out CertificatePlan? plan, out _)
            && plan.Profile.ScriptName != step.Profile ? $"the profile is {plan.Profile.ScriptName}." : null;
    }

    private static IEnumerable<string> Backups(JournalFacts journal)
    {
        foreach ((Entry entry, KeyGenerated key) in Kept(journal).Where(k => k.Key.Extractable))
            if (!journal.All<KeyBackedUp>().Any(b => b.Body.Key == key.Key && b.Entry.Seq > entry.Seq))
                yield return $"The key \"{key.Key}\" has no backup.";
        foreach ((Entry entry, KeyBackedUp backup) in journal.All<KeyBackedUp>())
        {
            if (JournalFacts.Bytes(backup.Blob) is not { } bytes || !BackupBlob.TryRead(bytes, out BackupBlob? blob, out _))
            {
                yield return $"Entry {entry.Seq}: the backup of \"{backup.Key}\" is not a backup blob.";
                continue;
            }
            if (Sha256(bytes) != backup.Sha256)
                yield return $"Entry {entry.Seq}: the backup of \"{backup.Key}\" does not have the recorded SHA-256.";
            string? spki = journal.Key(backup.Key) is { Body: var key } && JournalFacts.Bytes(key.Spki) is { } der ? Sha256(der) : null;
            if (blob.Key != backup.Key || blob.SpkiSha256 != spki || blob.LedgerId != ((LedgerCreated)journal.Entries[0].Body).LedgerId)
                yield return $"Entry {entry.Seq}: the backup names another key than \"{backup.Key}\".";
            if (blob.Set != backup.Set || journal.Set(backup.Set) is not { Body: var set } || blob.KeyCheck != set.KeyCheck || set.Bits != 256)
                yield return $"Entry {entry.Seq}: the backup of \"{backup.Key}\" is wrapped under another secret than that of {backup.Set}.";
        }
    }

    private static IEnumerable<string> Drills(JournalFacts journal)
    {
        var kept = Kept(journal).Select(k => k.Key.Key).ToHashSet();
        foreach ((Entry entry, KeyBackedUp backup) in journal.All<KeyBackedUp>().Where(b => kept.Contains(b.Body.Key)))
        {
            (Entry Entry, BackupDrilled Body) drill = journal.All<BackupDrilled>().FirstOrDefault(d => d.Entry.Seq > entry.Seq && d.Body.Key == backup.Key && d.Body.Set == backup.Set);
            if (drill.Body is null)
            {
                yield return $"The backup of \"{backup.Key}\" was not drilled.";
                continue;
            }
            if (journal.Key(backup.Key)?.Body.Serial == drill.Body.DrillSerial)
                yield return $"The backup of \"{backup.Key}\" was drilled in the HSM that holds the key.";
            if (!journal.All<SecretRebuilt>().Any(r => r.Body.Set == backup.Set && r.Entry.Seq > entry.Seq && r.Entry.Seq < drill.Entry.Seq))
                yield return $"The drill of \"{backup.Key}\" did not use a wrap key rebuilt from shares.";
            if (!journal.All<WrapKeyDestroyed>().Any(w => w.Body.Set == backup.Set && w.Entry.Seq < drill.Entry.Seq) && !journal.All<SecretForgotten>().Any(f => f.Body.Set == backup.Set && f.Entry.Seq < drill.Entry.Seq))
                yield return $"The wrap key of \"{backup.Key}\" was still there when the recovery was drilled.";
        }
        foreach ((Entry entry, BackupDrilled drill) in journal.All<BackupDrilled>())
            if (!Verifies(journal, drill.Key, "drill", drill.Challenge, drill.Signature))
                yield return $"Entry {entry.Seq}: the challenge of the drill does not verify under the key \"{drill.Key}\".";
        foreach ((Entry entry, KeyRestored restored) in journal.All<KeyRestored>())
            if (!Verifies(journal, restored.Key, "restore", restored.Challenge, restored.Signature))
                yield return $"Entry {entry.Seq}: the challenge of the restoration does not verify under the key \"{restored.Key}\".";
        foreach (string challenge in journal.All<BackupDrilled>().Select(d => d.Body.Challenge).Concat(journal.All<KeyRestored>().Select(r => r.Body.Challenge))
            .GroupBy(c => c).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return $"The challenge {challenge[^Math.Min(12, challenge.Length)..]} was used twice.";
    }

    /// <summary>A challenge begins with its purpose: a signature made for something else is not one.</summary>
    private static bool Verifies(JournalFacts journal, string key, string purpose, string challenge, string signature) =>
        journal.Key(key) is { Body: var generated } && JournalFacts.Bytes(generated.Spki) is { } spki
        && JournalFacts.Bytes(challenge) is { } data && JournalFacts.Bytes(signature) is { } signed
        && data.AsSpan().StartsWith(Encoding.ASCII.GetBytes($"keyceremony/{purpose}-challenge/1\n"))
        && KeyAlgorithm.Of(spki) is { } algorithm && algorithm.Verify(spki, data, signed);

    private static IEnumerable<string> Locked(JournalFacts journal)
    {
        foreach (CeremonyRun run in journal.Ceremonies.Where(r => !r.Aborted))
        {
            Entry? closed = run.Entries.FirstOrDefault(e => e.Body is CeremonyClosed);
            bool Before(Entry e) => closed is null || e.Seq < closed.Seq;
            foreach (KeyGenerated key in run.Of<KeyGenerated>().Where(k => k.Extractable))
                if (!run.Entries.Any(e => Before(e) && e.Body is KeyLocked l && l.Key == key.Key))
                    yield return $"{run.Id}: the key \"{key.Key}\" was not locked.";
            foreach (string set in run.Of<KeyBackedUp>().Select(b => b.Set).Distinct())
                if (!run.Entries.Any(e => Before(e) && e.Body is WrapKeyDestroyed w && w.Set == set))
                    yield return $"{run.Id}: the wrap key of {set} was not destroyed.";
            foreach (Entry backup in run.Entries.Where(e => e.Body is KeyBackedUp))
                if (run.Entries.Any(e => e.Seq < backup.Seq && (e.Body is KeyLocked l && l.Key == ((KeyBackedUp)backup.Body).Key || e.Body is WrapKeyDestroyed w && w.Set == ((KeyBackedUp)backup.Body).Set)))
                    yield return $"{run.Id}: entry {backup.Seq} backs up a key that was already locked, or under a wrap key that was already destroyed.";
        }
    }

    private static IEnumerable<string> Heads(JournalFacts journal)
    {
        foreach ((Entry entry, TokenUnlocked unlocked) in journal.All<TokenUnlocked>())
            if (unlocked.HeadSeq != 0 && (unlocked.HeadSeq < 0 || unlocked.HeadSeq >= entry.Seq || journal.Entries[(int)unlocked.HeadSeq - 1].HashHex != unlocked.Head))
                yield return $"Entry {entry.Seq}: the HSM kept the head of another ledger.";
            else if (journal.All<HeadStored>().LastOrDefault(h => h.Entry.Seq < entry.Seq && h.Body.Serial == unlocked.Serial) is { Body: { } stored } && stored.Seq > unlocked.HeadSeq)
                yield return $"Entry {entry.Seq}: the HSM kept entry {unlocked.HeadSeq}, but entry {stored.Seq} had been stored in it.";
        foreach ((Entry entry, HeadStored stored) in journal.All<HeadStored>())
            if (stored.Seq < 1 || stored.Seq >= entry.Seq || journal.Entries[(int)stored.Seq - 1].HashHex != stored.Head)
                yield return $"Entry {entry.Seq}: another head than this ledger's was stored.";
    }

    /// <summary>Keys of ceremonies that were not aborted.</summary>
    private static IEnumerable<(Entry Entry, KeyGenerated Key)> Kept(JournalFacts journal)
    {
        var aborted = journal.Ceremonies.Where(r => r.Aborted).Select(r => r.Id).ToHashSet();
        return journal.All<KeyGenerated>().Where(k => !aborted.Contains(k.Entry.Ceremony));
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
