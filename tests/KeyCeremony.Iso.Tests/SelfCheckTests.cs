using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>A computer full of what a ceremony must not have. The image finds no driver for any of it.</summary>
public sealed class SelfCheckTests(ITestOutputHelper output)
{
    /// <summary>
    /// Wired and virtual network cards, a USB network adapter, and USB devices of classes that are not let in. QEMU has no
    /// Wi-Fi dongle; to USB one is a device of a vendor's class, as the serial adapter here is.
    /// </summary>
    private static readonly string[] Unwanted =
    [
        "-netdev", "user,id=a,restrict=on", "-device", "e1000,netdev=a", "-netdev",
        "user,id=b,restrict=on", "-device", "virtio-net-pci,netdev=b",
        "-netdev", "user,id=c,restrict=on", "-device", "usb-net,netdev=c,bus=usb.0",
        "-chardev", "null,id=d", "-device", "usb-serial,chardev=d,bus=usb.0,always-plugged=on",
        "-device", "usb-kbd,bus=usb.0", "-device", "usb-ccid,bus=usb.0",
    ];

    [Fact]
    public void With_every_network_device_attached_there_is_no_network_and_no_socket()
    {
        using var computer = new Computer(new Setup(Firmware.Uefi, Medium.Stick, Image.Iso, Devices: Unwanted), output);
        computer.Choose(BootEntry.SerialSelfCheck);
        string said = computer.WaitFor("the end of the self-check", "self-check: ", "Press Enter.");
        computer.Tell();

        Assert.Contains("PASS    SELF-01 network interfaces: lo", said, StringComparison.Ordinal);
        Assert.Contains("PASS    SELF-02 sockets that can be opened: unix; 64 families tried", said, StringComparison.Ordinal);
        // The HSM's module is elsewhere, with what USB needs, which the ceremony's program does not have.
        Assert.Contains("PASS    SELF-13 in the unit of the HSM's module: user 901, capabilities 0000000000000000", said,
            StringComparison.Ordinal);
        Assert.Contains("sockets unix, netlink; it opens no terminal, no stick, no camera and no file of the program; the ceremony's "
            + "program opens no USB device and no card reader", said, StringComparison.Ordinal);
        Assert.Contains("PASS    SELF-14 modules in that unit: yubihsm_pkcs11.so ", said, StringComparison.Ordinal);
        Assert.Contains("; opensc-pkcs11.so sees ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("FAIL", said, StringComparison.Ordinal);
        Assert.Contains($"PASS    GATE-09 image SHA-256 {Image.Sha256("keyceremony.iso")}", said, StringComparison.Ordinal);
        Assert.Contains($"verity root {Image.RootHash}", said, StringComparison.Ordinal);
        Assert.Contains("PASS    GATE-06 ", said, StringComparison.Ordinal);
        Assert.Equal(2, said.Split('\n')
            .Count(l => l.Contains("GATE-14 USB", StringComparison.Ordinal) && l.Contains("not taken into use", StringComparison.Ordinal)));
        // virtio-pci is the kernel's way to any virtual device; the driver of the network card behind it is not there.
        Assert.Contains("8086:100e class 020000, no driver", said, StringComparison.Ordinal);
        Assert.Contains("1af4:1000 class 020000, driver virtio-pci", said, StringComparison.Ordinal);
        computer.Type("\r");
        computer.WaitUntilOff();
    }
}
