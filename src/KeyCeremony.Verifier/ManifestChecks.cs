using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>Whether batch manifests carry good signatures: VERIFY-41. That they were read and fit the ledger, replay says.</summary>
internal static class ManifestChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.ManifestSignatures, Signatures),
    ];

    private static IEnumerable<string> Signatures(JournalFacts journal)
    {
        foreach ((Entry entry, ManifestSigned signed) in journal.All<ManifestSigned>())
        {
            if (journal.PreviewOf(signed, entry.Seq) is not { Body: var preview }
                || ExactBase64.Read(preview.Statement) is not { } statement || signed.Signatures.IsEmpty)
            {
                yield return $"The manifest of {signed.BatchId} has no statement or no signature.";
                continue;
            }
            foreach (ManifestSignature signature in signed.Signatures)
                if (Flaw(journal, entry, statement, signature) is { } flaw)
                    yield return $"{signed.BatchId}: {flaw}";
            if (ExactBase64.Read(signed.Cms) is not { } cms || !DetachedCms.TryVerify(statement, cms, out X509Certificate2? signer))
            {
                yield return $"{signed.BatchId}: the CMS signature does not hold.";
                continue;
            }
            using (signer)
                if (!journal.TryCertificate(signed.Signatures[0].Certificate, out ParsedCertificate? first)
                    || !first.Der.Span.SequenceEqual(signer.RawData))
                    yield return $"{signed.BatchId}: envelope and CMS have different signers.";
                else if (journal.PathOf(signer.RawData) is { } path)
                    foreach (string flaw in DetachedCms.FormFlaws(statement, cms,
                        path, journal.Entries[(int)entry.Seq - 2].Utc, path.Count))
                        yield return $"{signed.BatchId}: {flaw}";
        }
    }

    private static string? Flaw(JournalFacts journal, Entry entry, byte[] statement, ManifestSignature signature)
    {
        (Entry Entry, CertificateSigned Body) certified = journal.All<CertificateSigned>()
            .LastOrDefault(c => c.Body.Certificate == signature.Certificate && c.Entry.Seq < entry.Seq);
        if (certified.Body is null || JournalFacts.Certificate(certified.Body.Der) is not { } certificate
            || ExactBase64.Read(signature.Signature) is not { } bytes)
            return $"the signer {signature.Certificate} has no certificate, or its signature is not Base64.";
        if (journal.KeyIn(certified.Body) is not { Body.Purpose: KeyPurposes.Manifest })
            return $"the key of {signature.Certificate} is no manifest key.";
        if (Convert.ToHexStringLower(SHA256.HashData(certificate.ToBeSigned.SubjectPublicKeyInfo.Span)) != signature.KeyId)
            return $"the key id is not that of {signature.Certificate}.";
        if (journal.CaWithKeyOf(certificate, entry.Seq) is { } ca)
            return $"the certificate {ca} makes a CA of the key of {signature.Certificate}.";
        if (journal.PathOf(certificate.Der.Span) is not { } path)
            return $"{signature.Certificate} does not chain to a root of the journal.";
        if (path.Any(c => entry.Utc < c.ToBeSigned.NotBefore.Value || entry.Utc > c.ToBeSigned.NotAfter.Value)
            || Revoked(journal, entry.Seq).Contains(signature.Certificate))
            return $"{signature.Certificate} was revoked, or it or one above it was not valid, when it signed.";
        ReadOnlySpan<byte> spki = certificate.ToBeSigned.SubjectPublicKeyInfo.Span;
        return KeyAlgorithm.Of(spki) is { IsRsa: false } algorithm && algorithm.Verify(spki, Dsse.Pae(statement), bytes)
            ? null : $"the signature of {signature.Certificate} does not hold.";
    }

    /// <summary>By the newest list of each series at that moment: what was on hold and was released is not revoked.</summary>
    internal static HashSet<string> Revoked(JournalFacts journal,
        long before) => [.. BundleList.Newest(journal.Entries.Where(e => e.Seq < before))
        .Select(list => journal.PreviewOf(list, before)?.Body).OfType<CrlPreviewed>().SelectMany(p => p.Certificates)];
}
