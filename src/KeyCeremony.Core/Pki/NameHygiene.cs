using System.Globalization;
using System.Text;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// What a name may look like, so that what people read is what machines compare.
/// Not refused: words that look alike within one script (a whole value in Cyrillic that reads like Latin). Where a name is
/// shown it is said.
/// </summary>
internal static class NameHygiene
{
    private const int MaxAttributes = 16;
    private const int FewestLetters = 3;

    // Letters that no typeface tells from Latin ones (UTS 39).
    private const string CyrillicTwins = "АВЕЅІЈКМНОРСТУХԚԜаеѕіјорсухԛԝ", GreekTwins = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";

    /// <summary>The first broken rule, or null.</summary>
    public static Refusal? Check(IReadOnlyList<NameAttribute> attributes)
    {
        if (attributes.Count is 0 or > MaxAttributes)
            return NameRules.Size.Refuse($"The name has {attributes.Count} attributes.", "Give 1 to 16 attributes.");
        if (attributes.FirstOrDefault(attribute => attribute.JoinsPrevious) is { } joined)
            return NameRules.Readable.Refuse($"{joined.Label} stands in one part of the name with another attribute.",
                "Give each attribute a part of its own.");
        foreach (NameAttribute attribute in attributes)
            if (CheckAttribute(attribute) is { } refusal)
                return refusal;
        return CheckCounts(attributes) ?? CheckMatterMix(attributes);
    }

    /// <summary>Of another CA's name that is carried over, byte for byte.</summary>
    public static Refusal? CheckCarried(IReadOnlyList<NameAttribute> attributes) => attributes.Count == 0
        ? NameRules.Size.Refuse("The name is empty.", "Only a CA with a name is certified.")
        : CheckRead(attributes);

    /// <summary>Of a name that is read and never written by us: what deceives those who read it.</summary>
    public static Refusal? CheckRead(IReadOnlyList<NameAttribute> attributes) => attributes
        .Select(a => CheckCharacters(a.Label, a.Value)
            ?? CheckScripts(a.Label, a.Oid == Oids.CommonName ? EnvironmentPrefix.Strip(a.Value) : a.Value))
        .FirstOrDefault(refusal => refusal is not null);

