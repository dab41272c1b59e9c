using KeyCeremony.App.Terminal.Writing;
using Terminal.Gui.ViewBase;
using Rectangle = System.Drawing.Rectangle;

namespace KeyCeremony.App.Terminal.Views;

/// <summary>Shows a sheet: paragraphs of several looks behind marks, which the library's own labels cannot.</summary>
internal sealed class SheetView : View
{
    private Sheet? _sheet;
    private bool _stepsBack;

    public SheetView()
    {
        CanFocus = false;
        SetScheme(Attributes.Plain);
    }

    /// <param name="stepsBack">Something stands before it: all of it is quiet.</param>
    public void Show(Sheet sheet, Rectangle place, bool stepsBack)
    {
        if (Visible && Frame == place && _stepsBack == stepsBack && _sheet?.LooksLike(sheet) == true)
            return;
        (_sheet, _stepsBack, Visible) = (sheet, stepsBack, true);
        if (Frame != place)
            Frame = place;
        SetNeedsDraw();
    }

    /// <summary>Every cell is drawn below, once.</summary>
    protected override bool OnClearingViewport() => true;

    protected override bool OnDrawingContent(DrawContext? context)
    {
        for (int row = 0; row < Viewport.Height; row++)
        {
            Move(0, row);
            int rest = Viewport.Width;
            foreach (Run run in row < _sheet?.Height ? _sheet.Lines[row] : [])
            {
                SetAttribute(Attributes.Of(_stepsBack ? Palette.Quiet : run.Look));
                AddStr(run.Text);
                rest -= Columns.Of(run.Text);
            }
            if (rest <= 0)
                continue;
            SetAttribute(Attributes.Of(Palette.Plain));
            AddStr(new string(' ', rest));
        }
        return true;
    }
}
