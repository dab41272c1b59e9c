using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Paddings;
using Org.BouncyCastle.Crypto.Parameters;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// Opens in software what a token wrapped, to learn which format it speaks: one that counts only when the base library and
/// BouncyCastle both open it, to the same bytes. Only ever given throw-away keys: BouncyCastle copies a key into arrays that nobody wipes.
/// </summary>
internal static class SoftwareKeyWrap
{
    /// <summary>RFC 3394 2.2.3.1.</summary>
    private const ulong InitialValue = 0xA6A6_A6A6_A6A6_A6A6;

    /// <summary>The PKCS#8 inside, trailing bytes included, and the format it was found under.</summary>
    /// <param name="strategy">What the mechanism is for; CBC cannot be told from nonsense by itself, and is tried for no other.</param>
    public static (WrapFormat Format, byte[] Plain) Open(WrapStrategy strategy, ReadOnlySpan<byte> wrapKey, byte[] wrapped) =>
        strategy.Format switch
        {
            WrapFormat.CbcPad => OpenCbc(wrapKey, wrapped),
            WrapFormat.YubiHsm => OpenYubiHsm(wrapKey, wrapped),
            _ => OpenKeyWrap(wrapKey, wrapped),
        };

    private static (WrapFormat Format, byte[] Plain) OpenYubiHsm(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        (byte[]? plain, byte[]? second) = (TryCcm(wrapKey, wrapped), TryCcmOfOthers(wrapKey, wrapped));
        return plain is not null && second is not null && plain.AsSpan().SequenceEqual(second)
            && YubiHsmObjectFile.TryRead(plain) is { } key
            ? (WrapFormat.YubiHsm, key)
            : (WrapFormat.Unreadable, []);
    }

    private static (WrapFormat Format, byte[] Plain) OpenCbc(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        (byte[]? plain, byte[]? second) = (TryCbc(wrapKey, wrapped), TryCbcOfOthers(wrapKey, wrapped));
        return plain is not null && second is not null && plain.AsSpan().SequenceEqual(second)
            ? (WrapFormat.CbcPad, plain)
            : (WrapFormat.Unreadable, []);
    }

    private static (WrapFormat Format, byte[] Plain) OpenKeyWrap(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        using var aes = Aes.Create();
        aes.SetKey(wrapKey);
        (byte[]? padded, byte[]? second) = (TryRfc5649(aes, wrapped), TryRfc5649(wrapKey, wrapped));
        if (padded is not null && second is not null && padded.AsSpan().SequenceEqual(second))
        {
            return (WrapFormat.Rfc5649, padded);
        }

        if (padded is not null || second is not null)
        {
            // Whichever is wrong, a backup that only one program opens is none.
            return (WrapFormat.Unreadable, []);
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

    private static byte[]? TryCbc(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        try
        {
            (byte[] vector, byte[] rest) = WrapStrategy.CbcPad.Split(wrapped);
            using var aes = Aes.Create();
            aes.SetKey(wrapKey);
            return aes.DecryptCbc(rest, vector);
        }
        catch (Exception refused) when (refused is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[]? TryCbcOfOthers(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        try
        {
            (byte[] vector, byte[] rest) = WrapStrategy.CbcPad.Split(wrapped);
            var cipher = new PaddedBufferedBlockCipher(new CbcBlockCipher(new AesEngine()), new Pkcs7Padding());
            cipher.Init(forEncryption: false, new ParametersWithIV(new KeyParameter(wrapKey), vector));
            return cipher.DoFinal(rest);
        }
        catch (Exception refused) when (refused is not OutOfMemoryException)
        {
            // The border, as below.
            return null;
        }
    }

    private static byte[]? TryCcm(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        try
        {
            byte[] plain = new byte[wrapped.Length - YubiHsmObjectFile.NonceBytes - YubiHsmObjectFile.MacBytes];
            using var ccm = new AesCcm(wrapKey);
            ccm.Decrypt(wrapped.AsSpan(0, YubiHsmObjectFile.NonceBytes),
                wrapped.AsSpan(YubiHsmObjectFile.NonceBytes, plain.Length), wrapped.AsSpan(^YubiHsmObjectFile.MacBytes), plain);
            return plain;
        }
        catch (Exception refused) when (refused is CryptographicException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private static byte[]? TryCcmOfOthers(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        try
        {
            var cipher = new CcmBlockCipher(new AesEngine());
            cipher.Init(forEncryption: false, new AeadParameters(new KeyParameter(wrapKey), YubiHsmObjectFile.MacBytes * 8,
                wrapped[..YubiHsmObjectFile.NonceBytes]));
            return cipher.ProcessPacket(wrapped, YubiHsmObjectFile.NonceBytes, wrapped.Length - YubiHsmObjectFile.NonceBytes);
        }
        catch (Exception refused) when (refused is not OutOfMemoryException)
        {
            // The border, as below.
            return null;
        }
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

    private static byte[]? TryRfc5649(ReadOnlySpan<byte> wrapKey, byte[] wrapped)
    {
        try
        {
            var engine = new AesWrapPadEngine();
            engine.Init(forWrapping: false, new KeyParameter(wrapKey));
            return engine.Unwrap(wrapped, 0, wrapped.Length);
        }
        catch (Exception refused) when (refused is not OutOfMemoryException)
        {
            // The border: BouncyCastle's exceptions have no family of their own.
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

        int blocks = wrapped.Length / 8 - 1;
        ulong check = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        byte[] plain = wrapped[8..];
        Span<byte> block = stackalloc byte[16];
        for (int j = 5; j >= 0; j--)
        {
            for (int i = blocks; i >= 1; i--)
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
        byte pad = plain[^1];
        return pad is >= 1 and <= 16 && !plain.AsSpan(plain.Length - pad).ContainsAnyExcept(pad)
            ? plain[..^pad]
            : null;
    }
}
