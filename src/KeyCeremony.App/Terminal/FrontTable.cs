using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

/// <summary>Columns on a page before a ceremony. The last one takes the rest of the width, and its text is broken between words.</summary>
/// <param name="Rows">As many cells as there are headings; empty ones where the row goes on with the one above.</param>
public sealed record FrontTable(ImmutableArray<string> Headings, ImmutableArray<ImmutableArray<string>> Rows)
{
    private const string Between = "  ";

    internal void Write(Sheet sheet)
    {
        int[] widths = [.. Enumerable.Range(0, Headings.Length - 1).Select(i => Rows.Select(row => Columns.Of(sheet.Glyph.Clean(row[i])))
            .Append(Headings[i].Length).Max())];
        Write(sheet, widths, Headings, Palette.Strong);
        foreach (ImmutableArray<string> row in Rows)
            Write(sheet, widths, row, Palette.Plain);
    }

    /// <summary>A line for each row, on a terminal of lines.</summary>
    internal IEnumerable<string> Lines =>
        Rows.Select(row => string.Join(' ', row.Select(cell => cell.Length == 0 ? " " : cell)));

    private static void Write(Sheet sheet, int[] widths, ImmutableArray<string> row, Look look)
    {
        string before = string.Concat(widths.Select((width, i) =>
        {
            string cell = sheet.Glyph.Clean(row[i]);
            return cell + new string(' ', width - Columns.Of(cell)) + Between;
        }));
        sheet.AddBehind(before, row[^1], look);
    }
}
