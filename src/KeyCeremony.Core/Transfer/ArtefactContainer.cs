using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// An artefact as bytes: a CBOR map of <c>data</c>, <c>name</c> and <c>type</c>. <c>docs/decisions/0011-transfer-container.md</c>.
/// </summary>
internal static class ArtefactContainer
{
    private const int Entries = 3;
    private const string Data = "data";
    private const string Name = "name";
    private const string Type = "type";

    public static byte[] Write(Artefact artefact) => StrictCbor.Write(cbor =>
    {
        cbor.WriteStartMap(Entries);
        cbor.WriteTextString(Data);
        cbor.WriteByteString(artefact.Bytes.Span);
        cbor.WriteTextString(Name);
        cbor.WriteTextString(artefact.Name);
        cbor.WriteTextString(Type);
        cbor.WriteTextString(artefact.Type);
        cbor.WriteEndMap();
    });

    /// <summary>Else refused: UR-15 the form, UR-16 the name, UR-17 the type.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> container, [NotNullWhen(true)] out Artefact? artefact,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (artefact, refusal) = (null, TransferRules.Container());
        return StrictCbor.TryRead(container, ReadFields, out Fields? fields)
            && Artefact.TryCreate(fields.Name, fields.Type, fields.Data, out artefact, out refusal);
    }

    private static Fields? ReadFields(CborReader cbor)
    {
        if (cbor.ReadStartMap() != Entries || cbor.ReadTextString() != Data)
            return null;
        byte[] data = cbor.ReadByteString();
        if (cbor.ReadTextString() != Name)
            return null;
        string name = cbor.ReadTextString();
        if (cbor.ReadTextString() != Type)
            return null;
        var fields = new Fields(data, name, cbor.ReadTextString());
        cbor.ReadEndMap();
        return fields;
    }

    private sealed record Fields(byte[] Data, string Name, string Type);
}
