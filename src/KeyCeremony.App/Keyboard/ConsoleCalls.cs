using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Keyboard;

/// <summary>The kernel's calls about the console's keyboard, by the names of linux/kd.h.</summary>
internal static class ConsoleCalls
{
    public const nuint KDGKBMODE = 0x4B44;
    public const nuint KDGKBENT = 0x4B46;
    public const nuint KDSKBENT = 0x4B47;
    public const nuint KDSKBDIACRUC = 0x4BFB;

    /// <summary>The keyboard gives UTF-8.</summary>
    public const int K_UNICODE = 3;

    /// <summary><c>struct kbentry</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public byte kb_table;
        public byte kb_index;
        public ushort kb_value;
    }

    // Blittable DllImport: LibraryImport would generate unsafe code, which this program has only in the PKCS#11 binding.
#pragma warning disable SYSLIB1054, CA5392
    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(SafeFileHandle file, nuint request, ref Entry entry);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(SafeFileHandle file, nuint request, out int value);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(int fd, nuint request, out int value);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(SafeFileHandle file, nuint request, in byte structure);
#pragma warning restore SYSLIB1054, CA5392
}
