using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Ledger;

/// <summary>The few things about files that .NET does not say: kind, identity, and whether they are on the medium.</summary>
internal static class Posix
{
    private const int AtCurrentDirectory = -100;
    private const int NoFollow = 0x100;        // AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7ff;     // STATX_BASIC_STATS
    private const int DontNeed = 4;            // POSIX_FADV_DONTNEED
    private const int ReadOnlyDirectory = 0x80000; // O_RDONLY | O_CLOEXEC; a directory opens read-only

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

    /// <summary>A new or renamed file is durable only when its directory is.</summary>
    public static void SyncDirectory(string path)
    {
        int fd = Open(CString(path), ReadOnlyDirectory);
        if (fd < 0)
            throw new IOException($"open({path}): {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        using var handle = new SafeFileHandle(fd, ownsHandle: true);
        // EINVAL: this file system cannot sync a directory (some FUSE drivers); there is nothing more to do then.
        if (Fsync(fd) != 0 && Marshal.GetLastPInvokeError() != 22)
            throw new IOException($"fsync({path}): {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    /// <summary>Asks the kernel to forget the file's cached pages, so that the next read comes from the medium. Best effort.</summary>
    public static void DropCache(SafeFileHandle file) => _ = Fadvise(file, 0, 0, DontNeed);

    /// <summary>As the C library takes it.</summary>
    public static byte[] CString(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int directory, byte[] path, int flags, uint mask, byte[] answer);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int fd);

    [DllImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fadvise(SafeFileHandle file, long offset, long length, int advice);
}

/// <param name="Device">major:minor of the file system.</param>
internal sealed record FileIdentity(FileKind Kind, ulong Inode, long Size, string Device)
{
    public bool IsSameFileAs(FileIdentity other) => Inode == other.Inode && Device == other.Device;
}

/// <summary>S_IFMT of inode(7).</summary>
internal enum FileKind
{
    Directory = 0x4000,
    Regular = 0x8000,
    Link = 0xA000,
}
