using System.Buffers;
using System.Text;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// Rows of a table as spreadsheets and other tools write them: the only reader of such rows there is. RFC 4180 with the
/// separator that the header has: comma, semicolon or tab. A line feed ends the row, also between quotes.
/// </summary>
internal static class Delimited
{
    public const string WrongQuotes = "The quotes are not those of RFC 4180: around a whole field, and doubled inside.";

    private const int ShownBytes = 60;

    private static readonly SearchValues<byte> NumberCharacters = SearchValues.Create("0123456789.,Ee+"u8);

    /// <summary>What separates the header's names; a comma where there is one name.</summary>
    public static byte SeparatorOf(ReadOnlySpan<byte> header) =>
        header.IndexOfAny((byte)',', (byte)';', (byte)'\t') is >= 0 and var at ? header[at] : (byte)',';

    /// <summary>The next field without its quotes; false when they are wrong.</summary>
    /// <param name="unquoted">As long as the row: a field that was quoted stands there until the next one is taken.</param>
    /// <param name="more">Whether a separator, and so another field, follows.</param>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, byte separator, Span<byte> unquoted,
        out ReadOnlySpan<byte> field, out bool more)
    {
        if (rest.StartsWith("\""u8))
            return TryTakeQuoted(ref rest, separator, unquoted, out field, out more);
        int end = rest.IndexOf(separator);
        more = end >= 0;
        field = more ? rest[..end] : rest;
        rest = more ? rest[(end + 1)..] : default;
        return !field.Contains((byte)'"');
    }

    /// <summary>How many fields a row has; 0 when its quotes are wrong.</summary>
    public static int Count(ReadOnlySpan<byte> row, byte separator) =>
        row.Contains((byte)'"') ? Fields(row, separator)?.Count ?? 0 : row.Count(separator) + 1;

    /// <summary>Whether a field is a long number as a spreadsheet shows it: 1.77861E+38, 1,77861E+38.</summary>
    public static bool IsRewritten(ReadOnlySpan<byte> field) =>
        (field.IndexOf("E+"u8) > 0 || field.IndexOf("e+"u8) > 0) && !field.ContainsAnyExcept(NumberCharacters);

    /// <summary>
    /// Whether a field is a formula, with which exports keep a spreadsheet from rewriting digits (="0123", '0123), or what one shows where
    /// it could not compute (#REF!): it is no value of the table.
    /// </summary>
    public static bool IsFormula(ReadOnlySpan<byte> field) => !field.IsEmpty && field[0] switch
    {
        (byte)'=' or (byte)'\'' => true,
        (byte)'#' => field.EndsWith("!"u8) || field.SequenceEqual("#N/A"u8) || field.SequenceEqual("#NAME?"u8),
        _ => false,
    };

    /// <summary>The fields of a row, each with its column in bytes from 1; null when the quotes are wrong.</summary>
    public static List<(string Text, int Column)>? Fields(ReadOnlySpan<byte> row, byte separator)
    {
        var fields = new List<(string, int)>();
        byte[] unquoted = new byte[row.Length];
        ReadOnlySpan<byte> rest = row;
        for (bool more = true; more;)
        {
            int column = row.Length - rest.Length + 1;
            if (!TryTake(ref rest, separator, unquoted, out ReadOnlySpan<byte> field, out more))
                return null;
            fields.Add((Encoding.Latin1.GetString(field), column));
        }
        return fields;
    }

    /// <summary>What is wrong with a header that must name these columns in this order, in any case; or null.</summary>
    public static string? CheckHeader(ReadOnlySpan<byte> header, params IReadOnlyList<string> forms)
    {
        if (header.StartsWith("sep="u8))
            return "Line 1 is 'sep=', which a spreadsheet reads and no table has: the header comes first.";
        if (Fields(header, SeparatorOf(header)) is not { } names)
            return "The quotes in line 1 are not those of RFC 4180.";
        string found = string.Join(',', names.Select(name => name.Text));
        return forms.Any(form => form.Equals(found, StringComparison.OrdinalIgnoreCase)) ? null
            : $"Line 1 is not the header '{string.Join("' or '", forms)}', but '{Shown(header)}'.";
    }

    /// <summary>What can be wrong with a row as a whole, which a field's error would not tell; or null.</summary>
    public static string? Cause(ReadOnlySpan<byte> row, long line) =>
        row.Contains((byte)'\r') ? TextForm.LoneReturn(line)
        : row.Trim(" \t,;"u8).IsEmpty ? row.IsEmpty ? $"Line {line} is empty." : $"Line {line} has no values."
        : row.EndsWith(" "u8) ? $"Line {line} ends with a blank."
        : null;

    /// <summary>What of it can stand on a screen.</summary>
    public static string Shown(ReadOnlySpan<byte> text) =>
        string.Concat(Encoding.Latin1.GetString(text[..Math.Min(text.Length, ShownBytes)]).Select(c => c is >= ' ' and <= '~' ? c : '?'))
            + (text.Length > ShownBytes ? "…" : "");

    private static bool TryTakeQuoted(ref ReadOnlySpan<byte> rest, byte separator, Span<byte> unquoted,
        out ReadOnlySpan<byte> field, out bool more)
    {
        field = default;
        more = false;
        ReadOnlySpan<byte> inside = rest[1..];
        for (int length = 0; ;)
        {
            int quote = inside.IndexOf((byte)'"');
            if (quote < 0)
                return false;
            inside[..quote].CopyTo(unquoted[length..]);
            length += quote;
            inside = inside[(quote + 1)..];
            if (!inside.StartsWith("\""u8))
            {
                field = unquoted[..length];
                break;
            }
            unquoted[length++] = (byte)'"';
            inside = inside[1..];
        }
        more = !inside.IsEmpty && inside[0] == separator;
        rest = more ? inside[1..] : inside;
        return more || inside.IsEmpty;
    }
}
