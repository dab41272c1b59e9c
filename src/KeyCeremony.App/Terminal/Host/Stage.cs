using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Drawing;
using System.Runtime.CompilerServices;
using KeyCeremony.App.Terminal.Views;
using KeyCeremony.App.Terminal.Writing;
using Terminal.Gui.App;
using Terminal.Gui.Drawing;
using Terminal.Gui.Drivers;
using DrawnCell = Terminal.Gui.Drawing.Cell;
using View = Terminal.Gui.ViewBase.View;

namespace KeyCeremony.App.Terminal.Host;

/// <summary>
/// Draws layouts. One for the process, as the library itself keeps its settings for the process; a picture depends on its layout and on
/// nothing that was drawn before.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as the process.")]
internal sealed class Stage
{
    private static readonly Lock OneAtATime = new();
    private static Stage? _only;

    private readonly IApplication _application;
    private readonly IDriver _driver;
    private readonly PageView _page = new();
    private readonly BoxView _box = new();
    private SessionToken? _boxSession;
    private (Layout Layout, Frame Frame)? _last;

    private Stage()
    {
        (_application, _driver) = ViewLibrary.Start();
        _application.Begin(_page);
    }

    /// <summary>
    /// Takes a tenth of a second the first time; at best before this process has other threads: see <see cref="ViewLibrary"/>.
    /// </summary>
    public static void Open()
    {
        lock (OneAtATime)
        {
            if (_only is null)
                ViewLibrary.Aside(Build);
        }
    }

    public static Frame Draw(Layout layout)
    {
        Open();
        lock (OneAtATime)
            return DrawOn(_only!, layout);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Build() => _only = new Stage();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Frame DrawOn(Stage stage, Layout layout) => stage.Drawn(layout);

    /// <summary>A loop asks five times a second, and most of the time nothing has changed.</summary>
    private Frame Drawn(Layout layout)
    {
        if (_last is { } last && layout.LooksLike(last.Layout))
            return last.Frame;
        var size = new Size(layout.Display.Width, layout.Display.Height);
        if (_driver.Screen.Size != size)
            _driver.SetScreenSize(size.Width, size.Height);
        bool anew = _page.Show(layout);
        if (anew)
            _driver.ClearContents();
        DrawView(_page, size, anew);
        ShowBox(layout);
        if (layout.Box is not null)
            DrawView(_box, size, anew: true);
        var frame = new Frame(layout.Display, CellsOf(layout.Display), SpotsOf(layout), CursorOf(layout));
        _last = (layout, frame);
        return frame;
    }

    /// <summary>The session of the box begins and ends as the model says; it is nested in no loop.</summary>
    private void ShowBox(Layout layout)
    {
        if (layout.Box is { } box)
        {
            _box.Show(box, layout.Display);
            _boxSession ??= _application.Begin(_box);
        }
        else if (_boxSession is not null)
        {
            _application.End(_boxSession);
            _boxSession = null;
        }
    }

    private void DrawView(View view, Size size, bool anew)
    {
        _driver.Clip = new Region(new Rectangle(Point.Empty, size));
        view.Layout(size);
        if (anew)
            view.SetNeedsDraw();
        view.Draw();
    }

    private ImmutableArray<Cell> CellsOf(Display display)
    {
        DrawnCell[,] drawn = _driver.GetOutputBuffer().Contents!;
        ImmutableArray<Cell>.Builder cells = ImmutableArray.CreateBuilder<Cell>(display.Width * display.Height);
        for (int row = 0; row < display.Height; row++)
            for (int column = 0; column < display.Width; column++)
            {
                ref DrawnCell cell = ref drawn[row, column];
                Look look = cell.Attribute is { } attribute ? Attributes.LookOf(attribute) : default;
                cells.Add(new Cell(display.Glyph.Line(cell.Grapheme), look));
                if (cell.Grapheme is not [<= '~'] && Columns.Of(cell.Grapheme) > 1 && column + 1 < display.Width)
                {
                    cells.Add(new Cell("", look));
                    column++;
                }
            }
        return cells.MoveToImmutable();
    }

    /// <summary>Behind a box no secret is on the screen.</summary>
    private static ImmutableArray<Spot> SpotsOf(Layout layout) => layout.Box is null ? [.. layout.Panes.SelectMany(SpotsOf)] : [];

    private static IEnumerable<Spot> SpotsOf(Pane pane) => pane.Sheet.Spots.Where(spot => spot.Row < pane.Height)
        .Select(spot => spot with { Row = spot.Row + pane.Row, Column = spot.Column + pane.Column });

    private (int Row, int Column)? CursorOf(Layout layout)
    {
        if (layout.Box is { } box)
            return Moved(box.Sheet.Cursor, _box.TextAt, layout.Display);
        Pane? typing = layout.Panes.LastOrDefault(pane => pane.Sheet.Cursor is { } at && at.Row < pane.Height);
        return Moved(typing?.Sheet.Cursor, new Point(typing?.Column ?? 0, typing?.Row ?? 0), layout.Display);
    }

    private static (int Row, int Column)? Moved((int Row, int Column)? cursor, Point sheet, Display display) =>
        cursor is { } at ? (at.Row + sheet.Y, Math.Min(at.Column + sheet.X, display.Width - 1)) : null;
}
