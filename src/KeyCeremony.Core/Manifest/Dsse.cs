using System.Text;

namespace KeyCeremony.Core.Manifest;

/// <summary>What a signature in an envelope covers. DSSE 1.0, protocol.</summary>
public static class Dsse
{
    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>The pre-authentication encoding: <c>DSSEv1 LEN type LEN payload</c>, lengths in decimal, one space between.</summary>
    public static byte[] Pae(ReadOnlySpan<byte> payload) =>
        [.. Encoding.ASCII.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];
}
