namespace KeyCeremony.Core.Sharing;

/// <summary>
/// The field GF(2^8) with x^8 + x^4 + x^3 + x + 1. SLIP-0039 "Shamir's secret sharing".
/// </summary>
/// <remarks>
/// Constant time by shape: no table, so no index made of a secret; no branch but on loop counters.
/// A structural test keeps it so.
/// </remarks>
internal static class Gf256
{
    private const int Reduction = 0x11B;

    /// <summary>a·b.</summary>
    public static byte Multiply(byte a, byte b)
    {
        int product = 0;
        int shifted = (int)a;
        for (int bit = 0; bit < 8; bit++)
        {
            product ^= shifted & Mask(b >> bit);
            shifted = (shifted << 1) ^ (Reduction & Mask(shifted >> 7));
        }

        return (byte)product;
    }

    /// <summary>1/a as a^254; 0 for 0.</summary>
    public static byte Invert(byte a)
    {
        // 254 = 11111110 in binary: square and multiply seven times, square once more.
        byte power = a;
        for (int step = 0; step < 6; step++)
            power = Multiply(Multiply(power, power), a);
        return Multiply(power, power);
    }

    /// <summary>Adds factor·<paramref name="terms"/> to <paramref name="sum"/>, byte by byte.</summary>
    public static void AddProduct(Span<byte> sum, byte factor, ReadOnlySpan<byte> terms)
    {
        for (int i = 0; i < sum.Length; i++)
            sum[i] ^= Multiply(factor, terms[i]);
    }

    /// <summary>All ones if the lowest bit is set, else zero.</summary>
    private static int Mask(int bit) => -(bit & 1);
}
