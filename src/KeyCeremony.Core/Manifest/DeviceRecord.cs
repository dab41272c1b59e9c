using System.Text;

namespace KeyCeremony.Core.Manifest;

/// <summary>What a leaf says about a device; hashes and salt in lower-case hex.</summary>
public sealed record DeviceRecord(string Salt, string SerialNo, string CertSha256, string SpkiSha256)
{
    /// <summary>What is wrong with a field (PROOF-06), or null.</summary>
    public Refusal? Check() =>
        !IsHash(Salt) || !IsHash(CertSha256) || !IsHash(SpkiSha256)
            ? BatchRules.Leaf.Refuse("The salt or a hash of the device is not 64 lower-case hex digits.", "Ask for the proof again.")
            : Ascii.IsValid(SerialNo) && DeviceLeaf.IsSerial(Encoding.ASCII.GetBytes(SerialNo)) ? null
            : BatchRules.Leaf.Refuse(
                $"The serial number is not 1 to {DeviceLeaf.MaxSerialBytes} characters of printable ASCII without blanks at the ends.",
                "Ask for the proof again.");

    /// <summary>The leaf's hash. The record was checked.</summary>
    public byte[] LeafHash()
    {
        Span<byte> leaf = stackalloc byte[DeviceLeaf.MaxLength];
        int length = DeviceLeaf.Write(leaf, Convert.FromHexString(Salt), Encoding.ASCII.GetBytes(SerialNo),
            Convert.FromHexString(CertSha256), Convert.FromHexString(SpkiSha256));
        byte[] hash = new byte[TreeHash.Length];
        TreeHash.Leaf(leaf[..length], hash);
        return hash;
    }

    internal static bool IsHash(string text) => text.Length == 2 * TreeHash.Length && text.All(char.IsAsciiHexDigitLower);
}
