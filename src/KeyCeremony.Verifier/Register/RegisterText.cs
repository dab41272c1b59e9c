using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using KeyCeremony.Core;

namespace KeyCeremony.Verifier.Register;

/// <summary>How values and foreign texts stand in an answer: nothing in them steers a terminal, hides, or is a formula.</summary>
internal static class RegisterText
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>What a spreadsheet takes for the beginning of a formula, also in its wide forms, which some fold into the narrow
    /// ones.</summary>
    private const string FormulaSigns = "=+-@\t\r\n＝＋－＠";

    /// <summary>As queries compare it: times in their order, a flag as true or false.</summary>
    public static string Of(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture),
        ImmutableArray<object?> list => string.Join(", ", list.Select(Of)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>What is no plain text stands as its code units, e.g. <c>\u001b</c>.</summary>
    public static string Plain(string text)
    {
        if (PlainText.Is(text))
            return text;
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int length = char.IsSurrogatePair(text, i) ? 2 : 1;
            if (PlainText.Is(text.Substring(i, length)))
                plain.Append(text, i, length);
            else
                foreach (char unit in text.AsSpan(i, length))
                    plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            i += length - 1;
        }
        return plain.ToString();
    }

    /// <summary>One field of RFC 4180. A text that a spreadsheet would compute begins with an apostrophe; numbers stay numbers.</summary>
    public static string Csv(object? value)
    {
        string text = Of(value);
        bool isForeign = value is string or ImmutableArray<object?>;
        if (isForeign && text.TrimStart(' ') is [var first, ..] && FormulaSigns.Contains(first, StringComparison.Ordinal))
            text = "'" + text;
        return isForeign && text.Any(c => !char.IsAsciiLetterOrDigit(c))
            ? $"\"{Plain(text).Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    /// <summary>Columns of a terminal.</summary>
    public static int Width(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
            width += WidthOf(rune);
        return width;
    }

    /// <summary>Lines of so many columns at the most, broken behind a blank or a hyphen where there is one.</summary>
    public static IEnumerable<string> Wrap(string text, int columns)
    {
        var line = new StringBuilder();
        int width = 0, blank = -1;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int next = WidthOf(rune);
            if (width + next > columns && line.Length > 0)
            {
                int end = blank < 0 ? line.Length : blank + 1;
                yield return line.ToString(0, end).TrimEnd(' ');
                line.Remove(0, end);
                (width, blank) = (Width(line.ToString()), -1);
            }
            if (rune.Value is ' ' or '-')
                blank = line.Length;
            line.Append(rune.ToString());
            width += next;
        }
        yield return line.ToString();
    }

    private static int WidthOf(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.EnclosingMark ? 0
        : rune.Value is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0x303E or >= 0x3041 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3
            or >= 0xF900 and <= 0xFAFF
            or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1F64F
                or >= 0x1F900 and <= 0x1F9FF or >= 0x20000 and <= 0x3FFFD ? 2 : 1;
}
