using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using KeyCeremony.Pkcs11.Makers;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// What a YubiHSM wraps: a header of 59 bytes, then the key's numbers. The layout is that of Yubico's <c>yubihsm-wrap</c>, which writes
/// such objects for a device to import; docs/formats/backup-blob.md has it. Read here only of throw-away keys.
/// </summary>
internal static class YubiHsmObjectFile
{
    public const int NonceBytes = 13;
    public const int MacBytes = 16;

    /// <summary>
    /// Algorithm of the wrap key 1, rights 8, number 2, length 2, domains 2, type 1, algorithm 1, sequence 1, origin 1, label 40.
    /// </summary>
    private const int HeaderBytes = 59;

    private const int Length = 11;
    private const int Type = 15;
    private const int Algorithm = 16;

    /// <summary>PKCS#8; null when it is no such object, or none of the kinds of keys that a ceremony makes.</summary>
    public static byte[]? TryRead(ReadOnlySpan<byte> plain)
    {
        if (plain.Length < HeaderBytes || plain[0] != YubiHsmAlgorithm.Aes256CcmWrap || plain[Type] != (byte)YubiHsmType.AsymmetricKey
            || BinaryPrimitives.ReadUInt16BigEndian(plain[Length..]) != plain.Length - HeaderBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> numbers = plain[HeaderBytes..];
        return plain[Algorithm] switch
        {
            YubiHsmAlgorithm.EcP256 when numbers.Length == 3 * 32 => Ec(KeyKind.EcP256, numbers[..32]),
            YubiHsmAlgorithm.EcP384 when numbers.Length == 3 * 48 => Ec(KeyKind.EcP384, numbers[..48]),
            YubiHsmAlgorithm.Rsa3072 when numbers.Length == 7 * 192 => TryRsa(numbers),
            YubiHsmAlgorithm.Rsa4096 when numbers.Length == 7 * 256 => TryRsa(numbers),
            _ => null,
        };
    }

    /// <summary>The secret number; the point follows from it.</summary>
    private static byte[] Ec(KeyKind kind, ReadOnlySpan<byte> secret)
    {
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence()) // ECPrivateKey, RFC 5915 3
        {
            key.WriteInteger(1); // version
            key.WriteOctetString(secret); // privateKey
        }

        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence()) // PrivateKeyInfo, RFC 5958 2
        {
            info.WriteInteger(0); // version
            using (info.PushSequence()) // privateKeyAlgorithm
            {
                info.WriteObjectIdentifier("1.2.840.10045.2.1"); // id-ecPublicKey
                info.WriteEncodedValue(kind.CurveParameters());
            }

            info.WriteOctetString(key.Encode()); // privateKey
        }

        return info.Encode();
    }

    /// <summary>Two primes, two exponents, the coefficient, the modulus.</summary>
    private static byte[]? TryRsa(ReadOnlySpan<byte> numbers)
    {
        int half = numbers.Length / 7;
        BigInteger p = Unsigned(numbers[..half]), q = Unsigned(numbers[half..(2 * half)]);
        byte[] d = Inverse(65537, (p - 1) * (q - 1)).ToByteArray(isUnsigned: true, isBigEndian: true);
        try
        {
            using var rsa = RSA.Create(new RSAParameters
            {
                P = numbers[..half].ToArray(),
                Q = numbers[half..(2 * half)].ToArray(),
                DP = numbers[(2 * half)..(3 * half)].ToArray(),
                DQ = numbers[(3 * half)..(4 * half)].ToArray(),
                InverseQ = numbers[(4 * half)..(5 * half)].ToArray(),
                Modulus = numbers[(5 * half)..].ToArray(),
                Exponent = [1, 0, 1],
                D = [.. new byte[Math.Max(2 * half - d.Length, 0)], .. d],
            });
            return rsa.ExportPkcs8PrivateKey();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static BigInteger Unsigned(ReadOnlySpan<byte> number) => new(number, isUnsigned: true, isBigEndian: true);

    /// <summary>By Euclid; 0 where there is none.</summary>
    private static BigInteger Inverse(BigInteger number, BigInteger modulus)
    {
        (BigInteger rest, BigInteger next, BigInteger x, BigInteger y) = (modulus, number, 0, 1);
        while (next > 0)
        {
            BigInteger times = rest / next;
            (rest, next) = (next, rest - times * next);
            (x, y) = (y, x - times * y);
        }

        return rest != 1 ? 0 : x < 0 ? x + modulus : x;
    }
}
