using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Room;

/// <summary>
/// What this computer was started from and with: the values that <c>iso/expected</c> and the handbook publish, and those
/// that belong to this one machine. They fail nothing: people compare them. An ordinary computer has few of them.
/// </summary>
internal sealed class ApplianceFacts(KernelFiles kernel)
{
    /// <summary>Written by the initial RAM disk of the image after it had read every block.</summary>
    private const string ImageFile = "run/keyceremony-boot/image";

    /// <summary>EFI variables begin with four bytes of attributes. UEFI 2.10, 3.3: SecureBoot is 1 when signatures are enforced.</summary>
    private const string SecureBootFile = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

    private const string PcrFolder = "sys/class/tpm/tpm0/pcr-sha256";

    /// <summary>
    /// What the firmware, the boot loader and the kernel image are measured into. TCG PC Client Platform Firmware Profile 3.3.4.
    /// </summary>
    private static readonly ImmutableArray<int> Pcrs = [0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12];

    public ImmutableArray<Finding> Inspect() => [Image(), Verity(), SecureBoot(), .. MeasuredBoot(), Kernel(), .. Devices()];

    private Finding Image() => Value(ImageFile, "image-sha256") switch
    {
        null => Warn("GATE-09", "not started from the appliance's image"),
        "none" => Pass("GATE-09", "started from one file that is kernel and image; its digest is in the TPM, if there is one"),
        string digest => Pass("GATE-09", $"image SHA-256 {digest}"),
    };

    private Finding Verity()
    {
        string mapped = kernel.Text("sys/block/dm-0/dm/uuid");
        return Value(ImageFile, "verity-root") is { } hash && mapped.EndsWith(hash, StringComparison.Ordinal)
            ? Pass("GATE-10", $"root file system, every block read: verity root {hash}")
            : Warn("GATE-10", "the root file system is not under dm-verity");
    }

    private Finding SecureBoot() => kernel.Bytes(SecureBootFile) switch
    {
        [_, _, _, _, 1] => Pass("GATE-11", "Secure Boot is enforced"),
        [_, _, _, _, 0] => Warn("GATE-11", "Secure Boot is off"),
        _ => Warn("GATE-11", "no Secure Boot: started by BIOS, or the firmware does not say"),
    };

    private IEnumerable<Finding> MeasuredBoot()
    {
        Finding[] read = [.. Pcrs.Select(
            n => (Number: n, Value: kernel.Text(Path.Combine(PcrFolder, n.ToString(CultureInfo.InvariantCulture))).ToLowerInvariant()))
            .Where(p => p.Value.Length > 0).Select(p => Pass("GATE-12", $"PCR {p.Number} {p.Value}"))];
        return read.Length > 0 ? read : [Warn("GATE-12", "no TPM: what was started is not measured")];
    }

    private Finding Kernel() => Pass("GATE-13", $"kernel {kernel.Text("proc/sys/kernel/osrelease")}");

    private IEnumerable<Finding> Devices()
    {
        foreach (string device in kernel.Names("sys/bus/usb/devices").Where(d => !d.Contains(':', StringComparison.Ordinal)))
        {
            string folder = $"sys/bus/usb/devices/{device}";
            string name = $"{kernel.Text($"{folder}/manufacturer")} {kernel.Text($"{folder}/product")}".Trim();
            string refused = kernel.Text($"{folder}/authorized") == "0" ? ", not taken into use" : "";
            yield return Pass("GATE-14",
                $"USB {device} {kernel.Text($"{folder}/idVendor")}:{kernel.Text($"{folder}/idProduct")} {name}{refused}");
        }
        foreach (string device in kernel.Names("sys/bus/pci/devices"))
        {
            string folder = $"sys/bus/pci/devices/{device}";
            string driver = kernel.LinkName($"{folder}/driver") is { } d ? $", driver {d}" : ", no driver";
            yield return Pass("GATE-14",
                $"PCI {device} {Hex(folder, "vendor")}:{Hex(folder, "device")} class {Hex(folder, "class")}{driver}");
        }
    }

    private string Hex(string folder, string name) => kernel.Text($"{folder}/{name}").Replace("0x", "", StringComparison.Ordinal);

    private string? Value(string file, string name) =>
        kernel.Lines(file).Select(l => l.Split(' ', 2)).FirstOrDefault(l => l.Length == 2 && l[0] == name)?[1].Trim();

    private static Finding Pass(string id, string text) => new(id, "pass", text);

    private static Finding Warn(string id, string text) => new(id, "warning", text);
}
