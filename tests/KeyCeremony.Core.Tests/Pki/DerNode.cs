using System.Formats.Asn1;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>A DER value that can be taken apart, changed and put together again, also into something wrong.</summary>
internal sealed class DerNode
{
    private DerNode(byte tag, byte[] value, List<DerNode>? children)
    {
        Tag = tag;
        Value = value;
        Children = children;
    }

    public byte Tag { get; set; }

    public byte[] Value { get; set; }

    public List<DerNode>? Children { get; }

    public DerNode this[int index]
    {
        get => Children![index];
        set => Children![index] = value;
    }

    public static DerNode Primitive(byte tag, params byte[] value) => new(tag, value, null);

    public static DerNode Sequence(params DerNode[] children) => new(0x30, [], [.. children]);

    public static DerNode Parse(ReadOnlyMemory<byte> der)
    {
        var reader = new AsnReader(der, AsnEncodingRules.DER);
        ReadOnlyMemory<byte> content = reader.PeekContentBytes();
        byte tag = der.Span[0];
        if ((tag & 0x20) == 0)
            return new DerNode(tag, content.ToArray(), null);
        var children = new List<DerNode>();
        var inner = new AsnReader(content, AsnEncodingRules.DER);
        while (inner.HasData)
            children.Add(Parse(inner.ReadEncodedValue()));
        return new DerNode(tag, [], children);
    }

    public byte[] Encode()
    {
        byte[] content = Children is null ? Value : [.. Children.SelectMany(child => child.Encode())];
        return [Tag, .. Length(content.Length), .. content];
    }

    private static byte[] Length(int length) => length switch
    {
        < 0x80 => [(byte)length],
        < 0x100 => [0x81, (byte)length],
        _ => [0x82, (byte)(length >> 8), (byte)(length & 0xFF)],
    };
}
