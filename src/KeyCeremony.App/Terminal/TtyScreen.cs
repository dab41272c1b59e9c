using KeyCeremony.App.Terminal.Host;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Brings frames to the terminal: only what changed is sent, for a serial line is slow; secrets are painted over and wiped with everything
/// behind them when they leave the screen.
/// </summary>
public sealed class TtyScreen(Tty tty)
{
    private readonly CellSender _sender = new(tty.Write);
    private Display? _display;
    private bool _secrets;
    private int _ticks = -1;

    /// <summary>Shows a ceremony's model as it is now.</summary>
    public void Show(ScreenModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Frame frame = Screen.View(model);
        bool painted = Send(frame) | model.Ticks == _ticks;
        _ticks = model.Ticks;
        painted &= !frame.Spots.IsEmpty;
        if (painted) // When only the clock moved they stand there already.
            SecretPainter.Paint(frame.Spots, model.Shown, model.Entry, tty.Write);
        _sender.SendCursor(frame, moved: painted);
    }

    /// <summary>Shows a picture without secrets.</summary>
    public void Show(Frame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Send(frame);
        _sender.SendCursor(frame, moved: false);
    }

    /// <summary>Forgets what the terminal shows: it is wiped and the next picture is sent whole.</summary>
    public void Redraw()
    {
        tty.Wipe();
        _display = null;
        _secrets = false;
    }

    /// <summary>True when the terminal was wiped before.</summary>
    private bool Send(Frame frame)
    {
        bool resized = (_display?.Width, _display?.Height) != (frame.Display.Width, frame.Display.Height);
        bool anew = resized || _secrets && frame.Spots.IsEmpty;
        if (anew)
        {
            Redraw();
            _sender.Wiped(frame.Display);
        }
        _sender.Send(frame);
        (_display, _secrets) = (frame.Display, !frame.Spots.IsEmpty);
        return anew;
    }
}
