using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace KeyCeremony.Verifier;

/// <summary>What a path leads to, asked before it is opened: .NET does not tell a pipe or a device from a file.</summary>
/// <param name="Device">major:minor of the file system.</param>
internal sealed record FileIdentity(FileKind Kind, ulong Inode, long Size, string Device)
{
    private const int AtCurrentDirectory = -100;
    private const int NoFollow = 0x100;        // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7ff;     // STATX_BASIC_STATS

    public bool IsSameFileAs(FileIdentity other) => Inode == other.Inode && Device == other.Device;

    /// <summary>Null when nothing is there. A symbolic link is looked at itself.</summary>
    public static FileIdentity? Look(string path, bool followLinks = false)
    {
        // struct statx has the same layout on every architecture, unlike struct stat.
        byte[] answer = new byte[256];
        if (Statx(AtCurrentDirectory, CString(path), followLinks ? 0 : NoFollow, BasicStats, answer) != 0)
            return null;
        ReadOnlySpan<byte> a = answer;
        return new FileIdentity(
            (FileKind)(BinaryPrimitives.ReadUInt16LittleEndian(a[28..]) & 0xF000),
            BinaryPrimitives.ReadUInt64LittleEndian(a[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(a[40..]),
            $"{BinaryPrimitives.ReadUInt32LittleEndian(a[136..])}:{BinaryPrimitives.ReadUInt32LittleEndian(a[140..])}");
    }

    /// <summary>As the C library takes it.</summary>
    public static byte[] CString(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int directory, byte[] path, int flags, uint mask, byte[] answer);
}

/// <summary>S_IFMT of inode(7).</summary>
internal enum FileKind
{
    Directory = 0x4000,
    Regular = 0x8000,
    Link = 0xA000,
}
