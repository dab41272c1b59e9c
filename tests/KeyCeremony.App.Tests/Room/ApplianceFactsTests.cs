using System.Collections.Immutable;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What the gate says about the image, the firmware and the devices, of computers made of files.</summary>
public sealed class ApplianceFactsTests : IDisposable
{
    private const string Hash = "91fcd1db97715d119a4679827dbc1d83a681f2f4ab77e9d5fa099f8bbda3362a";
    private readonly string _root = Directory.CreateTempSubdirectory("keyceremony-facts-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_ordinary_computer_is_told_from_the_image()
    {
        Put("proc/sys/kernel/osrelease", "6.1.0\n");
        ImmutableArray<Finding> found = Inspect();
        Assert.Equal(["GATE-09", "GATE-10", "GATE-11", "GATE-12"], found.Where(f => f.Result == "warning").Select(f => f.Id));
        Assert.Contains(new Finding("GATE-13", "pass", "kernel 6.1.0"), found);
    }

    [Fact]
    public void The_image_is_named_with_its_hash_and_its_root()
    {
        Put("run/keyceremony-boot/image", $"image-sha256 {Hash}\nverity-root {Hash}\nverity-blocks 13007\n");
        Put("sys/block/dm-0/dm/uuid", $"KEYCEREMONY-VERITY-{Hash}\n");
        ImmutableArray<Finding> found = Inspect();
        Assert.Contains(new Finding("GATE-09", "pass", $"image SHA-256 {Hash}"), found);
        Assert.Contains(new Finding("GATE-10", "pass", $"root file system, every block read: verity root {Hash}"), found);
    }

    /// <summary>What the initial RAM disk wrote is believed only as far as the kernel has such a device.</summary>
    [Fact]
    public void A_root_hash_that_the_kernel_does_not_have_is_not_said()
    {
        Put("run/keyceremony-boot/image", $"image-sha256 none\nverity-root {Hash}\n");
        Put("sys/block/dm-0/dm/uuid", $"KEYCEREMONY-VERITY-{new string('0', 64)}\n");
        Assert.Equal("warning", Assert.Single(Inspect(), f => f.Id == "GATE-10").Result);
    }

    [Theory]
    [InlineData(1, "pass", "enforced")]
    [InlineData(0, "warning", "off")]
    public void The_state_of_Secure_Boot_is_the_fifth_byte_of_its_variable(byte value, string result, string word)
    {
        string path = PathOf("sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
        File.WriteAllBytes(path, [6, 0, 0, 0, value]);
        Finding found = Assert.Single(Inspect(), f => f.Id == "GATE-11");
        Assert.Equal(result, found.Result);
        Assert.Contains(word, found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_TPM_measured_is_listed_register_by_register()
    {
        Put("sys/class/tpm/tpm0/pcr-sha256/7", Hash.ToUpperInvariant() + "\n");
        Put("sys/class/tpm/tpm0/pcr-sha256/11", new string('A', 64) + "\n");
        Assert.Equal([$"PCR 7 {Hash}", $"PCR 11 {new string('a', 64)}"], Inspect().Where(f => f.Id == "GATE-12").Select(f => f.Text));
    }

    [Fact]
    public void Every_device_is_listed_and_whether_it_is_in_use()
    {
        Put("sys/bus/usb/devices/1-1/idVendor", "0b95\n");
        Put("sys/bus/usb/devices/1-1/idProduct", "1790\n");
        Put("sys/bus/usb/devices/1-1/product", "AX88179\n");
        Put("sys/bus/usb/devices/1-1/authorized", "0\n");
        Put("sys/bus/pci/devices/0000:00:03.0/vendor", "0x8086\n");
        Put("sys/bus/pci/devices/0000:00:03.0/device", "0x100e\n");
        Put("sys/bus/pci/devices/0000:00:03.0/class", "0x020000\n");
        Assert.Equal(["USB 1-1 0b95:1790 AX88179, not taken into use", "PCI 0000:00:03.0 8086:100e class 020000, no driver"],
            Inspect().Where(f => f.Id == "GATE-14").Select(f => f.Text));
    }

    /// <summary>A USB device that waits at the door is no device of the ceremony; one that came in is.</summary>
    [Theory]
    [InlineData("0", "pass")]
    [InlineData("1", "fail")]
    public void A_strange_USB_device_fails_the_gate_only_when_it_was_let_in(string authorized, string result)
    {
        Put("sys/bus/usb/devices/1-1:1.0/bInterfaceClass", "e0\n");
        Put("sys/bus/usb/devices/1-1:1.0/authorized", authorized + "\n");
        Assert.Equal(result, new ApplianceGate(_root, memoryLocks: true, []).Inspect().Findings.Single(f => f.Id == "GATE-06").Result);
    }

    [Fact]
    public void A_published_hash_is_followed_by_its_words_and_a_measurement_is_not()
    {
        ImmutableArray<string> lines = FindingText.Lines([new Finding("GATE-09", "pass", $"image SHA-256 {Hash}"),
            new Finding("GATE-12", "pass", $"PCR 7 {Hash}")]);
        Assert.Equal("PASS    GATE-09 image SHA-256", lines[0]);
        Assert.Equal("91fc d1db 9771 5d11 9a46 7982 7dbc 1d83", lines[1]);
        Assert.StartsWith("pheasant Wilmington ", lines[3], StringComparison.Ordinal);
        Assert.Equal($"PASS    GATE-12 PCR 7 {Hash}", lines[^1]);
    }

    [Theory]
    [InlineData("ro quiet keyceremony.serial", false, false, false)]
    [InlineData("ro keyceremony.rehearsal quiet", true, false, false)]
    [InlineData("ro keyceremony.serial keyceremony.plain", false, false, true)]
    [InlineData("ro keyceremony.self-check", false, true, false)]
    [InlineData("ro nokeyceremony.rehearsal keyceremony.rehearsal=0", false, false, false)]
    public void The_boot_menus_choice_is_a_whole_word_of_the_command_line(string line, bool rehearsal, bool selfCheck,
        bool plain) => Assert.Equal(new BootChoice(rehearsal, selfCheck, plain), BootChoice.Of(line));

    [Theory]
    [InlineData("ro console=tty1 keyceremony.witness=ttyS0", "/dev/ttyS0")]
    [InlineData("ro keyceremony.rehearsal keyceremony.witness=ttyS1", "/dev/ttyS1")]
    [InlineData("ro keyceremony.witness=../mem keyceremony.witness", null)]
    [InlineData("ro keyceremony.witness=tty1", null)]
    public void The_witness_watches_on_one_of_two_lines_or_on_none(string line, string? device) =>
        Assert.Equal(device, BootChoice.Of(line).Witness);

    /// <summary>The computer that runs this test is none: it has a network, a shell, and rights.</summary>
    [Fact]
    public void The_self_check_fails_where_there_are_sockets_and_shells()
    {
        ImmutableArray<Finding> found = new SelfCheck(new KernelFiles("/"), "/", "/nowhere", []).Run();
        Assert.All(["SELF-02", "SELF-04", "SELF-06", "SELF-08", "SELF-09", "SELF-13", "SELF-14"],
            id => Assert.Equal("fail", found.Single(f => f.Id == id).Result));
        Assert.Equal(found.Length, found.Select(f => f.Id).Distinct().Count());
        Assert.All(found, f => Assert.Contains($"| {f.Id} |",
            File.ReadAllText(Terminal.TestFiles.PathOf("docs", "handbook", "appliance.md")), StringComparison.Ordinal));
    }

    private ImmutableArray<Finding> Inspect() => new ApplianceFacts(new KernelFiles(_root)).Inspect();

    private void Put(string file, string text) => File.WriteAllText(PathOf(file), text);

    private string PathOf(string file)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
