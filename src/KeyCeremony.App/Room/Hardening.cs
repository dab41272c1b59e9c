using System.Globalization;
using System.Runtime.InteropServices;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room;

/// <summary>What the process asks of the kernel before it holds any secret: no core dumps, not readable by others.</summary>
internal static partial class Hardening
{
    private const int LimitCore = 4;
    private const int LimitAddresses = 9;
    private const int SetParentDeathSignal = 1;
    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;
    private const int SigKill = 9;

    /// <summary>A module with all that it loads, and every object of a token in its memory.</summary>
    private const ulong HostMemory = 512 << 20;

    public static void Apply()
    {
        var none = new Limit { Current = 0, Maximum = 0 };
        _ = setrlimit(LimitCore, ref none);
        _ = prctl(SetDumpable, 0, 0, 0, 0);
    }

    /// <summary>
    /// What a process with a maker's library in it asks for besides, before it loads that: it ends with the program, gains no rights, has
    /// so much memory more than it has now, and is the first that the kernel ends when memory runs out.
    /// </summary>
    public static void ApplyToHost()
    {
        _ = prctl(SetParentDeathSignal, SigKill, 0, 0, 0);
        _ = prctl(SetNoNewPrivileges, 1, 0, 0, 0);
        try
        {
            // Before it is not dumpable any more: then its files are root's.
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
            ulong has = ulong.Parse(File.ReadLines("/proc/self/statm").First().Split(' ')[0], CultureInfo.InvariantCulture)
                * (ulong)Environment.SystemPageSize;
            var most = new Limit { Current = has + HostMemory, Maximum = has + HostMemory };
            _ = setrlimit(LimitAddresses, ref most);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A kernel without these files: the unit's own limit is left.
        }
        Apply();
    }

    /// <summary>
    /// For the little that cannot be <see cref="SecretBytes"/>. Where the kernel refuses, the appliance has no swap anyway.
    /// </summary>
    /// <param name="pinned">Allocated pinned; for as long as the process lasts.</param>
    public static void KeepOutOfSwap(byte[] pinned) => _ = mlock(Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0), (nuint)pinned.Length);

    /// <summary>Whether a page of secrets can be kept out of swap.</summary>
    public static bool MemoryLocks()
    {
        using var probe = new SecretBytes(32);
        return probe.IsLocked;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setrlimit(int resource, ref Limit limit);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int mlock(nint address, nuint length);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int prctl(int option, ulong a, ulong b, ulong c, ulong d);
}
