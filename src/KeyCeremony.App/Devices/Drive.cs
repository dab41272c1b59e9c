using System.Collections.Immutable;
using System.Globalization;

namespace KeyCeremony.App.Devices;

/// <summary>A removable drive as the kernel sees it. What a drive says of itself is cleaned and shown, never believed.</summary>
/// <param name="Name">The kernel's, e.g. <c>sdb</c>.</param>
/// <param name="Plugged">The kernel's count of drives since power-on (diskseq): another drive under the same name has another number. 0:
/// this kernel does not count.</param>
/// <param name="Serial">Empty when the drive has none.</param>
/// <param name="WriteProtected">Its switch, or the drive itself, forbids writing.</param>
/// <param name="Volumes">Its partitions; the whole drive when it has none.</param>
internal sealed record Drive(string Name, long Plugged, string Vendor, string Model,
    string Serial, long Bytes, bool WriteProtected, ImmutableArray<Volume> Volumes)
{
    /// <summary>What is printed on it, more or less: read aloud and compared.</summary>
    public string InWords => $"{string.Join(' ', new[] { Vendor, Model }.Where(w => w.Length > 0))}, "
        + $"serial {(Serial.Length == 0 ? "unknown" : Serial)}, {Size(Bytes)}{(WriteProtected ? ", write-protected" : "")}";

    /// <summary>As makers count: 1 GB is 10^9 bytes.</summary>
    public static string Size(long bytes) => bytes < 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB");
}

/// <param name="FileSystem">One of <see cref="FileSystems"/>; empty when it is none of them.</param>
/// <param name="Place">Which of our places it is mounted at; empty when at none.</param>
internal sealed record Volume(string Name, long Bytes, string FileSystem, string Label, string Place)
{
    public string InWords => FileSystem.Length == 0 ? "no file system that is used here" : $"{FileSystems.InWords(FileSystem)} \"{Label}\"";
}

/// <summary>A block device that is not offered, and why, for people who look for it.</summary>
internal sealed record NotOffered(string Name, string Why);

internal sealed record DriveList(ImmutableArray<Drive> Drives, ImmutableArray<NotOffered> Others)
{
    public static readonly DriveList Empty = new([], []);
}

/// <summary>The three file systems of sticks, by the names that mount(2) takes.</summary>
internal static class FileSystems
{
    public const string Fat32 = "vfat";
    public const string ExFat = "exfat";
    public const string Ext4 = "ext4";

    public static string InWords(string fileSystem) => fileSystem switch
    {
        Fat32 => "FAT32",
        ExFat => "exFAT",
        _ => fileSystem,
    };
}
