using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>
/// Real block devices without USB: image files on loop devices, in a folder of their own. Needs root and free loop devices;
/// where they are missing the tests say so and the same logic is covered by StickExportTests, DriveKeeperTests and DrivesTests.
/// Whatever happens, nothing stays mounted and no loop device stays.
/// </summary>
internal sealed class LoopSticks : IDisposable
{
    private const string Missing = "No root or no loop devices here: the tests with real mounts did nothing.";

    private static readonly TimeSpan LetGo = TimeSpan.FromSeconds(20);

    private readonly List<string> _devices = [];

    public LoopSticks()
    {
        Folder = Directory.CreateTempSubdirectory("keyceremony-sticks-").FullName;
        Directory.CreateDirectory(Places);
        // What is mounted here in this test is no other process's business, and goes with the folder.
        Ask = DriveAccess.Keeper(KernelView.Real, Places, Folder, 0).Answer;
    }

    public string Folder { get; }

    public string Places => Path.Combine(Folder, "run");

    public AskDrives Ask { get; }

    /// <summary>Whether this machine can play at all.</summary>
    public static bool CanPlay()
    {
        bool can = Environment.IsPrivilegedProcess && File.Exists("/dev/loop-control") && Mounts.Permitted(KernelView.Real);
        if (!can)
            Console.WriteLine(Missing);
        return can;
    }

    /// <summary>Formats an image and plugs it in; answers its loop device.</summary>
    /// <param name="blocks">Of ext4, in bytes: a folder of a million names needs large ones, and is filled faster without a
    /// journal.</param>
    public string Plug(string label, int megabytes = 16, string tool = "mkfs.ext4",
        bool readOnly = false, string? name = null, int blocks = 1024)
    {
        string[] options = tool == "mkfs.ext4"
            ? ["-q", "-b", $"{blocks}", "-O", blocks > 1024 ? "^has_journal" : "has_journal", "-L", label]
            : tool == "mkfs.vfat" ? ["-F", "32", "-n", label] : ["-L", label];
        var image = Image.Made(megabytes, tool, "dosfstools exfatprogs e2fsprogs", options, Folder, name ?? $"{label}.img");
        return PlugIn(image.Path, readOnly);
    }

    public string PlugIn(string path, bool readOnly = false)
    {
        string[] options = readOnly ? ["--read-only"] : [];
        string device = Image.Run("losetup", [.. options, "--find", "--show", path]).Trim();
        _devices.Add(device);
        return device;
    }

    public void PullOut(string device)
    {
        Detach(device);
        _devices.Remove(device);
    }

    public string ImageOf(string label) => Path.Combine(Folder, $"{label}.img");

    public Sticks Sticks() => new(Ask, Places);

    /// <summary>The options of what is mounted at a place.</summary>
    public string OptionsAt(StickRole role) => File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' '))
        .Single(f => f[4] == Path.Combine(Places, role.Place)) is { } f ? $"{f[5]},{f[^1]}" : "";

    public void Dispose()
    {
        foreach (string point in MountedBelow().Reverse())
            _ = MountCalls.umount2(Posix.CString(point), MountCalls.MNT_DETACH);
        foreach (string device in _devices)
            Detach(device);
        Assert.Empty(MountedBelow());
        // Whoever looks at a new device still has it open for a moment; the kernel lets it go with the last of them.
        Assert.True(SpinWait.SpinUntil(() => !Image.Run("losetup", "--all").Contains(Folder, StringComparison.Ordinal), LetGo),
            $"A loop device stays: {Image.Run("losetup", "--all")}");
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>What is write-protected by blockdev stays so for the next image.</summary>
    private static void Detach(string device)
    {
        Image.Run("/usr/sbin/blockdev", "--setrw", device);
        Image.Run("losetup", "--detach", device);
    }

    private string[] MountedBelow() => [.. File.ReadLines("/proc/self/mountinfo")
        .Select(l => l.Split(' ')[4]).Where(p => p.StartsWith(Folder + "/", StringComparison.Ordinal))];

}
