using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

/// <summary>A CA with a software key, and the way from entries to a signed file, as the ceremony walks it.</summary>
internal sealed class CrlRoom
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Func<byte[], byte[]> _signHash;

    private CrlRoom(X509Certificate2 certificate, Func<byte[], byte[]> signHash)
    {
        Certificate = certificate;
        _signHash = signHash;
        Issuer = CertificateReader.TryReadCertificate(certificate.RawData, out ParsedCertificate? read, out Refusal? refusal)
            ? read
            : throw new ArgumentException(refusal.ToString());
    }

    public static CrlRoom P256 { get; } = WithEcdsa(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256);

    public static CrlRoom P384 { get; } = WithEcdsa(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384);

    public static CrlRoom Rsa { get; } = WithRsa();

    /// <summary>A delegated signer: cRLSign, no CA.</summary>
    public static CrlRoom Delegate { get; } = WithEcdsa(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, isCa: false);

    public X509Certificate2 Certificate { get; }

    /// <summary>Another CA, of this name.</summary>
    public static CrlRoom Named(byte[] name) => WithEcdsa(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, name: new(name));

    public ParsedCertificate Issuer { get; }

    public CrlPlan Plan => new() { Issuer = Issuer, Number = 1, ThisUpdate = Now, NextUpdate = Now.AddDays(90) };

    public static RevokedSerial Serial(string hex) =>
        RevokedSerial.TryParse(hex, out RevokedSerial serial) ? serial : throw new ArgumentException(hex);

    public static Revocation Entry(string serial, RevocationReason? reason = RevocationReason.Superseded,
        int day = 0, DateTimeOffset? invalidity = null) =>
        new(Serial(serial), Start.AddDays(day), reason, invalidity);

    public static SortedRevocations Sorted(params IEnumerable<Revocation> entries) => Sorted(RevocationSort.DefaultMemoryEntries, entries);

    public static SortedRevocations Sorted(int memoryEntries, IEnumerable<Revocation> entries)
    {
        using var sort = new RevocationSort(() => new MemoryStream(), memoryEntries);
        foreach (Revocation entry in entries)
            sort.Add(entry);
        return sort.TryFinish(out SortedRevocations? sorted, out Refusal? refusal)
            ? sorted
            : throw new ArgumentException(refusal.ToString());
    }

    public static MergedRevocations Merged(params IEnumerable<Revocation> entries) => MergedIn(shard: null, entries);

    public static MergedRevocations MergedIn(SerialShard? shard, params IEnumerable<Revocation> entries) =>
        CrlMerge.TryMerge(SortedRevocations.Empty, null, Sorted(entries), [], shard, out MergedRevocations? merged, out Refusal? refusal)
            ? merged
            : throw new ArgumentException(refusal.ToString());

    public static (PreparedCrl Prepared, byte[] Tbs) Prepare(CrlPlan plan, MergedRevocations merged)
    {
        using var spool = new MemoryStream();
        return CrlWriter.TryPrepare(plan, merged, spool, entriesWritten: null, out PreparedCrl? prepared, out Refusal? refusal)
            ? (prepared, spool.ToArray()) : throw new ArgumentException(refusal.ToString());
    }

    public SignedCrl Sign(PreparedCrl prepared, byte[] tbs) => Sign(CrlLint.Check(prepared, new MemoryStream(tbs)));

    public SignedCrl Sign(CrlLintReport report) =>
        report.TryAccept(out LintedCrl? linted, out Refusal? refusal)
            ? CrlSigning.Sign(linted, hash => _signHash(hash.ToArray()))
            : throw new ArgumentException(refusal.ToString());

    /// <summary>Prepared, linted, signed, assembled, linted again.</summary>
    public byte[] Issue(CrlPlan plan, MergedRevocations merged)
    {
        (PreparedCrl? prepared, byte[]? tbs) = Prepare(plan, merged);
        SignedCrl signed = Sign(prepared, tbs);
        using var file = new MemoryStream();
        CrlFile written = signed.Assemble(new MemoryStream(tbs), file);
        byte[] crl = file.ToArray();
        Assert.Equal(crl.Length, written.Length);
        Assert.Equal(SHA256.HashData(crl), written.Sha256.ToArray());
        CrlLintReport report = CrlLint.Check(signed, new MemoryStream(crl));
        Assert.Empty(report.Findings);
        Assert.Equal(Convert.ToHexString(written.Sha256.Span), Convert.ToHexString(report.File!.Sha256.Span));
        if (Completed(signed, tbs, merged) is { } completed)
            Assert.Equal(crl, completed);
        return crl;
    }

    /// <summary>The spool made into the file itself; null where the room does not fit.</summary>
    public static byte[]? Completed(SignedCrl signed, byte[] tbs, MergedRevocations merged)
    {
        int room = CrlWriter.RoomInFront(signed.Prepared.Plan, merged);
        // Behind it what an earlier, longer signature left.
        using var spool = new MemoryStream();
        spool.Write([.. new byte[room], .. tbs, .. new byte[999]]);
        byte[] before = spool.ToArray();
        if (signed.Complete(spool, room))
            return spool.ToArray();
        Assert.Equal(before, spool.ToArray());
        return null;
    }

    public byte[] Issue(params IEnumerable<Revocation> entries) => Issue(Plan, Merged(entries));

    /// <summary>A CertificateList around any TBSCertList, signed although it may be nonsense.</summary>
    public byte[] SignBytes(byte[] tbs)
    {
        KeyAlgorithm key = Issuer.ToBeSigned.KeyAlgorithm!;
        return DerNode.Sequence(DerNode.Parse(tbs), DerNode.Parse(key.SignatureAlgorithmIdentifier()),
            DerNode.Primitive(0x03, [0, .. _signHash(CryptographicOperations.HashData(key.Hash, tbs))])).Encode();
    }

    public static (CrlFacts Facts, List<Revocation> Entries) Read(byte[] crl)
    {
        var entries = new List<Revocation>();
        return CrlReader.TryRead(new MemoryStream(crl), (in Revocation entry) => entries.Add(entry),
            out CrlFacts? facts, out Refusal? refusal)
            ? (facts, entries) : throw new ArgumentException(refusal.ToString());
    }

    public static string? RuleAgainst(byte[] crl) =>
        CrlReader.TryRead(new MemoryStream(crl), each: null, out _, out Refusal? refusal) ? null : refusal.Rule;

    private static CrlRoom WithEcdsa(ECCurve curve, HashAlgorithmName hash, bool isCa = true,
        X500DistinguishedName? name = null)
    {
        var key = ECDsa.Create(curve);
        return new CrlRoom(SelfSigned(new CertificateRequest(name ?? Name, key, hash), isCa),
            bytes => key.SignHash(bytes, DSASignatureFormat.Rfc3279DerSequence));
    }

    private static CrlRoom WithRsa()
    {
        var key = RSA.Create(3072);
        return new CrlRoom(SelfSigned(new CertificateRequest(Name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), isCa: true),
            bytes => key.SignHash(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static X500DistinguishedName Name => new("CN=Example CRL Issuer, O=Example Devices GmbH, C=DE");

    private static X509Certificate2 SelfSigned(CertificateRequest request, bool isCa)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            isCa ? X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(Start, Start.AddYears(40));
    }
}
