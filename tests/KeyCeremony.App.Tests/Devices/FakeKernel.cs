using System.Globalization;
using KeyCeremony.App.Devices;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>A tree of sysfs, /dev and /proc in a folder, with whatever drives a test plugs in.</summary>
internal sealed class FakeKernel : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kernel").FullName;
    private readonly List<string> _mounts = [];

    public FakeKernel()
    {
        foreach (string folder in new[] { "sys/block", "dev", "proc/self" })
            Directory.CreateDirectory(Path.Combine(_root, folder));
        File.WriteAllText(Path.Combine(_root, "proc/swaps"), "Filename Type Size Used Priority\n");
    }

    public KernelView View => new(Path.Combine(_root, "sys"), Path.Combine(_root, "dev"), Path.Combine(_root, "proc"));

    public string Places => Path.Combine(_root, "run");

    public Drives Drives => new(View, Places, null);

    /// <summary>A USB stick as Linux shows it. Its own words go in as bytes that nobody has checked.</summary>
    public void PlugUsb(string name, string label = "KC-RECORD-A", string serial = "4C530001",
        string vendor = "SanDisk ", string removable = "1", string readOnly = "0", long plugged = 7, long megabytes = 64)
    {
        string device = $"devices/pci0000:00/usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0/block/{name}";
        Plug(name, device, removable, megabytes, plugged, readOnly);
        Write("sys/devices/pci0000:00/usb1/1-1/idVendor", "0781");
        Write("sys/devices/pci0000:00/usb1/1-1/serial", serial);
        Write("sys/devices/pci0000:00/usb1/1-1/manufacturer", "Maker");
        Write($"sys/{device}/device/vendor", vendor);
        Write($"sys/{device}/device/model", "Ultra           ");
        Write($"sys/{device}/device/delete", "");
        Format(name, label);
    }

    /// <summary>A disk inside the computer.</summary>
    public void BuildIn(string name)
    {
        Plug(name, $"devices/pci0000:00/ata1/host1/{name}", "0", 1000, 1, "0");
        Directory.CreateDirectory(Path.Combine(_root, $"sys/devices/pci0000:00/ata1/host1/{name}/device"));
    }

    public void Partition(string name, string part, string label, long megabytes = 32)
    {
        Write($"sys/block/{name}/{part}/partition", "1");
        Write($"sys/block/{name}/{part}/size", Sectors(megabytes));
        Write($"sys/block/{name}/{part}/dev", "8:17");
        Format(part, label);
    }

    public void Mount(string source, string point, string number = "8:16")
    {
        _mounts.Add($"30 1 {number} / {point.Replace(" ", "\\040", StringComparison.Ordinal)} rw,relatime - vfat {View.Dev}/{source} rw");
        File.WriteAllLines(Path.Combine(_root, "proc/self/mountinfo"), _mounts);
    }

    public void Swap(string name) => File.AppendAllText(Path.Combine(_root, "proc/swaps"), $"{View.Dev}/{name} partition 1 0 -2\n");

    public void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text.Length == 0 ? "" : text + "\n");
    }

    public string Read(string path) => File.ReadAllText(Path.Combine(_root, path));

    /// <summary>What the medium holds.</summary>
    public void Burn(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(View.Dev, name), bytes);

    public void Unplug(string name) => File.Delete(Path.Combine(View.Sys, "block", name));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Format(string name, string label)
    {
        using var image = Image.Fat32(label);
        File.Copy(image.Path, Path.Combine(View.Dev, name), overwrite: true);
    }

    private void Plug(string name, string device, string removable, long megabytes, long plugged, string readOnly)
    {
        Directory.CreateDirectory(Path.Combine(View.Sys, device));
        File.CreateSymbolicLink(Path.Combine(View.Sys, "block", name), $"../{device}");
        Write($"sys/{device}/removable", removable);
        Write($"sys/{device}/size", Sectors(megabytes));
        Write($"sys/{device}/ro", readOnly);
        Write($"sys/{device}/dev", "8:16");
        Write($"sys/{device}/diskseq", plugged.ToString(CultureInfo.InvariantCulture));
        File.WriteAllBytes(Path.Combine(View.Dev, name), new byte[65536]);
    }

    private static string Sectors(long megabytes) => (megabytes * 2048).ToString(CultureInfo.InvariantCulture);
}
