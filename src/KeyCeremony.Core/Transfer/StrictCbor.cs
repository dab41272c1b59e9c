using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;

namespace KeyCeremony.Core.Transfer;

/// <summary>Deterministic CBOR, the whole input and nothing else. RFC 8949 4.2.1.</summary>
internal static class StrictCbor
{
    public static byte[] Write(Action<CborWriter> content)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        content(writer);
        return writer.Encode();
    }

    /// <summary>False where the input is not what <paramref name="content"/> reads, or is not the one way to write it.</summary>
    public static bool TryRead<T>(ReadOnlyMemory<byte> bytes, Func<CborReader, T?> content, [NotNullWhen(true)] out T? read)
        where T : class
    {
        read = null;
        try
        {
            var reader = new CborReader(bytes, CborConformanceMode.Canonical);
            T? value = content(reader);
            read = reader.BytesRemaining == 0 ? value : null;
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            // Another kind of item, a number out of range, or broken CBOR: read stays null.
        }

        return read is not null;
    }
}
