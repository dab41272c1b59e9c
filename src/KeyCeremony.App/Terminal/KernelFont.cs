using System.Runtime.InteropServices;
using KeyCeremony.App.Ground;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Whether the font of the Linux console has the half-blocks: many fonts show another sign for them, and a code drawn with it
/// cannot be read. The kernel knows: ioctl GIO_UNIMAP, console_ioctl(4).
/// </summary>
internal static class KernelFont
{
    private const int EntryLength = 2 * sizeof(ushort);

    private static readonly ushort[] Needed = ['▀', '▄', '█'];

    public static bool HasBlocks()
    {
        nint entries = Marshal.AllocHGlobal(EntryLength * ushort.MaxValue);
        try
        {
            var map = new TtyCalls.UnicodeMap { entry_ct = ushort.MaxValue, entries = entries };
            if (TtyCalls.ioctl(1, TtyCalls.GIO_UNIMAP, ref map) != 0)
                return false;
            byte[] pairs = new byte[EntryLength * map.entry_ct];
            Marshal.Copy(entries, pairs, 0, pairs.Length);
            return HasBlocks(pairs);
        }
        finally
        {
            Marshal.FreeHGlobal(entries);
        }
    }

    /// <param name="pairs">Character and place in the font, two bytes each, as the kernel gives them.</param>
    internal static bool HasBlocks(ReadOnlySpan<byte> pairs)
    {
        HashSet<ushort> characters = [];
        foreach (uint pair in MemoryMarshal.Cast<byte, uint>(pairs))
            characters.Add((ushort)(BitConverter.IsLittleEndian ? pair & ushort.MaxValue : pair >> 16));
        return Needed.All(characters.Contains);
    }
}
