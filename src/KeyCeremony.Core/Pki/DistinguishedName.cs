using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A certificate's name: the attributes in the order written, and the exact bytes. RFC 5280 4.1.2.4.
/// Two names are equal when their bytes are: several validators compare nothing else.
/// </summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    // The largest name hygiene allows fits (16 attributes are never all at their bounds).
    private const int MaxOwnBytes = 1024;

    // Of another CA: a quarter of the longest certificate that is read.
    private const int MaxBytes = 4096;
    private const string PrintableSuffix = ":printable";

    private DistinguishedName(IReadOnlyList<NameAttribute> attributes, ReadOnlyMemory<byte> der)
    {
        Attributes = attributes;
        Der = der;
    }

    public IReadOnlyList<NameAttribute> Attributes { get; }

    /// <summary>The DER of the <c>Name</c>, as written or as read.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The value of the one CN; empty for a foreign name without.</summary>
    public string CommonName => ValueOf(Oids.CommonName) ?? "";

    /// <summary>
    /// A name from a script's list, in that order. Types: C, ST, L, O, OU, CN, serialNumber, vid, pid.
    /// C and serialNumber become PrintableString, all others UTF8String; <c>CN:printable</c> asks for PrintableString.
    /// Else refused: NAME-01 to NAME-15.
    /// </summary>
    public static bool TryCreate(
        IReadOnlyList<(string Type, string Value)> attributes,
        [NotNullWhen(true)] out DistinguishedName? name,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        name = null;
        var typed = new List<NameAttribute>(attributes.Count);
        foreach ((string? type, string? value) in attributes)
        {
            bool printable = type.EndsWith(PrintableSuffix, StringComparison.Ordinal);
            if (AttributeKind.ByScriptName(printable ? type[..^PrintableSuffix.Length] : type) is not { } kind)
            {
                refusal = NameRules.KnownType.Refuse($"The attribute type '{type}' is unknown.",
                    "Use C, ST, L, O, OU, CN, serialNumber, vid or pid.");
                return false;
            }
            typed.Add(new NameAttribute(kind.Oid, printable ? NameString.Printable : kind.Default, value));
        }
        return TryCreate(typed, out name, out refusal);
    }

    /// <summary>A name from attributes with their string types, in that order. Else refused: NAME-01 to NAME-15.</summary>
    public static bool TryCreate(
        IReadOnlyList<NameAttribute> attributes,
        [NotNullWhen(true)] out DistinguishedName? name,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = attributes.Any(attribute => !IsWellFormed(attribute.Value))
            ? NameRules.Repertoire.Refuse("A value holds half a character (a lone surrogate).", "Type the value again.")
            : NameHygiene.Check(attributes);
        byte[] der = refusal is null ? Encode(attributes) : [];
        if (refusal is null && der.Length > MaxOwnBytes)
            refusal = NameRules.Readable.Refuse($"The name takes {der.Length} bytes.", "Shorten it.");
        name = refusal is null ? new DistinguishedName([.. attributes], der) : null;
        return refusal is null;
    }

    /// <summary>
    /// Reads a DER name and keeps its bytes. Whole input; no hygiene, a foreign name is a fact. Else refused: NAME-17.
    /// </summary>
    public static bool TryDecode(
        ReadOnlyMemory<byte> der,
        [NotNullWhen(true)] out DistinguishedName? name,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        try
        {
            name = Decode(der);
            refusal = null;
            return true;
        }
        catch (UnreadableException e)
        {
            refusal = NameRules.Readable.Refuse(
                e.IsOurLimit ? $"The name is not read by this program: {e.Sentence}" : $"The name is not well formed: {e.Sentence}",
                "Ask whoever wrote it for another form.");
        }
        catch (AsnContentException)
        {
            refusal = NameRules.Readable.Refuse("The name is not DER.", "Ask for the file again, as its tool wrote it.");
        }
        name = null;
        return false;
    }

    /// <summary>
    /// The name as the environment (rehearsal, development, staging, production) issues it: outside production the
    /// environment's name in capitals stands in front of the CN, once. Else refused: NAME-16, and NAME-07 when it no longer fits.
    /// </summary>
    public bool TryWithEnvironment(
        string environment,
        [NotNullWhen(true)] out DistinguishedName? name,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        string? standing = EnvironmentPrefix.In(CommonName);
        (name, refusal) = (null, null);
        if (!EnvironmentPrefix.IsKnown(environment))
            refusal = NameRules.Environment.Refuse($"'{environment}' is no environment.",
                "Use rehearsal, development, staging or production.");
        else if (standing is not null && standing != environment)
            refusal = NameRules.Environment.Refuse($"The CN carries the name of the {standing} environment; this is {environment}.",
                "Take that word out of the CN.");
        else if (standing == environment || environment == EnvironmentPrefix.Production)
            name = this;
        else
            return TryCreate(WithPrefix(EnvironmentPrefix.Of(environment)), out name, out refusal);
        return refusal is null;
    }

    /// <summary>The value of the first attribute of this type, or null.</summary>
    public string? ValueOf(string oid) => Attributes.FirstOrDefault(attribute => attribute.Oid == oid)?.Value;

    /// <summary>In the order encoded, escaped as in RFC 4514 2.4: <c>C=DE, O=Example, CN=Example Root R1</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (NameAttribute attribute in Attributes)
            text.Append(text.Length == 0 ? "" : attribute.JoinsPrevious ? "+" : ", ").Append(attribute.Label).Append('=')
                .Append(attribute.String == NameString.NoString ? attribute.Value : Plain(Escape(attribute.Value)));
        return text.ToString();
    }

    /// <summary>Two names that are not one, each in quotes: where only their encodings differ, that is said.</summary>
    public static (string One, string Other) Apart(DistinguishedName one, DistinguishedName other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return ($"'{one}'", one.ToString() == other.ToString() ? $"'{other}', which reads alike and is encoded in another way"
            : one.ReadsLike(other) ? $"'{other}', the same but for the case of letters or blanks"
            : $"'{other}'");
    }

    /// <summary>Whether both are one name to RFC 5280 7.1: but for the encoding, the case of letters and blanks.</summary>
    public bool ReadsLike(DistinguishedName other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return string.Equals(WithoutBlanks(ToString()), WithoutBlanks(other.ToString()), StringComparison.OrdinalIgnoreCase);
    }

    private static string WithoutBlanks(string name) => string.Concat(name.Where(c => c != ' '));

    public bool Equals(DistinguishedName? other) => other is not null && Der.Span.SequenceEqual(other.Der.Span);

    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Der.Span);
        return hash.ToHashCode();
    }

    /// <exception cref="AsnContentException">Not DER.</exception>
    /// <exception cref="UnreadableException">DER and no name, or a name beyond our limit.</exception>
    internal static DistinguishedName Decode(ReadOnlyMemory<byte> der)
    {
        if (der.Length > MaxBytes)
            throw UnreadableException.NotReadHere($"a name takes {der.Length} bytes, more than {MaxBytes}.");
        var whole = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        var attributes = new List<NameAttribute>();
        while (sequence.HasData)
            DecodeRelativeName(DerSet.Read(sequence, "the attributes in one part of a name"), attributes);
        return new DistinguishedName(attributes, der.ToArray());
    }

    /// <summary>RelativeDistinguishedName, SIZE (1..MAX), entered.</summary>
    internal static void DecodeRelativeName(AsnReader set, List<NameAttribute> attributes)
    {
        int before = attributes.Count;
        while (set.HasData)
            attributes.Add(DecodeAttribute(set.ReadSequence()) with { JoinsPrevious = attributes.Count > before });
        if (attributes.Count == before)
            throw new UnreadableException("a part of a name is empty.");
    }

    private static NameAttribute DecodeAttribute(AsnReader attribute)
    {
        string type = attribute.ReadObjectIdentifier();
        (NameString kind, string value) = DecodeValue(attribute, type);
        attribute.ThrowIfNotEmpty();
        return new NameAttribute(type, kind, value);
    }

    private static (NameString Kind, string Value) DecodeValue(AsnReader attribute, string type)
    {
        Asn1Tag tag = attribute.PeekTag();
        if (tag.TagClass != TagClass.Universal || KindOf((UniversalTagNumber)tag.TagValue) is not { } kind)
            return (NameString.NoString, $"#{Convert.ToHexStringLower(attribute.ReadEncodedValue().Span)}");
        try
        {
            return (kind, kind == NameString.Universal ? ReadUniversal(attribute)
                : attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue));
        }
        catch (AsnContentException)
        {
            throw new UnreadableException($"the value of {Oids.NameOf(type)} holds bytes that a "
                + $"{new NameAttribute(type, kind, "").StringLabel} has not.");
        }
    }

    private static NameString? KindOf(UniversalTagNumber tag) => tag switch
    {
        UniversalTagNumber.UTF8String => NameString.Utf8,
        UniversalTagNumber.PrintableString => NameString.Printable,
        UniversalTagNumber.IA5String => NameString.Ia5,
        UniversalTagNumber.T61String => NameString.Teletex,
        UniversalTagNumber.BMPString => NameString.Bmp,
        UniversalTagNumber.UniversalString => NameString.Universal,
        UniversalTagNumber.NumericString => NameString.Numeric,
        UniversalTagNumber.VisibleString => NameString.Visible,
        _ => null,
    };

    // The base library knows no UniversalString: four bytes a character, the most significant first.
    private static string ReadUniversal(AsnReader attribute)
    {
        ReadOnlyMemory<byte> bytes = attribute.PeekContentBytes();
        if (attribute.PeekTag().IsConstructed || bytes.Length % 4 != 0)
            throw new AsnContentException();
        attribute.ReadEncodedValue();
        var text = new StringBuilder(bytes.Length / 4);
        for (int at = 0; at < bytes.Length; at += 4)
            text.Append(Rune.TryCreate(BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[at..]), out Rune rune) ? rune.ToString()
                : throw new AsnContentException());
        return text.ToString();
    }

    private static byte[] Encode(IReadOnlyList<NameAttribute> attributes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) // RDNSequence
        {
            foreach (NameAttribute attribute in attributes)
            {
                using (writer.PushSetOf()) // RelativeDistinguishedName, one attribute each
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(attribute.Oid);
                    writer.WriteCharacterString(
                        attribute.String == NameString.Printable ? UniversalTagNumber.PrintableString : UniversalTagNumber.UTF8String,
                        attribute.Value);
                }
            }
        }
        return writer.Encode();
    }

    private List<NameAttribute> WithPrefix(string prefix) =>
        [.. Attributes.Select(
            attribute => attribute.Oid == Oids.CommonName ? attribute with { Value = prefix + attribute.Value } : attribute)];

    private static bool IsWellFormed(string value) => !value.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);

    // Characters of private use, not assigned ones and separators of lines: nobody can compare what nobody sees.
    private static string Plain(string value) => PlainText.Is(value) ? value : CertificateText.Visible(value);

    private static string Escape(string value)
    {
        var escaped = new StringBuilder(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            bool atEdge = (i == 0 && value[i] is ' ' or '#') || (i == value.Length - 1 && value[i] == ' ');
            if (atEdge || "\"+,;<>\\".Contains(value[i]))
                escaped.Append('\\');
            // A foreign name may hold anything; no control or direction character reaches the screen.
            if (char.IsControl(value[i]) || char.GetUnicodeCategory(value[i]) == System.Globalization.UnicodeCategory.Format)
                escaped.Append($"\\u{(int)value[i]:X4}");
            else
                escaped.Append(value[i]);
        }
        return escaped.ToString();
    }
}
