using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Every rule about the files that a batch is built from, in the order of <c>docs/formats/device-list.md</c>.</summary>
public static class BuildRules
{
    public static readonly PkiRule IssuingCa = new("BUILD-05", "The issuing CA's certificate is a CA's, with a key of a kind we use.", "RFC 5280 4.2.1.3, 4.2.1.9");
}
