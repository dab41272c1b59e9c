namespace KeyCeremony.Core.Sharing;

/// <summary>
/// The share's checksum: a Reed-Solomon code over GF(1024), three words. Any change of up to three words is found.
/// SLIP-0039 "Checksum".
/// </summary>
internal static class Rs1024
{
    public const int Words = 3;

    private static ReadOnlySpan<byte> Plain => "shamir"u8;
    private static ReadOnlySpan<byte> Extendable => "shamir_extendable"u8;

    private static ReadOnlySpan<int> Generator =>
    [
        0x00E0E040, 0x01C1C080, 0x03838100, 0x07070200, 0x0E0E0009,
        0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x03F3F120,
    ];

    /// <summary>Writes the checksum over all words before the last three into the last three.</summary>
    public static void Write(Span<ushort> words, bool extendable)
    {
        Span<ushort> checksum = words[^Words..];
        checksum.Clear();
        int remainder = Remainder(words, extendable) ^ 1;
        for (int i = 0; i < Words; i++)
            checksum[i] = (ushort)((remainder >> (10 * (Words - 1 - i))) & 0x3FF);
    }

    public static bool Holds(ReadOnlySpan<ushort> words, bool extendable) => Remainder(words, extendable) == 1;

    private static int Remainder(ReadOnlySpan<ushort> words, bool extendable)
    {
        int remainder = 1;
        foreach (byte character in extendable ? Extendable : Plain)
            remainder = Step(remainder, character);
        foreach (ushort word in words)
            remainder = Step(remainder, word);
        return remainder;
    }

    // Words are secret: the generator's terms are masked in, not branched on.
    private static int Step(int remainder, int word)
    {
        int top = remainder >> 20;
        remainder = ((remainder & 0xFFFFF) << 10) ^ word;
        for (int i = 0; i < Generator.Length; i++)
            remainder ^= Generator[i] & -((top >> i) & 1);
        return remainder;
    }
}
