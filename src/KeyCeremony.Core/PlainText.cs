using System.Globalization;
using System.Text;

namespace KeyCeremony.Core;

/// <summary>
/// Text from people and devices that stands on screens, in the journal and in the report. What steers a terminal or
/// turns the reading direction, and what nobody sees, is none: two names that look alike must be alike.
/// </summary>
public static class PlainText
{
    public static bool Is(string text) => text.EnumerateRunes().All(IsPlain) && !HasLoneSurrogate(text);

    /// <summary>With a question mark for each character that is not plain, and at most so many characters.</summary>
    public static string Of(string text, int length)
    {
        var plain = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            string next = IsPlain(rune) ? rune.ToString() : "?";
            if (plain.Length + next.Length > length)
                break;
            plain.Append(next);
        }
        return plain.ToString();
    }

    /// <summary>The same for a sentence that quotes it: an ellipsis stands for what is left out.</summary>
    public static string Quoted(string text, int length = 60) =>
        Of(text, length) is var shown && shown.Length < text.Length ? shown + "…" : shown;

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.Surrogate);

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
                return true;
        return false;
    }
}
