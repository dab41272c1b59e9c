using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KeyCeremony.App.Ground;

/// <summary>The C library's terminal calls, by their own names and fields. Layouts of Linux on x86-64 and arm64 (glibc).</summary>
internal static class TtyCalls
{
    public const uint IXON = 0x400;
    public const uint ICRNL = 0x100;
    public const uint INLCR = 0x40;
    public const uint IGNCR = 0x80;
    public const uint ISTRIP = 0x20;
    public const uint BRKINT = 0x2;
    public const uint IUTF8 = 0x4000;
    public const uint ISIG = 0x1;
    public const uint ICANON = 0x2;
    public const uint ECHO = 0x8;
    public const uint ECHOE = 0x10;
    public const uint ECHOK = 0x20;
    public const uint ECHONL = 0x40;
    public const uint IEXTEN = 0x8000;
    public const uint OPOST = 0x1;
    public const uint CLOCAL = 0x800;
    public const uint CRTSCTS = 0x80000000;
    public const int VEOF = 4;
    public const int VTIME = 5;
    public const int VMIN = 6;
    public const int VEOL = 11;
    public const int TCSANOW = 0;
    public const int TCSAFLUSH = 2;
    public const int TCIFLUSH = 0;
    public const int TCIOFLUSH = 2;
    public const int O_RDWR = 0x2;
    public const int O_NOCTTY = 0x100;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const nuint TIOCGWINSZ = 0x5413;
    public const nuint FBIOGET_VSCREENINFO = 0x4600;
    public const nuint FBIOGET_FSCREENINFO = 0x4602;
    public const nuint GIO_UNIMAP = 0x4B66;
    public const nuint VIDIOC_QUERYCAP = 0x80685600;
    public const int SYSLOG_ACTION_CONSOLE_OFF = 6;
    public const int SYSLOG_ACTION_CONSOLE_ON = 7;
    public const short POLLIN = 0x1;
    public const short POLLHUP = 0x10;
    public const short POLLERR = 0x8;
    public const int EINTR = 4;
    public const int EAGAIN = 11;

    [StructLayout(LayoutKind.Sequential)]
    public struct Termios
    {
        public uint c_iflag;
        public uint c_oflag;
        public uint c_cflag;
        public uint c_lflag;
        public byte c_line;
        public ControlCharacters c_cc;
        public uint c_ispeed;
        public uint c_ospeed;
    }

    [InlineArray(32)]
    public struct ControlCharacters
    {
        private byte _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct WindowSize
    {
        public ushort ws_row;
        public ushort ws_col;
        public ushort ws_xpixel;
        public ushort ws_ypixel;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct UnicodeMap
    {
        public ushort entry_ct;
        public nint entries;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int fd;
        public short events;
        public short revents;
    }

    // Blittable DllImport: LibraryImport would generate unsafe code, which this program has only in the PKCS#11 binding.
#pragma warning disable SYSLIB1054, CA5392, SYSLIB1051
    [DllImport("libc", SetLastError = true)]
    public static extern int isatty(int fd);

    [DllImport("libc", SetLastError = true)]
    public static extern int tcgetattr(int fd, out Termios settings);

    [DllImport("libc", SetLastError = true)]
    public static extern int tcsetattr(int fd, int when, in Termios settings);

    [DllImport("libc", SetLastError = true)]
    public static extern int tcflush(int fd, int queue);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(int fd, nuint request, out WindowSize size);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(int fd, nuint request, ref byte structure);

    [DllImport("libc", SetLastError = true)]
    public static extern int ioctl(int fd, nuint request, ref UnicodeMap map);

    [DllImport("libc", SetLastError = true)]
    public static extern int klogctl(int type, nint buffer, int length);

    [DllImport("libc", SetLastError = true)]
    public static extern int dup(int fd);

    [DllImport("libc", SetLastError = true)]
    public static extern int dup2(int fd, int onto);

    /// <param name="path">UTF-8, with a zero byte at its end.</param>
    [DllImport("libc", SetLastError = true)]
    public static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true)]
    public static extern int close(int fd);

    [DllImport("libc", SetLastError = true)]
    public static extern int poll(ref PollFd fds, nuint count, int milliseconds);

    [DllImport("libc", SetLastError = true)]
    public static extern nint read(int fd, ref byte buffer, nint count);

    [DllImport("libc", SetLastError = true)]
    public static extern nint write(int fd, in byte buffer, nint count);
#pragma warning restore SYSLIB1054, CA5392, SYSLIB1051
}
