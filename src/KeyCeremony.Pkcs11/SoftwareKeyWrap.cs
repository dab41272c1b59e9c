using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// Opens in software what a token wrapped, to learn which format it speaks. Only ever given throw-away keys.
/// </summary>
internal static class SoftwareKeyWrap
{
    /// <summary>RFC 3394 2.2.3.1.</summary>
    private const ulong InitialValue = 0xA6A6_A6A6_A6A6_A6A6;

    /// <summary>The PKCS#8 inside, trailing bytes included, and the format it was found under.</summary>
    public static (WrapFormat Format, byte[] Plain) Open(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        using var aes = Aes.Create();
        aes.SetKey(wrapKey);
        if (TryRfc5649(aes, wrapped) is { } padded)
        {
            return (WrapFormat.Rfc5649, padded);
        }

        return TryRfc3394(aes, wrapped) is { } plain && TryStripPkcs7(plain) is { } stripped
            ? (WrapFormat.Rfc3394Pkcs7, stripped)
            : (WrapFormat.Unreadable, []);
    }

    /// <summary>Without any padding taken off; null when the integrity check fails.</summary>
    internal static byte[]? OpenRfc3394(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        using var aes = Aes.Create();
        aes.SetKey(wrapKey);
        return TryRfc3394(aes, wrapped);
    }

    private static byte[]? TryRfc5649(Aes aes, byte[] wrapped)
    {
        try
        {
            return aes.DecryptKeyWrapPadded(wrapped);
        }
        catch (Exception refused) when (refused is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>RFC 3394 2.2.2, the index-based form; null when the integrity check fails.</summary>
    private static byte[]? TryRfc3394(Aes aes, byte[] wrapped)
    {
        if (wrapped.Length < 24 || wrapped.Length % 8 != 0)
        {
            return null;
        }

        var blocks = wrapped.Length / 8 - 1;
        var check = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        var plain = wrapped[8..];
        Span<byte> block = stackalloc byte[16];
        for (var j = 5; j >= 0; j--)
        {
            for (var i = blocks; i >= 1; i--)
            {
                BinaryPrimitives.WriteUInt64BigEndian(block, check ^ (ulong)(blocks * j + i));
                plain.AsSpan((i - 1) * 8, 8).CopyTo(block[8..]);
                aes.DecryptEcb(block, block, PaddingMode.None);
                check = BinaryPrimitives.ReadUInt64BigEndian(block);
                block[8..].CopyTo(plain.AsSpan((i - 1) * 8, 8));
            }
        }

        return check == InitialValue ? plain : null;
    }

    /// <summary>Pads of 8 and of 16 bytes are both in use.</summary>
    private static byte[]? TryStripPkcs7(byte[] plain)
    {
        var pad = plain[^1];
        return pad is >= 1 and <= 16 && !plain.AsSpan(plain.Length - pad).ContainsAnyExcept(pad)
            ? plain[..^pad]
            : null;
    }
}
