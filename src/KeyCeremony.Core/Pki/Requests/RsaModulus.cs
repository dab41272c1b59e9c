using System.Numerics;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>What can be found out about an RSA key from its public half. NIST SP 800-89 5.3.3 and the failures of known makers.</summary>
internal static class RsaModulus
{
    public const int MinBits = 2048;

    /// <summary>Longer moduli would keep the room waiting for the checks below, and no HSM of ours signs under one.</summary>
    public const int MaxBits = 8192;

    public const int Exponent = 65537;

    private const int SmallFactorBound = 752;
    private const int FermatRounds = 100;

    private const string NewKey = "Make a new key with a current tool, and a new request. The old key is not used for anything.";

    private static readonly int[] SmallPrimes = [.. Enumerable.Range(2, SmallFactorBound - 2).Where(IsPrime)];

    /// <summary>The first broken rule of PUBKEY-03 to PUBKEY-07 and PUBKEY-11, or null.</summary>
    public static Refusal? Check(BigInteger modulus, BigInteger exponent)
    {
        if (CheckSize(modulus) is { } size)
            return size;
        if (exponent != Exponent)
            return PublicKeyRules.RsaExponent.Refuse(
                $"The RSA exponent is {(exponent.GetBitLength() > 64 ? "a very long number" : exponent.ToString())}.",
                "Make a key with the exponent 65537, which every current tool does by itself, and a new request.");
        if (SmallFactor(modulus) is { } factor)
            return PublicKeyRules.RsaSmallFactor.Refuse($"The RSA modulus is divisible by {factor}.", NewKey);
        if (IsRoca(modulus))
            return PublicKeyRules.RsaRoca.Refuse(
                "The RSA modulus bears the fingerprint of the library of CVE-2017-15361 (ROCA): its factors can be computed.",
                "Update the chip or card that made the key, or use another maker, and make a new key and request.");
        if (FermatFactors(modulus))
            return PublicKeyRules.RsaClosePrimes.Refuse("The RSA modulus was factored: its two primes lie close together.", NewKey);
        return IsPower(modulus) || IsProbablyPrime(modulus)
            ? PublicKeyRules.RsaPrime.Refuse("The RSA modulus is itself a prime or a power, not a product of two primes.", NewKey)
            : null;
    }

    /// <summary>
    /// The fingerprint of Nemec, Sýs, Švenda, Klinec, Matyáš, "The Return of Coppersmith's Attack" (CCS 2017), 2.3: the
    /// library's primes are k·M + (65537^a mod M) with M a product of the first 39 or more primes, so that modulo each of
    /// them the modulus is a power of 65537. A sound modulus passes for one by chance about once in 2^27.
    /// </summary>
    internal static bool IsRoca(BigInteger modulus)
    {
        const int LastPrime = 167; // the 39th
        return SmallPrimes.Where(prime => prime <= LastPrime).All(prime => IsPowerOf65537((int)(modulus % prime), prime));
    }

    /// <summary>Fermat's method: n = a² − b² with a from the rounded-up root upwards, 100 values.</summary>
    internal static bool FermatFactors(BigInteger modulus)
    {
        BigInteger a = Root(modulus, 2);
        if (a * a < modulus)
            a++;
        for (int round = 0; round < FermatRounds; round++, a++)
        {
            BigInteger square = (a * a) - modulus;
            BigInteger b = Root(square, 2);
            if (b * b == square)
                return true;
        }
        return false;
    }

    private static Refusal? CheckSize(BigInteger modulus)
    {
        long bits = modulus.Sign > 0 ? modulus.GetBitLength() : 0;
        return bits is >= MinBits and <= MaxBits && bits % 8 == 0 ? null
            : PublicKeyRules.RsaSize.Refuse($"The RSA modulus has {bits} bits.", "Make a key of 3072 or 4096 bits, and a new request.");
    }

    private static int? SmallFactor(BigInteger modulus)
    {
        foreach (int prime in SmallPrimes)
            if (modulus % prime == 0)
                return prime;
        return null;
    }

    private static bool IsPowerOf65537(int residue, int prime)
    {
        for (int power = 1 % prime, step = 0; step < prime; step++, power = power * (Exponent % prime) % prime)
            if (power == residue)
                return true;
        return false;
    }

    // n = r^k for an odd prime k; squares fell to Fermat. Without small factors r > 752, so that k < bits / 9.
    private static bool IsPower(BigInteger modulus)
    {
        int longest = (int)(modulus.GetBitLength() / 9);
        foreach (int k in SmallPrimes.Where(prime => prime > 2 && prime <= longest))
            if (BigInteger.Pow(Root(modulus, k), k) == modulus)
                return true;
        return false;
    }

    // Fermat's test to the base 2: every prime passes; a product of two random primes practically never.
    private static bool IsProbablyPrime(BigInteger modulus) => BigInteger.ModPow(2, modulus - 1, modulus).IsOne;

    /// <summary>The largest r with r^k ≤ n: Newton's method from above.</summary>
    private static BigInteger Root(BigInteger n, int k)
    {
        if (n.IsZero)
            return n;
        BigInteger r = BigInteger.One << (int)(((n.GetBitLength() + k - 1) / k) + 1);
        while (true)
        {
            BigInteger next = (((k - 1) * r) + (n / BigInteger.Pow(r, k - 1))) / k;
            if (next >= r)
                return r;
            r = next;
        }
    }

    private static bool IsPrime(int number) =>
        Enumerable.Range(2, number - 2).TakeWhile(divisor => divisor * divisor <= number).All(divisor => number % divisor != 0);
}
