using System.Collections.Immutable;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KeyCeremony.App.Terminal.Drawing;

/// <summary>The screen as cells. Whatever is placed on it, it stays exactly as wide and as high as the display.</summary>
internal sealed class Canvas
{
    private readonly Display _display;
    private readonly Cell[,] _cells;
    private readonly List<Spot> _spots = [];

    public Canvas(Display display)
    {
        _display = display;
        _cells = new Cell[display.Height, display.Width];
        for (int row = 0; row < display.Height; row++)
            for (int column = 0; column < display.Width; column++)
                _cells[row, column] = Cell.Blank;
    }

    public (int Row, int Column)? Cursor { get; private set; }

    /// <summary>Puts a sheet's lines there; what does not fit between <paramref name="row"/> and <paramref name="height"/> rows below is left out.</summary>
    public void Place(Sheet sheet, int row, int column, int height)
    {
        int count = Math.Min(Math.Min(sheet.Height, height), _display.Height - row);
        for (int i = 0; i < count; i++)
            PlaceLine(sheet.Lines[i], row + i, column, Math.Min(column + sheet.Width, _display.Width));
        foreach (Spot spot in sheet.Spots.Where(s => s.Row < count))
            _spots.Add(spot with { Row = spot.Row + row, Column = spot.Column + column });
        if (sheet.Cursor is { } at && at.Row < count)
            Cursor = (at.Row + row, Math.Min(at.Column + column, _display.Width - 1));
    }

    /// <summary>Nothing is written there: a picture of another kind stands in that place.</summary>
    public void Leave(int row, int column, int rows, int columns)
    {
        for (int r = row; r < row + rows && columns > 0; r++)
            _spots.Add(new Spot(r, column, columns, SpotKind.Picture, 0));
    }

    public void Horizontal(int row) => Fill(row, 0, 1, _display.Width, _display.Glyph.Horizontal);

    /// <summary>A line from row to row that joins the horizontal lines above and below it.</summary>
    public void Vertical(int column, int top, int bottom)
    {
        Fill(top, column, bottom - top + 1, 1, _display.Glyph.Vertical);
        Fill(top - 1, column, 1, 1, _display.Glyph.TopJoint);
        Fill(bottom + 1, column, 1, 1, _display.Glyph.BottomJoint);
    }

    public Frame ToFrame()
    {
        var rows = ImmutableArray.CreateBuilder<string>(_display.Height);
        var ansi = ImmutableArray.CreateBuilder<string>(_display.Height);
        for (int row = 0; row < _display.Height; row++)
        {
            rows.Add(Text(row));
            ansi.Add(Ansi(row));
        }
        return new Frame(rows.ToImmutable(), ansi.ToImmutable(), [.. _spots], Cursor);
    }

    private void PlaceLine(SegmentLine line, int row, int column, int end)
    {
        foreach (Segment segment in line)
            foreach (Rune rune in segment.Text.EnumerateRunes())
            {
                int width = rune.IsAscii ? 1 : Segment.CellCount([new Segment(rune.ToString())]);
                if (width <= 0)
                {
                    Combine(row, column - 1, rune);
                    continue;
                }
                if (column + width > end)
                    return;
                _cells[row, column] = new Cell(Rune.IsControl(rune) ? "?" : rune.ToString(), segment.Style);
                for (int more = 1; more < width; more++)
                    _cells[row, column + more] = new Cell("", segment.Style);
                column += width;
            }
    }

    private void Combine(int row, int column, Rune mark)
    {
        if (column >= 0 && Rune.GetUnicodeCategory(mark) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark)
            _cells[row, column] = _cells[row, column] with { Text = _cells[row, column].Text + mark };
    }

    private void Fill(int row, int column, int rows, int columns, string glyph)
    {
        for (int r = row; r < row + rows; r++)
            for (int c = column; c < column + columns; c++)
                _cells[r, c] = new Cell(glyph, Palette.Quiet);
    }

    private string Text(int row)
    {
        var text = new StringBuilder();
        for (int column = 0; column < _display.Width; column++)
            text.Append(_cells[row, column].Text);
        return text.ToString();
    }

    private string Ansi(int row)
    {
        var text = new StringBuilder();
        string last = "";
        for (int column = 0; column < _display.Width; column++)
        {
            if (_spots.Find(s => s.Row == row && s.Column == column) is { } spot)
            {
                text.Append(last.Length > 0 ? "\e[0m" : "").Append($"\e[{spot.Width}C");
                last = "";
                column += spot.Width - 1;
                continue;
            }
            string sgr = Palette.Sgr(_cells[row, column].Style, _display);
            if (sgr != last)
                text.Append(sgr.Length == 0 ? "\e[0m" : sgr);
            last = sgr;
            text.Append(_cells[row, column].Text);
        }
        return text.Append(last.Length > 0 ? "\e[0m" : "").ToString();
    }

    private sealed record Cell(string Text, Style Style)
    {
        public static readonly Cell Blank = new(" ", Palette.Plain);
    }
}
