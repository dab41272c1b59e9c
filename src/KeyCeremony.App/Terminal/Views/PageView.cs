using KeyCeremony.App.Terminal.Writing;
using Terminal.Gui.Drawing;
using Terminal.Gui.ViewBase;
using Terminal.Gui.Views;
using Point = System.Drawing.Point;
using Rectangle = System.Drawing.Rectangle;

namespace KeyCeremony.App.Terminal.Views;

/// <summary>
/// A screen's sheets and the lines between them. What it holds from one picture to the next saves work and changes no picture: a sheet that
/// looks as before is not drawn again.
/// </summary>
internal sealed class PageView : Runnable
{
    private readonly List<SheetView> _sheets = [];
    private Layout? _layout;

    public PageView() => SetScheme(Attributes.Plain);

    /// <summary>True when all of it is drawn anew: then everything must be cleared before.</summary>
    public bool Show(Layout layout)
    {
        bool anew = _layout is null || !_layout.StandsLike(layout);
        _layout = layout;
        while (_sheets.Count < layout.Panes.Count)
        {
            var view = new SheetView();
            _sheets.Add(view);
            Add(view);
        }
        for (int i = 0; i < _sheets.Count; i++)
            if (i < layout.Panes.Count && layout.Panes[i] is var pane)
                _sheets[i].Show(pane.Sheet, PlaceOf(pane, layout.Display), stepsBack: layout.Box is not null);
            else
                _sheets[i].Visible = false;
        return anew;
    }

    private static Rectangle PlaceOf(Pane pane, Display display) =>
        new(pane.Column, pane.Row, Math.Min(pane.Sheet.Width, display.Width - pane.Column), pane.Height);

    /// <summary>The stage has cleared everything.</summary>
    protected override bool OnClearingViewport() => true;

    protected override bool OnDrawingContent(DrawContext? context)
    {
        foreach (Divider line in _layout?.Dividers ?? [])
        {
            Orientation orientation = line.IsVertical ? Orientation.Vertical : Orientation.Horizontal;
            LineCanvas.AddLine(new Point(line.Column, line.Row), line.Length, orientation, LineStyle.Single, Attributes.Of(Palette.Quiet));
        }
        return true;
    }
}
