using System.Security.Cryptography;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Guards a wrapped key: HMAC-SHA-256 under HKDF-SHA-256 (RFC 5869) of the wrap key, no salt, info
/// <c>keyceremony/backup-mac/1</c>. It is checked before the HSM sees the blob: a flipped bit crashes some modules.
/// </summary>
public static class BackupMac
{
    public const int Length = HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Info => "keyceremony/backup-mac/1"u8;

    /// <summary>32 bytes.</summary>
    public static SecretBytes DeriveKey(SecretBytes wrapKey)
    {
        ArgumentNullException.ThrowIfNull(wrapKey);
        var key = new SecretBytes(Length);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, wrapKey.Span, key.Span, salt: [], Info);
        return key;
    }

    /// <summary>32 bytes, public.</summary>
    public static byte[] Compute(SecretBytes macKey, ReadOnlySpan<byte> blob)
    {
        ArgumentNullException.ThrowIfNull(macKey);
        return HMACSHA256.HashData(macKey.Span, blob);
    }

    /// <summary>Constant time.</summary>
    public static bool Holds(SecretBytes macKey, ReadOnlySpan<byte> blob, ReadOnlySpan<byte> mac) =>
        CryptographicOperations.FixedTimeEquals(Compute(macKey, blob), mac);
}
