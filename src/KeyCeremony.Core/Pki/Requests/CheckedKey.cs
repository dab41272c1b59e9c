using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>A public key made elsewhere that passed every check; only <see cref="PublicKeyChecks"/> makes one.</summary>
public sealed class CheckedKey
{
    private readonly Lazy<KeyAlgorithm?> _algorithm;

    internal CheckedKey(ReadOnlyMemory<byte> subjectPublicKeyInfo, bool isRsa, int bits, PureSignature? pure = null)
    {
        Pure = pure;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
        IsRsa = isRsa;
        Bits = bits;
        _algorithm = new(() => KeyAlgorithm.Of(SubjectPublicKeyInfo.Span));
    }

    /// <summary>DER. One key has one encoding: whatever else would mean the same key was refused.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    public bool IsRsa { get; }

    /// <summary>Of the modulus, of the curve, or of the whole key of ML-DSA and SLH-DSA.</summary>
    public int Bits { get; }

    /// <summary>E.g. <c>RSA 3072</c>, <c>EC P-521</c>, <c>ML-DSA-65</c>.</summary>
    public string Title => Pure?.Title ?? (IsRsa ? $"RSA {Bits}" : $"EC P-{Bits}");

    /// <summary>Null for RSA and EC.</summary>
    internal PureSignature? Pure { get; }

    /// <summary>The kind a plan can grant; null for kinds that are sound but that no plan names (RSA 2048, P-521, SLH-DSA).</summary>
    public KeyAlgorithm? Algorithm => _algorithm.Value;

    /// <summary>SHA-256 of <see cref="SubjectPublicKeyInfo"/>, lower-case hex: the key's name in every ledger.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(SubjectPublicKeyInfo.Span));
}
