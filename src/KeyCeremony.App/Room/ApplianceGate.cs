using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Room;

/// <summary>
/// What this computer is, as far as a ceremony cares: no wire, no radio, nothing that keeps memory on a disk.
/// Reads /proc and /sys below a root, so that a test can show it any computer.
/// </summary>
internal sealed class ApplianceGate(string root, bool memoryLocks, ImmutableArray<string> expectedMounts)
{
    private readonly KernelFiles _kernel = new(root);

    /// <summary>USB interface classes that a ceremony needs: keyboard, storage, hub, smart-card reader, camera.</summary>
    private static readonly ImmutableArray<string> UsbClasses = ["03", "08", "09", "0b", "0e"];

    /// <summary>Everything a live image is made of, and what the kernel mounts by itself.</summary>
    private static readonly ImmutableArray<string> HarmlessFileSystems =
        ["squashfs", "erofs", "overlay", "tmpfs", "ramfs", "proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs",
            "debugfs", "tracefs", "pstore", "bpf", "efivarfs", "mqueue", "hugetlbfs",
            "configfs", "fusectl", "autofs", "binfmt_misc", "rootfs", "nsfs"];

    public ApplianceInspected Inspect() =>
        new([Network(), Radio(), Swap(), CoreDumps(), Mounts(), Usb(), MemoryLock(), Lockdown(), .. new ApplianceFacts(_kernel).Inspect()]);

    private Finding Network()
    {
        string[] others = [.. _kernel.Names("sys/class/net").Where(n => n != "lo")];
        return others.Length == 0 ? Pass("GATE-01", "no network interface but loopback")
            : Fail("GATE-01", $"network interfaces: {string.Join(", ", others)}");
    }

    private Finding Radio()
    {
        string[] radios = [.. _kernel.Names("sys/class/rfkill"), .. _kernel.Names("sys/class/bluetooth"),
            .. _kernel.Names("sys/class/ieee80211")];
        return radios.Length == 0 ? Pass("GATE-02", "no radio") : Fail("GATE-02", $"radios: {string.Join(", ", radios)}");
    }

    private Finding Swap()
    {
        string[] areas = [.. _kernel.Lines("proc/swaps").Skip(1).Select(l => l.Split(' ', 2)[0])];
        return areas.Length == 0
            ? Pass("GATE-03", "no swap: memory never reaches a disk")
            : Fail("GATE-03", $"swap on {string.Join(", ", areas)}");
    }

    private Finding CoreDumps()
    {
        string limit = _kernel.Lines("proc/self/limits").FirstOrDefault(l => l.StartsWith("Max core file size", StringComparison.Ordinal))
            ?? "";
        string pattern = string.Concat(_kernel.Lines("proc/sys/kernel/core_pattern"));
        bool off = limit.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [_, "0", "0", ..];
        return off && !pattern.StartsWith('|') ? Pass("GATE-04", "no core dumps")
            : Fail("GATE-04", off ? $"core dumps are piped to a program ({pattern})" : "the limit for core dumps is not 0");
    }

    private Finding Mounts()
    {
        string[] disks = [.. _kernel.Lines("proc/self/mountinfo")
            .Select(l => l.Split(' '))
            .Where(f => f.Length > 6)
            .Select(f => (Point: f[4], Type: f[Array.IndexOf(f, "-") + 1]))
            .Where(m => !HarmlessFileSystems.Contains(m.Type) && !expectedMounts.Contains(m.Point))
            .Select(m => $"{m.Point} ({m.Type})").Distinct()];
        return disks.Length == 0 ? Pass("GATE-05", "no disk is mounted but the ceremony's own sticks")
            : Fail("GATE-05", $"mounted: {Shortened(disks)}");
    }

    private Finding Usb()
    {
        string[] strange = [.. _kernel.Names("sys/bus/usb/devices")
            .Where(d => _kernel.Text($"sys/bus/usb/devices/{d}/authorized") != "0") // what is refused has no driver
            .Select(d => (Device: d, Class: string.Concat(_kernel.Lines($"sys/bus/usb/devices/{d}/bInterfaceClass"))))
            .Where(d => d.Class.Length > 0 && !UsbClasses.Contains(d.Class.ToLowerInvariant()))
            .Select(d => $"{d.Device} (class {d.Class})")];
        return strange.Length == 0 ? Pass("GATE-06", "only keyboards, storage, card readers, cameras on USB")
            : Fail("GATE-06", $"unexpected USB devices: {Shortened(strange)}");
    }

    private Finding MemoryLock() => memoryLocks ? Pass("GATE-07", "secrets can be locked in memory")
        : Fail("GATE-07", "memory cannot be locked: raise the limit (ulimit -l)");

    /// <summary>Not every kernel has it; the live image's does.</summary>
    private Finding Lockdown()
    {
        string state = string.Concat(_kernel.Lines("sys/kernel/security/lockdown"));
        return state.Contains("[confidentiality]", StringComparison.Ordinal) ? Pass("GATE-08", "kernel lockdown: confidentiality")
            : new Finding("GATE-08", "warning", state.Length == 0 ? "the kernel has no lockdown" : $"kernel lockdown: {state.Trim()}");
    }

    private static Finding Pass(string id, string text) => new(id, "pass", text);

    private static Finding Fail(string id, string text) => new(id, "fail", text);

    private static string Shortened(string[] all) => all.Length <= 4 ? string.Join(", ", all)
        : string.Join(", ", all.Take(4)) + string.Create(CultureInfo.InvariantCulture, $" and {all.Length - 4} more");
}
