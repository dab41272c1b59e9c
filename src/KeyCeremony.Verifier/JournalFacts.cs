using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>
/// The journal as a verifier reads it: lookups that believe nothing. Entries are grouped once, by what is asked of them, so
/// that a journal of nonsense takes no longer than its length asks for.
/// </summary>
internal sealed class JournalFacts
{
    /// <summary>
    /// Root, issuing CA, its delegate and what they sign stay far below. Two certificates that issue each other end here.
    /// </summary>
    private const int MaxPath = 16;

    /// <summary>CAs of one name that a ledger has; no more of them are tried.</summary>
    private const int MaxIssuers = 16;

    private readonly Dictionary<Type, ImmutableArray<Entry>> _kinds;
    private readonly Dictionary<string, CeremonyScript?> _scripts = [];
    private readonly Dictionary<string, IReadOnlyList<ParsedCertificate>?> _paths = [];
    private readonly Lazy<ImmutableArray<(Entry Entry, CertificateSigned Body, ParsedCertificate Certificate)>> _certified;
    private readonly Lazy<Dictionary<string, Entry>> _sets, _keys, _certificates;
    private readonly Lazy<ILookup<string, Entry>> _certificatePreviews;
    private readonly Lazy<ILookup<(string Crl, string Number), Entry>> _listPreviews;
    private readonly Lazy<ILookup<(string BatchId, string Sha256), Entry>> _batchPreviews;
    private readonly Lazy<HashSet<long>> _restored;

    public JournalFacts(ImmutableArray<Entry> entries)
    {
        Entries = entries;
        _kinds = entries.GroupBy(e => e.Body.GetType()).ToDictionary(g => g.Key, g => g.ToImmutableArray());
        var ceremonies = entries.GroupBy(e => e.Ceremony).ToDictionary(g => g.Key, g => g.ToImmutableArray());
        Ceremonies = [.. All<CeremonyOpened>().Select(o => new CeremonyRun(o.Entry, o.Body, ceremonies[o.Entry.Ceremony]))];
        _sets = new(() => Named<SharesMade>(s => s.Set, last: false));
        _keys = new(() => Named<KeyGenerated>(k => k.Key, last: false));
        _certificates = new(() => Named<CertificateSigned>(c => c.Certificate, last: true));
        _certificatePreviews = new(() => Of<CertificatePreviewed>().ToLookup(e => ((CertificatePreviewed)e.Body).Certificate));
        _listPreviews = new(() => Of<CrlPreviewed>().ToLookup(e => (((CrlPreviewed)e.Body).Crl, ((CrlPreviewed)e.Body).Number)));
        _batchPreviews =
            new(() => Of<BatchPreviewed>().ToLookup(e => (((BatchPreviewed)e.Body).BatchId, ((BatchPreviewed)e.Body).StatementSha256)));
        _certified = new(() => [.. All<CertificateSigned>().Select(c => (c.Entry, c.Body, Read: Certificate(c.Body.Der)))
            .Where(c => c.Read is not null).Select(c => (c.Entry, c.Body, c.Read!))]);
        _restored = new(() => [.. All<LedgerRestored>().Where(r => r.Entry.Seq == r.Body.Seq + 1).Select(r => r.Body.Seq)]);
    }

    public ImmutableArray<Entry> Entries { get; }

    /// <summary>In the order they were opened.</summary>
    public ImmutableArray<CeremonyRun> Ceremonies { get; }

    public string Environment => ((LedgerCreated)Entries[0].Body).Environment;

    public IEnumerable<(Entry Entry, T Body)> All<T>() where T : EntryBody =>
        Of<T>().Select(e => (e, (T)e.Body));

    public (Entry Entry, SharesMade Body)? Set(string name) => As<SharesMade>(_sets.Value.GetValueOrDefault(name));

    public (Entry Entry, KeyGenerated Body)? Key(string name) => As<KeyGenerated>(_keys.Value.GetValueOrDefault(name));

    /// <summary>The certificate before this entry that makes a CA of the key of this one; null: none does.</summary>
    public string? CaWithKeyOf(ParsedCertificate certificate, long before)
    {
        ReadOnlyMemory<byte> key = certificate.ToBeSigned.SubjectPublicKeyInfo;
        return Certified.FirstOrDefault(c => c.Entry.Seq <= before && c.Certificate.ToBeSigned.BasicConstraints is { IsCa: true }
            && c.Certificate.ToBeSigned.SubjectPublicKeyInfo.Span.SequenceEqual(key.Span)).Body?.Certificate;
    }

    /// <summary>
    /// The key of a certificate, as the HSM made it; null: it made none of this name, or another one. Requests have names as keys have.
    /// </summary>
    public (Entry Entry, KeyGenerated Body)? KeyIn(CertificateSigned certificate) => Key(certificate.Key) is { } key
        && Certificate(certificate.Der) is { } parsed
        && Convert.ToBase64String(parsed.ToBeSigned.SubjectPublicKeyInfo.Span) == key.Body.Spki ? key : null;

