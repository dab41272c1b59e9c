namespace KeyCeremony.Core.Sharing;

/// <summary>
/// A share as digits, four a word (0000 to 1023): what the QR code of a card holds. Numeric mode makes it small enough
/// for an 80×25 screen (33 words are 132 digits, version 4-M).
/// </summary>
internal static class NumericForm
{
    public const int DigitsPerWord = 4;

    public static void Write(ReadOnlySpan<ushort> indices, Span<byte> destination)
    {
        for (int i = 0; i < indices.Length; i++)
        {
            int rest = (int)indices[i];
            for (int digit = DigitsPerWord - 1; digit >= 0; digit--, rest /= 10)
                destination[(DigitsPerWord * i) + digit] = (byte)('0' + (rest % 10));
        }
    }

    /// <summary>False where a character is no digit or four of them no list position.</summary>
    public static bool TryRead(ReadOnlySpan<byte> digits, Span<ushort> indices)
    {
        if (digits.Length != DigitsPerWord * indices.Length)
            return false;
        for (int i = 0; i < indices.Length; i++)
        {
            int index = 0;
            foreach (byte digit in digits.Slice(DigitsPerWord * i, DigitsPerWord))
            {
                if (!char.IsAsciiDigit((char)digit))
                    return false;
                index = (10 * index) + (digit - '0');
            }

            if (index >= WordList.Count)
                return false;
            indices[i] = (ushort)index;
        }

        return true;
    }
}
