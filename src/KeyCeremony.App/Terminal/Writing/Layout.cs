namespace KeyCeremony.App.Terminal.Writing;

/// <summary>A sheet and its place on the screen.</summary>
/// <param name="Height">Rows that are shown; further lines of the sheet are left out.</param>
internal sealed record Pane(Sheet Sheet, int Row, int Column, int Height);

/// <summary>A line that divides the screen. Where two meet they join.</summary>
/// <param name="Length">Columns or rows.</param>
internal sealed record Divider(bool IsVertical, int Row, int Column, int Length);

/// <summary>A box that stands before the page while something is asked.</summary>
/// <param name="Row">The first row that it may cover.</param>
/// <param name="Rows">How many rows it may cover; it stands in their middle.</param>
internal sealed record Box(string Title, Sheet Sheet, int Row, int Rows)
{
    /// <summary>Its line.</summary>
    public const int Edge = 1;

    /// <summary>The blank column between its line and its text.</summary>
    public const int Side = 1;

    /// <summary>The outermost row and column, height and width.</summary>
    public (int Row, int Column, int Height, int Width) On(Display display)
    {
        int height = Math.Min(Sheet.Height + (2 * Edge), Rows);
        int width = Math.Min(Sheet.Width + (2 * (Edge + Side)), display.Width);
        return (Row + ((Rows - height) / 2), (display.Width - width) / 2, height, width);
    }
}

/// <summary>
/// What stands where on a screen: all that the views are told. A value, made by the page out of the model alone; drawing it is the
/// business of <see cref="Host.Stage"/>.
/// </summary>
internal sealed class Layout(Display display)
{
    private readonly List<Pane> _panes = [];
    private readonly List<Divider> _dividers = [];

    public Display Display { get; } = display;

    public IReadOnlyList<Pane> Panes => _panes;

    public IReadOnlyList<Divider> Dividers => _dividers;

    /// <summary>What stands before the page.</summary>
    public Box? Box { get; private set; }

    /// <summary>Puts a sheet there; what does not fit into <paramref name="height"/> rows is left out.</summary>
    public void Place(Sheet sheet, int row, int column, int height)
    {
        int rows = Math.Min(Math.Min(sheet.Height, height), Display.Height - row);
        if (rows > 0)
            _panes.Add(new Pane(sheet, row, column, rows));
    }

    public void Horizontal(int row) => _dividers.Add(new Divider(IsVertical: false, row, 0, Display.Width));

    /// <summary>A line from row to row that joins the horizontal lines above and below it.</summary>
    public void Vertical(int column, int top, int bottom) =>
        _dividers.Add(new Divider(IsVertical: true, top - 1, column, bottom - top + 3));

    public void Open(Box box) => Box = box;

    /// <summary>What stands there, for the mouse; behind a box nothing does.</summary>
    public Target? At(int row, int column)
    {
        if (Box is { } box)
        {
            (int top, int left, int height, int width) = box.On(Display);
            return row > top && row < top + height - 1 && column > left && column < left + width - 1
                ? box.Sheet.TargetAt(row - top - Box.Edge) : null;
        }
        Pane? pane = _panes.LastOrDefault(p => row >= p.Row && row < p.Row + p.Height && column >= p.Column
            && column < p.Column + p.Sheet.Width);
        return pane?.Sheet.TargetAt(row - pane.Row);
    }

    /// <summary>
    /// Whether its sheets have the places of the other's, and nothing stands before either: then what differs is within sheets.
    /// </summary>
    public bool StandsLike(Layout other) => Display == other.Display && Box is null && other.Box is null
        && _dividers.SequenceEqual(other._dividers) && _panes.Select(PlaceOf).SequenceEqual(other._panes.Select(PlaceOf));

    /// <summary>Whether its picture is the other's.</summary>
    public bool LooksLike(Layout other) =>
        StandsLike(other) && _panes.Zip(other._panes).All(pair => pair.First.Sheet.LooksLike(pair.Second.Sheet));

    private static (int, int, int, int) PlaceOf(Pane pane) => (pane.Row, pane.Column, pane.Height, pane.Sheet.Width);
}
