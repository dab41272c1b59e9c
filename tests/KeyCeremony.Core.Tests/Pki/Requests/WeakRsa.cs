using System.Numerics;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>
/// RSA keys that no tool makes any more, from primes of our own. Their signatures are real: only the key is at fault.
/// The same seeds give the same keys in every run.
/// </summary>
internal sealed class WeakRsa
{
    private static readonly byte[] Sha256Info = Convert.FromHexString("3031300d060960864801650304020105000420");

    private readonly BigInteger _exponent;
    private readonly BigInteger _secret;

    /// <param name="phi">Of the modulus.</param>
    private WeakRsa(BigInteger modulus, BigInteger phi, BigInteger exponent)
    {
        Modulus = modulus;
        _exponent = exponent;
        _secret = Inverse(exponent, phi);
    }

    public BigInteger Modulus { get; }

    public byte[] SubjectPublicKeyInfo => Der.Sequence(Der.Sequence(Der.Oid("1.2.840.113549.1.1.1"), Der.Null), Der.Bits(PublicKey));

    public byte[] PublicKey =>
        Der.Sequence(Der.Integer(Modulus.ToByteArray(isBigEndian: true)), Der.Integer(_exponent.ToByteArray(isBigEndian: true)));

    /// <summary>Two random primes; the modulus has exactly these bits.</summary>
    public static WeakRsa OfSize(int bits, int exponent = 65537, int seed = 1)
    {
        var random = new Random(seed);
        while (true)
        {
            BigInteger p = Prime(random, (bits + 1) / 2, exponent);
            BigInteger q = Prime(random, bits / 2, exponent);
            if ((p * q).GetBitLength() == bits && p != q)
                return Of(exponent, p, q);
        }
    }

    /// <summary>2048 bits; one of three factors is as small as this.</summary>
    public static WeakRsa WithFactor(int factor)
    {
        var random = new Random(factor);
        while (true)
        {
            BigInteger p = Prime(random, 1024, 65537), q = Prime(random, 1024 - (int)Math.Log2(factor), 65537), modulus = p * q * factor;
            if (modulus.GetBitLength() == 2048)
                return new WeakRsa(modulus, (p - 1) * (q - 1) * (factor - 1), 65537);
        }
    }

    /// <summary>The second prime is the next one behind the first.</summary>
    public static WeakRsa WithClosePrimes()
    {
        var random = new Random(3);
        BigInteger p = Prime(random, 1024, 65537);
        BigInteger q = p + 2;
        while (!IsGood(q, 65537)) q += 2;
        return Of(65537, p, q);
    }

    /// <summary>
    /// Primes k·M + (65537^a mod M) with M the product of the first 126 primes, as the broken library makes for RSA 2048.
    /// </summary>
    public static WeakRsa Roca()
    {
        var random = new Random(4);
        BigInteger m = Enumerable.Range(2, 1000).Where(n => Enumerable.Range(2, n - 2).All(d => n % d != 0))
            .Take(126).Aggregate(BigInteger.One, (all, prime) => all * prime);
        while (true)
        {
            (BigInteger p, BigInteger q) = (RocaPrime(random, m), RocaPrime(random, m));
            if ((p * q).GetBitLength() == 2048)
                return Of(65537, p, q);
        }
    }

    /// <summary>The modulus is one prime, the largest of 2048 bits.</summary>
    public static WeakRsa OfOnePrime()
    {
        BigInteger p = (BigInteger.One << 2048) - 1942289;
        return new WeakRsa(p, p - 1, 65537);
    }

    /// <summary>The modulus is a prime's third power.</summary>
    public static WeakRsa OfCube()
    {
        var random = new Random(6);
        while (true)
        {
            BigInteger p = Prime(random, 683, 65537);
            if (BigInteger.Pow(p, 3).GetBitLength() == 2048)
                return new WeakRsa(BigInteger.Pow(p, 3), p * p * (p - 1), 65537);
        }
    }

    /// <summary>PKCS #1 v1.5 with SHA-256. RFC 8017 9.2.</summary>
    public byte[] Sign(byte[] data)
    {
        int length = (int)((Modulus.GetBitLength() + 7) / 8);
        byte[] digest = [.. Sha256Info, .. SHA256.HashData(data)];
        byte[] padded = [0x00, 0x01, .. Enumerable.Repeat((byte)0xFF, length - digest.Length - 3), 0x00, .. digest];
        byte[] signature = BigInteger.ModPow(new BigInteger(padded, isUnsigned: true, isBigEndian: true), _secret, Modulus)
            .ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - signature.Length], .. signature];
    }

    private static WeakRsa Of(BigInteger exponent, BigInteger p, BigInteger q) => new(p * q, (p - 1) * (q - 1), exponent);

    private static BigInteger Prime(Random random, int bits, int exponent)
    {
        while (true)
        {
            // The top two bits are set, so that a product of two has all its bits.
            BigInteger candidate = Number(random, bits) | (BigInteger.One << (bits - 1)) | (BigInteger.One << (bits - 2)) | 1;
            if (IsGood(candidate, exponent))
                return candidate;
        }
    }

    private static BigInteger RocaPrime(Random random, BigInteger m)
    {
        while (true)
        {
            BigInteger candidate = ((Number(random, 53) | (1L << 52)) * m) + BigInteger.ModPow(65537, Number(random, 62), m);
            if (candidate.GetBitLength() == 1024 && IsGood(candidate, 65537))
                return candidate;
        }
    }

    private static BigInteger Number(Random random, int bits)
    {
        byte[] bytes = new byte[(bits + 7) / 8];
        random.NextBytes(bytes);
        return new BigInteger(bytes, isUnsigned: true) & ((BigInteger.One << bits) - 1);
    }

    private static bool IsGood(BigInteger candidate, BigInteger exponent) =>
        SmallPrimes.All(prime => candidate % prime != 0)
        && BigInteger.ModPow(2, candidate - 1, candidate).IsOne
        && BigInteger.GreatestCommonDivisor(candidate - 1, exponent).IsOne;

    private static readonly int[] SmallPrimes = [.. Enumerable.Range(3, 2000)
        .Where(n => Enumerable.Range(2, (int)Math.Sqrt(n) - 1).All(d => n % d != 0))];

    private static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        (BigInteger r, BigInteger next, BigInteger x, BigInteger nextX) = (modulus, value, BigInteger.Zero, BigInteger.One);
        while (!next.IsZero)
        {
            BigInteger quotient = r / next;
            (r, next) = (next, r - (quotient * next));
            (x, nextX) = (nextX, x - (quotient * nextX));
        }
        return ((x % modulus) + modulus) % modulus;
    }
}
