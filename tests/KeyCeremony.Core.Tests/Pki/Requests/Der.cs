using System.Formats.Asn1;
using System.Text;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>DER written by hand, so that it can be written wrongly: nothing is checked.</summary>
internal static class Der
{
    public static byte[] Value(byte tag, params byte[][] parts)
    {
        byte[] content = [.. parts.SelectMany(part => part)];
        return [tag, .. Length(content.Length), .. content];
    }

    public static byte[] Sequence(params byte[][] parts) => Value(0x30, parts);

    public static byte[] Set(params byte[][] parts) => Value(0x31, parts);

    public static byte[] Integer(params byte[] content) => Value(0x02, content);

    public static byte[] Octets(params byte[][] parts) => Value(0x04, parts);

    public static byte[] Bits(byte[] content, byte unused = 0) => Value(0x03, [unused], content);

    public static byte[] Null => [0x05, 0x00];

    public static byte[] True => [0x01, 0x01, 0xFF];

    public static byte[] Utf8(string text) => Value(0x0C, Encoding.UTF8.GetBytes(text));

    public static byte[] Printable(string text) => Value(0x13, Encoding.ASCII.GetBytes(text));

    public static byte[] Oid(string dotted)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(dotted);
        return writer.Encode();
    }

    public static byte[] Length(int length) => length switch
    {
        < 0x80 => [(byte)length],
        < 0x100 => [0x81, (byte)length],
        < 0x10000 => [0x82, (byte)(length >> 8), (byte)(length & 0xFF)],
        _ => [0x83, (byte)(length >> 16), (byte)((length >> 8) & 0xFF), (byte)(length & 0xFF)],
    };
}