    /// <summary>
    /// What may stand in a name of another CA that is carried over: a DirectoryString, IA5String or NumericString, and what has no letters
    /// a BIT STRING (x500UniqueIdentifier) or a SEQUENCE (postalAddress). openssl reads a certificate with anything else not at all.
    /// </summary>
    /// <returns>A sentence, or null.</returns>
    public static string? UnreadByOthers(IReadOnlyList<NameAttribute> attributes) => attributes
        .Where(a => a.String == NameString.Visible
            || a.String == NameString.NoString && !a.Value.StartsWith("#03", StringComparison.Ordinal)
                && !a.Value.StartsWith("#30", StringComparison.Ordinal))
        .Select(a => $"the value of {a.Label} is {(a.String == NameString.Visible ? "a VisibleString"
            : $"of the ASN.1 type {a.Value.AsSpan(1, 2)}")}, which other programs do not read in a name (RFC 5280 4.1.2.4).")
        .FirstOrDefault();

    /// <summary>For other texts that people read and machines compare: the characters, one script, single spaces.</summary>
    public static Refusal? CheckText(string label, string text) =>
        CheckCharacters(label, text) ?? CheckScripts(label, text) ?? CheckSpacing(label, text);

    private static Refusal? CheckAttribute(NameAttribute attribute)
    {
        if (AttributeKind.ByOid(attribute.Oid) is not { } kind)
            return NameRules.KnownType.Refuse($"The attribute type {attribute.Oid} is not one we write.",
                "Use C, ST, L, O, OU, CN, serialNumber, vid or pid.");
        // The environment's name is put there by us, in Latin, before a CN of any script.
        string own = attribute.Oid == Oids.CommonName ? EnvironmentPrefix.Strip(attribute.Value) : attribute.Value;
        return CheckCharacters(attribute.Label, attribute.Value)
            ?? CheckScripts(attribute.Label, own)
            ?? CheckSpacing(attribute.Label, attribute.Value)
            ?? CheckStringType(attribute, kind)
            ?? CheckShape(attribute)
            ?? CheckLength(attribute, kind);
    }

    private static Refusal? CheckCharacters(string label, string value)
    {
        foreach (Rune rune in value.EnumerateRunes())
            if (CheckRune(label, rune) is { } refusal)
                return refusal;
        return null;
    }

    private static Refusal? CheckRune(string label, Rune rune)
    {
        string code = $"U+{rune.Value:X4}";
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (category == UnicodeCategory.Control)
            return NameRules.NoControl.Refuse($"{label} holds the control character {code}.", "Type the value again without it.");
        if (IsBidiControl(rune.Value))
            return NameRules.NoBidi.Refuse($"{label} holds {code}, which changes the writing direction.",
                "Type the value again without it.");
        if (IsInvisible(rune.Value, category))
            return NameRules.NoInvisible.Refuse($"{label} holds {code}, which cannot be seen.", "Type the value again; use plain spaces.");
        if (IsDecomposed(rune.Value, category))
            return NameRules.Composed.Refuse($"{label} holds {code}, which stands alone or composed in Normalization Form C.",
                "Type the accented letter as one character.");
        if (WritingScript.Of(rune.Value) == WritingScript.None)
            return NameRules.Repertoire.Refuse($"{label} holds {code}, which is outside the letters we write.",
                "Use printable ASCII or letters of Latin, Greek, Cyrillic, Han, kana or Hangul.");
        return null;
    }

    /// <summary>
    /// Greek or Cyrillic, when three letters and more stand in the value and each looks like a Latin one: who reads it reads another word
    /// than a machine compares. Null: no.
    /// </summary>
    public static string? LooksLatin(string value)
    {
        Rune[] letters = [.. value.EnumerateRunes().Where(Rune.IsLetter)];
        return letters.Length < FewestLetters ? null
            : Array.TrueForAll(letters, letter => CyrillicTwins.Contains(letter.ToString(), StringComparison.Ordinal)) ? "Cyrillic"
            : Array.TrueForAll(letters, letter => GreekTwins.Contains(letter.ToString(), StringComparison.Ordinal)) ? "Greek" : null;
    }

    /// <summary>A blank, or what is seen as one or as nothing.</summary>
    public static bool IsBlank(Rune rune) => rune.Value == ' ' || IsInvisible(rune.Value, Rune.GetUnicodeCategory(rune))
        || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control;

    /// <summary>Nobody sees anything of it.</summary>
    public static bool IsBlank(string text) => text.EnumerateRunes()
        .All(r => IsBlank(r) || Rune.GetUnicodeCategory(r) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark);

    private static bool IsBidiControl(int code) =>
        code is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static bool IsInvisible(int code, UnicodeCategory category) =>
        category is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || (category == UnicodeCategory.SpaceSeparator && code != ' ')
        || code is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0
            or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);

    // The appliance runs with invariant globalization, where String.IsNormalized() answers true for everything.
    // The repertoire holds only characters that are their own Normalization Form C and no combining ones, so
    // refusing marks, conjoining jamo and the singletons people meet names the reason; the repertoire catches the rest.
    private static bool IsDecomposed(int code, UnicodeCategory category) =>
        category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        || code is 0x2126 or 0x212A or 0x212B or 0x0374 or 0x037E or 0x0387
            or (>= 0x1100 and <= 0x11FF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    private static Refusal? CheckScripts(string label, string value)
    {
        int scripts = value.EnumerateRunes().Aggregate(WritingScript.None, (all, rune) => all | WritingScript.Of(rune.Value))
            & ~WritingScript.Common;
        if (WritingScript.MayStandTogether(scripts))
            return null;
        return NameRules.OneScript.Refuse($"{label} mixes {WritingScript.NamesOf(scripts)} letters.",
            "Type the value in one script; look-alike letters are not the same letters.");
    }

    private static Refusal? CheckSpacing(string label, string value)
    {
        if (value.Length > 0 && value[0] != ' ' && value[^1] != ' ' && !value.Contains("  ", StringComparison.Ordinal))
            return null;
        return NameRules.Spacing.Refuse($"{label} is empty or has spaces at its ends or side by side.",
            "Type the value with single spaces between words.");
    }

    private static Refusal? CheckStringType(NameAttribute attribute, AttributeKind kind)
    {
        bool mustBePrintable = kind.Default == NameString.Printable;
        if (attribute.String is not (NameString.Utf8 or NameString.Printable)
            || (mustBePrintable && attribute.String != NameString.Printable))
            return NameRules.StringType.Refuse($"{attribute.Label} is a {attribute.StringLabel}.",
                mustBePrintable ? "Make it a PrintableString." : "Make it a UTF8String or a PrintableString.");
        if (attribute.String == NameString.Printable && !attribute.Value.All(IsPrintableStringCharacter))
            return NameRules.StringType.Refuse($"{attribute.Label} holds a character that PrintableString has not.",
                "Use letters, digits, space and ' ( ) + , - . / : = ?, or make it a UTF8String.");
        return null;
    }

    private static bool IsPrintableStringCharacter(char c) => char.IsAsciiLetterOrDigit(c) || " '()+,-./:=?".Contains(c);

    private static Refusal? CheckShape(NameAttribute attribute)
    {
        string value = attribute.Value;
        if (attribute.Oid == Oids.Country && !(value.Length == 2 && value.All(char.IsAsciiLetterUpper)))
            return NameRules.Country.Refuse($"C is '{value}'.", "Give the two-letter code in capitals, for example DE.");
        if (attribute.Oid is Oids.MatterVendorId or Oids.MatterProductId && !(value.Length == 4 && value.All(char.IsAsciiHexDigitUpper)))
            return NameRules.MatterIds.Refuse($"{attribute.Label} is '{value}'.", "Give four upper-case hex digits, for example FFF1.");
        return null;
    }

    private static Refusal? CheckLength(NameAttribute attribute, AttributeKind kind)
    {
        int length = attribute.Value.EnumerateRunes().Count();
        return length <= kind.UpperBound ? null
            : NameRules.UpperBound.Refuse($"{attribute.Label} has {length} characters.", $"Shorten it to {kind.UpperBound} characters.");
    }

    private static Refusal? CheckCounts(IReadOnlyList<NameAttribute> attributes)
    {
        int commonNames = attributes.Count(attribute => attribute.Oid == Oids.CommonName);
        if (commonNames != 1)
            return NameRules.OneCommonName.Refuse($"The name has {commonNames} CN.", "Give exactly one CN.");
        IGrouping<string, NameAttribute>? twice = attributes.GroupBy(attribute => attribute.Oid)
            .FirstOrDefault(same => same.Count() > 1 && !AttributeKind.ByOid(same.Key)!.MayRepeat);
        return twice is null ? null : NameRules.NoRepeat.Refuse($"{twice.First().Label} stands twice.", "Give it once.");
    }

    private static Refusal? CheckMatterMix(IReadOnlyList<NameAttribute> attributes)
    {
        string commonName = attributes.First(attribute => attribute.Oid == Oids.CommonName).Value;
        bool fallback = commonName.Contains("Mvid:", StringComparison.Ordinal) || commonName.Contains("Mpid:", StringComparison.Ordinal);
        bool attribute = attributes.Any(attribute => attribute.Oid is Oids.MatterVendorId or Oids.MatterProductId);
        return fallback && attribute
            ? NameRules.MatterIds.Refuse("The CN carries Mvid: or Mpid: beside a vid or pid attribute.", "Use the attributes only.")
            : null;
    }
}
