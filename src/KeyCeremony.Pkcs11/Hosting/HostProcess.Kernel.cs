using System.Runtime.InteropServices;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>Its own calls into the C library, with their names there.</summary>
internal sealed unsafe partial class HostProcess
{
    private const int ReadBytes = 4096;

    /// <summary>glibc's <c>posix_spawnattr_t</c> has 336 bytes, the other 80.</summary>
    private const int OpaqueBytes = 512;

    private const int SignalSetBytes = 128;
    private const int HighDescriptor = 64;

    private const int SigKill = 9;
    private const int NoHang = 1; // WNOHANG
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int SetFlags = 4; // F_SETFL
    private const int DuplicateFrom = 1030; // F_DUPFD_CLOEXEC
    private const int PidfdOpen = 434; // SYS_pidfd_open, on every processor

    private const short SetSignalDefaults = 0x04; // POSIX_SPAWN_SETSIGDEF
    private const short SetSignalMask = 0x08; // POSIX_SPAWN_SETSIGMASK
    private const short NewSession = 0x80; // POSIX_SPAWN_SETSID

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* bytes, nuint length);

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport("libc")]
    private static partial int waitpid(int process, int* status, int options);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnp(int* process, byte* path, byte* actions, byte* attributes, nint* arguments, nint* variables);
}
