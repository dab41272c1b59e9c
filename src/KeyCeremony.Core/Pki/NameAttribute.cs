namespace KeyCeremony.Core.Pki;

/// <summary>
/// How a value is encoded. RFC 5280 4.1.2.4 allows new names the first two; the others are only read, in foreign names.
/// </summary>
public enum NameString
{
    Utf8,
    Printable,
    Ia5,
    Teletex,
    Bmp,
    Universal,
    Numeric,
    Visible,

    /// <summary>No string at all, as RFC 5280 allows for types that we do not know: the value is <c>#</c> and its DER in hex.</summary>
    NoString,
}

/// <summary>One attribute of a name.</summary>
/// <param name="Oid">Dotted OID of the attribute type.</param>
/// <param name="String">The ASN.1 string type on the wire.</param>
public sealed record NameAttribute(string Oid, NameString String, string Value)
{
    public string Label => Oids.NameOf(Oid);

    /// <summary>
    /// It stands in one relative name with the attribute before it (a multi-valued RDN), as only foreign names have it.
    /// </summary>
    public bool JoinsPrevious { get; init; }

    public string StringLabel => String switch
    {
        NameString.Utf8 => "UTF8String",
        NameString.Printable => "PrintableString",
        NameString.Ia5 => "IA5String",
        NameString.Teletex => "TeletexString",
        NameString.Bmp => "BMPString",
        NameString.Universal => "UniversalString",
        NameString.Numeric => "NumericString",
        NameString.Visible => "VisibleString",
        _ => "no string",
    };
}

/// <summary>What we know of an attribute type. Upper bounds: RFC 5280 appendix A.1, in characters.</summary>
internal sealed record AttributeKind(string ScriptName, string Oid, int UpperBound, NameString Default, bool MayRepeat = false)
{
    public static readonly IReadOnlyList<AttributeKind> All =
    [
        new("C", Oids.Country, 2, NameString.Printable),
        new("ST", Oids.StateOrProvince, 128, NameString.Utf8),
        new("L", Oids.Locality, 128, NameString.Utf8),
        new("O", Oids.Organization, 64, NameString.Utf8),
        new("OU", Oids.OrganizationalUnit, 64, NameString.Utf8, MayRepeat: true),
        new("CN", Oids.CommonName, 64, NameString.Utf8),
        new("serialNumber", Oids.SerialNumberAttribute, 64, NameString.Printable),
        new("vid", Oids.MatterVendorId, 4, NameString.Utf8),
        new("pid", Oids.MatterProductId, 4, NameString.Utf8),
    ];

    public static AttributeKind? ByScriptName(string name) => All.FirstOrDefault(kind => kind.ScriptName == name);

    public static AttributeKind? ByOid(string oid) => All.FirstOrDefault(kind => kind.Oid == oid);
}
