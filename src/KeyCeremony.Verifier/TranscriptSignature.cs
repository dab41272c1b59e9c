using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Verifier;

/// <summary>Who signed the checkpoint, and why the journal may be believed because of it.</summary>
internal static class TranscriptSignature
{
    /// <summary>VERIFY-08.</summary>
    public static IEnumerable<string> Signer(JournalFacts journal, byte[] signer)
    {
        (Entry Entry, CertificateSigned Body) certified = journal.All<CertificateSigned>().LastOrDefault(c => JournalFacts.Bytes(c.Body.Der)?.AsSpan().SequenceEqual(signer) == true);
        if (certified.Body is null)
        {
            yield return "The signer's certificate is not in the journal.";
            yield break;
        }
        if (journal.Key(certified.Body.Key) is not { } key || key.Body.Purpose != "transcript")
            yield return $"The key \"{certified.Body.Key}\" of the signer is not a transcript key.";
        else if (journal.All<KeyGenerated>().Last(k => k.Body.Purpose == "transcript").Body.Key != key.Body.Key)
            yield return "The journal knows a newer transcript key.";
        if (CertificateReader.TryReadCertificate(signer, out ParsedCertificate? parsed, out _) && parsed.ToBeSigned.BasicConstraints is { IsCa: true })
            yield return "The signer is a certification authority.";
    }

    /// <summary>VERIFY-09.</summary>
    public static IEnumerable<string> Chain(JournalFacts journal, byte[] signer, DateTimeOffset at)
    {
        if (journal.PathOf(signer) is not { } path)
        {
            yield return "The signer's certificate does not chain to a self-signed certificate of the journal.";
            yield break;
        }
        foreach (ParsedCertificate certificate in path)
            if (at < certificate.ToBeSigned.NotBefore.Value || at > certificate.ToBeSigned.NotAfter.Value)
                yield return $"{certificate.ToBeSigned.Subject} was not valid at {at:yyyy-MM-dd HH:mm:ss} UTC.";
    }

    /// <summary>VERIFY-10. A self-signed transcript certificate is not the root that a verifier trusts: then every root in the journal counts.</summary>
    public static IEnumerable<string> Trust(JournalFacts journal, byte[] signer, VerifyOptions options)
    {
        if (options.TrustedRoot is not { } trusted || journal.PathOf(signer) is not { } path)
            return [];
        IEnumerable<ParsedCertificate> roots = path.Count > 1
            ? [path[^1]]
            : journal.Certificates.Where(c => c.ToBeSigned.IsSelfIssued);
        return roots.Any(r => r.Sha256().AsSpan().SequenceEqual(trusted.Span))
            ? []
            : [.. roots.Select(r => $"The bundle's root has the SHA-256 {Convert.ToHexStringLower(r.Sha256())}.")];
    }

    /// <summary>VERIFY-11.</summary>
    public static IEnumerable<string> Earlier(JournalFacts journal)
    {
        foreach ((Entry entry, LedgerRestored restored) in journal.All<LedgerRestored>())
            if (restored.Seq != entry.Seq - 1 || journal.Entries[(int)entry.Seq - 2].HashHex != restored.Head)
                yield return $"Entry {entry.Seq} says that the ledger was restored up to another entry than the one before it.";
        foreach ((Entry entry, CheckpointSigned checkpoint) in journal.All<CheckpointSigned>())
        {
            byte[]? bytes = JournalFacts.Bytes(checkpoint.Statement), cms = JournalFacts.Bytes(checkpoint.Cms);
            CheckpointStatement? statement = bytes is null ? null : CheckpointStatement.Read(bytes);
            if (statement is null || cms is null || !DetachedCms.TryVerify(bytes!, cms, out X509Certificate2? signer))
            {
                yield return $"The checkpoint of entry {entry.Seq} has no good signature.";
                continue;
            }
            using (signer)
            {
                if (checkpoint.Seq < 1 || checkpoint.Seq >= entry.Seq || statement.Seq != checkpoint.Seq || statement.Head != checkpoint.Head
                    || journal.Entries[(int)checkpoint.Seq - 1].HashHex != checkpoint.Head || statement.LedgerId != ((LedgerCreated)journal.Entries[0].Body).LedgerId)
                    yield return $"The checkpoint of entry {entry.Seq} is not of this journal.";
                if (journal.PathOf(signer.RawData) is null)
                    yield return $"The checkpoint of entry {entry.Seq} was signed by a certificate that the journal does not know.";
            }
        }
    }
}
