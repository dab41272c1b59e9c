using System.Collections.Immutable;
using System.Runtime.InteropServices;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Room;

/// <summary>
/// The image looks at itself from inside, as the ceremony's own unprivileged program: not what its settings say but what can
/// be done. docs/handbook/appliance.md has the table of what each check means.
/// </summary>
/// <param name="unit">Where the unit of the HSM's module is asked.</param>
/// <param name="modules">Those of the image.</param>
internal sealed class SelfCheck(KernelFiles kernel, string root, string unit, ImmutableArray<string> modules)
{
    /// <summary>With this word the unit of the HSM's module is asked to look at itself.</summary>
    public const string Order = "self-check";

    internal const int Unix = 1;
    internal const int Netlink = 16;

    /// <summary>Linux has 46 families of sockets; some numbers more, for those of a later kernel.</summary>
    private const int Families = 64;

    private static readonly ImmutableArray<int> SocketKinds = [1, 2, 3, 5]; // stream, datagram, raw, seqpacket

    private static readonly ImmutableArray<string> ProgramFolders = ["usr/bin", "usr/sbin",
        "usr/libexec", "usr/local/bin", "usr/local/sbin"];

    /// <summary>Programs of iso/lists/executables.list that lie in these folders.</summary>
    internal static readonly ImmutableArray<string> Programs =
        ["kmod", "modprobe", "mount", "openssl", "pcscd", "systemd-tmpfiles", "udevadm", "umount", "zbarcam", "zlint"];

    private static readonly ImmutableArray<(string File, string Value)> Settings =
    [
        ("kernel/sysrq", "0"), ("kernel/kexec_load_disabled", "1"), ("kernel/yama/ptrace_scope", "3"), ("kernel/dmesg_restrict", "1"),
        ("kernel/unprivileged_bpf_disabled", "1"), ("kernel/io_uring_disabled", "2"),
        ("user/max_user_namespaces", "0"), ("fs/suid_dumpable", "0"),
    ];

    public ImmutableArray<Finding> Run() =>
        [Interfaces(), Sockets(), Modules(), NetworkModules(), Lockdown(), ReadOnlyRoot(),
            OtherMounts(), OnlyTheseProgramsExist(), Rights(), KernelSettings(), ClearedMemory(), UsbWaits(),
            HsmUnit.Apart(unit), HsmUnit.Modules(unit, modules)];

    private Finding Interfaces()
    {
        string[] all = [.. kernel.Names("sys/class/net")
            .Concat(kernel.Lines("proc/net/dev").Skip(2).Select(l => l.Split(':')[0].Trim())).Distinct()];
        return Say("SELF-01", all.All(n => n == "lo"),
            all.Length == 0 ? "there is no network interface" : $"network interfaces: {string.Join(", ", all)}");
    }

    /// <summary>Tries every family with every kind.</summary>
    private static Finding Sockets()
    {
        int[] opened = OpenFamilies();
        return Say("SELF-02", opened is [Unix], opened.Length == 0 ? "no socket can be opened, not even a local one"
            : $"sockets that can be opened: {InWords(opened)}; {Families} families tried");
    }

    /// <summary>Of which a socket can be opened here.</summary>
    public static int[] OpenFamilies() =>
        [.. Enumerable.Range(0, Families).Where(family => SocketKinds.Any(kind => Opens(family, kind)))];

    public static string InWords(IEnumerable<int> families) =>
        string.Join(", ", families.Select(f => f == Unix ? "unix" : f == Netlink ? "netlink" : $"family {f}"));

    private Finding Modules() =>
        Say("SELF-03", kernel.Text("proc/sys/kernel/modules_disabled") == "1", "the door to kernel modules", "closed", "open");

    private Finding NetworkModules()
    {
        string version = kernel.Text("proc/sys/kernel/osrelease");
        string folder = Path.Combine(root, "usr/lib/modules", version, "kernel");
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.ko*", SearchOption.AllDirectories) : [];
        string[] network = [.. files.Where(f => f.Contains("/net/", StringComparison.Ordinal)
            || f.Contains("bluetooth", StringComparison.Ordinal) || f.Contains("wireless", StringComparison.Ordinal))];
        return Say("SELF-04", files.Length > 0 && network.Length == 0, network.Length == 0
            ? $"{files.Length} kernel modules on the image, none of a network or a radio"
            : $"network modules: {string.Join(", ", network.Select(Path.GetFileName))}");
    }

    private Finding Lockdown() =>
        Say("SELF-05", kernel.Text("sys/kernel/security/lockdown").Contains("[confidentiality]", StringComparison.Ordinal),
            "kernel lockdown: confidentiality", "yes", "no");

