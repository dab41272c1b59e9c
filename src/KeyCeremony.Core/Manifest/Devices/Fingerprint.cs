using System.Buffers.Binary;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// Sixty-four bits of a value, quickly: the same value always has the same ones. Two values that share them by chance are
/// told apart by looking at the values; nothing rests on that nobody can make such a pair.
/// </summary>
internal static class Fingerprint
{
    // 2^64 divided by the golden ratio, odd: its bits have no pattern.
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    /// <summary>Never 0.</summary>
    public static ulong Of(ReadOnlySpan<byte> value)
    {
        var mixed = Mix((ulong)value.Length);
        for (; value.Length >= sizeof(ulong); value = value[sizeof(ulong)..])
            mixed = Mix(mixed ^ BinaryPrimitives.ReadUInt64LittleEndian(value));
        if (!value.IsEmpty)
        {
            Span<byte> rest = stackalloc byte[sizeof(ulong)];
            rest.Clear();
            value.CopyTo(rest);
            mixed = Mix(mixed ^ BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }
        return mixed == 0 ? 1 : mixed;
    }

    private static ulong Mix(ulong value)
    {
        var high = Math.BigMul(value, Multiplier, out var low);
        return ~(high ^ low); // of 0 too something comes
    }
}
