using System.Collections.Immutable;

namespace KeyCeremony.App.Terminal.Writing;

/// <summary>
/// A screen of cells that sheets are put on, without the view library: for pictures that move. A frame of a code is drawn ten times a
/// second, and drawing it by views costs thirteen times as much (docs/decisions/0006-terminal-own-tty.md).
/// </summary>
internal sealed class Plate
{
    private readonly Display _display;
    private readonly Cell[] _cells;
    private readonly List<Spot> _spots = [];
    private (int Row, int Column)? _cursor;

    public Plate(Display display)
    {
        _display = display;
        _cells = new Cell[display.Width * display.Height];
        Array.Fill(_cells, Cell.Blank);
    }

    /// <summary>Puts a sheet's lines there; what does not fit into <paramref name="height"/> rows is left out.</summary>
    public void Place(Sheet sheet, int row, int column, int height)
    {
        int count = Math.Min(Math.Min(sheet.Height, height), _display.Height - row);
        for (int i = 0; i < count; i++)
            PlaceLine(sheet.Lines[i], row + i, column, Math.Min(column + sheet.Width, _display.Width));
        if (sheet.Cursor is { } at && at.Row < count)
            _cursor = (at.Row + row, Math.Min(at.Column + column, _display.Width - 1));
    }

    /// <summary>Nothing is written there: a picture of another kind stands in that place.</summary>
    public void Leave(int row, int column, int rows, int columns)
    {
        for (int r = row; r < row + rows && columns > 0; r++)
            _spots.Add(new Spot(r, column, columns, SpotKind.Picture, 0));
    }

    public Frame ToFrame() => new(_display, ImmutableArray.Create(_cells), [.. _spots], _cursor);

    private void PlaceLine(IReadOnlyList<Run> line, int row, int column, int end)
    {
        foreach (Run run in line)
            foreach (string element in Columns.Elements(run.Text))
            {
                int width = Columns.OfElement(element);
                if (column + width > end)
                    return;
                _cells[(row * _display.Width) + column] = new Cell(element, run.Look);
                if (width > 1)
                    _cells[(row * _display.Width) + column + 1] = new Cell("", run.Look);
                column += width;
            }
    }
}
