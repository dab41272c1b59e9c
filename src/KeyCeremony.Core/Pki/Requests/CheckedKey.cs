using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>A public key made elsewhere that passed every check; only <see cref="PublicKeyChecks"/> makes one.</summary>
public sealed class CheckedKey
{
    private readonly Lazy<KeyAlgorithm?> _algorithm;

    internal CheckedKey(ReadOnlyMemory<byte> subjectPublicKeyInfo, bool isRsa, int bits)
    {
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
        IsRsa = isRsa;
        Bits = bits;
        _algorithm = new(() => KeyAlgorithm.Of(SubjectPublicKeyInfo.Span));
    }

    /// <summary>DER. One key has one encoding: whatever else would mean the same key was refused.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    public bool IsRsa { get; }

    /// <summary>Of the modulus or of the curve.</summary>
    public int Bits { get; }

    /// <summary>E.g. <c>RSA 3072</c>, <c>EC P-521</c>.</summary>
    public string Title => IsRsa ? $"RSA {Bits}" : $"EC P-{Bits}";

    /// <summary>The kind a plan can grant; null for kinds that are sound but that no plan names (RSA 2048, P-521).</summary>
    public KeyAlgorithm? Algorithm => _algorithm.Value;

    /// <summary>SHA-256 of <see cref="SubjectPublicKeyInfo"/>, lower-case hex: the key's name in every ledger.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(SubjectPublicKeyInfo.Span));
}
