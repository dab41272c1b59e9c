using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>A key with a certificate, as a test wants it.</summary>
internal sealed class Signer
{
    private readonly ECDsa _key;

    private Signer(ECDsa key, X509Certificate2 x509)
    {
        (_key, X509) = (key, x509);
        Assert.True(CertificateReader.TryReadCertificate(x509.RawData, out ParsedCertificate? certificate, out Refusal? refusal),
            refusal?.ToString());
        Certificate = certificate;
    }

    public X509Certificate2 X509 { get; }

    public ParsedCertificate Certificate { get; }

    public string KeyId => Dsse.KeyId(Certificate);

    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    public byte[] Sign(byte[] bytes) => _key.SignData(bytes, _key.KeySize == 384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256,
        DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>The same as r and s side by side.</summary>
    public byte[] SignBare(byte[] bytes) => _key.SignData(bytes, _key.KeySize == 384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256,
        DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public DsseSignature SignEnvelope(byte[] payload) => new(KeyId, [.. Sign(Dsse.Pae(payload))]);

    /// <summary>Valid from 2026 to 2036, if nothing else is said; a CA signs certificates, any other key signs.</summary>
    public static Signer Make(string name, Signer? issuer = null, bool ca = false, ECCurve? curve = null,
        X509KeyUsageFlags? usage = null, DateTimeOffset? from = null, DateTimeOffset? to = null, params X509Extension[] extra)
    {
        var key = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=Example, C=DE", key, HashOf(issuer?._key ?? key));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(ca, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            usage ?? (ca ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature), true));
        foreach (X509Extension extension in extra)
            request.CertificateExtensions.Add(extension);
        (DateTimeOffset notBefore, DateTimeOffset notAfter) = (from ?? Year(2026), to ?? Year(2036));
        byte[] serial = [1, .. RandomNumberGenerator.GetBytes(15)];
        X509Certificate2 x509 = request.Create(issuer?.X509.SubjectName ?? request.SubjectName,
            X509SignatureGenerator.CreateForECDsa(issuer?._key ?? key), notBefore, notAfter, serial);
        return new Signer(key, x509);
    }

    public static DateTimeOffset Year(int year) => new(year, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static HashAlgorithmName HashOf(ECDsa key) => key.KeySize == 384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
}

/// <summary>The people of a small factory, made once.</summary>
internal static class Signers
{
    public static readonly Signer Root = Signer.Make("Example Root", ca: true, curve: ECCurve.NamedCurves.nistP384);
    public static readonly Signer Manifest = Signer.Make("Example Manifest Signer", Root);
    public static readonly Signer Officer = Signer.Make("Officer Ada");
    public static readonly Signer OtherOfficer = Signer.Make("Officer Bob", curve: ECCurve.NamedCurves.nistP384);
    public static readonly Signer IssuingCa = Signer.Make("Example Issuing CA", Root, ca: true);
    public static readonly Signer Device = Signer.Make("Example Device 1", IssuingCa);
}
