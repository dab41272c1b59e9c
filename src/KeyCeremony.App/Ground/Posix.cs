using System.ComponentModel;
using System.Runtime.InteropServices;
using KeyCeremony.Core;
using KeyCeremony.Verifier;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Ground;

/// <summary>The few things about files that .NET does not say: kind, identity, and whether they are on the medium.</summary>
internal static class Posix
{
    private const int DontNeed = 4;            // POSIX_FADV_DONTNEED
    private const int ReadOnlyDirectory = 0x80000; // O_RDONLY | O_CLOEXEC; a directory opens read-only

    /// <inheritdoc cref="FileIdentity.Look"/>
    public static FileIdentity? Look(string path, bool followLinks = false) => FileIdentity.Look(path, followLinks);

    /// <summary>A new or renamed file is durable only when its directory is.</summary>
    public static void SyncDirectory(string path)
    {
        int fd = Open(CString(path), ReadOnlyDirectory);
        if (fd < 0)
            throw new FileFaultException(Sync(path));
        using var handle = new SafeFileHandle(fd, ownsHandle: true);
        // EINVAL: this file system cannot sync a directory (some FUSE drivers); there is nothing more to do then.
        if (Fsync(fd) != 0 && Marshal.GetLastPInvokeError() != 22)
            throw new FileFaultException(Sync(path));
    }

    private static string Sync(string path) =>
        $"What was written in {path} does not reach the medium: {FileFaults.InWords(Marshal.GetLastPInvokeError())}.";

    /// <summary>Asks the kernel to forget the file's cached pages, so that the next read comes from the medium. Best effort.</summary>
    public static void DropCache(SafeFileHandle file) => _ = Fadvise(file, 0, 0, DontNeed);

    /// <summary>As the C library takes it.</summary>
    public static byte[] CString(string path) => FileIdentity.CString(path);

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
