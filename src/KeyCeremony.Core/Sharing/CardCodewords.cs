namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Digits as the codewords of a QR code, with their error correction, in the order in which they are drawn. ISO/IEC 18004, 8.4 to 8.6.
/// </summary>
internal static class CardCodewords
{
    private const int NumericMode = 0b0001;
    private const int ModeBits = 4;
    private const int CountBits = 10;
    private const int DigitsPerGroup = 3;
    private const int Reduction = 0x11D;

    public static SecretBytes Of(ReadOnlySpan<byte> digits, CardCode.Layout layout)
    {
        using var data = new SecretBytes(layout.Blocks * layout.DataPerBlock);
        Write(digits, data.Span);
        using var correction = new SecretBytes(layout.Blocks * layout.CorrectionPerBlock);
        for (int block = 0; block < layout.Blocks; block++)
            Correct(data.Span.Slice(block * layout.DataPerBlock, layout.DataPerBlock),
                correction.Span.Slice(block * layout.CorrectionPerBlock, layout.CorrectionPerBlock));
        var all = new SecretBytes(data.Length + correction.Length);
        Interleave(data.Span, layout.Blocks, all.Span);
        Interleave(correction.Span, layout.Blocks, all.Span[data.Length..]);
        return all;
    }

    // 8.4.4: three digits are ten bits, two seven, one four; behind them zeros to the end of the byte, then two bytes in turn.
    private static void Write(ReadOnlySpan<byte> digits, Span<byte> data)
    {
        int at = 0;
        Append(data, ref at, NumericMode, ModeBits);
        Append(data, ref at, digits.Length, CountBits);
        for (int i = 0; i < digits.Length; i += DigitsPerGroup)
        {
            ReadOnlySpan<byte> group = digits[i..Math.Min(i + DigitsPerGroup, digits.Length)];
            int value = 0;
            foreach (byte digit in group)
                value = (10 * value) + digit - '0';
            Append(data, ref at, value, (10 * group.Length / DigitsPerGroup) + (group.Length == DigitsPerGroup ? 0 : 1));
        }

        int used = (at + ModeBits + 7) / 8;
        for (int i = used; i < data.Length; i++)
            data[i] = (byte)((i - used) % 2 == 0 ? 0xEC : 0x11);
    }

    private static void Append(Span<byte> data, ref int at, int value, int bits)
    {
        for (int bit = bits - 1; bit >= 0; bit--, at++)
            data[at / 8] |= (byte)(((value >> bit) & 1) << (7 - (at % 8)));
    }

    // 8.5.2: the remainder of the data divided by the product of all x - 2^i.
    private static void Correct(ReadOnlySpan<byte> data, Span<byte> remainder)
    {
        byte[] divisor = Divisor(remainder.Length);
        foreach (byte value in data)
        {
            byte factor = (byte)(value ^ remainder[0]);
            remainder[1..].CopyTo(remainder);
            remainder[^1] = 0;
            for (int i = 0; i < remainder.Length; i++)
                remainder[i] ^= Multiply(divisor[i], factor);
        }
    }

    /// <summary>Its highest coefficient, which is 1, is left out.</summary>
    private static byte[] Divisor(int degree)
    {
        byte[] divisor = new byte[degree];
        divisor[^1] = 1;
        byte root = 1;
        for (int i = 0; i < degree; i++, root = Multiply(root, 2))
            for (int j = 0; j < degree; j++)
                divisor[j] = (byte)(Multiply(divisor[j], root) ^ (j + 1 < degree ? divisor[j + 1] : 0));
        return divisor;
    }

    // No table and no branch on a secret, as in Gf256; another polynomial.
    private static byte Multiply(byte a, byte b)
    {
        int product = 0;
        int shifted = (int)a;
        for (int bit = 0; bit < 8; bit++)
        {
            product ^= shifted & -((b >> bit) & 1);
            shifted = (shifted << 1) ^ (Reduction & -((shifted >> 7) & 1));
        }

        return (byte)product;
    }

    private static void Interleave(ReadOnlySpan<byte> blocks, int count, Span<byte> destination)
    {
        int length = blocks.Length / count;
        for (int i = 0; i < blocks.Length; i++)
            destination[(i % length * count) + (i / length)] = blocks[i];
    }
}
