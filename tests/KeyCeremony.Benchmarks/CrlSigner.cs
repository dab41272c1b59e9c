using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki.Crl;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace KeyCeremony.Benchmarks;

/// <summary>Who signs a list, with a key in a file of the folder.</summary>
/// <param name="Certificate">Name of the CA's certificate, in PEM.</param>
/// <param name="Sign">Takes the folder, what was linted, and the spool that stands at its TBSCertList.</param>
internal sealed record CrlSigner(string Certificate, Func<string, LintedCrl, Stream, SignedCrl> Sign)
{
    public static CrlSigner EcP384 { get; } = new(CrlOperations.Certificate, (folder, linted, _) => SignHash(folder, linted));

    public static CrlSigner MlDsa87 { get; } = new(CrlOperations.MlDsaCertificate, SignWhole);

    /// <summary>Writes the key and a CA's certificate of its own.</summary>
    public static void MakeMlDsa87(string folder, DateTimeOffset from)
    {
        var generator = new MLDsaKeyPairGenerator();
        generator.Init(new MLDsaKeyGenerationParameters(new SecureRandom(), MLDsaParameters.ml_dsa_87));
        var key = (MLDsaPrivateKeyParameters)generator.GenerateKeyPair().Private;
        File.WriteAllBytes(Path.Combine(folder, CrlOperations.MlDsaKey), key.GetEncoded());

        var name = new X500DistinguishedName("CN=Bench CA");
        var signs = new Generator(key);
        var request = new CertificateRequest(name, signs.PublicKey, HashAlgorithmName.SHA512);
        CrlOperations.AddCaExtensions(request);
        using X509Certificate2 certificate = request.Create(name, signs, from, from.AddYears(20), [1]);
        File.WriteAllText(Path.Combine(folder, CrlOperations.MlDsaCertificate), certificate.ExportCertificatePem());
    }

    private static SignedCrl SignHash(string folder, LintedCrl linted)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, CrlOperations.Key)));
        return CrlSigning.Sign(linted, hash => key.SignHash(hash.Span, DSASignatureFormat.Rfc3279DerSequence));
    }

    private static SignedCrl SignWhole(string folder, LintedCrl linted, Stream spool)
    {
        byte[] key = File.ReadAllBytes(Path.Combine(folder, CrlOperations.MlDsaKey));
        MLDsaSigner signer = Signer(MLDsaPrivateKeyParameters.FromEncoding(MLDsaParameters.ml_dsa_87, key));
        return CrlSigning.SignWhole(linted, spool, pieces =>
        {
            foreach (ReadOnlyMemory<byte> piece in pieces)
                signer.BlockUpdate(piece.Span);
            return signer.GenerateSignature();
        });
    }

    private static MLDsaSigner Signer(MLDsaPrivateKeyParameters key)
    {
        var signer = new MLDsaSigner(key.Parameters, deterministic: false);
        signer.Init(forSigning: true, key);
        return signer;
    }

    // .NET writes the certificate; of ML-DSA it knows nothing where its OpenSSL does not.
    private sealed class Generator(MLDsaPrivateKeyParameters key) : X509SignatureGenerator
    {
        private static readonly byte[] Identifier = [0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13];

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Identifier;

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            MLDsaSigner signer = Signer(key);
            signer.BlockUpdate(data, 0, data.Length);
            return signer.GenerateSignature();
        }

        protected override PublicKey BuildPublicKey() =>
            PublicKey.CreateFromSubjectPublicKeyInfo(Org.BouncyCastle.X509.SubjectPublicKeyInfoFactory
                .CreateSubjectPublicKeyInfo(key.GetPublicKey()).GetDerEncoded(), out _);
    }
}
