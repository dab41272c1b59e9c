using System.Diagnostics;
using System.Security.Cryptography;
using KeyCeremony.App.Tests.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Transfer;
using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>
/// Codes on the Linux console itself: the image's kernel, modules and program, but instead of a ceremony the program's own
/// <c>show</c>. What the screen really shows is photographed and read.
/// </summary>
public sealed class ConsoleTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>More than a code holds: several frames, as they go by.</summary>
    private const int Bytes = 1500;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-console-").FullName;

    /// <summary>The image's initial RAM disk with another first program: no systemd, no ceremony.</summary>
    private const string Init = """
        #!/bin/sh
        export PATH=/bin
        mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev; mount -t tmpfs run /run
        modprobe loop; modprobe squashfs
        losetup -r /dev/loop0 /root.img && mount -t squashfs -o ro /dev/loop0 /new || echo "the root image cannot be mounted" >/dev/ttyS0
        cat /artefact >/run/artefact
        for place in dev proc sys run; do mount --move /$place /new/$place; done
        echo "the codes begin" >/new/dev/ttyS0
        DOTNET_EnableDiagnostics=0 LANG=C.UTF-8 TERM=linux TMPDIR=/run HOME=/run busybox setsid -c \
          busybox chroot /new /opt/keyceremony/keyceremony show /run/artefact </new/dev/tty1 >/new/dev/tty1 2>/new/dev/ttyS0
        echo "the codes ended: $?" >/new/dev/ttyS0
        while :; do sleep 3600; done

        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("text of 80 by 25 characters", Firmware.Bios, "", "VGA", 26)]
    [InlineData("1024 by 768 pixels", Firmware.Bios, "vga=0x344", "VGA", 2)]
    [InlineData("1920 by 1080 pixels", Firmware.Uefi, "", "VGA,xres=1920,yres=1080", 2)]
    public void A_code_on_the_real_console_is_read_from_a_picture_of_the_screen(string screen,
        Firmware firmware, string word, string display, int fragments)
    {
        byte[] artefact = RandomNumberGenerator.GetBytes(Bytes);
        using var computer = new Computer(Showing(artefact, firmware, word, display), output);
        computer.WaitFor("the codes begin");
        var watch = Stopwatch.StartNew();
        var collector = new FrameCollector();
        int pictures = 0;
        while (!collector.IsComplete && watch.Elapsed < Patience)
        {
            foreach (string text in Picture.Read([computer.Photograph(Path.Combine(_folder, "screen.ppm"))]))
                Assert.True(collector.TryTake(text, out Refusal? refused), refused?.Message);
            pictures++;
        }
        output.WriteLine(
            $"{screen}: {collector.Known} of {collector.Count} fragments from {pictures} pictures in {watch.Elapsed.TotalSeconds:F0} s");
        Assert.Equal(fragments, collector.Count); // pixels hold more than characters
        Assert.True(collector.TryFinish(out Artefact? received, out Refusal? refusal), refusal?.Message);
        Assert.Equal(artefact, received.Bytes.ToArray());
    }

    private Setup Showing(byte[] artefact, Firmware firmware, string word, string display)
    {
        string ramDisk = Path.Combine(_folder, "initrd.img");
        new RamDisk(ramDisk).Archive(Image.PathOf("initrd.img")).Add("init", System.Text.Encoding.UTF8.GetBytes(Init))
            .Add("artefact", artefact).Add("root.img", File.ReadAllBytes(Image.PathOf("root.img")));
        return new Setup(firmware, Medium.None, "", Display: display,
            Devices: ["-kernel", Image.PathOf("vmlinuz"), "-initrd", ramDisk, "-append", $"quiet loglevel=1 console=tty1 {word}"]);
    }
}
