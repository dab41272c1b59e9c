using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>The journal as a verifier reads it: lookups that believe nothing.</summary>
internal sealed class JournalFacts
{
    private readonly Dictionary<string, CeremonyScript?> _scripts = [];
    private readonly Dictionary<string, IReadOnlyList<ParsedCertificate>?> _paths = [];
    private ImmutableArray<(Entry Entry, CertificateSigned Body, ParsedCertificate Certificate)>? _certified;

    public JournalFacts(ImmutableArray<Entry> entries)
    {
        Entries = entries;
        Ceremonies = [.. All<CeremonyOpened>().Select(o => new CeremonyRun(o.Entry, o.Body, [.. entries.Where(e => e.Ceremony == o.Entry.Ceremony)]))];
    }

    public ImmutableArray<Entry> Entries { get; }

    /// <summary>In the order they were opened.</summary>
    public ImmutableArray<CeremonyRun> Ceremonies { get; }

    public string Environment => ((LedgerCreated)Entries[0].Body).Environment;

    public IEnumerable<(Entry Entry, T Body)> All<T>() where T : EntryBody =>
        Entries.Where(e => e.Body is T).Select(e => (e, (T)e.Body));

    public (Entry Entry, SharesMade Body)? Set(string name) => First(All<SharesMade>().Where(s => s.Body.Set == name));

    public (Entry Entry, KeyGenerated Body)? Key(string name) => First(All<KeyGenerated>().Where(k => k.Body.Key == name));

    /// <summary>The preview that stands last before this entry.</summary>
    public (Entry Entry, CertificatePreviewed Body)? PreviewOf(string certificate, long before) =>
        First(All<CertificatePreviewed>().Where(p => p.Body.Certificate == certificate && p.Entry.Seq < before).Reverse());

    public (Entry Entry, CrlPreviewed Body)? PreviewOf(CrlSigned list, long before = long.MaxValue) =>
        First(All<CrlPreviewed>().Where(p => p.Body.Crl == list.Crl && p.Body.Number == list.Number && p.Entry.Seq < before).Reverse());

    public bool TryCertificate(string name, [NotNullWhen(true)] out ParsedCertificate? certificate)
    {
        certificate = All<CertificateSigned>().LastOrDefault(c => c.Body.Certificate == name).Body is { } signed ? Certificate(signed.Der) : null;
        return certificate is not null;
    }

    /// <summary>Every certificate that was signed and can be read.</summary>
    public IEnumerable<ParsedCertificate> Certificates => Certified.Select(c => c.Certificate);

    /// <summary>The same with their entries.</summary>
    public ImmutableArray<(Entry Entry, CertificateSigned Body, ParsedCertificate Certificate)> Certified =>
        _certified ??= [.. All<CertificateSigned>().Select(c => (c.Entry, c.Body, Read: Certificate(c.Body.Der))).Where(c => c.Read is not null).Select(c => (c.Entry, c.Body, c.Read!))];

    /// <summary>From the certificate up to a self-signed one, all in the journal and each signature checked; null when there is no such path.</summary>
    public IReadOnlyList<ParsedCertificate>? PathOf(ReadOnlySpan<byte> certificate)
    {
        string id = Convert.ToHexString(SHA256.HashData(certificate));
        if (!_paths.TryGetValue(id, out IReadOnlyList<ParsedCertificate>? path))
            _paths.Add(id, path = FindPath(certificate.ToArray()));
        return path;
    }

    private List<ParsedCertificate>? FindPath(byte[] der)
    {
        ParsedCertificate[] known = [.. Certificates];
        ParsedCertificate? at = known.FirstOrDefault(c => c.Der.Span.SequenceEqual(der));
        var path = new List<ParsedCertificate>();
        while (at is not null && path.Count < known.Length)
        {
            path.Add(at);
            if (at.ToBeSigned.IsSelfIssued)
                return at.IsSignedBy(at.ToBeSigned.SubjectPublicKeyInfo.Span) ? path : null;
            at = known.FirstOrDefault(c => c.ToBeSigned.BasicConstraints is { IsCa: true } && c.ToBeSigned.Subject.Equals(at.ToBeSigned.Issuer)
                && at.IsSignedBy(c.ToBeSigned.SubjectPublicKeyInfo.Span));
        }
        return null;
    }

    /// <summary>The preview of exactly this statement that stands last before this entry.</summary>
    public (Entry Entry, BatchPreviewed Body)? PreviewOf(ManifestSigned manifest, long before = long.MaxValue) =>
        First(All<BatchPreviewed>().Where(p => p.Body.BatchId == manifest.BatchId && p.Body.StatementSha256 == manifest.StatementSha256 && p.Entry.Seq < before).Reverse());

    /// <summary>Null when the recorded text is not a script.</summary>
    public CeremonyScript? ScriptOf(CeremonyRun run)
    {
        if (!_scripts.TryGetValue(run.Id, out CeremonyScript? script))
        {
            ScriptReader.TryRead(run.Opened.Script, null, out script, out _);
            _scripts.Add(run.Id, script);
        }
        return script;
    }

    /// <summary>Null when it is not Base64 in its one form.</summary>
    public static byte[]? Bytes(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length) && Convert.ToBase64String(bytes, 0, length) == base64 ? bytes[..length] : null;
    }

    /// <summary>Null when it is not Base64 in its one form, or no certificate.</summary>
    public static ParsedCertificate? Certificate(string base64) =>
        Bytes(base64) is { } der && CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out _) ? certificate : null;

    /// <summary>
    /// Whether the record sticks were lost after this ceremony and its bundle was restored: the bundle ends inside the last
    /// step, so what the sticks held of it afterwards is in no journal.
    /// </summary>
    public bool WasRestoredAfter(CeremonyRun run) =>
        All<LedgerRestored>().Any(r => r.Body.Seq == run.Entries[^1].Seq && r.Entry.Seq == run.Entries[^1].Seq + 1);

    private static (Entry, T)? First<T>(IEnumerable<(Entry, T)> found)
    {
        foreach ((Entry, T) one in found)
            return one;
        return null;
    }
}

/// <summary>One ceremony's entries.</summary>
internal sealed record CeremonyRun(Entry Opening, CeremonyOpened Opened, ImmutableArray<Entry> Entries)
{
    public string Id => Opening.Ceremony;

    public bool Aborted => Entries.Any(e => e.Body is CeremonyAborted);

    public IEnumerable<T> Of<T>() where T : EntryBody => Entries.Select(e => e.Body).OfType<T>();
}
