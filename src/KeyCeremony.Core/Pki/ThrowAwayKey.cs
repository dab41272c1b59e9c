using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A software key that stands in for the real one while a certificate is previewed and linted.
/// Dispose it with the preview; its certificates are worthless by construction: nobody keeps the key.
/// </summary>
public sealed class ThrowAwayKey : IDisposable
{
    private readonly AsymmetricAlgorithm? _key;
    private readonly Lazy<byte[]> _standIn;

    private ThrowAwayKey(KeyAlgorithm algorithm, AsymmetricAlgorithm? key, X509SignatureGenerator generator, byte[] subjectPublicKeyInfo)
    {
        Algorithm = algorithm;
        _key = key;
        Generator = generator;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
        _standIn = new(() => generator.SignData([], algorithm.Hash));
    }

    public KeyAlgorithm Algorithm { get; }

    public X509SignatureGenerator Generator { get; }

    /// <summary>DER.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>
    /// A signature over nothing, in the form of those of this kind: what closes the preview of a certificate whose issuer's key is in
    /// the HSM. It holds over no certificate, so that no preview can be taken for one.
    /// </summary>
    internal byte[] StandInSignature => _standIn.Value;

    public void Dispose() => _key?.Dispose();

    internal static ThrowAwayKey Create(KeyAlgorithm algorithm)
    {
        if (algorithm.Pure is not null)
        {
            var generator = MlDsaGenerator.Create(algorithm);
            return new ThrowAwayKey(algorithm, key: null, generator, generator.SubjectPublicKeyInfo);
        }
        if (algorithm.CurveOid is not { } curve)
        {
            var rsa = RSA.Create(algorithm.Bits);
            return new ThrowAwayKey(algorithm, rsa, X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
                rsa.ExportSubjectPublicKeyInfo());
        }
        var ecdsa = ECDsa.Create(ECCurve.CreateFromValue(curve));
        return new ThrowAwayKey(algorithm, ecdsa, X509SignatureGenerator.CreateForECDsa(ecdsa), ecdsa.ExportSubjectPublicKeyInfo());
    }

    /// <summary>By BouncyCastle, so that a preview needs no OpenSSL that knows ML-DSA.</summary>
    private sealed class MlDsaGenerator : X509SignatureGenerator
    {
        private readonly KeyAlgorithm _algorithm;
        private readonly MLDsaPrivateKeyParameters _key;

        private MlDsaGenerator(KeyAlgorithm algorithm, MLDsaPrivateKeyParameters key)
        {
            _algorithm = algorithm;
            _key = key;
            SubjectPublicKeyInfo = algorithm.Pure!.SubjectPublicKeyInfo(key.GetPublicKeyEncoded());
        }

        public byte[] SubjectPublicKeyInfo { get; }

        public static MlDsaGenerator Create(KeyAlgorithm algorithm)
        {
            MLDsaParameters parameters = algorithm == KeyAlgorithm.MlDsa44 ? MLDsaParameters.ml_dsa_44
                : algorithm == KeyAlgorithm.MlDsa65 ? MLDsaParameters.ml_dsa_65 : MLDsaParameters.ml_dsa_87;
            var generator = new MLDsaKeyPairGenerator();
            generator.Init(new MLDsaKeyGenerationParameters(new SecureRandom(), parameters));
            return new MlDsaGenerator(algorithm, (MLDsaPrivateKeyParameters)generator.GenerateKeyPair().Private);
        }

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            _algorithm.SignatureAlgorithmIdentifier();

        /// <summary>Over the data itself; the hash's name is not looked at.</summary>
        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            var signer = new MLDsaSigner(_key.Parameters, deterministic: false);
            signer.Init(forSigning: true, _key);
            signer.BlockUpdate(data, 0, data.Length);
            return signer.GenerateSignature();
        }

        protected override PublicKey BuildPublicKey() => PublicKey.CreateFromSubjectPublicKeyInfo(SubjectPublicKeyInfo, out _);
    }
}
