using System.Buffers.Binary;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Sixty-four bits of a value, quickly: the same value always has the same ones. Two values that share them by chance are
/// told apart by looking at the values; nothing rests on that nobody can make such a pair.
/// </summary>
internal static class Fingerprint
{
    // Digits of pi behind its point: they have no pattern.
    private const ulong First = 0x243F6A8885A308D3, Second = 0x13198A2E03707344;

    private const int Step = 2 * sizeof(ulong);

    /// <summary>Never 0.</summary>
    public static ulong Of(ReadOnlySpan<byte> value)
    {
        ulong mixed = (ulong)value.Length;
        ReadOnlySpan<byte> rest = value;
        for (; rest.Length > Step; rest = rest[Step..])
            mixed = Mix(mixed, BinaryPrimitives.ReadUInt64LittleEndian(rest),
                BinaryPrimitives.ReadUInt64LittleEndian(rest[sizeof(ulong)..]));
        // The last bytes may have been mixed in before; that does no harm, for the length was too.
        mixed = value.Length >= Step
            ? Mix(mixed, BinaryPrimitives.ReadUInt64LittleEndian(value[^Step..]),
                BinaryPrimitives.ReadUInt64LittleEndian(value[^sizeof(ulong)..]))
            : MixShort(mixed, value);
        return mixed == 0 ? 1 : mixed;
    }

    private static ulong MixShort(ulong mixed, ReadOnlySpan<byte> value)
    {
        if (value.Length >= sizeof(ulong))
            return Mix(mixed, BinaryPrimitives.ReadUInt64LittleEndian(value),
                BinaryPrimitives.ReadUInt64LittleEndian(value[^sizeof(ulong)..]));
        ulong number = 0ul;
        foreach (byte part in value)
            number = (number << 8) | part;
        return Mix(mixed, number, 0);
    }

    private static ulong Mix(ulong mixed, ulong a, ulong b)
    {
        ulong high = Math.BigMul(a ^ First, b ^ Second ^ mixed, out ulong low);
        return high ^ low ^ mixed;
    }
}
