namespace KeyCeremony.App.Transfer;

/// <summary>
/// The forty sizes of a QR code at error correction L, in alphanumeric mode: sides and what they hold. ISO/IEC 18004, tables 1, 3
/// and 7.
/// </summary>
internal static class QrVersion
{
    public const int Largest = 40;

    /// <summary>A 720p camera reads no denser one with certainty.</summary>
    public const int LargestForCameras = 25;

    /// <summary>Light modules around the code, on every side.</summary>
    public const int QuietZone = 4;

    private const int ModeBits = 4;
    private const int BitsOfTwo = 11;
    private const int BitsOfOne = 6;

    private static ReadOnlySpan<short> DataCodewords =>
    [
        19, 34, 55, 80, 108, 136, 156, 194, 232, 274, 324, 370, 428, 461, 523, 589, 647, 721, 795, 861,
        932, 1006, 1094, 1174, 1276, 1370, 1468, 1531, 1631, 1735, 1843, 1955, 2071, 2191, 2306, 2434, 2566, 2702, 2812, 2956,
    ];

    /// <summary>Modules from edge to edge, with the quiet zone.</summary>
    public static int Side(int version) => 17 + (4 * version) + (2 * QuietZone);

    /// <summary>Characters that a code of this version holds.</summary>
    public static int Characters(int version)
    {
        int countBits = version < 10 ? 9 : version < 27 ? 11 : 13;
        int bits = (8 * DataCodewords[version - 1]) - ModeBits - countBits;
        return (2 * (bits / BitsOfTwo)) + (bits % BitsOfTwo >= BitsOfOne ? 1 : 0);
    }

    /// <summary>The largest whose side is at most so many modules; 0: none.</summary>
    public static int LargestWithin(int modules) => LastWhere(version => Side(version) <= modules);

    /// <summary>The smallest that holds so many characters.</summary>
    public static int SmallestFor(int characters) => LastWhere(version => Characters(version) < characters) + 1;

    private static int LastWhere(Func<int, bool> isSo)
    {
        int version = Largest;
        while (version > 0 && !isSo(version))
            version--;
        return version;
    }
}
