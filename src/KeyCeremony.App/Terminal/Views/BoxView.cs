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
    private readonly SheetView _sheet = new();

    public BoxView()
    {
        SetScheme(Attributes.Plain);
        BorderStyle = LineStyle.Single;
        ShadowStyle = ShadowStyles.None;
        Add(_sheet);
    }

    /// <summary>Where its text begins on the screen.</summary>
    public Point TextAt => new(Frame.X + Box.Edge + Box.Side, Frame.Y + Box.Edge);

    public void Show(Box box, Display display)
    {
        (int row, int column, int height, int width) = box.On(display);
        var place = new Rectangle(column, row, width, height);
        if (Frame != place)
            Frame = place;
        Title = box.Title;
        _sheet.Show(box.Sheet, new Rectangle(Box.Side, 0, box.Sheet.Width, height - (2 * Box.Edge)), stepsBack: false);
    }
}
