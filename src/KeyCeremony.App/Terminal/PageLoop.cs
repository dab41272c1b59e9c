using System.Diagnostics;

namespace KeyCeremony.App.Terminal;

/// <summary>Shows one page, in the size that the terminal has at the moment, until a key chooses something on it.</summary>
internal static class PageLoop
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <param name="held">Of all pages of one sitting: an Enter that chose on the page before is not an answer to this one.</param>
    /// <param name="takesMouse">Where the terminal has one.</param>
    /// <returns>Null when the terminal is gone.</returns>
    public static MenuChoice? Run<TPage>(PageKind<TPage> kind, HeldKeys held, bool takesMouse)
    {
        using var tty = Tty.Open();
        var screen = new TtyScreen(tty);
        (int width, int height) = tty.Size;
        var display = Display.Of(width, height, Environment.GetEnvironmentVariable);
        bool mouse = takesMouse && display.HasMouse;
        using TerminalGuard? guard = mouse ? TerminalGuard.Begin() : null;
        TPage page = kind.First(display);
        while (!tty.IsHungUp)
        {
            (width, height) = tty.Size;
            display = display.Resized(width, height);
            page = kind.Now(page, display);
            screen.Show(kind.View(page), mouse);
            if (!tty.TryRead(Tick, out Key key) || !held.Counts(key) || key.IsMouse && !mouse)
                continue;
            if (key.IsCtrl('l'))
                screen.Redraw();
            (page, MenuChoice? choice) = kind.Update(page, key);
            if (choice is not null)
                return choice;
        }
        return null;
    }

    /// <summary>Shows that something is being done until it is; keys typed meanwhile are dropped.</summary>
    /// <param name="work">Is told where it reports how much is done, from 0 to 1.</param>
    /// <param name="held">Of all pages of one sitting: an Enter that is held through the work answers nothing behind it.</param>
    public static T While<T>(string title, string doing, HeldKeys held, Func<Action<double>, T> work)
    {
        using var tty = Tty.Open();
        var screen = new TtyScreen(tty);
        long began = Stopwatch.GetTimestamp();
        double share = -1;
        Task<T> task = Task.Run(() => work(done => Volatile.Write(ref share, done)));
        do
        {
            (int width, int height) = tty.Size;
            var display = Display.Of(width, height, Environment.GetEnvironmentVariable);
            double now = Volatile.Read(ref share);
            screen.Show(new WorkPage(display, title, doing, Stopwatch.GetElapsedTime(began), now < 0 ? null : now).View());
        }
        while (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(Tick));
        if (tty.DropTypedAhead())
            held.Dropped();
        return task.GetAwaiter().GetResult();
    }
}
