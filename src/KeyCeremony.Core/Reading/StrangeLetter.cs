using System.Buffers;
using System.Globalization;
using System.Text;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// The first character of a field that is not printable ASCII: on paper and on a screen it may look like one, and a field that is shown
/// with question marks tells nobody what to look for.
/// </summary>
internal static class StrangeLetter
{
    private const int FirstWide = 0xFF01, LastWide = 0xFF5E; // forms of ! to ~

    /// <summary>In words that go on behind "it holds"; null: there is none.</summary>
    public static string? In(ReadOnlySpan<byte> field)
    {
        while (!field.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(field, out Rune rune, out int length) != OperationStatus.Done)
                return $"the byte {field[0]:X2}, which is no letter in UTF-8: the file was saved in another encoding";
            if (rune.Value is < 0x20 or > 0x7E)
                return $"U+{rune.Value:X4}, {Kind(rune)}";
            field = field[length..];
        }
        return null;
    }

    private static string Kind(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control => "a control character",
        UnicodeCategory.Format => "which cannot be seen",
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => "a blank of another kind",
        UnicodeCategory.DashPunctuation => "a dash that is not the hyphen of a keyboard",
        UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation => "a quote of a text program",
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => "a mark over the letter before it",
        _ when rune.Value == Rune.ReplacementChar.Value => "which stands where a program lost a letter",
        _ when rune.Value is >= FirstWide and <= LastWide => $"a wide form of '{(char)(rune.Value - FirstWide + '!')}'",
        _ when rune.Value is >= 0x370 and <= 0x3FF => "a Greek letter, which may look like a Latin one",
        _ when rune.Value is >= 0x400 and <= 0x52F => "a Cyrillic letter, which may look like a Latin one",
        _ => "which is not printable ASCII",
    };
}