    /// <summary>The preview that stands last before this entry.</summary>
    public (Entry Entry, CertificatePreviewed Body)? PreviewOf(string certificate, long before) =>
        As<CertificatePreviewed>(LastBefore(_certificatePreviews.Value[certificate], before));

    public (Entry Entry, CrlPreviewed Body)? PreviewOf(CrlSigned list, long before = long.MaxValue) =>
        As<CrlPreviewed>(LastBefore(_listPreviews.Value[(list.Crl, list.Number)], before));

    public bool TryCertificate(string name, [NotNullWhen(true)] out ParsedCertificate? certificate)
    {
        certificate =
            As<CertificateSigned>(_certificates.Value.GetValueOrDefault(name)) is { Body: var signed } ? Certificate(signed.Der) : null;
        return certificate is not null;
    }

    /// <summary>Every certificate that was signed and can be read.</summary>
    public IEnumerable<ParsedCertificate> Certificates => Certified.Select(c => c.Certificate);

    /// <summary>The same with their entries.</summary>
    public ImmutableArray<(Entry Entry, CertificateSigned Body, ParsedCertificate Certificate)> Certified => _certified.Value;

    /// <summary>
    /// From the certificate up to a self-signed one, all in the journal and each signature checked; null when there is no such path.
    /// </summary>
    public IReadOnlyList<ParsedCertificate>? PathOf(ReadOnlySpan<byte> certificate)
    {
        string der = Convert.ToBase64String(certificate);
        if (!_paths.TryGetValue(der, out IReadOnlyList<ParsedCertificate>? path))
            _paths.Add(der, path = FindPath(certificate.ToArray()));
        return path;
    }

    private List<ParsedCertificate>? FindPath(byte[] der)
    {
        ParsedCertificate[] known = [.. Certificates];
        ParsedCertificate? at = known.FirstOrDefault(c => c.Der.Span.SequenceEqual(der));
        var path = new List<ParsedCertificate>();
        while (at is not null && path.Count < MaxPath)
        {
            path.Add(at);
            if (at.ToBeSigned.IsSelfIssued)
                return at.IsSignedBy(at.ToBeSigned.SubjectPublicKeyInfo.Span) ? path : null;
            at = known.Where(c => c.ToBeSigned.BasicConstraints is { IsCa: true } && c.ToBeSigned.Subject.Equals(at.ToBeSigned.Issuer))
                .Take(MaxIssuers)
                .FirstOrDefault(c => at.IsSignedBy(c.ToBeSigned.SubjectPublicKeyInfo.Span));
        }
        return null;
    }

    /// <summary>The preview of exactly this statement that stands last before this entry.</summary>
    public (Entry Entry, BatchPreviewed Body)? PreviewOf(ManifestSigned manifest, long before = long.MaxValue) =>
        As<BatchPreviewed>(LastBefore(_batchPreviews.Value[(manifest.BatchId, manifest.StatementSha256)], before));

    /// <summary>Null when the recorded text is not a script.</summary>
    public CeremonyScript? ScriptOf(CeremonyRun run)
    {
        if (!_scripts.TryGetValue(run.Opened.Script, out CeremonyScript? script))
        {
            ScriptReader.TryRead(run.Opened.Script, null, out script, out _);
            _scripts.Add(run.Opened.Script, script);
        }
        return script;
    }

    /// <summary>Null when it is not Base64 in its one form, or no certificate.</summary>
    public static ParsedCertificate? Certificate(string base64) =>
        ExactBase64.Read(base64) is { } der && CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out _)
            ? certificate
            : null;

    /// <summary>
    /// Whether the record sticks were lost after this ceremony and its bundle was restored: the bundle ends inside the last
    /// step, so what the sticks held of it afterwards is in no journal.
    /// </summary>
    public bool WasRestoredAfter(CeremonyRun run) =>
        _restored.Value.Contains(run.Entries[^1].Seq);

    private ImmutableArray<Entry> Of<T>() where T : EntryBody => _kinds.GetValueOrDefault(typeof(T), []);

    private Dictionary<string, Entry> Named<T>(Func<T, string> name, bool last) where T : EntryBody =>
        Of<T>().GroupBy(e => name((T)e.Body)).ToDictionary(g => g.Key, g => last ? g.Last() : g.First());

    private static (Entry Entry, T Body)? As<T>(Entry? entry) where T : EntryBody => entry is null ? null : (entry, (T)entry.Body);

    /// <param name="inOrder">A group of a lookup is a list: it is halved, not walked.</param>
    private static Entry? LastBefore(IEnumerable<Entry> inOrder, long before)
    {
        IList<Entry> entries = inOrder as IList<Entry> ?? [.. inOrder];
        int low = 0, high = entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (entries[middle].Seq < before)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? null : entries[low - 1];
    }
}

/// <summary>One ceremony's entries.</summary>
internal sealed record CeremonyRun(Entry Opening, CeremonyOpened Opened, ImmutableArray<Entry> Entries)
{
    public string Id => Opening.Ceremony;

    public bool Aborted { get; } = Entries.Any(e => e.Body is CeremonyAborted);

    public IEnumerable<T> Of<T>() where T : EntryBody => Entries.Select(e => e.Body).OfType<T>();
}
