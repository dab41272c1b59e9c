using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>What a ceremony hands out, made with the base library.</summary>
internal static class Artefacts
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly X509Certificate2 Issuer = Root("C=DE, O=Example Devices GmbH, CN=Example Root R1");

    public static Artefact Certificate() => Certificate(Issuer);

    public static Artefact Certificate(X509Certificate2 certificate) => Of("root-r1.der", "application/pkix-cert", certificate.RawData);

    public static X509Certificate2 Root(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        // Encoded in the order written.
        var request = new CertificateRequest(new X500DistinguishedName(subject, X500DistinguishedNameFlags.None),
            key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true,
            hasPathLengthConstraint: true, pathLengthConstraint: 1, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(Start, Start.AddYears(25));
    }

    /// <summary>A revocation list of at least so many bytes, number 17.</summary>
    public static (Artefact Artefact, int Entries) List(int bytes)
    {
        var builder = new CertificateRevocationListBuilder();
        // 20 octets of serial number, a date and a reason: 49 bytes an entry.
        int entries = bytes / 49;
        for (int i = 0; i < entries; i++)
            builder.AddEntry([0x4A, .. SHA256.HashData(BitConverter.GetBytes(i))[..19]],
                Start.AddMinutes(-i), X509RevocationReason.KeyCompromise);
        byte[] list = builder.Build(Issuer, 17, Start.AddDays(90), HashAlgorithmName.SHA384, thisUpdate: Start);
        Assert.True(list.Length >= bytes);
        return (Of("root-r1-17.crl", "application/pkix-crl", list), entries);
    }

    public static Artefact Request()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Of("device-ca.csr", "application/pkcs10",
            new CertificateRequest("CN=Device CA I1", key, HashAlgorithmName.SHA256).CreateSigningRequest());
    }

    /// <summary>Bytes that do not get shorter by packing.</summary>
    public static Artefact Noise(string name, int length) =>
        Of(name, "application/octet-stream", [.. Enumerable.Range(0, (length / 32) + 1)
            .SelectMany(i => SHA256.HashData(Encoding.ASCII.GetBytes($"{name} {i}"))).Take(length)]);

    public static Artefact Of(string name, string type, byte[] bytes)
    {
        Assert.True(Artefact.TryCreate(name, type, bytes, out Artefact? artefact, out Refusal? refusal), refusal?.Message);
        return artefact;
    }
}
