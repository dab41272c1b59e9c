using KeyCeremony.App.Terminal.Writing;
using Terminal.Gui.Drawing;
using Terminal.Gui.ViewBase;
using Terminal.Gui.Views;
using Point = System.Drawing.Point;
using Rectangle = System.Drawing.Rectangle;

namespace KeyCeremony.App.Terminal.Views;

/// <summary>
/// A question in a box before the page, which stays to be seen around it. The model begins and ends it; no loop runs in it.
/// </summary>
internal sealed class BoxView : Runnable
{
    private const int Edge = 1;
    private const int Side = 1;

    private readonly SheetView _sheet = new();

    public BoxView()
    {
        SetScheme(Attributes.Plain);
        BorderStyle = LineStyle.Single;
        ShadowStyle = ShadowStyles.None;
        Add(_sheet);
    }

    /// <summary>Where its text begins on the screen.</summary>
    public Point TextAt => new(Frame.X + Edge + Side, Frame.Y + Edge);

    public void Show(Box box, Display display)
    {
        int height = Math.Min(box.Sheet.Height + (2 * Edge), box.Rows);
        int width = Math.Min(box.Sheet.Width + (2 * (Edge + Side)), display.Width);
        var place = new Rectangle((display.Width - width) / 2, box.Row + ((box.Rows - height) / 2), width, height);
        if (Frame != place)
            Frame = place;
        Title = box.Title;
        _sheet.Show(box.Sheet, new Rectangle(Side, 0, box.Sheet.Width, height - (2 * Edge)), stepsBack: false);
    }
}
