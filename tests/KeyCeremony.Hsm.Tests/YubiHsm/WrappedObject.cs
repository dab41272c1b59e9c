using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>
/// What leaves the device: AES-CCM over a header and a body, as Yubico's own <c>yubihsm-wrap</c> writes what a device is to import. Nonce
/// of 13 bytes, header of 59, body, MAC of 16. The body of an authentication key, or of a wrap key, begins with what it may give.
/// </summary>
internal static class WrappedObject
{
    private const int NonceBytes = 13;
    private const int MacBytes = 16;
    private const int HeaderBytes = 59;
    private const int GivesBytes = 8;

    public static byte[] Export(DeviceObject wrapKey, DeviceObject key)
    {
        byte[] numbers = Body(key);
        byte[] plain = new byte[HeaderBytes + numbers.Length];
        plain[0] = wrapKey.Algorithm;
        BinaryPrimitives.WriteUInt64BigEndian(plain.AsSpan(1), (ulong)key.Rights);
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(9), key.Id);
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(11), (ushort)numbers.Length);
        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(13), key.Domains);
        plain[15] = (byte)key.Type;
        plain[16] = key.Algorithm;
        plain[17] = key.Sequence;
        plain[18] = key.Origin;
        key.Label.CopyTo(plain, 19);
        numbers.CopyTo(plain, HeaderBytes);

        byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes), cipher = new byte[plain.Length], mac = new byte[MacBytes];
        using var ccm = new AesCcm(wrapKey.Value);
        ccm.Encrypt(nonce, plain, cipher, mac);
        return [.. nonce, .. cipher, .. mac];
    }

    public static DeviceObject Import(DeviceObject wrapKey, ReadOnlySpan<byte> wrapped)
    {
        byte[] plain = new byte[Math.Max(wrapped.Length - NonceBytes - MacBytes, 0)];
        try
        {
            using var ccm = new AesCcm(wrapKey.Value);
            ccm.Decrypt(wrapped[..NonceBytes], wrapped[NonceBytes..^MacBytes], wrapped[^MacBytes..], plain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new DeviceException(DeviceError.InvalidData);
        }

        if (plain.Length <= HeaderBytes + GivesBytes || !Enum.IsDefined((ObjectType)plain[15])
            || BinaryPrimitives.ReadUInt16BigEndian(plain.AsSpan(11)) != plain.Length - HeaderBytes)
            throw new DeviceException(DeviceError.InvalidData);
        var found = new DeviceObject((ObjectType)plain[15], BinaryPrimitives.ReadUInt16BigEndian(plain.AsSpan(9)),
            plain[19..HeaderBytes], BinaryPrimitives.ReadUInt16BigEndian(plain.AsSpan(13)),
            (Rights)BinaryPrimitives.ReadUInt64BigEndian(plain.AsSpan(1)), plain[16],
            (byte)(plain[18] | DeviceObject.ImportedWrapped), [], 0, 0);
        return found.Type switch
        {
            ObjectType.AsymmetricKey => found with
            {
                Key = found.Algorithm is Algorithms.EcP256 or Algorithms.EcP384
                    ? Ec(found.Algorithm, plain.AsSpan(HeaderBytes)) : Rsa(plain.AsSpan(HeaderBytes)),
            },
            ObjectType.Opaque => found with { Value = plain[HeaderBytes..] },
            _ => found with
            {
                Delegated = (Rights)BinaryPrimitives.ReadUInt64BigEndian(plain.AsSpan(HeaderBytes)),
                Value = plain[(HeaderBytes + GivesBytes)..],
            },
        };
    }

    private static byte[] Body(DeviceObject leaving)
    {
        if (leaving.Type is ObjectType.AsymmetricKey)
            return Numbers(leaving);
        byte[] gives = new byte[leaving.Type == ObjectType.Opaque ? 0 : GivesBytes];
        if (gives.Length > 0)
            BinaryPrimitives.WriteUInt64BigEndian(gives, (ulong)leaving.Delegated);
        return [.. gives, .. leaving.Value];
    }

    /// <summary>EC: the secret number, then the point. RSA: two primes, two exponents, the coefficient, the modulus.</summary>
    private static byte[] Numbers(DeviceObject key)
    {
        if (key.Key is ECDsa ec)
        {
            ECParameters p = ec.ExportParameters(true);
            return [.. p.D!, .. p.Q.X!, .. p.Q.Y!];
        }

        RSAParameters r = ((RSA)key.Key!).ExportParameters(true);
        return [.. r.P!, .. r.Q!, .. r.DP!, .. r.DQ!, .. r.InverseQ!, .. r.Modulus!];
    }

    private static ECDsa Ec(byte algorithm, ReadOnlySpan<byte> numbers)
    {
        int size = numbers.Length / 3;
        return ECDsa.Create(new ECParameters
        {
            Curve = algorithm == Algorithms.EcP256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384,
            D = numbers[..size].ToArray(),
            Q = new ECPoint { X = numbers[size..(2 * size)].ToArray(), Y = numbers[(2 * size)..].ToArray() },
        });
    }

    private static RSA Rsa(ReadOnlySpan<byte> numbers)
    {
        int half = numbers.Length / 7;
        byte[] p = numbers[..half].ToArray(), q = numbers[half..(2 * half)].ToArray();
        BigInteger phi = (Unsigned(p) - 1) * (Unsigned(q) - 1), e = 65537;
        byte[] d = Inverse(e, phi).ToByteArray(isUnsigned: true, isBigEndian: true);
        return RSA.Create(new RSAParameters
        {
            P = p,
            Q = q,
            DP = numbers[(2 * half)..(3 * half)].ToArray(),
            DQ = numbers[(3 * half)..(4 * half)].ToArray(),
            InverseQ = numbers[(4 * half)..(5 * half)].ToArray(),
            Modulus = numbers[(5 * half)..].ToArray(),
            Exponent = [1, 0, 1],
            D = [.. new byte[2 * half - d.Length], .. d],
        });
    }

    private static BigInteger Unsigned(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static BigInteger Inverse(BigInteger number, BigInteger modulus)
    {
        (BigInteger a, BigInteger b, BigInteger x, BigInteger y) = (modulus, number, 0, 1);
        while (b != 0)
        {
            BigInteger q = a / b;
            (a, b) = (b, a - q * b);
            (x, y) = (y, x - q * y);
        }

        return (x % modulus + modulus) % modulus;
    }
}
