using KeyCeremony.App.Terminal.Host;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Brings frames to the terminal: only what changed is sent, for a serial line is slow; secrets are painted over and wiped with everything
/// behind them when they leave the screen.
/// </summary>
/// <param name="write">Takes bytes at once and keeps nothing.</param>
/// <param name="recorder">Is told what is shown of a ceremony, and never what is painted or being typed.</param>
public sealed class TtyScreen(Action<ReadOnlySpan<byte>> write, Recorder? recorder = null)
{
    private readonly CellSender _sender = new(write);
    private readonly CellSender _recorded = new(bytes => recorder?.Sent(bytes));
    private (int Width, int Height) _recordedSize;
    private Display? _display;
    private bool _secrets;
    private bool _mouse;
    private int _ticks = -1;

    public TtyScreen(Tty tty, Recorder? recorder = null)
        : this(tty.Write, recorder)
    {
    }

    /// <summary>Shows a ceremony's model as it is now.</summary>
    public void Show(ScreenModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Frame frame = Screen.View(model);
        Record(model, frame);
        Point(MouseKeys.AreTaken(model));
        bool painted = Send(frame) | model.Ticks == _ticks;
        _ticks = model.Ticks;
        painted &= !frame.Spots.IsEmpty;
        if (painted) // When only the clock moved they stand there already.
            SecretPainter.Paint(frame.Spots, model.Shown, model.Entry, write);
        _sender.SendCursor(frame, moved: painted);
    }

    /// <summary>Shows a picture without secrets.</summary>
    /// <param name="mouse">The page takes the mouse.</param>
    public void Show(Frame frame, bool mouse = false)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Point(mouse);
        Send(frame);
        _sender.SendCursor(frame, moved: false);
    }

    /// <summary>Somebody else writes to the terminal until <see cref="Redraw"/>.</summary>
    public void Leave()
    {
        Point(false);
        recorder?.Hide(Recorder.Aside);
    }

    /// <summary>Forgets what the terminal shows: it is wiped and the next picture is sent whole.</summary>
    public void Redraw()
    {
        write(Tty.Wiped);
        _display = null;
        _secrets = false;
    }

    /// <summary>
    /// The mouse is told of while a page takes it, and no longer. No recording has this: whoever replays one keeps the mouse of their own
    /// terminal.
    /// </summary>
    private void Point(bool mouse)
    {
        if (mouse != _mouse)
            write(mouse ? Tty.MouseOn : Tty.MouseOff);
        _mouse = mouse;
    }

    /// <summary>
    /// Where a secret is held for the page it is not recorded, whatever stands on it: how many letters a word has is told by the cursor.
    /// While a line is typed the recording shows what stood there before it: perhaps it is a card, and is refused.
    /// </summary>
    private void Record(ScreenModel model, Frame frame)
    {
        if (recorder is null)
            return;
        (int Width, int Height) size = (frame.Display.Width, frame.Display.Height);
        recorder.Sized(size.Width, size.Height);
        if (model.Shown is not null || model.Entry is not null || model.Dice is not null || model.Passphrase is not null
            || !frame.Spots.IsEmpty)
            recorder.Hide(Recorder.SecretPage);
        else if (!model.HasTyped)
        {
            if (recorder.IsHidden || size != _recordedSize)
            {
                recorder.Show();
                recorder.Sent(Tty.Wiped);
                _recorded.Wiped(frame.Display);
            }
            _recordedSize = size;
            _recorded.Send(frame);
            _recorded.SendCursor(frame, moved: false);
        }
        if (model.State.Step is { } step)
            recorder.Step($"{step.Number}. {step.Title}");
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
