using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <param name="Kind">One of <see cref="FileSystems"/>.</param>
internal sealed record FileSystem(string Kind, string Label);

/// <summary>
/// Says which of the three file systems a volume carries, and its label. It reads a few hundred bytes of a stick that
/// anybody may have made: everything is a fixed place or bounded, and what is not exactly as written is none of the three.
/// </summary>
internal static class Superblock
{
    /// <summary>Of a root directory so much is searched for the label: it is one of the first entries.</summary>
    private const int MaxDirectory = 32 * 1024;

    private const int MaxLabel = 32;
    private const int EntryBytes = 32;

    /// <param name="read">So many bytes from a place of the volume; fewer at its end.</param>
    /// <param name="bytes">The volume's length: a file system that claims more is refused.</param>
    public static FileSystem? Read(Func<long, int, byte[]> read, long bytes)
    {
        byte[] first = read(0, 2048);
        return first.Length < 2048 ? null : ExFat(first, read, bytes) ?? Fat32(first, read, bytes) ?? Ext4(first, bytes);
    }

    /// <summary>ECMA-119 8.4: the sign of a CD, and of the stick that a live image was written to.</summary>
    public static bool IsBootImage(Func<long, int, byte[]> read) => read(0x8001, 5).AsSpan().SequenceEqual("CD001"u8);

    /// <summary>Microsoft, exFAT file system specification, 3.1.</summary>
    private static FileSystem? ExFat(ReadOnlySpan<byte> b, Func<long, int, byte[]> read, long bytes)
    {
        if (!b[3..11].SequenceEqual("EXFAT   "u8) || !IsBootSector(b) || b[11..64].ContainsAnyExcept((byte)0))
            return null;
        ulong sectors = U64(b, 72);
        uint heap = U32(b, 88), clusters = U32(b, 92), root = U32(b, 96);
        int sectorShift = b[108], clusterShift = b[109];
        if (sectorShift is < 9 or > 12 || clusterShift > 25 - sectorShift || !Fits(sectors, sectorShift, bytes)
            || root < 2 || root - 2 >= clusters)
            return null;
        ulong at = heap + ((ulong)(root - 2) << clusterShift);
        return at >= sectors
            ? null
            : new FileSystem(FileSystems.ExFat, ExFatLabel(read((long)at << sectorShift, Directory(1L << (sectorShift + clusterShift)))));
    }

    /// <summary>7.3: type 0x83, number of characters, up to eleven of UTF-16.</summary>
    private static string ExFatLabel(ReadOnlySpan<byte> entries)
    {
        for (; entries.Length >= EntryBytes && entries[0] != 0; entries = entries[EntryBytes..])
            if (entries[0] == 0x83 && entries[1] <= 11)
                return Clean(Encoding.Unicode.GetString(entries.Slice(2, entries[1] * 2)));
        return "";
    }

    /// <summary>Microsoft, FAT specification, 3.1 and 3.3.</summary>
    private static FileSystem? Fat32(ReadOnlySpan<byte> b, Func<long, int, byte[]> read, long bytes)
    {
        int sector = U16(b, 11), cluster = b[13], reserved = U16(b, 14), fats = b[16];
        uint sectors = U32(b, 32), fat = U32(b, 36), root = U32(b, 44);
        bool isFat32 = IsBootSector(b) && b[82..90].SequenceEqual("FAT32   "u8) && b[0] is 0xEB or 0xE9
            && sector is 512 or 1024 or 2048 or 4096 && BitOperations.IsPow2(cluster) && reserved > 0 && fats is 1 or 2
            && U16(b, 17) == 0 && U16(b, 19) == 0 && U16(b, 22) == 0 && fat > 0 && sectors > 0 && root >= 2;
        if (!isFat32 || !Fits(sectors, BitOperations.Log2((uint)sector), bytes))
            return null;
        ulong at = (ulong)reserved + (ulong)fats * fat + (ulong)(root - 2) * (ulong)cluster;
        return at >= sectors
            ? null
            : new FileSystem(FileSystems.Fat32, FatLabel(read((long)at * sector, Directory((long)cluster * sector))));
    }

    /// <summary>
    /// 6: the entry whose attribute is VOLUME_ID alone. The label in the boot sector is an old copy that many systems do not keep.
    /// </summary>
    private static string FatLabel(ReadOnlySpan<byte> entries)
    {
        for (; entries.Length >= EntryBytes && entries[0] != 0; entries = entries[EntryBytes..])
            if (entries[0] != 0xE5 && (entries[11] & 0x3F) == 0x08)
                return Clean(Encoding.ASCII.GetString(entries[..11]));
        return "";
    }

    /// <summary>Linux, Documentation/filesystems/ext4/super.rst. Extents tell it from ext2 and ext3.</summary>
    private static FileSystem? Ext4(ReadOnlySpan<byte> first, long bytes)
    {
        ReadOnlySpan<byte> s = first[1024..];
        uint incompatible = U32(s, 0x60), shift = U32(s, 0x18);
        if (U16(s, 0x38) != 0xEF53 || U32(s, 0x4C) != 1 || shift > 6 || (incompatible & 0x40) == 0)
            return null;
        ulong blocks = U32(s, 0x04) | ((incompatible & 0x80) == 0 ? 0 : (ulong)U32(s, 0x150) << 32);
        return Fits(blocks, (int)shift + 10, bytes)
            ? new FileSystem(FileSystems.Ext4, Clean(Encoding.UTF8.GetString(s.Slice(0x78, 16))))
            : null;
    }

    private static bool IsBootSector(ReadOnlySpan<byte> b) => b[510] == 0x55 && b[511] == 0xAA;

    private static bool Fits(ulong units, int shift, long bytes) => units > 0 && units <= (ulong)bytes >> shift;

    private static int Directory(long cluster) => (int)Math.Min(cluster, MaxDirectory);

    private static string Clean(string label) => PlainText.Of(label.TrimEnd('\0', ' '), MaxLabel);

    private static int U16(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b[at..]);

    private static uint U32(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b[at..]);

    private static ulong U64(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b[at..]);
}
