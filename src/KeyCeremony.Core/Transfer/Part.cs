using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;

namespace KeyCeremony.Core.Transfer;

/// <summary>One of the frames of a message that takes several. BCR-2020-005, "UR Encoding".</summary>
/// <param name="Number">SEQ, from 1.</param>
/// <param name="Count">LEN: fragments of the message.</param>
/// <param name="MessageLength">Bytes, without the filling of the last fragment.</param>
/// <param name="Checksum">CRC-32 of the message.</param>
/// <param name="Data">A fragment, or several of them XORed.</param>
internal sealed record Part(uint Number, int Count, int MessageLength, uint Checksum, ReadOnlyMemory<byte> Data)
{
    private const int Elements = 5;

    public byte[] Write() => StrictCbor.Write(cbor =>
    {
        cbor.WriteStartArray(Elements);
        cbor.WriteUInt32(Number);
        cbor.WriteInt32(Count);
        cbor.WriteInt32(MessageLength);
        cbor.WriteUInt32(Checksum);
        cbor.WriteByteString(Data.Span);
        cbor.WriteEndArray();
    });

    /// <summary>Else refused: UR-06 the form, UR-08 a message beyond the limit, UR-07 lengths that do not fit together.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Part? part, [NotNullWhen(false)] out Refusal? refusal)
    {
        (part, refusal) = (null, null);
        if (!StrictCbor.TryRead(bytes, ReadFields, out Fields? fields))
            refusal = TransferRules.Part();
        else if (fields.MessageLength is 0 or > TransferLimits.MaxMessageBytes)
            refusal = TransferRules.MessageLength(fields.MessageLength);
        else if (fields.Number == 0 || fields.Data.Length == 0 || fields.Count != CountOf((int)fields.MessageLength, fields.Data.Length))
            refusal = TransferRules.PartLengths();
        else
            part = new Part(fields.Number, (int)fields.Count, (int)fields.MessageLength, fields.Checksum, fields.Data);
        return refusal is null;
    }

    public bool IsOfOneMessageWith(Part other) =>
        (Count, MessageLength, Checksum, Data.Length) == (other.Count, other.MessageLength, other.Checksum, other.Data.Length);

    public static int CountOf(int messageLength, int fragmentLength) => (messageLength + fragmentLength - 1) / fragmentLength;

    private static Fields? ReadFields(CborReader cbor)
    {
        if (cbor.ReadStartArray() != Elements)
            return null;
        var fields = new Fields(cbor.ReadUInt32(), cbor.ReadUInt32(), cbor.ReadUInt32(), cbor.ReadUInt32(), cbor.ReadByteString());
        cbor.ReadEndArray();
        return fields;
    }

    private sealed record Fields(uint Number, uint Count, uint MessageLength, uint Checksum, byte[] Data);
}
