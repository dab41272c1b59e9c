using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Devices;

/// <summary>The C library's calls about mounting, by their own names.</summary>
internal static class MountCalls
{
    public const nuint MS_RDONLY = 1;
    public const nuint MS_NOSUID = 2;
    public const nuint MS_NODEV = 4;
    public const nuint MS_NOEXEC = 8;
    public const nuint MS_SYNCHRONOUS = 16;
    public const nuint MS_NOSYMFOLLOW = 256;
    public const nuint MS_NOATIME = 1024;
    public const int MNT_DETACH = 2;
    public const int UMOUNT_NOFOLLOW = 8;
    public const nuint BLKFLSBUF = 0x1261;

    public const int EPERM = 1;
    public const int EIO = 5;
    public const int ENXIO = 6;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int ENODEV = 19;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int ENOMEDIUM = 123;

    // Blittable DllImport: LibraryImport would generate unsafe code, which this program has only in the PKCS#11 binding.
#pragma warning disable SYSLIB1054, CA5392
    [DllImport("libc", SetLastError = true)]
    public static extern int mount(byte[] source, byte[] target, byte[] type, nuint flags, byte[] data);

    [DllImport("libc", SetLastError = true)]
    public static extern int umount2(byte[] target, int flags);

    [DllImport("libc", SetLastError = true)]
    public static extern int chown(byte[] path, uint owner, uint group);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(SafeFileHandle file, nuint request, nint argument);

    [DllImport("libc", SetLastError = true)]
    public static extern int fsync(SafeFileHandle file);

    [DllImport("libc")]
    public static extern uint geteuid();
#pragma warning restore SYSLIB1054, CA5392
}
