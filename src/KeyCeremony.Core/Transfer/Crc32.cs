namespace KeyCeremony.Core.Transfer;

/// <summary>CRC-32 of ISO 3309, as in zlib and PNG: finds damage, not malice.</summary>
internal static class Crc32
{
    public const int Length = sizeof(uint);

    private const uint Polynomial = 0xEDB88320; // bits reversed

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(value => Eight((uint)value))];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint rest = uint.MaxValue;
        foreach (byte value in bytes)
            rest = (rest >> 8) ^ Table[(rest & 0xFF) ^ value];
        return ~rest;
    }

    private static uint Eight(uint rest)
    {
        for (int bit = 0; bit < 8; bit++)
            rest = (rest >> 1) ^ ((rest & 1) == 1 ? Polynomial : 0);
        return rest;
    }
}
