using System.Runtime.InteropServices;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>Calls into the C library that both ends make, with their names there.</summary>
internal static unsafe partial class Kernel
{
    public const int NonBlocking = 0x800; // O_NONBLOCK
    public const int FromHere = 1; // SEEK_CUR
    public const int CloseOnExec = 0x80000; // O_CLOEXEC, SOCK_CLOEXEC
    public const int Interrupted = 4; // EINTR
    public const int Again = 11; // EAGAIN
    public const short Readable = 1; // POLLIN

    /// <summary>As <c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Wanted
    {
        public int Descriptor;
        public short Events;
        public short Seen;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(Wanted* wanted, nuint count, int milliseconds);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc")]
    public static partial nint lseek(int descriptor, nint offset, int whence);

    [LibraryImport("libc")]
    public static partial int close(int descriptor);

    [LibraryImport("libc")]
    public static partial int fcntl(int descriptor, int command, nint argument);
}
