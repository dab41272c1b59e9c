using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>Whether batch manifests were read before they were signed, fit the ledger, and carry good signatures: VERIFY-39 to VERIFY-41.</summary>
internal static class ManifestChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Manifests, Previewed),
        (VerifyRules.ManifestLedger, Fits),
        (VerifyRules.ManifestSignatures, Signatures),
    ];

    private static IEnumerable<string> Previewed(JournalFacts journal)
    {
        foreach ((Entry entry, ManifestSigned signed) in journal.All<ManifestSigned>())
        {
            if (journal.PreviewOf(signed, entry.Seq) is not { } preview || preview.Entry.Ceremony != entry.Ceremony)
            {
                yield return $"The manifest of {signed.BatchId} was signed without a preview in its ceremony.";
                continue;
            }
            Entry? taken = journal.All<BatchTaken>().FirstOrDefault(t => t.Body.BatchId == signed.BatchId && t.Body.StatementSha256 == signed.StatementSha256
                && t.Entry.Seq > preview.Entry.Seq && t.Entry.Seq < entry.Seq && t.Entry.Ceremony == entry.Ceremony).Entry;
            if (taken is null)
                yield return $"Nobody took the batch {signed.BatchId} after it was shown.";
            else if (!WasAnswered(journal, preview.Entry, taken, ImportWords.ToldHash, ImportWords.Compared))
                yield return $"Nobody compared the hash of {preview.Body.File} with what the factory sent.";
            else if (!WasAnswered(journal, preview.Entry, taken, ImportWords.ReadWhole))
                yield return $"Nobody read the statement of {signed.BatchId} whole.";
            if (Statement(preview.Body) is not { } statement)
                yield return $"The statement of {signed.BatchId} cannot be read, or is not the one recorded.";
            else if (statement.BatchId != signed.BatchId || statement.CeremonyTranscriptHash != journal.Entries[(int)preview.Entry.Seq - 2].HashHex)
                yield return $"The statement of {signed.BatchId} does not name this batch and the journal where it stood.";
            foreach (Finding failed in preview.Body.Findings.Where(f => f.Result == "fail"))
                yield return $"The manifest of {signed.BatchId} was signed although {failed.Id} failed: {failed.Text}";
        }
    }

    private static bool WasAnswered(JournalFacts journal, Entry from, Entry to, params string[] questions) =>
        journal.Entries.Skip((int)from.Seq).TakeWhile(e => e.Seq < to.Seq).Any(e => e.Body is Answered a && questions.Contains(a.Question));

    private static IEnumerable<string> Fits(JournalFacts journal)
    {
        var before = new List<KnownBatch>();
        foreach ((Entry entry, ManifestSigned signed) in journal.All<ManifestSigned>())
        {
            // What cannot be read is a flaw of the check before.
            if (journal.PreviewOf(signed, entry.Seq) is not { Body: var preview } || Statement(preview) is not { } statement)
                continue;
            foreach (Refusal wrong in BatchLedger.Of(journal.Environment, Certificates(journal, entry.Seq), before).Check(statement, entry.Utc))
                yield return $"{signed.BatchId}: {wrong.Rule} {wrong.Message}";
            before.Add(new KnownBatch(statement, signed.StatementSha256));
        }
    }

    private static IEnumerable<string> Signatures(JournalFacts journal)
    {
        foreach ((Entry entry, ManifestSigned signed) in journal.All<ManifestSigned>())
        {
            if (journal.PreviewOf(signed, entry.Seq) is not { Body: var preview } || JournalFacts.Bytes(preview.Statement) is not { } statement || signed.Signatures.IsEmpty)
            {
                yield return $"The manifest of {signed.BatchId} has no statement or no signature.";
                continue;
            }
            foreach (ManifestSignature signature in signed.Signatures)
                if (Flaw(journal, entry, statement, signature) is { } flaw)
                    yield return $"{signed.BatchId}: {flaw}";
            if (JournalFacts.Bytes(signed.Cms) is not { } cms || !DetachedCms.TryVerify(statement, cms, out X509Certificate2? signer))
            {
                yield return $"{signed.BatchId}: the CMS signature does not hold.";
                continue;
            }
            using (signer)
                if (!journal.TryCertificate(signed.Signatures[0].Certificate, out ParsedCertificate? first) || !first.Der.Span.SequenceEqual(signer.RawData))
                    yield return $"{signed.BatchId}: envelope and CMS have different signers.";
                else if (journal.PathOf(signer.RawData) is { } path)
                    foreach (string flaw in DetachedCms.FormFlaws(statement, cms, path, journal.Entries[(int)entry.Seq - 2].Utc, path.Count))
                        yield return $"{signed.BatchId}: {flaw}";
            if (Asked(journal, entry) is { } step && !signed.Signatures.Select(s => s.Certificate).SequenceEqual(step.All))
                yield return $"{signed.BatchId} was not signed by those whom the script names.";
        }
    }

    private static string? Flaw(JournalFacts journal, Entry entry, byte[] statement, ManifestSignature signature)
    {
        (Entry Entry, CertificateSigned Body) certified = journal.All<CertificateSigned>().LastOrDefault(c => c.Body.Certificate == signature.Certificate && c.Entry.Seq < entry.Seq);
        if (certified.Body is null || JournalFacts.Certificate(certified.Body.Der) is not { } certificate || JournalFacts.Bytes(signature.Signature) is not { } bytes)
            return $"the signer {signature.Certificate} has no certificate, or its signature is not Base64.";
        if (journal.Key(certified.Body.Key) is not { Body.Purpose: KeyPurposes.Manifest })
            return $"the key of {signature.Certificate} is no manifest key.";
        if (Convert.ToHexStringLower(SHA256.HashData(certificate.ToBeSigned.SubjectPublicKeyInfo.Span)) != signature.KeyId)
            return $"the key id is not that of {signature.Certificate}.";
        if (journal.PathOf(certificate.Der.Span) is not { } path)
            return $"{signature.Certificate} does not chain to a root of the journal.";
        if (path.Any(c => entry.Utc < c.ToBeSigned.NotBefore.Value || entry.Utc > c.ToBeSigned.NotAfter.Value) || Revoked(journal, entry.Seq).Contains(signature.Certificate))
            return $"{signature.Certificate} was revoked, or it or one above it was not valid, when it signed.";
        ReadOnlySpan<byte> spki = certificate.ToBeSigned.SubjectPublicKeyInfo.Span;
        return KeyAlgorithm.Of(spki) is { IsRsa: false } algorithm && algorithm.Verify(spki, Dsse.Pae(statement), bytes)
            ? null : $"the signature of {signature.Certificate} does not hold.";
    }

    private static BatchStatement? Statement(BatchPreviewed preview) => JournalFacts.Bytes(preview.Statement) is { } bytes
        && Convert.ToHexStringLower(SHA256.HashData(bytes)) == preview.StatementSha256 && BatchStatement.TryRead(bytes, out BatchStatement? statement, out _) ? statement : null;

    private static IEnumerable<(string, ParsedCertificate, bool)> Certificates(JournalFacts journal, long before)
    {
        HashSet<string> revoked = Revoked(journal, before);
        foreach ((Entry entry, CertificateSigned signed) in journal.All<CertificateSigned>())
            if (entry.Seq < before && JournalFacts.Certificate(signed.Der) is { } certificate)
                yield return (signed.Certificate, certificate, revoked.Contains(signed.Certificate));
    }

    /// <summary>By the newest list of each series at that moment: what was on hold and was released is not revoked.</summary>
    internal static HashSet<string> Revoked(JournalFacts journal, long before) => [.. BundleList.Newest(journal.Entries.Where(e => e.Seq < before))
        .Select(list => journal.PreviewOf(list, before)?.Body).OfType<CrlPreviewed>().SelectMany(p => p.Certificates)];

    private static SignManifestsStep? Asked(JournalFacts journal, Entry entry) =>
        journal.Ceremonies.FirstOrDefault(r => r.Id == entry.Ceremony) is { } run && journal.ScriptOf(run) is { } script
            ? script.Steps.OfType<SignManifestsStep>().FirstOrDefault(s => s.Id == entry.Step)
            : null;
}
