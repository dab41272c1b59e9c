using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>The image starts on what people have, and the first thing it shows is what it is.</summary>
public sealed class BootTests(ITestOutputHelper output)
{
    private const string FirstPage = "KeyCeremony: what this computer is";

    [Theory]
    [InlineData(Firmware.Bios, Medium.Cd)]
    [InlineData(Firmware.Bios, Medium.Stick)]
    [InlineData(Firmware.Uefi, Medium.Cd)]
    [InlineData(Firmware.Uefi, Medium.Stick)]
    public void It_boots_to_the_first_screen_and_shows_the_published_values(Firmware firmware, Medium medium)
    {
        using var computer = new Computer(new Setup(firmware, medium, Image.Iso), output);
        computer.Choose(BootEntry.SerialCeremony);
        string said = computer.WaitFor(FirstPage, FirstPage);
        output.WriteLine($"{firmware}, {medium}: "
            + $"{computer.Since.TotalSeconds:F0} s to the first screen, image of {new FileInfo(Image.Iso).Length / 1_000_000} MB");
        computer.WaitFor("Switch off");
        computer.Tell();
        Assert.DoesNotContain("FAIL", said, StringComparison.Ordinal);

        computer.Type("2");
        computer.Type("\r");
        computer.WaitUntilOff();
    }
}
