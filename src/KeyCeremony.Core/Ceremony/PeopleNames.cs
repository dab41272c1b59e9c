using System.Globalization;
using System.Text;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// Two seats, two people. What looks the same on a screen and in a report counts as the same name, whatever its characters are.
/// Not checked: two people who really are called alike; one of them is then named with a further name.
/// </summary>
public static class PeopleNames
{
    /// <summary>Together they look like one letter.</summary>
    private static readonly (string Letters, string LooksLike)[] Pairs = [("rn", "m"), ("vv", "w")];

    /// <summary>
    /// Scripts and notations that hold many letters which look like Latin ones and that no identity document is written in:
    /// IPA and phonetic letters, Coptic, Cherokee, Lisu, Canadian syllabics, runes, Tifinagh, and ancient or recent ones.
    /// </summary>
    private static readonly (int First, int Last)[] LooksLatin =
    [
        (0x250, 0x258), (0x25A, 0x2AF), (0x3E2, 0x3EF), (0x13A0, 0x13FF), (0x1400, 0x167F),
        (0x16A0, 0x16FF), (0x18B0, 0x18FF), (0x1D00, 0x1DBF), (0x2C60, 0x2CFF), (0x2D30, 0x2D7F),
        (0xA4D0, 0xA4FF), (0xA500, 0xA63F), (0xA720, 0xA7FF), (0xAB30, 0xABBF), (0x10000, 0x10FFF), (0x11800, 0x118FF), (0x16F00, 0x16F9F),
    ];

    /// <summary>Whether this name may take a seat beside these: ROLE-01 and ROLE-02.</summary>
    /// <param name="seated">The names that have a seat.</param>
    /// <param name="format">Of the journal: from 4 on every letter is compared without its marks, not only those of the table.</param>
    public static Refusal? Refuse(string name, IEnumerable<string> seated, int format = JournalFormats.Current)
    {
        if (Unreadable(name) is { } why)
            return new(CeremonyRules.NameUnclear, $"The name {why}.",
                "Type it by hand, as it stands in the identity document, in one script.");
        string skeleton = Skeleton(name, format);
        foreach (string other in seated)
            if (string.Equals(other, name, StringComparison.OrdinalIgnoreCase))
                return new(CeremonyRules.PersonTwice, $"{name} has a seat already.", "One person sits in one seat: name somebody else.");
            else if (Skeleton(other, format) == skeleton)
                return new(CeremonyRules.NameUnclear, $"{name} looks like {other}, who has a seat already.",
                    "One person sits in one seat. Two people who are called alike are told apart by a further name.");
        return null;
    }

    /// <summary>
    /// Whether two names of different days are one person's, as far as names say: in the first six formats only upper and lower case said
    /// nothing.
    /// </summary>
    internal static bool IsSame(string one, string other, int format) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase)
        || format >= JournalFormats.Accounted && Skeleton(one, format) is { Length: > 0 } bones && bones == Skeleton(other, format);

    /// <summary>
    /// What is left of a name when everything is gone that people do not see: capitals, accents, punctuation, the script of a letter.
    /// Names with the same skeleton look the same. It is for comparing, not for showing.
    /// </summary>
    /// <param name="format">As of <see cref="Refuse"/>.</param>
    public static string Skeleton(string name, int format)
    {
        var bones = new StringBuilder();
        bool western = false;
        foreach (Rune lower in name.EnumerateRunes().Select(Plain).Select(Rune.ToLowerInvariant))
        {
            Rune rune = format >= JournalFormats.Prepared && LookAlikes.Of(lower) is null
                ? Rune.ToLowerInvariant(ComposedLetters.WithoutMarks(lower))
                : lower;
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            bool isMark = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark;
            string? letter = LookAlikes.Of(rune);
            if (letter is not null)
                bones.Append(letter);
            else if (category is UnicodeCategory.SpaceSeparator or UnicodeCategory.Control || IsFiller(rune.Value))
                bones.Append(bones.Length > 0 && bones[^1] != ' ' ? " " : "");
            else if (isMark ? !western && !NameHygiene.IsBlank(rune) : Rune.IsLetterOrDigit(rune))
                bones.Append(rune.ToString());
            // In other scripts a mark is a part of the word.
            if (!isMark)
                western = (ScriptOf(rune) & (WritingScript.Latin | WritingScript.Greek | WritingScript.Cyrillic)) != 0
                    || letter is not null;
        }
        return Pairs.Aggregate(bones.ToString().TrimEnd(),
            (all, pair) => all.Replace(pair.Letters, pair.LooksLike, StringComparison.Ordinal));
    }

    /// <summary>Why nobody can say who this is, as the end of a sentence; or null.</summary>
    private static string? Unreadable(string name)
    {
        foreach (Rune rune in name.EnumerateRunes())
            if (rune.Value != ' ' && NameHygiene.IsBlank(rune))
                return $"holds U+{rune.Value:X4}, a blank that is none";
            else if (IsPresentation(rune.Value) || LooksLatin.Any(r => rune.Value >= r.First && rune.Value <= r.Last))
                return $"holds U+{rune.Value:X4}, a letter in a form of its own";
        if (!name.EnumerateRunes().Any(Rune.IsLetter))
            return "has no letter";
        return name.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(Mixes) is not { } word ? null
            : $"mixes letters of different scripts in \"{word}\"";
    }

    private static bool Mixes(string word)
    {
        Rune[] letters = [.. word.EnumerateRunes()
            .Where(r => Rune.IsLetter(r) && Rune.GetUnicodeCategory(r) != UnicodeCategory.ModifierLetter)];
        int known = letters.Aggregate(WritingScript.None, (all, rune) => all | ScriptOf(rune));
        return !WritingScript.MayStandTogether(known)
            || known != WritingScript.None && letters.Any(rune => ScriptOf(rune) == WritingScript.None);
    }

    /// <summary>People's names have more letters than those that certificates are written in.</summary>
    private static int ScriptOf(Rune rune) => rune.Value switch
    {
        (>= 0xC0 and <= 0x24F) or 0x259 or (>= 0x1E00 and <= 0x1EFF) => WritingScript.Latin,
        (>= 0x370 and <= 0x3FF) or (>= 0x1F00 and <= 0x1FFF) => WritingScript.Greek,
        >= 0x400 and <= 0x52F => WritingScript.Cyrillic,
        var code => WritingScript.Of(code) & ~WritingScript.Common,
    };

    /// <summary>Letters by their category, blanks to the eye.</summary>
    private static bool IsFiller(int code) => code is 0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0;

    /// <summary>Full-width, mathematical, enclosed and joined letters: other shapes of letters that a keyboard has.</summary>
    private static bool IsPresentation(int code) => code is (>= 0xFF01 and <= 0xFFEE) or (>= 0x1D400 and <= 0x1D7FF)
        or (>= 0x2070 and <= 0x209C) or (>= 0x2100 and <= 0x218F) or (>= 0x2460 and <= 0x24FF)
        or (>= 0x1F100 and <= 0x1F1FF) or (>= 0xFB00 and <= 0xFB17) or 0xAA or 0xBA or (>= 0x2B0 and <= 0x2B8);

    // Invariant globalization leaves String.Normalize without its tables.
    private static Rune Plain(Rune rune) => rune.Value is >= 0xFF01 and <= 0xFF5E ? new Rune(rune.Value - 0xFEE0) : rune;
}
