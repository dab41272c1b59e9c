using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using System.IO.Compression;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// The content of <c>ur:compressed</c>: checksum and size of the content, and its raw DEFLATE (RFC 1951), or the content itself
/// where that is not longer. BCR-2023-001, without the optional digest: the standard leaves open of what it is.
/// </summary>
internal static class CompressedMessage
{
    private const int Elements = 3;

    public static byte[] Write(ReadOnlySpan<byte> content)
    {
        (uint checksum, int size, byte[]? payload) = (Crc32.Of(content), content.Length, Deflate(content));
        if (payload.Length >= size)
            payload = content.ToArray();
        return StrictCbor.Write(cbor =>
        {
            cbor.WriteStartArray(Elements);
            cbor.WriteUInt32(checksum);
            cbor.WriteInt32(size);
            cbor.WriteByteString(payload);
            cbor.WriteEndArray();
        });
    }

    /// <summary>Else refused: UR-11 the form, UR-12 a content beyond the limit, UR-13 another size, UR-14 the checksum.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out byte[]? content,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (content, refusal) = (null, null);
        if (!StrictCbor.TryRead(message, ReadFields, out Fields? fields))
            refusal = TransferRules.Compressed();
        else if (fields.Size > TransferLimits.MaxContainerBytes)
            refusal = TransferRules.ContainerLength(fields.Size);
        else if (!TryInflate(fields.Payload, (int)fields.Size, out content))
            refusal = TransferRules.Inflated();
        else if (Crc32.Of(content) != fields.Checksum)
            refusal = TransferRules.ContainerChecksum();
        return refusal is null;
    }

    private static byte[] Deflate(ReadOnlySpan<byte> content)
    {
        using var payload = new MemoryStream();
        using (var deflate = new DeflateStream(payload, CompressionLevel.SmallestSize, leaveOpen: true))
            deflate.Write(content);
        return payload.ToArray();
    }

    // A payload as long as the content is the content. No more is inflated than was announced, and one byte to see that it ends there.
    private static bool TryInflate(byte[] payload, int size, [NotNullWhen(true)] out byte[]? content)
    {
        content = payload.Length == size ? payload : null;
        if (payload.Length >= size)
            return content is not null;
        byte[] inflated = new byte[size + 1];
        try
        {
            using var deflate = new DeflateStream(new MemoryStream(payload), CompressionMode.Decompress);
            content = deflate.ReadAtLeast(inflated, inflated.Length, throwOnEndOfStream: false) == size ? inflated[..size] : null;
        }
        catch (InvalidDataException)
        {
            // Not DEFLATE: content stays null.
        }

        return content is not null;
    }

    private static Fields? ReadFields(CborReader cbor)
    {
        if (cbor.ReadStartArray() != Elements)
            return null;
        var fields = new Fields(cbor.ReadUInt32(), cbor.ReadUInt32(), cbor.ReadByteString());
        cbor.ReadEndArray();
        return fields;
    }

    private sealed record Fields(uint Checksum, uint Size, byte[] Payload);
}
