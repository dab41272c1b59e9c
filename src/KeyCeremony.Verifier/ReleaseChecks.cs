using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>Whether releases carry good signatures: VERIFY-56. That they were judged and fit the ledger, replay says.</summary>
internal static class ReleaseChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.ReleaseSignatures, Signatures),
        (VerifyRules.Firmware, FirmwareChecks.Unsaid),
    ];

    private static IEnumerable<string> Signatures(JournalFacts journal)
    {
        foreach ((Entry entry, ReleaseSigned signed) in journal.All<ReleaseSigned>())
        {
            if (Flaw(journal, entry, signed) is { } flaw)
                yield return $"{signed.Release}: {flaw}";
        }
    }

    private static string? Flaw(JournalFacts journal, Entry entry, ReleaseSigned signed)
    {
        if (!ReleaseFiles.TryPreview(journal, signed.Release, signed.RequestSha256, entry.Seq, out ReleasePreviewed? preview,
            out ReleaseRequest? request))
            return "it has no request that was previewed.";
        (Entry Entry, CertificateSigned Body) certified = journal.All<CertificateSigned>()
            .LastOrDefault(c => c.Body.Certificate == signed.Certificate && c.Entry.Seq < entry.Seq);
        if (certified.Body is null || JournalFacts.Certificate(certified.Body.Der) is not { } certificate)
            return $"the signer {signed.Certificate} has no certificate.";
        if (journal.KeyIn(certified.Body) is not { Body.Purpose: KeyPurposes.Release })
            return $"the key of {signed.Certificate} is no release key.";
        ReadOnlySpan<byte> spki = certificate.ToBeSigned.SubjectPublicKeyInfo.Span;
        if (Convert.ToHexStringLower(SHA256.HashData(spki)) != signed.KeyId)
            return $"the key id is not that of {signed.Certificate}.";
        if (journal.CaWithKeyOf(certificate, entry.Seq) is { } ca)
            return $"the certificate {ca} makes a CA of the key of {signed.Certificate}.";
        if (journal.PathOf(certificate.Der.Span) is not { } path)
            return $"{signed.Certificate} does not chain to a root of the journal.";
        if (path.Any(c => entry.Utc < c.ToBeSigned.NotBefore.Value || entry.Utc > c.ToBeSigned.NotAfter.Value)
            || ManifestChecks.Revoked(journal, entry.Seq).Contains(signed.Certificate))
            return $"{signed.Certificate} was revoked, or it or one above it was not valid, when it signed.";
        if (!signed.Signatures.Select(s => s.File).SequenceEqual(request.Images.Select(i => i.File)))
            return "not every image is signed, or another one is.";
        if (preview.Images.Length != request.Images.Length)
            return "not every image was shown, or another one was.";
        foreach ((int i, ReleaseSignature signature) in signed.Signatures.Index())
            if (!preview.Images[i].Digests.Any(d => d.Algorithm == signature.Algorithm && d.Digest == signature.Digest))
                return $"what was signed of {signature.File} is not what was shown.";
            else if (ExactBase64.Read(signature.Signature) is not { } bytes || !ReleaseFiles.IsHex(signature.Digest)
                || Convert.FromHexString(signature.Digest) is var digest
                && !ReleaseSigning.Holds(spki, ReleaseFiles.Content(request, preview, i, digest), digest,
                    ReleaseFiles.SignedAt(journal, entry), bytes))
                return $"the signature of {signature.File} does not hold.";
        return null;
    }
}
