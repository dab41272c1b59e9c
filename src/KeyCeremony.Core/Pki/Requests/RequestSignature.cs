using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// A signature algorithm that a request may prove possession with. More than <see cref="KeyAlgorithm"/>, which is what we
/// sign with ourselves: tools elsewhere choose the hash.
/// </summary>
/// <param name="Pure">What signs the message and no hash of it; <paramref name="Hash"/> then says nothing.</param>
internal sealed record RequestSignature(string Title, bool IsRsa, HashAlgorithmName Hash,
    RSASignaturePadding? Padding, string IdentifierHex, PureSignature? Pure = null)
{
    /// <summary>Of RSA-PSS, where it is not the hash's: only what others signed is verified with it. Null: the hash's.</summary>
    public int? SaltLength { get; init; }

    private const string Sha256 = "0609608648016503040201", Sha384 = "0609608648016503040202", Sha512 = "0609608648016503040203";

    /// <summary>
    /// By the whole AlgorithmIdentifier: RFC 5758 3.2, RFC 9881 2 and RFC 9909 3 without parameters, RFC 4055 5 with NULL, RFC 4055 3.1 for
    /// RSA-PSS.
    /// </summary>
    public static IReadOnlyList<RequestSignature> All { get; } =
    [
        new("ecdsa-with-SHA256", false, HashAlgorithmName.SHA256, null, "300a06082a8648ce3d040302"),
        new("ecdsa-with-SHA384", false, HashAlgorithmName.SHA384, null, "300a06082a8648ce3d040303"),
        new("ecdsa-with-SHA512", false, HashAlgorithmName.SHA512, null, "300a06082a8648ce3d040304"),
        new("sha256WithRSAEncryption", true, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1, "300d06092a864886f70d01010b0500"),
        new("sha384WithRSAEncryption", true, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1, "300d06092a864886f70d01010c0500"),
        new("sha512WithRSAEncryption", true, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1, "300d06092a864886f70d01010d0500"),
        .. Pss("RSA-PSS with SHA-256", HashAlgorithmName.SHA256, Sha256, "20"),
        .. Pss("RSA-PSS with SHA-384", HashAlgorithmName.SHA384, Sha384, "30"),
        .. Pss("RSA-PSS with SHA-512", HashAlgorithmName.SHA512, Sha512, "40"),
        .. PureSignature.All.Select(pure => new RequestSignature(pure.Title, false, default, null,
            Convert.ToHexStringLower(pure.AlgorithmIdentifier()), pure)),
    ];

    public static RequestSignature? ByIdentifier(ReadOnlySpan<byte> algorithmIdentifier)
    {
        string hex = Convert.ToHexStringLower(algorithmIdentifier);
        return All.FirstOrDefault(one => one.IdentifierHex == hex);
    }

    /// <summary>False also where the key is of the other kind.</summary>
    public bool Verify(CheckedKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Fits(key))
            return false;
        if (Pure is { } pure)
            return PureSignature.TryReadKey(key.SubjectPublicKeyInfo.Span, out _, out byte[] bare) && pure.Verify(bare, data, signature);
        try
        {
            return IsRsa ? VerifyRsa(key, data, signature) : VerifyEcdsa(key, data, signature);
        }
        catch (CryptographicException)
        {
            // OpenSSL may refuse the import of a key that passed our checks: then nothing is proven.
            return false;
        }
    }

    /// <summary>Whether this key made it all the same, and it is written as <see cref="BareSignature"/>.</summary>
    public bool IsBare(CheckedKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => !IsRsa && Pure is null && Fits(key)
        && BareSignature.InDer(signature, key.Bits) is { } der && Verify(key, data, der);

    /// <summary>Whether a key of this kind can sign so.</summary>
    public bool Fits(CheckedKey key) => Fits(key.IsRsa, key.Pure);

    /// <param name="pure">The one algorithm of the key, when it has one.</param>
    public bool Fits(bool isRsa, PureSignature? pure) => Pure == pure && IsRsa == isRsa;

    private bool VerifyRsa(CheckedKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        return rsa.VerifyData(data, signature, Hash, Padding!);
    }

    private bool VerifyEcdsa(CheckedKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        return BareSignature.IsDer(signature) && ecdsa.VerifyData(data, signature, Hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    // SEQUENCE { id-RSASSA-PSS, SEQUENCE { [0] hash, [1] SEQUENCE { id-mgf1, hash }, [2] INTEGER salt length } }.
    // RFC 4055 2.1: a hash's parameters are NULL or absent; OpenSSL writes the one, .NET the other.
    private static IEnumerable<RequestSignature> Pss(string title, HashAlgorithmName hash, string oid, string saltLength) =>
    [
        new(title, true, hash, RSASignaturePadding.Pss,
            $"304106092a864886f70d01010a3034a00f300d{oid}0500a11c301a06092a864886f70d010108300d{oid}0500a2030201{saltLength}"),
        new(title, true, hash, RSASignaturePadding.Pss,
            $"303d06092a864886f70d01010a3030a00d300b{oid}a11a301806092a864886f70d010108300b{oid}a2030201{saltLength}"),
    ];
}
