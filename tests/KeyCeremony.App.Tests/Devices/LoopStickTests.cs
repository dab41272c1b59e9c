using System.Collections.Immutable;
using System.Security.Cryptography;
using KeyCeremony.App.Bundle;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Devices;

/// <summary>Real mounts of real block devices that are full, protected, pulled out, exchanged, or lie.</summary>
[Collection("loop devices")]
public sealed class LoopStickTests
{
    private const int Megabyte = 1 << 20;

    /// <summary>What the bytes of the bundle are found by on the medium.</summary>
    private static readonly byte[] Pattern = RandomNumberGenerator.GetBytes(2 * Megabyte);

    [Fact]
    public void Sticks_are_mounted_so_that_nothing_on_them_is_run_and_all_that_is_written_is_written()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        foreach (string label in new[] { "KC-RECORD-A", "KC-RECORD-B", "KC-IMPORT" })
            table.Plug(label);
        using Sticks sticks = table.Sticks();
        sticks.Attach();
        sticks.AttachImport();

        foreach (string option in new[] { "rw", "nosuid", "nodev", "noexec", "sync", "noatime" })
            Assert.Contains(option, table.OptionsAt(StickRole.RecordA).Split(','));
        foreach (string option in new[] { "ro", "nosuid", "nodev", "noexec", "norecovery" })
            Assert.Contains(option, table.OptionsAt(StickRole.Import).Split(','));
        Assert.Equal(["record-a", "record-b", "import"],
            sticks.InUse.Values.Select(s => sticks.Look().Drives.Single(d => d.Name == s.Drive.Name).Volumes[0].Place));
    }

    [Fact]
    public void A_bundle_goes_out_and_stands_on_the_medium()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        table.Plug("KC-EXPORT");
        using Sticks sticks = table.Sticks();
        Write(sticks, 2);

        // From the image alone, without the kernel's mount.
        string dump = Path.Combine(table.Folder, "dump");
        Image.Run("/usr/sbin/debugfs", "-R", $"dump /bundle/data-0 {dump}", table.ImageOf("KC-EXPORT"));
        Assert.True(File.ReadAllBytes(dump).AsSpan().SequenceEqual(Pattern));
        Image.Run("/usr/sbin/e2fsck", "-fn", table.ImageOf("KC-EXPORT"));
    }

    [Fact]
    public void A_full_stick_is_named_and_a_larger_one_is_taken()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        string small = table.Plug("KC-EXPORT");
        using Sticks sticks = table.Sticks();
        Refused("STICK-04", sticks, 30);
        table.PullOut(small);
        table.Plug("KC-EXPORT", 128, name: "larger.img");
        Write(sticks, 30);
    }

    [Fact]
    public void A_write_protected_stick_is_named()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        table.Plug("KC-EXPORT", readOnly: true);
        using Sticks sticks = table.Sticks();
        Refused("STICK-03", sticks, 1);
        Refusal record = Assert.Throws<CeremonyException>(() => sticks.Mount(StickRole.Export, write: true)).Refusal;
        Assert.Equal("STICK-03", record.Rule);
    }

    [Fact]
    public void A_stick_that_is_pulled_out_under_way_is_named_and_the_next_one_is_taken()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        string device = table.Plug("KC-EXPORT", 64);
        using Sticks sticks = table.Sticks();
        string[] said = Failing(sticks, 20, () =>
        {
            // A loop device cannot be torn off; one without a single sector is as good as gone.
            using (FileStream image = File.OpenWrite(table.ImageOf("KC-EXPORT")))
                image.SetLength(0);
            Image.Run("losetup", "--set-capacity", device);
        });
        Assert.Equal("STICK-05", said[0]);
        table.PullOut(device);
        table.Plug("KC-EXPORT", 64, name: "next.img");
        Write(sticks, 20);
    }

    [Fact]
    public void A_stick_that_gives_back_other_bytes_is_named()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        table.Plug("KC-EXPORT", 32);
        bool lies = false;
        using var sticks = new Sticks(request =>
        {
            // Between unmounting and mounting again the medium changes its mind about one bit.
            if (request is { Do: "mount", Write: false })
                lies = Flip(table.ImageOf("KC-EXPORT"));
            return table.Ask(request);
        }, table.Places);
        Refused("STICK-06", sticks, 2);
        Assert.True(lies);
    }

    /// <summary>The size on the label is a lie: behind 32 MB there are 8.</summary>
    [Fact]
    public void A_stick_that_claims_more_than_it_has_is_named()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        string small = Path.Combine(table.Folder, "small");
        Directory.CreateDirectory(small);
        Assert.Equal(0,
            MountCalls.mount(Posix.CString("tmpfs"), Posix.CString(small), Posix.CString("tmpfs"), 0, Posix.CString("size=8m")));
        using var image = Image.Made(32, "mkfs.ext4", "e2fsprogs", ["-q", "-L", "KC-EXPORT"], small, "claims.img");
        using var liar = new LoopSticks();
        liar.PlugIn(image.Path);
        using var sticks = new Sticks(DriveAccess.Keeper(KernelView.Real, liar.Places, small, 0).Answer, liar.Places);
        Assert.Contains(Refusal(sticks, 12).Rule, new[] { "STICK-06", "STICK-14" });
    }

    [Fact]
    public void A_stick_that_was_exchanged_since_it_was_shown_is_not_mounted()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        string device = table.Plug("KC-EXPORT");
        Drive shown = table.Ask(new DriveRequest("list")).List!.Drives.Single();
        Image.Run("losetup", "--detach", device);
        Image.Run("losetup", device, table.ImageOf("KC-EXPORT"));

        DriveAnswer answer = table.Ask(new DriveRequest("mount", shown.Name, shown.Plugged, shown.Name, "export", true));
        Assert.Equal("STICK-10", answer.Refused?.Rule);
    }

    [Fact]
    public void A_damaged_file_system_is_named()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        table.Plug("KC-EXPORT");
        using (FileStream image = File.OpenWrite(table.ImageOf("KC-EXPORT")))
        {
            // The superblock stays; the group descriptors behind it do not.
            image.Position = 2048;
            image.Write(Pattern.AsSpan(0, 2048));
        }
        using Sticks sticks = table.Sticks();
        Refused("STICK-08", sticks, 1);
    }

    [Fact]
    public void A_stick_in_use_is_not_taken_away()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        table.Plug("KC-EXPORT");
        using Sticks sticks = table.Sticks();
        sticks.Mount(StickRole.Export, write: true);
        using (File.Create(Path.Combine(sticks.PathOf(StickRole.Export), "open")))
            Assert.Equal("STICK-09", Assert.Throws<CeremonyException>(() => sticks.Release(StickRole.Export)).Refusal.Rule);
        sticks.Release(StickRole.Export);
    }

    /// <summary>FAT32 and exFAT are mounted where the kernel can; where it cannot it is said, and nothing else breaks.</summary>
    [Theory]
    [InlineData("mkfs.vfat", "vfat")]
    [InlineData("mkfs.exfat", "exfat")]
    public void Other_file_systems_are_mounted_or_refused_in_words(string tool, string fileSystem)
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        table.Plug("KC-EXPORT", 64, tool);
        using Sticks sticks = table.Sticks();
        if (File.ReadLines("/proc/filesystems").Any(l => l.Trim() == fileSystem))
        {
            Write(sticks, 2);
            return;
        }
        Console.WriteLine($"This kernel has no {fileSystem}: only the refusal was tested.");
        if (Refusal(sticks, 1) is { } refusal)
            Assert.Equal(("STICK-08", true), (refusal.Rule, refusal.Message.Contains("cannot mount", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_million_files_and_every_kind_of_file_are_looked_at_within_bounds()
    {
        if (!LoopSticks.CanPlay()) return;
        using var table = new LoopSticks();
        string device = table.Plug("KC-IMPORT", 512, blocks: 4096);
        string fill = Path.Combine(table.Folder, "fill");
        Directory.CreateDirectory(fill);
        Image.Run("mount", device, fill);
        FillWithMillion(fill);
        Image.Run("umount", fill);

        using Sticks sticks = table.Sticks();
        var stick = new ImportStick(sticks.PathOf(StickRole.Import), sticks.AttachImport);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Core.Journal.ImportsFound found = stick.Look("request");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L * Megabyte);
        Assert.InRange(found.Files.Length, 0, 200);
        // It stops looking after 10,000 names, however many there are.
        Assert.InRange(found.Files.Length + found.Ignored, 9_000, 10_000);
        foreach (string name in new[] { "link.csr", "pipe.csr", "device.csr", "folder", "../../../etc/hostname" })
            Assert.False(stick.TryRead(name, out _, out _), name);
    }

    private static void FillWithMillion(string folder)
    {
        File.CreateSymbolicLink(Path.Combine(folder, "link.csr"), "/etc/hostname");
        Image.Run("mkfifo", Path.Combine(folder, "pipe.csr"));
        Image.Run("mknod", Path.Combine(folder, "device.csr"), "b", "7", "0");
        Directory.CreateDirectory(Path.Combine(folder, "folder"));
        // Names of one file: a million of them, without a million inodes.
        Image.Run("perl", "-e", """
            chdir $ARGV[0]; my ($file, $n) = ("", 0);
            for (1 .. 1000000) {
                if ($n++ % 60000 == 0) { $file = "first-$_.csr"; open(my $f, ">", $file) or die; print $f "x"; close $f; next }
                link($file, "n$_.csr") or die "$_: $!";
            }
            """, folder);
    }

    private static void Write(Sticks sticks, int files) =>
        new StickExport(sticks, TimeSpan.FromMinutes(2)).Write((place, answered) => WriteTo(place, files, _ => answered()), _ => { });

    private static Refusal Refusal(Sticks sticks, int files) => Assert.Throws<CeremonyException>(() => Write(sticks, files)).Refusal;

    private static void Refused(string rule, Sticks sticks, int files)
    {
        Refusal refusal = Refusal(sticks, files);
        Assert.True(refusal.Rule == rule, refusal.ToString());
    }

    /// <summary>Something happens to the stick when the half is written.</summary>
    private static string[] Failing(Sticks sticks, int files, Action happens)
    {
        int written = 0;
        Refusal refusal = Assert.Throws<CeremonyException>(
            () => new StickExport(sticks, TimeSpan.FromMinutes(2)).Write((place, answered) => WriteTo(place, files, bytes =>
        {
            answered();
            if (written < files * Megabyte && (written += bytes) >= files * Megabyte)
                happens();
        }), _ => { })).Refusal;
        return [refusal.Rule, refusal.Message];
    }

    private static ExportedBundle WriteTo(string place, int files, Action<int> written)
    {
        var content = Enumerable.Range(0, files)
            .ToImmutableSortedDictionary(i => $"data-{i}", _ => (ReadOnlyMemory<byte>)Pattern, StringComparer.Ordinal);
        content = content.Add(BundleFiles.SumsPath, BundleFiles.Sums(content, []));
        Assert.True(BundleExport.TryWrite(content, [], _ => Stream.Null, "bundle",
            place, written, out ExportedBundle? exported, out Refusal? refusal), refusal?.ToString());
        return exported;
    }

    private static bool Flip(string image)
    {
        byte[] bytes = File.ReadAllBytes(image);
        int at = bytes.AsSpan().IndexOf(Pattern.AsSpan(4096, 4096));
        if (at < 0)
            return false;
        using FileStream file = File.OpenWrite(image);
        file.Position = at + 100;
        file.WriteByte((byte)(bytes[at + 100] ^ 1));
        return true;
    }
}
