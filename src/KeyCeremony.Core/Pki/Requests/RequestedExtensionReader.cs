using System.Formats.Asn1;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>Reads the value of an extensionRequest attribute. RFC 2985 5.4.2, RFC 5280 4.2.</summary>
internal static class RequestedExtensionReader
{
    private const int MaxExtensions = 32;

    private static readonly string[] Known =
        [Oids.BasicConstraints, Oids.KeyUsage, Oids.ExtendedKeyUsage, Oids.SubjectAlternativeName, Oids.SubjectKeyIdentifier];

    public static bool Knows(string oid) => Known.Contains(oid);

    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="UnreadableException">Not a well-formed list.</exception>
    public static List<CertificateExtension> ReadList(ReadOnlyMemory<byte> value)
    {
        AsnReader list = CertificateReader.OnlySequence(value);
        var extensions = new List<CertificateExtension>();
        while (list.HasData)
        {
            AsnReader encoded = list.ReadSequence();
            extensions.Add(CertificateReader.ReadExtension(encoded));
            if (extensions.Count > MaxExtensions)
                throw UnreadableException.NotReadHere($"there are more than {MaxExtensions} extensions.");
        }
        return extensions;
    }

    /// <param name="extensions">Without repeats.</param>
    /// <exception cref="AsnContentException">A known extension's value is not DER.</exception>
    /// <exception cref="UnreadableException">A known extension's value is not well-formed.</exception>
    public static RequestedExtensions Decode(IReadOnlyList<CertificateExtension> extensions)
    {
        ReadOnlyMemory<byte>? Value(string oid) => extensions.FirstOrDefault(extension => extension.Oid == oid)?.Value;

        if (Value(Oids.SubjectKeyIdentifier) is { } identifier)
            _ = ReadKeyIdentifier(identifier);
        return new RequestedExtensions
        {
            All = extensions,
            BasicConstraints = Value(Oids.BasicConstraints) is { } constraints ? ReadBasicConstraints(constraints) : null,
            KeyUsage = Value(Oids.KeyUsage) is { } usage ? ReadKeyUsage(usage) : null,
            ExtendedKeyUsage = Value(Oids.ExtendedKeyUsage) is { } purposes ? ReadPurposes(purposes) : null,
            SubjectAlternativeNames = Value(Oids.SubjectAlternativeName) is { } names
                ? GeneralNames.Read(CertificateReader.OnlySequence(names), "subjectAltName")
                : null,
        };
    }

    private static BasicConstraints ReadBasicConstraints(ReadOnlyMemory<byte> value)
    {
        BasicConstraints constraints = CertificateReader.ReadBasicConstraints(value);
        return constraints is { IsCa: false, PathLength: not null }
            ? throw new UnreadableException("a path length stands without cA.")
            : constraints;
    }

    private static KeyUsages ReadKeyUsage(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        KeyUsages usage = reader.ReadNamedBitListValue<KeyUsages>();
        reader.ThrowIfNotEmpty();
        // X.690 11.2.2: trailing zero bits are left out. Writing it again finds them, and bits without a name too.
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteNamedBitList(usage & AllUsages);
        return usage != KeyUsages.None && writer.EncodedValueEquals(value.Span)
            ? usage
            : throw new UnreadableException("keyUsage is empty or not written the DER way.");
    }

    private static KeyUsages AllUsages => Enum.GetValues<KeyUsages>().Aggregate((all, one) => all | one);

    private static IReadOnlyList<string> ReadPurposes(ReadOnlyMemory<byte> value)
    {
        IReadOnlyList<string> purposes = CertificateReader.ReadOids(value);
        return purposes.Distinct().Count() == purposes.Count
            ? purposes
            : throw new UnreadableException("a purpose stands twice in extKeyUsage.");
    }

    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="UnreadableException">No primitive OCTET STRING.</exception>
    public static ReadOnlyMemory<byte> ReadKeyIdentifier(ReadOnlyMemory<byte> value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        if (!reader.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> identifier))
            throw new UnreadableException("subjectKeyIdentifier is not a primitive OCTET STRING.");
        reader.ThrowIfNotEmpty();
        return identifier;
    }
}
