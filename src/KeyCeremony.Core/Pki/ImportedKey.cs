using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A public key that verifies many signatures: importing it takes as long as verifying one. Of the kinds and with the
/// signatures of <see cref="KeyAlgorithm"/>. One thread at a time uses it.
/// </summary>
internal sealed class ImportedKey : IDisposable
{
    // Null for ML-DSA, whose bare key is the whole key.
    private readonly AsymmetricAlgorithm? _key;
    private readonly byte[] _pureKey = [];

    /// <param name="subjectPublicKeyInfo">DER, of a key of this kind.</param>
    public ImportedKey(KeyAlgorithm algorithm, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        Algorithm = algorithm;
        if (algorithm.IsMlDsa)
        {
            _ = PureSignature.TryReadKey(subjectPublicKeyInfo, out _, out _pureKey);
            return;
        }
        _key = algorithm.IsRsa ? RSA.Create() : ECDsa.Create();
        try
        {
            _key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _); // refuses a point off the curve
        }
        catch (CryptographicException)
        {
            _key.Dispose();
            throw;
        }
    }

    public KeyAlgorithm Algorithm { get; }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => _key switch
    {
        RSA rsa => rsa.VerifyData(data, signature, Algorithm.Hash, RSASignaturePadding.Pkcs1),
        ECDsa ecdsa => BareSignature.IsDer(signature)
            && ecdsa.VerifyData(data, signature, Algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence),
        _ => Algorithm.Pure!.Verify(_pureKey, data, signature),
    };

    public void Dispose() => _key?.Dispose();
}
