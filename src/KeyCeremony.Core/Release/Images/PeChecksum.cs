namespace KeyCeremony.Core.Release.Images;

/// <summary>
/// The checksum of PE/COFF: all 16-bit words added, what overflows added again, and the file's length added at the end. The field
/// itself counts as zero.
/// </summary>
internal sealed class PeChecksum
{
    private uint _sum;
    private bool _isOdd;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte one in bytes)
        {
            _sum += _isOdd ? (uint)one << 8 : one;
            _sum = (_sum & 0xFFFF) + (_sum >> 16);
            _isOdd = !_isOdd;
        }
    }

    public uint Of(long length) => checked((uint)(_sum + length));
}
