using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core;

namespace KeyCeremony.App.Bundle;

/// <summary>An ECDSA key whose private half is elsewhere. SignedCms asks it for r ‖ s and makes DER of it again.</summary>
/// <param name="publicKey">Owned by this object.</param>
/// <param name="signHash">Hash to DER SEQUENCE { r, s }.</param>
internal sealed class DelegatedECDsa(ECDsa publicKey, Func<byte[], byte[]> signHash) : ECDsa
{
    public override int KeySize => publicKey.KeySize;

    public override byte[] SignHash(byte[] hash) => SignHashCore(hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public override bool VerifyHash(byte[] hash, byte[] signature) => publicKey.VerifyHash(hash, signature);

    public override ECParameters ExportParameters(bool includePrivateParameters) => includePrivateParameters
        ? throw new CryptographicException("The private key is in the HSM.")
        : publicKey.ExportParameters(false);

    protected override bool TrySignHashCore(ReadOnlySpan<byte> hash, Span<byte> destination,
        DSASignatureFormat signatureFormat, out int bytesWritten) =>
        DelegatedKey.TryGive(SignHashCore(hash, signatureFormat), destination, out bytesWritten);

    protected override byte[] SignHashCore(ReadOnlySpan<byte> hash, DSASignatureFormat signatureFormat)
    {
        byte[] der = signHash(hash.ToArray());
        return signatureFormat == DSASignatureFormat.Rfc3279DerSequence ? der : DelegatedKey.Concatenated(der, (KeySize + 7) / 8);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            publicKey.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The same for RSA, PKCS #1 v1.5.</summary>
internal sealed class DelegatedRsa : RSA
{
    private readonly RSA _publicKey;
    private readonly Func<byte[], byte[]> _signHash;

    public DelegatedRsa(RSA publicKey, Func<byte[], byte[]> signHash)
    {
        _publicKey = publicKey;
        _signHash = signHash;
        KeySizeValue = publicKey.KeySize;
    }

    public override byte[] SignHash(byte[] hash, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding) =>
        padding == RSASignaturePadding.Pkcs1 ? _signHash(hash) : throw new CryptographicException("PKCS #1 v1.5 only.");

    public override bool TrySignHash(ReadOnlySpan<byte> hash, Span<byte> destination, HashAlgorithmName hashAlgorithm,
        RSASignaturePadding padding, out int bytesWritten) =>
        DelegatedKey.TryGive(SignHash(hash.ToArray(), hashAlgorithm, padding), destination, out bytesWritten);

    public override bool VerifyHash(byte[] hash, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding) =>
        _publicKey.VerifyHash(hash, signature, hashAlgorithm, padding);

    public override RSAParameters ExportParameters(bool includePrivateParameters) => includePrivateParameters
        ? throw new CryptographicException("The private key is in the HSM.")
        : _publicKey.ExportParameters(false);

    public override void ImportParameters(RSAParameters parameters) => throw new CryptographicException("The key is fixed.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _publicKey.Dispose();
        base.Dispose(disposing);
    }
}

internal static class DelegatedKey
{
    /// <summary>r ‖ s, each as long as the field.</summary>
    public static byte[] Concatenated(byte[] der, int length)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            AsnReader sequence = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            byte[] both = new byte[2 * length];
            foreach (int at in new[] { 0, length })
            {
                ReadOnlySpan<byte> number = sequence.ReadIntegerBytes().Span.TrimStart((byte)0);
                number.CopyTo(both.AsSpan(at + length - number.Length));
            }
            sequence.ThrowIfNotEmpty();
            return both;
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            throw new KeyFaultException("The HSM's signature is not a DER SEQUENCE { r, s } of this curve.", e);
        }
    }

    public static bool TryGive(byte[] signature, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        if (!signature.AsSpan().TryCopyTo(destination))
            return false;
        bytesWritten = signature.Length;
        return true;
    }
}
