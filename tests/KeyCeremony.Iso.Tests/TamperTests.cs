using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>Somebody had the medium in hand before the day.</summary>
public sealed class TamperTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-tamper-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_flipped_byte_of_the_root_file_system_stops_the_boot()
    {
        string medium = Copy(Image.Iso);
        FlipOneByteOf(medium, Part(Image.PathOf("root.img"), 0.5), offset: 2000);
        using var computer = new Computer(new Setup(Firmware.Bios, Medium.Stick, medium), output);
        computer.Choose(BootEntry.SerialCeremony);
        string said = computer.WaitFor("the kernel's panic", "dm-verity device corrupted", "what this computer is");
        computer.Tell();
        Assert.Contains("dm-verity device corrupted", said, StringComparison.Ordinal);
        Assert.DoesNotContain("what this computer is", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Under_own_keys_the_signed_image_boots_and_its_measurements_are_recorded()
    {
        using var computer = new Computer(OwnKeys(Signed()) with { Tpm = true }, output);
        string said = computer.WaitFor("the end of the self-check", "self-check: ");
        computer.Tell();
        Assert.Contains("PASS    GATE-11 Secure Boot is enforced", said, StringComparison.Ordinal);
        Assert.Contains("PASS    GATE-08 kernel lockdown: confidentiality", said, StringComparison.Ordinal);
        Assert.Matches("PASS    GATE-12 PCR 7 [0-9a-f]{64}", said);
        // What the build foretold; the add-ons are measured into PCR 12.
        Assert.Contains($"PASS    GATE-12 PCR 11 {Image.MeasuredAs}", said, StringComparison.Ordinal);
        Assert.Contains($"verity root {Image.RootHash}", said, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Under_own_keys_an_image_with_another_kernel_or_command_line_is_refused(bool kernel)
    {
        string signed = Signed();
        string image = Path.Combine(signed, "keyceremony.efi");
        byte[] bytes = File.ReadAllBytes(image);
        int at = bytes.AsSpan().IndexOf(kernel ? Part(Image.PathOf("vmlinuz"), 0.5) : "lockdown=confidentiality"u8);
        Assert.True(at > 0, "the place to change was not found");
        if (kernel)
            bytes[at] ^= 1;
        else
            "lockdown=none           "u8.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(image, bytes);

        using var computer = new Computer(OwnKeys(signed), output);
        string said = computer.WaitFor("the refusal", "Access Denied", "self-check: ");
        computer.Tell();
        Assert.Contains("Access Denied", said, StringComparison.Ordinal);
        Assert.DoesNotContain("self-check: ", said, StringComparison.Ordinal);
    }

    private string Signed()
    {
        string keys = Path.Combine(_folder, "keys"), signed = Path.Combine(_folder, "signed");
        Image.Script("own-keys", keys, Setup.EmptyVariables).Expect(0);
        Image.Script("sign", Image.Folder, Path.Combine(keys, "db.key"), Path.Combine(keys, "db.crt"), signed).Expect(0);
        return signed;
    }

    /// <summary>The signed image on a stick as the handbook says, with the add-ons for the serial line and the self-check.</summary>
    private Setup OwnKeys(string signed)
    {
        string stick = Stick.Formatted(_folder, "APPLIANCE", new FileInfo(Path.Combine(signed, "keyceremony.efi")).Length + (64 << 20));
        foreach (string folder in new[] { "EFI", "EFI/BOOT", "EFI/BOOT/BOOTX64.EFI.extra.d" })
            Stick.MakeFolder(stick, folder);
        Stick.Put(stick, Path.Combine(signed, "keyceremony.efi"), "EFI/BOOT/BOOTX64.EFI");
        foreach (string word in new[] { "serial", "self-check" })
            Stick.Put(stick, Path.Combine(signed, $"{word}.addon.efi"), $"EFI/BOOT/BOOTX64.EFI.extra.d/{word}.addon.efi");
        return new Setup(Firmware.OwnKeys, Medium.Stick, stick, Variables: Path.Combine(_folder, "keys", "variables.fd"));
    }

    private string Copy(string file)
    {
        string copy = Path.Combine(_folder, Path.GetFileName(file));
        File.Copy(file, copy);
        return copy;
    }

    /// <summary>64 bytes of a file, to find their place in another one that contains it.</summary>
    private static byte[] Part(string file, double where)
    {
        using FileStream stream = File.OpenRead(file);
        stream.Position = (long)(stream.Length * where);
        byte[] part = new byte[64];
        stream.ReadExactly(part);
        return part;
    }

    private static void FlipOneByteOf(string medium, byte[] part, int offset)
    {
        byte[] bytes = File.ReadAllBytes(medium);
        int at = bytes.AsSpan().IndexOf(part);
        Assert.True(at > 0, "the root image was not found on the medium");
        bytes[at + offset] ^= 1;
        File.WriteAllBytes(medium, bytes);
    }
}
