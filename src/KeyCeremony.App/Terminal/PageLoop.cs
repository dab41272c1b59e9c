namespace KeyCeremony.App.Terminal;

/// <summary>Shows one page, in the size that the terminal has at the moment, until a key chooses something on it.</summary>
internal static class PageLoop
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <param name="first">The page on the terminal as it is found.</param>
    /// <param name="now">The page as it is now, before each picture; the terminal may have another size, a stick may have been plugged
    /// in.</param>
    /// <param name="update">The page after a key, and what the key chose.</param>
    /// <param name="none">That nothing was chosen. It is also the answer when the terminal is gone.</param>
    public static TChoice Run<TPage, TChoice>(Func<Display, TPage> first, Func<TPage, Display, TPage> now, Func<TPage, Frame> view,
        Func<TPage, Key, (TPage Page, TChoice Choice)> update, TChoice none)
    {
        using var tty = Tty.Open();
        var screen = new TtyScreen(tty);
        (int width, int height) = tty.Size;
        var display = Display.Of(width, height, Environment.GetEnvironmentVariable);
        TPage page = first(display);
        while (!tty.IsHungUp)
        {
            (width, height) = tty.Size;
            display = display.Resized(width, height);
            page = now(page, display);
            screen.Show(view(page));
            if (!tty.TryRead(Tick, out Key key))
                continue;
            (page, TChoice choice) = update(page, key);
            if (!EqualityComparer<TChoice>.Default.Equals(choice, none))
                return choice;
        }
        return none;
    }
}
