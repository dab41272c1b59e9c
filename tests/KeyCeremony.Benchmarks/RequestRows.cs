using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.Benchmarks;

/// <summary>
/// A thousand requests (P-256) to certificates under a P-384 key in SoftHSM2, next to as many bare signatures of that key from C.
/// </summary>
internal static class RequestRows
{
    private const int Batches = 50;
    private const int BatchSize = 20;
    private const string Environment = "production";

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="signatureFromC">Nanoseconds of a signature by the key with this CKA_ID.</param>
    public static Row Measure(Session session, Func<KeyId, double> signatureFromC)
    {
        var id = KeyId.From(RandomNumberGenerator.GetBytes(16));
        session.GenerateKeyPair(KeyKind.EcP384, "issuer", id);
        using var generator = new TokenSignatureGenerator(session, id, SignatureScheme.EcdsaSha384);
        ParsedCertificate root = Root(generator);
        // One more batch: the first is not counted.
        var requests = new Queue<byte[]>(Enumerable.Range(0, (Batches + 1) * BatchSize).Select(Request));
        using ThrowAwayKey throwAway = KeyAlgorithm.EcP384.CreateThrowAway();
        return new Row($"request to certificate, of {Batches * BatchSize} (ns)",
            Timing.Nanoseconds(Batches, BatchSize, () => Issue(requests.Dequeue(), root, throwAway, generator)), Limit: signatureFromC(id));
    }

    // Read, checked, compared, previewed, linted, signed and read back, as a ceremony does with each.
    private static void Issue(byte[] file, ParsedCertificate root, ThrowAwayKey throwAway, TokenSignatureGenerator generator)
    {
        if (!RequestFile.TryRead(file, out RequestFile? request, out Refusal? refusal))
            throw Failed(refusal);
        var plan = new CertificatePlan
        {
            Profile = CertificateProfiles.MtlsIntermediate,
            Subject = ((SigningRequest)request).Subject,
            Issuer = root,
            Key = request.Key.Algorithm!,
            Serial = SerialNumber.FromRandom(RandomNumberGenerator.GetBytes(SerialNumber.RandomBytes)),
            NotBefore = Start,
            NotAfter = Start.AddDays(3650).AddSeconds(-1),
            PathLength = 0,
            CrlDistributionPoints = ["http://crl.example.com/root-r1.crl"],
        };
        if (RequestDifference.Between(request, plan, Environment).Contradiction is { } contradiction)
            throw Failed(contradiction);
        ReadOnlySpan<byte> subject = request.Key.SubjectPublicKeyInfo.Span;
        if (!CertificatePreview.TryMake(plan, subject, throwAway, out PreviewedCertificate? preview, out refusal)
            || !CertificateLint.Check(preview).TryAccept(out LintedCertificate? linted, out refusal)
            || !CertificateSigning.TrySign(linted, subject, new VerifiedSigner(generator), out _, out refusal))
            throw Failed(refusal);
    }

    private static ParsedCertificate Root(TokenSignatureGenerator generator)
    {
        var plan = new CertificatePlan
        {
            Profile = CertificateProfiles.Root,
            Subject = DistinguishedName.TryCreate([("C", "DE"), ("O", "Example Devices GmbH"), ("CN", "Example Root R1")],
                out DistinguishedName? name, out Refusal? refusal) ? name : throw Failed(refusal),
            Key = KeyAlgorithm.EcP384,
            Serial = SerialNumber.FromRandom(RandomNumberGenerator.GetBytes(SerialNumber.RandomBytes)),
            NotBefore = Start,
            NotAfter = Start.AddDays(9132).AddSeconds(-1),
        };
        using ThrowAwayKey throwAway = plan.Key.CreateThrowAway();
        return CertificatePreview.TryMake(plan, throwAway, out PreviewedCertificate? preview, out refusal)
            && CertificateLint.Check(preview).TryAccept(out LintedCertificate? linted, out refusal)
            && CertificateSigning.TrySign(linted, generator.PublicKey.ExportSubjectPublicKeyInfo(),
                generator, out ParsedCertificate? root, out refusal) ? root : throw Failed(refusal);
    }

    private static byte[] Request(int number)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Least significant first, as .NET wants it: C, O, CN.
        return new CertificateRequest(string.Create(CultureInfo.InvariantCulture, $"CN=Factory CA {number}, O=Example Devices GmbH, C=DE"),
            key, HashAlgorithmName.SHA256).CreateSigningRequest();
    }

    private static InvalidOperationException Failed(Refusal refusal) => new(refusal.ToString());
}
