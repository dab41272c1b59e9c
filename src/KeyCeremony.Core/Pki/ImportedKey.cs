using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A public key that verifies many signatures: importing it takes as long as verifying one. Of the kinds and with the
/// signatures of <see cref="KeyAlgorithm"/>. One thread at a time uses it.
/// </summary>
internal sealed class ImportedKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    /// <param name="subjectPublicKeyInfo">DER, of a key of this kind.</param>
    public ImportedKey(KeyAlgorithm algorithm, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        Algorithm = algorithm;
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

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => _key is RSA rsa
        ? rsa.VerifyData(data, signature, Algorithm.Hash, RSASignaturePadding.Pkcs1)
        : ((ECDsa)_key).VerifyData(data, signature, Algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose() => _key.Dispose();
}
