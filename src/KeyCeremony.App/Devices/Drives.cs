using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Devices;

/// <summary>Where the kernel tells about itself; a test shows other places.</summary>
internal sealed record KernelView(string Sys, string Dev, string Proc)
{
    public static readonly KernelView Real = new("/sys", "/dev", "/proc");
}

/// <summary>
/// Which drives there are: removable ones and those on USB, read from sysfs. Never a drive that the running system uses
/// or was started from.
/// </summary>
/// <param name="places">The folder of our places; what is mounted there is ours.</param>
/// <param name="images">Image files in this folder, on loop devices, play sticks: rehearsals and tests. Null: none do.</param>
internal sealed partial class Drives(KernelView kernel, string places, string? images)
{
    private const int SectorBytes = 512; // of /sys/block/*/size, whatever the drive's own sectors are
    private const int MaxDrives = 32;
    private const int MaxVolumes = 16;
    private const int MaxAttribute = 4096;
    private const int MaxText = 64;

    public DriveList Look()
    {
        ImmutableArray<Drive>.Builder drives = ImmutableArray.CreateBuilder<Drive>();
        ImmutableArray<NotOffered>.Builder others = ImmutableArray.CreateBuilder<NotOffered>();
        var mounted = Mounted.Read(kernel);
        foreach (string name in Names(Path.Combine(kernel.Sys, "block")).Where(n => Name().IsMatch(n)))
        {
            string folder = Path.Combine(kernel.Sys, "block", name);
            bool image = File.Exists(Path.Combine(folder, "loop", "backing_file"));
            if (image
                ? Path.GetDirectoryName(Text(folder, "loop/backing_file")) != images
                : !Directory.Exists(Path.Combine(folder, "device")))
                continue; // made of memory or of other devices
            if (Number(folder, "size") == 0)
                continue; // a card reader without a card
            string[] parts = [.. Names(folder).Where(p => File.Exists(Path.Combine(folder, p, "partition"))).Take(MaxVolumes)];
            if (WhyNot(name, folder, image, parts, mounted) is { } why)
                others.Add(new NotOffered(name, why));
            else if (drives.Count < MaxDrives)
                drives.Add(Describe(name, folder, image, parts, mounted));
        }
        return new DriveList(drives.ToImmutable(), others.ToImmutable());
    }

    private string? WhyNot(string name, string folder, bool image, string[] parts, Mounted mounted)
    {
        if (name.StartsWith("sr", StringComparison.Ordinal) || name.StartsWith("fd", StringComparison.Ordinal))
            return "it is no stick";
        if (!image && Text(folder, "removable") != "1" && !OnUsb().IsMatch(RealPath(folder)))
            return "it is built in";
        foreach (string part in parts.Prepend(name))
        {
            string at = part == name ? folder : Path.Combine(folder, part);
            if (mounted.At(part, Text(at, "dev")).FirstOrDefault(point => PlaceOf(point).Length == 0) is { } foreign)
                return $"the running system uses it: {foreign}";
            if (Names(Path.Combine(at, "holders")).FirstOrDefault() is { } holder)
                return $"the running system uses it: {holder}";
        }
        return Probe(name, Superblock.IsBootImage) ? "it carries a boot image" : null;
    }

    private Drive Describe(string name, string folder, bool image, string[] parts, Mounted mounted)
    {
        string backing = image ? Path.GetFileName(Text(folder, "loop/backing_file")) : "";
        string? usb = image ? null : UsbDevice(RealPath(folder));
        return new Drive(name, Number(folder, "diskseq"),
            image ? "image file" : First(Text(folder, "device/vendor"), Text(usb, "manufacturer")),
            image ? backing : First(Text(folder, "device/model"), Text(usb, "product")),
            image ? Path.GetFileNameWithoutExtension(backing) : First(Text(usb, "serial"), Text(folder, "device/serial")),
            Number(folder, "size") * SectorBytes, Text(folder, "ro") == "1",
            [.. (parts.Length == 0 ? [name] : parts)
                .Select(part => Describe(part, part == name ? folder : Path.Combine(folder, part), mounted))]);
    }

    private Volume Describe(string name, string folder, Mounted mounted)
    {
        long bytes = Number(folder, "size") * SectorBytes;
        FileSystem? found = Probe(name, read => Superblock.Read(read, bytes));
        return new Volume(name, bytes, found?.Kind ?? "", found?.Label ?? "",
            mounted.At(name, Text(folder, "dev")).Select(PlaceOf).FirstOrDefault() ?? "");
    }

    /// <summary>Which of our places a mount point is; empty when it is none.</summary>
    private string PlaceOf(string point) => Path.GetDirectoryName(point) == places ? Path.GetFileName(point) : "";

    /// <summary>Asks the medium itself. Who may not open it, and a medium that answers with an error, learns nothing.</summary>
    private T? Probe<T>(string name, Func<Func<long, int, byte[]>, T?> ask)
    {
        try
        {
            // Sharing everything: no lock is taken, so that nobody who formats a stick is disturbed.
            using SafeFileHandle device = File.OpenHandle(Path.Combine(kernel.Dev, name),
                FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return ask((at, length) =>
            {
                byte[] bytes = new byte[length];
                return bytes[..RandomAccess.Read(device, bytes, at)];
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    /// <summary>The folder of the USB device above a drive: the only one that names a vendor's number.</summary>
    private string? UsbDevice(string path)
    {
        for (string? up = path; up is not null && up.Length > kernel.Sys.Length; up = Path.GetDirectoryName(up))
            if (File.Exists(Path.Combine(up, "idVendor")))
                return up;
        return null;
    }

    private static string RealPath(string path) => new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;

    private static string First(string one, string other) => one.Length > 0 ? one : other;

    private static IEnumerable<string> Names(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal) : [];

    private static long Number(string folder, string attribute) =>
        long.TryParse(Text(folder, attribute), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;

    /// <summary>An attribute of sysfs in plain text; empty when it is not there.</summary>
    private static string Text(string? folder, string attribute)
    {
        string path = Path.Combine(folder ?? "/", attribute);
        if (folder is null || !File.Exists(path))
            return "";
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[MaxAttribute];
            int length = file.ReadAtLeast(bytes, MaxAttribute, throwOnEndOfStream: false);
            return PlainText.Of(Encoding.UTF8.GetString(bytes, 0, length).Trim(),
                attribute.StartsWith("loop/", StringComparison.Ordinal) ? MaxAttribute : MaxText);
        }
        catch (IOException)
        {
            return ""; // pulled out in this moment
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9]{1,30}$")]
    private static partial Regex Name();

    [GeneratedRegex("/usb[0-9]+/")]
    private static partial Regex OnUsb();
}
