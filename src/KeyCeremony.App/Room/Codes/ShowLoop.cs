using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Room.Codes;

/// <summary>
/// Shows artefacts until all are received or the person leaves: keys, ticks, pictures, on one thread. A ceremony
/// calls it with its own terminal and reads <see cref="CodeShow.Received"/> of the answer.
/// </summary>
internal static class ShowLoop
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(250);

    public static CodeShow Run(Tty tty, CodeShow first, CodeScreen pixels, TimeProvider clock)
    {
        using var silence = new ScreenSilence();
        var screen = new TtyScreen(tty);
        screen.Redraw();
        (int width, int height) = tty.Size;
        CodeShow show = first.Resized(width, height).Cut();
        long shownAt = clock.GetTimestamp();
        while (!show.IsOver && !tty.IsHungUp)
        {
            if (show.IsPrinting)
            {
                Print(tty, show.Message.Artefact);
                screen.Redraw();
                show = show with { IsPrinting = false };
            }
            (width, height) = tty.Size;
            show = show.Resized(width, height);
            screen.Show(CodePage.View(show));
            long paintedFrom = clock.GetTimestamp();
            if (!show.HelpShown)
                pixels.Paint(show);
            TimeSpan stands = Stands(show.Speed, clock.GetElapsedTime(paintedFrom));
            TimeSpan rest = stands - clock.GetElapsedTime(shownAt);
            if (tty.TryRead(!show.IsMoving ? Idle : rest > TimeSpan.Zero ? rest : TimeSpan.Zero, out Key key))
            {
                if (key.IsCtrl('l'))
                    screen.Redraw();
                bool helped = show.HelpShown;
                show = CodeKeys.After(show, key);
                if (show.HelpShown != helped)
                    screen.Redraw(); // no pixel of the code stays behind the text, and no letter in the code
            }
            if (clock.GetElapsedTime(shownAt) < stands)
                continue;
            show = show.Ticked();
            shownAt = clock.GetTimestamp();
        }
        screen.Redraw(); // wipes the code, pixels too
        return show;
    }

    /// <summary>
    /// How long a frame stands, from the tick that brought it. On a slow framebuffer it would be painted over before it is whole, and a
    /// camera would see nothing but torn codes: it is whole for at least as long as its painting took.
    /// </summary>
    internal static TimeSpan Stands(int speed, TimeSpan painting)
    {
        var wanted = TimeSpan.FromSeconds(1.0 / speed);
        return wanted > 2 * painting ? wanted : 2 * painting;
    }

    private static void Print(Tty tty, Artefact artefact)
    {
        tty.Wipe();
        tty.Write(ArtefactPem.Write(artefact));
        tty.Write("\nAny key goes on.\n");
        while (!tty.TryRead(Idle, out _) && !tty.IsHungUp)
            continue;
    }
}
