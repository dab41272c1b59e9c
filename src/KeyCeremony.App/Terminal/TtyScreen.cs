using System.Collections.Immutable;
using System.Text;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Brings frames to the terminal: only rows that changed are sent, for a serial line is slow; secrets are painted over
/// and wiped with everything behind them when they leave the screen.
/// </summary>
public sealed class TtyScreen(Tty tty)
{
    private ImmutableArray<string> _rows = [];
    private bool _secrets;

    /// <summary>Shows a ceremony's model as it is now.</summary>
    public void Show(ScreenModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Frame frame = Screen.View(model);
        Show(frame);
        SecretPainter.Paint(frame, model.Shown, model.Entry, tty.Write);
        tty.Write(Cursor(frame));
    }

    /// <summary>Shows a picture without secrets.</summary>
    public void Show(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (_secrets && frame.Spots.IsEmpty || _rows.Length != frame.AnsiRows.Length)
            Redraw();
        var changed = new StringBuilder("\e[?25l");
        for (int i = 0; i < frame.AnsiRows.Length; i++)
            if (_rows.IsEmpty || _rows[i] != frame.AnsiRows[i])
                changed.Append($"\e[{i + 1};1H").Append(frame.AnsiRows[i]);
        tty.Write(changed.Append(Cursor(frame)).ToString());
        _rows = frame.AnsiRows;
        _secrets = !frame.Spots.IsEmpty;
    }

    /// <summary>Forgets what the terminal shows: it is wiped and the next picture is sent whole.</summary>
    public void Redraw()
    {
        tty.Wipe();
        _rows = [];
        _secrets = false;
    }

    private static string Cursor(Frame frame) => frame.Cursor is { } at ? $"\e[{at.Row + 1};{at.Column + 1}H\e[?25h" : "\e[?25l";
}
