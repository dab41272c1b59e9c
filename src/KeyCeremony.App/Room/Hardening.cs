using System.Runtime.InteropServices;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room;

/// <summary>What the process asks of the kernel before it holds any secret: no core dumps, not readable by others.</summary>
internal static partial class Hardening
{
    private const int LimitCore = 4;
    private const int SetDumpable = 4;

    public static void Apply()
    {
        var none = new Limit { Current = 0, Maximum = 0 };
        _ = setrlimit(LimitCore, ref none);
        _ = prctl(SetDumpable, 0, 0, 0, 0);
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
