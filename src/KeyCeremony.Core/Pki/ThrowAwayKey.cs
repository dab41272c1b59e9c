using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A software key that stands in for the real one while a certificate is previewed and linted.
/// Dispose it with the preview; its certificates are worthless by construction: nobody keeps the key.
/// </summary>
public sealed class ThrowAwayKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;
    private readonly Lazy<byte[]> _standIn;

    private ThrowAwayKey(KeyAlgorithm algorithm, AsymmetricAlgorithm key, X509SignatureGenerator generator)
    {
        Algorithm = algorithm;
        _key = key;
        Generator = generator;
        SubjectPublicKeyInfo = key.ExportSubjectPublicKeyInfo();
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

    public void Dispose() => _key.Dispose();

    internal static ThrowAwayKey Create(KeyAlgorithm algorithm)
    {
        if (algorithm.CurveOid is not { } curve)
        {
            var rsa = RSA.Create(algorithm.Bits);
            return new ThrowAwayKey(algorithm, rsa, X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1));
        }
        var ecdsa = ECDsa.Create(ECCurve.CreateFromValue(curve));
        return new ThrowAwayKey(algorithm, ecdsa, X509SignatureGenerator.CreateForECDsa(ecdsa));
    }
}
