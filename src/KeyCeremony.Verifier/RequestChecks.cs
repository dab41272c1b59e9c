using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Verifier;

/// <summary>Whether what came in was what its owner sent, and its key was new: VERIFY-33 and VERIFY-34.</summary>
internal static class RequestChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Requests, Requests),
        (VerifyRules.OneKeyOneCertificate, KeysAndSerials),
    ];

    /// <summary>Base64 of the public key that this certificate should hold, or null when nothing before it brought one.</summary>
    public static string? KeyOf(JournalFacts journal, Entry entry, CertificateSigned signed) => journal.PreviewOf(signed.Certificate, entry.Seq)?.Body.Source switch
    {
        KeySources.Generated => journal.Key(signed.Key) is { } key && key.Entry.Seq < entry.Seq ? key.Body.Spki : null,
        KeySources.Request => journal.All<RequestRead>().LastOrDefault(r => r.Body.Request == signed.Key && r.Entry.Seq < entry.Seq && r.Entry.Ceremony == entry.Ceremony).Body?.Spki,
        KeySources.Existing => Existing(journal, signed.Key, entry.Seq) is { } existing ? Convert.ToBase64String(existing.ToBeSigned.SubjectPublicKeyInfo.Span) : null,
        _ => null,
    };

    /// <summary>The certificate that is cross-certified: imported, or one of the ledger's own.</summary>
    public static ParsedCertificate? Existing(JournalFacts journal, string name, long before)
    {
        string? der = journal.All<CertificateImported>().LastOrDefault(c => c.Body.Certificate == name && c.Entry.Seq < before).Body?.Der
            ?? journal.All<CertificateSigned>().LastOrDefault(c => c.Body.Certificate == name && c.Entry.Seq < before).Body?.Der;
        return der is null ? null : JournalFacts.Certificate(der);
    }

    private static IEnumerable<string> Requests(JournalFacts journal)
    {
        foreach ((Entry entry, RequestRead read) in journal.All<RequestRead>())
        {
            if (JournalFacts.Bytes(read.Content) is not { } content || !RequestFile.TryRead(content, out RequestFile? request, out _))
                yield return $"Entry {entry.Seq}: the request \"{read.Request}\" cannot be read or does not prove its key.";
            else if (request.Sha256 != read.Sha256 || Convert.ToBase64String(request.Key.SubjectPublicKeyInfo.Span) != read.Spki)
                yield return $"Entry {entry.Seq}: the request \"{read.Request}\" is not the one recorded.";
        }
        foreach ((Entry entry, CertificateImported imported) in journal.All<CertificateImported>())
            if (JournalFacts.Bytes(imported.Der) is not { } der || Convert.ToHexStringLower(SHA256.HashData(der)) != imported.Sha256)
                yield return $"Entry {entry.Seq}: the certificate \"{imported.Certificate}\" is not the one recorded.";
        foreach ((Entry entry, CertificateSigned signed) in journal.All<CertificateSigned>())
            if (journal.PreviewOf(signed.Certificate, entry.Seq)?.Body.Source is KeySources.Request && !WasCompared(journal, entry, signed.Key))
                yield return $"{signed.Certificate}: nobody compared the hash of its request with what its owner sent.";
    }

    /// <summary>Somebody typed the hash, or compared it, and then took the request.</summary>
    private static bool WasCompared(JournalFacts journal, Entry signed, string request)
    {
        Entry? read = journal.Entries.LastOrDefault(e => e.Seq < signed.Seq && e.Ceremony == signed.Ceremony && e.Body is RequestRead r && r.Request == request);
        return read is not null && journal.Entries.Skip((int)read.Seq).TakeWhile(e => e.Step == read.Step && e.Body is not RequestRead)
            .Any(e => e.Body is Answered { Question: ImportWords.ToldHash or ImportWords.Compared });
    }

    private static IEnumerable<string> KeysAndSerials(JournalFacts journal)
    {
        foreach ((Entry entry, CertificateSigned signed) in journal.All<CertificateSigned>())
        {
            if (journal.PreviewOf(signed.Certificate, entry.Seq)?.Body.Source is not KeySources.Request || JournalFacts.Certificate(signed.Der) is not { } certificate)
                continue;
            string spki = Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span);
            if (journal.All<KeyGenerated>().Any(k => k.Entry.Seq < entry.Seq && k.Body.Spki == spki)
                || journal.All<CertificateSigned>().Any(c => c.Entry.Seq < entry.Seq && JournalFacts.Certificate(c.Body.Der)?.ToBeSigned.SubjectPublicKeyInfo.Span.SequenceEqual(certificate.ToBeSigned.SubjectPublicKeyInfo.Span) == true))
                yield return $"{signed.Certificate} was signed for a key that this ledger already knew.";
        }
        foreach (IGrouping<string, string> same in journal.All<CertificateSigned>().Select(c => c.Body)
            .Select(c => (c.Certificate, Serial: JournalFacts.Certificate(c.Der) is { } parsed ? Convert.ToHexStringLower(parsed.ToBeSigned.Serial.Span) : c.Sha256))
            .GroupBy(c => c.Serial, c => c.Certificate).Where(g => g.Count() > 1))
            yield return $"{string.Join(" and ", same)} have the serial number {same.Key}.";
    }
}