    private Finding ReadOnlyRoot()
    {
        string? mount = kernel.Lines("proc/self/mountinfo").LastOrDefault(l => l.Split(' ') is { Length: > 6 } f && f[4] == "/");
        bool sealedRoot = mount is not null && mount.Contains(" ro,", StringComparison.Ordinal)
            && mount.Contains("squashfs /dev/", StringComparison.Ordinal) && kernel.Text("sys/block/dm-0/ro") == "1";
        return Say("SELF-06", sealedRoot, "the root is a read-only squashfs on a read-only verified device", "yes", "no");
    }

    /// <summary>Beside the root and the sticks everything is RAM or the kernel's.</summary>
    private Finding OtherMounts()
    {
        string[] disks = [.. kernel.Lines("proc/self/mountinfo").Select(l => l.Split(' ')).Where(f => f.Length > 6)
            .Where(f => f[Array.IndexOf(f, "-") + 2].StartsWith("/dev/", StringComparison.Ordinal)
                && f[Array.IndexOf(f, "-") + 1] != "squashfs")
            .Select(f => f[4]).Where(p => !p.StartsWith("/run/keyceremony/", StringComparison.Ordinal)).Distinct()];
        bool swap = kernel.Lines("proc/swaps").Length > 1;
        return Say("SELF-07", disks.Length == 0 && !swap, disks.Length > 0
            ? $"mounted: {string.Join(", ", disks)}"
            : swap ? "there is swap" : "no disk is mounted but sticks, and no swap");
    }

    private Finding OnlyTheseProgramsExist()
    {
        string[] found = [.. ProgramFolders.Select(f => Path.Combine(root, f)).Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFileSystemEntries).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
        string[] others = [.. found.Except(Programs)];
        return Say("SELF-08", found.Length > 0 && others.Length == 0,
            others.Length > 0 ? $"programs that should not be there: {string.Join(", ", others.Take(8))}"
            : $"{found.Length} programs and no shell: {string.Join(", ", found)}");
    }

    private Finding Rights()
    {
        (bool none, string told) = RightsOf(kernel);
        return Say("SELF-09", none, told);
    }

    /// <summary>Whether this process has no rights and can gain none, and what it has.</summary>
    public static (bool None, string Told) RightsOf(KernelFiles kernel)
    {
        var status = kernel.Lines("proc/self/status").Select(l => l.Split(':', 2))
            .Where(l => l.Length == 2).ToDictionary(l => l[0], l => l[1].Trim());
        string Of(string name) => status.GetValueOrDefault(name, "");
        bool none = Of("Uid").Split('\t').All(u => u is not ("0" or "")) && Of("CapEff").Trim('0').Length == 0
            && Of("CapBnd").Trim('0').Length == 0 && Of("NoNewPrivs") == "1" && Of("Seccomp") == "2";
        return (none, $"user {Of("Uid").Split('\t')[0]}, capabilities "
            + $"{Of("CapEff")}, could gain {Of("CapBnd")}, no new privileges {Of("NoNewPrivs")}, system call filter {Of("Seccomp")}");
    }

    private Finding KernelSettings()
    {
        string[] wrong = [.. Settings.Where(s => kernel.Text($"proc/sys/{s.File}") != s.Value)
            .Select(s => $"{s.File} is {kernel.Text($"proc/sys/{s.File}")}")];
        return Say("SELF-10", wrong.Length == 0, wrong.Length == 0
            ? $"{Settings.Length} kernel settings: no magic keys, no other kernel, nobody reads another's memory"
            : string.Join(", ", wrong));
    }

    private Finding ClearedMemory()
    {
        string[] words = kernel.Text("proc/cmdline").Split(' ');
        return Say("SELF-11", words.Contains("init_on_free=1") && words.Contains("init_on_alloc=1"),
            "memory is cleared when it is given out and given back", "yes", "no");
    }

    private Finding UsbWaits()
    {
        string[] hubs = [.. kernel.Names("sys/bus/usb/devices").Where(d => d.StartsWith("usb", StringComparison.Ordinal))];
        string[] open = [.. hubs.Where(h => kernel.Text($"sys/bus/usb/devices/{h}/authorized_default") != "0")];
        return Say("SELF-12", open.Length == 0, open.Length == 0
            ? $"{hubs.Length} USB buses: a device waits until the rules let it in"
            : $"USB buses that take anything: {string.Join(", ", open)}");
    }

    private static bool Opens(int family, int kind)
    {
        int descriptor = socket(family, kind, 0);
        if (descriptor < 0)
            return false;
        _ = close(descriptor);
        return true;
    }

    private static Finding Say(string id, bool passed, string text) => new(id, passed ? "pass" : "fail", text);

    private static Finding Say(string id, bool passed, string what, string yes, string no) =>
        Say(id, passed, $"{what}: {(passed ? yes : no)}");

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int socket(int domain, int type, int protocol);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);
}
