using KeyCeremony.App.Devices;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>Which drives are offered, on a computer that a test makes up.</summary>
public sealed class DrivesTests : IDisposable
{
    private readonly FakeKernel _kernel = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void A_stick_is_shown_with_what_is_printed_on_it()
    {
        _kernel.PlugUsb("sdb");
        Drive drive = Assert.Single(_kernel.Drives.Look().Drives);

        Assert.Equal(("sdb", 7L, "SanDisk", "Ultra", "4C530001", 64L << 20, false),
            (drive.Name, drive.Plugged, drive.Vendor, drive.Model, drive.Serial, drive.Bytes, drive.WriteProtected));
        Assert.Equal(new Volume("sdb", 64L << 20, FileSystems.Fat32, "KC-RECORD-A", ""), Assert.Single(drive.Volumes));
        Assert.Equal("SanDisk Ultra, serial 4C530001, 67.1 MB", drive.InWords);
    }

    [Fact]
    public void A_built_in_disk_is_not_offered()
    {
        _kernel.BuildIn("sda");
        DriveList found = _kernel.Drives.Look();
        Assert.Empty(found.Drives);
        Assert.Equal(new NotOffered("sda", "it is built in"), Assert.Single(found.Others));
    }

    /// <summary>Many sticks say that they are fixed disks.</summary>
    [Fact]
    public void A_stick_that_says_it_is_fixed_is_known_by_its_port()
    {
        _kernel.PlugUsb("sdb", removable: "0");
        Assert.Single(_kernel.Drives.Look().Drives);
    }

    [Theory]
    [InlineData("sdb", "/", "8:16")]
    [InlineData("sdb", "/run/live/medium of boot", "0:99")]
    [InlineData("other", "/mnt", "8:16")]
    public void What_the_system_is_mounted_from_is_not_offered(string source, string point, string number)
    {
        _kernel.PlugUsb("sdb");
        _kernel.Mount(source, point, number);
        NotOffered other = Assert.Single(_kernel.Drives.Look().Others);
        Assert.Equal(("sdb", $"the running system uses it: {point}"), (other.Name, other.Why));
    }

    [Fact]
    public void What_is_swapped_to_or_held_or_made_to_boot_is_not_offered()
    {
        _kernel.PlugUsb("sdb");
        _kernel.Swap("sdb");
        _kernel.PlugUsb("sdc");
        Directory.CreateDirectory(Path.Combine(_kernel.View.Sys, "block/sdc/holders/dm-0"));
        _kernel.PlugUsb("sdd");
        byte[] image = new byte[65536];
        "CD001"u8.CopyTo(image.AsSpan(0x8001));
        _kernel.Burn("sdd", image);
        _kernel.PlugUsb("sr0");

        DriveList found = _kernel.Drives.Look();
        Assert.Empty(found.Drives);
        Assert.Equal(["the running system uses it: swap", "the running system uses it: dm-0", "it carries a boot image", "it is no stick"],
            found.Others.Select(o => o.Why));
    }

    [Fact]
    public void Our_own_mounts_are_told()
    {
        _kernel.PlugUsb("sdb");
        _kernel.Mount("sdb", Path.Combine(_kernel.Places, "record-a"));
        Assert.Equal("record-a", Assert.Single(_kernel.Drives.Look().Drives).Volumes[0].Place);
    }

    [Fact]
    public void Partitions_are_volumes_of_their_own()
    {
        _kernel.PlugUsb("sdb");
        _kernel.Partition("sdb", "sdb1", "KC-IMPORT");
        _kernel.Partition("sdb", "sdb2", "KC-EXPORT");
        Assert.Equal(["sdb1 KC-IMPORT", "sdb2 KC-EXPORT"],
            _kernel.Drives.Look().Drives.Single().Volumes.Select(v => $"{v.Name} {v.Label}"));
    }

    [Fact]
    public void A_drive_says_what_it_likes_and_is_shown_in_plain_text()
    {
        _kernel.PlugUsb("sdb", serial: "A\e[2J\u202Eexe" + new string('9', 5000), vendor: "\u0007\0");
        Drive drive = _kernel.Drives.Look().Drives.Single();
        Assert.True(KeyCeremony.Core.PlainText.Is(drive.InWords), drive.InWords);
        Assert.Equal(64, drive.Serial.Length);
    }

    [Fact]
    public void Empty_readers_and_devices_of_memory_are_not_shown_at_all()
    {
        _kernel.PlugUsb("sdb", megabytes: 0);
        _kernel.Write("sys/block/zram0/size", "2048");
        _kernel.Write("sys/block/loop0/size", "2048");
        _kernel.Write("sys/block/loop0/loop/backing_file", "/images/a.img");
        Assert.Equal((0, 0), (_kernel.Drives.Look().Drives.Length, _kernel.Drives.Look().Others.Length));
        Assert.Single(new Drives(_kernel.View, _kernel.Places, "/images").Look().Drives);
        Assert.Empty(new Drives(_kernel.View, _kernel.Places, "/other").Look().Drives);
    }

    [Fact]
    public void A_write_protect_switch_is_seen()
    {
        _kernel.PlugUsb("sdb", readOnly: "1");
        Assert.EndsWith("write-protected", _kernel.Drives.Look().Drives.Single().InWords, StringComparison.Ordinal);
    }

    [Fact]
    public void A_medium_that_cannot_be_read_is_a_stick_without_a_file_system()
    {
        _kernel.PlugUsb("sdb");
        File.Delete(Path.Combine(_kernel.View.Dev, "sdb"));
        Assert.Equal(("", ""),
            (_kernel.Drives.Look().Drives.Single().Volumes[0].FileSystem, _kernel.Drives.Look().Drives.Single().Volumes[0].Label));
    }

    [Fact]
    public void Hundreds_of_drives_fill_no_screen()
    {
        using var image = Image.Fat32("KC-EXPORT");
        for (int i = 0; i < 40; i++)
        {
            _kernel.Write($"sys/block/sd{(char)('a' + i / 26)}{(char)('a' + i % 26)}/size", "65536");
            _kernel.Write($"sys/block/sd{(char)('a' + i / 26)}{(char)('a' + i % 26)}/removable", "1");
            _kernel.Write($"sys/block/sd{(char)('a' + i / 26)}{(char)('a' + i % 26)}/device/model", "x");
        }
        Assert.Equal(32, _kernel.Drives.Look().Drives.Length);
    }
}
