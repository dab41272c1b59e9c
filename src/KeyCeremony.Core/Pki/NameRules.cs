namespace KeyCeremony.Core.Pki;

/// <summary>The rules every subject name keeps.</summary>
public static class NameRules
{
    public static readonly PkiRule Size = new("NAME-01", "The name has 1 to 16 attributes.", "house");
    public static readonly PkiRule KnownType = new("NAME-02", "Every attribute is one of C, ST, L, O, OU, CN, serialNumber, vid, pid.",
        "RFC 5280 4.1.2.4");
    public static readonly PkiRule OneCommonName = new("NAME-03", "The name has exactly one CN.", "BR 7.1.2.10.2");
    public static readonly PkiRule NoRepeat = new("NAME-04", "No attribute but OU stands twice.", "BR 7.1.4.1");
    public static readonly PkiRule Country = new("NAME-05", "C is two upper-case letters.", "ISO 3166-1 alpha-2");
    public static readonly PkiRule Spacing = new("NAME-06",
        "No value is empty, begins or ends with a space, or has two spaces in a row.", "house");
    public static readonly PkiRule UpperBound = new("NAME-07", "No value is longer than its upper bound, counted in characters.",
        "RFC 5280 appendix A.1");
    public static readonly PkiRule NoControl = new("NAME-08", "No control characters (C0, DEL, C1).", "house");
    public static readonly PkiRule NoBidi = new("NAME-09", "No characters that change the writing direction.", "UAX 9");
    public static readonly PkiRule NoInvisible = new("NAME-10",
        "No zero-width, joining or otherwise invisible characters, and no space but U+0020.", "UTS 39 3.1");
    public static readonly PkiRule Composed = new("NAME-11", "Values are in Normalization Form C.", "UAX 15");
    public static readonly PkiRule OneScript = new("NAME-12",
        "The letters of a value are of one script; Latin may stand with Han and kana, or with Han and Hangul.", "UTS 39 5.2");
    public static readonly PkiRule Repertoire = new("NAME-13",
        "Only printable ASCII and letters of Latin, Greek, Cyrillic, Han, kana and Hangul.", "UTS 39 3.1");
    public static readonly PkiRule StringType = new("NAME-14",
        "A PrintableString holds its alphabet only; C and serialNumber are PrintableString, all others UTF8String or PrintableString.",
        "RFC 5280 4.1.2.4");
    public static readonly PkiRule MatterIds = new("NAME-15",
        "vid and pid are four upper-case hex digits; attributes and the CN fallback (Mvid:, Mpid:) never mix.", "Matter 6.2.2.2");
    public static readonly PkiRule Environment = new("NAME-16",
        "Outside production the CN begins with the environment's name; no other environment's name stands there.", "house");
    public static readonly PkiRule Readable = new("NAME-17",
        "A name is DER, at most 1,024 bytes where it is written and 4,096 where it is read; "
        + "where it is written each attribute has a part of its own; "
        + "where another CA's is carried over its values are a DirectoryString, IA5String, NumericString, BIT STRING or SEQUENCE.",
        "RFC 5280 4.1.2.4");

    public static IReadOnlyList<PkiRule> All { get; } =
    [
        Size, KnownType, OneCommonName, NoRepeat, Country, Spacing, UpperBound, NoControl, NoBidi, NoInvisible,
        Composed, OneScript, Repertoire, StringType, MatterIds, Environment, Readable,
    ];
}
