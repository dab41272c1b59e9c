using System.Formats.Asn1;
using System.Net;

namespace KeyCeremony.Core.Pki;

/// <summary>GeneralName in words. RFC 5280 4.2.1.6.</summary>
internal static class GeneralNames
{
    /// <summary>More names than any certificate of a CA or a device has.</summary>
    public const int MaxNames = 64;

    private const int Last = 8;

    /// <summary>SEQUENCE SIZE (1..MAX) OF GeneralName, entered.</summary>
    /// <exception cref="UnreadableException">Empty, too many, or something that is no GeneralName.</exception>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static List<string> Read(AsnReader names, string field)
    {
        var read = new List<string>();
        while (names.HasData)
        {
            read.Add(ReadOne(names, field));
            if (read.Count > MaxNames)
                throw UnreadableException.NotReadHere($"{field} holds more than {MaxNames} names.");
        }
        return read.Count > 0 ? read : throw new UnreadableException($"{field} holds no name.");
    }

    public static bool IsUri(AsnReader names) => names.PeekTag() is { TagClass: TagClass.ContextSpecific, TagValue: 6 };

    public static string ReadUri(AsnReader names) =>
        names.ReadCharacterString(UniversalTagNumber.IA5String, new Asn1Tag(TagClass.ContextSpecific, 6));

    /// <summary><c>DNS:…</c>, <c>URI:…</c>, <c>name:…</c>; of a kind that nobody reads <c>other:</c> and its DER in hex.</summary>
    public static string ReadOne(AsnReader names, string field)
    {
        Asn1Tag tag = names.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > Last)
            throw new UnreadableException($"{field} holds something that is no GeneralName.");
        return tag.TagValue switch
        {
            1 => $"email:{Ia5(names, tag)}",
            2 => $"DNS:{Ia5(names, tag)}",
            6 => $"URI:{Ia5(names, tag)}",
            7 => $"IP:{Address(names, tag, field)}",
            4 => $"name:{CertificateText.Visible(DirectoryName(names, tag))}",
            8 => $"OID:{names.ReadObjectIdentifier(tag)}",
            _ => $"other:{Convert.ToHexStringLower(names.ReadEncodedValue().Span)}",
        };
    }

    private static string Ia5(AsnReader names, Asn1Tag tag) =>
        CertificateText.Visible(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));

    private static string Address(AsnReader names, Asn1Tag tag, string field)
    {
        if (!names.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> bytes, tag) || bytes.Length is not (4 or 16))
            throw new UnreadableException($"{field}: an iPAddress does not take 4 or 16 bytes.");
        return new IPAddress(bytes.Span).ToString();
    }

    private static string DirectoryName(AsnReader names, Asn1Tag tag)
    {
        AsnReader wrapper = names.ReadSequence(tag);
        var name = DistinguishedName.Decode(wrapper.ReadEncodedValue());
        wrapper.ThrowIfNotEmpty();
        return name.ToString();
    }
}
