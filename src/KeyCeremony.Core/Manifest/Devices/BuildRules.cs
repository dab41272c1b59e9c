using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Every rule about the files that a batch is built from, in the order of <c>docs/formats/device-list.md</c>.</summary>
public static class BuildRules
{
    public static readonly PkiRule Form = new("BUILD-01", "batch.yaml is at most 64 KiB of UTF-8 with the fields of "
        + "a batch, each once and with a value of its kind, and nothing else: no comment, no anchor, no text over several lines.", "house");
    public static readonly PkiRule Missing = new("BUILD-02", "Every file that batch.yaml names can be read.", "house");
    public static readonly PkiRule Firmware = new("BUILD-03", "A firmware image has the SHA-256 that batch.yaml gives it.", "house");
    public static readonly PkiRule Hbom = new("BUILD-04", "The hardware BOM is CycloneDX 1.2 or a later "
        + "1.x in JSON, at most 16 MiB, and every critical part, or the part that it replaces, is one of its components.", "CycloneDX 1.6");
    public static readonly PkiRule IssuingCa = new("BUILD-05",
        "The issuing CA's certificate is a CA's, with a key of a kind we use, and had not run out when the batch was finished.",
        "RFC 5280 4.2.1.3, 4.2.1.9");
    public static readonly PkiRule Command = new("BUILD-06",
        "A command's options go together, and what it writes is not there yet.", "house");

    public static IReadOnlyList<PkiRule> All { get; } = [Form, Missing, Firmware, Hbom, IssuingCa, Command];
}
