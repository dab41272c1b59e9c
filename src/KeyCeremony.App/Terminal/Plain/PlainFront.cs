namespace KeyCeremony.App.Terminal.Plain;

/// <summary>Pages before the ceremony on a terminal of lines.</summary>
internal static class PlainFront
{
    /// <returns>Null when the terminal is gone.</returns>
    public static MenuChoice? Run<TPage>(PageKind<TPage> kind)
    {
        using var tty = new LineTty();
        return Run(kind, tty.Say, () => Line(tty));
    }

    /// <param name="read">The next line; null: nobody answers any more.</param>
    public static MenuChoice? Run<TPage>(PageKind<TPage> kind, Action<string> say, Func<string?> read)
    {
        Display display = PlainWords.Display();
        TPage page = kind.Now(kind.First(display), display);
        say(kind.Say(page));
        while (read() is { } line)
        {
            (page, MenuChoice? choice, string reply) = kind.Take(kind.Now(page, display), line);
            if (choice is not null)
                return choice;
            say(reply.Length == 0 ? kind.Say(page) : reply);
        }
        return null;
    }

    /// <summary>Says what is done, once: nobody hears a bar move.</summary>
    public static T While<T>(string title, string doing, Func<Action<double>, T> work)
    {
        using (var tty = new LineTty())
            return While(tty.Say, title, doing, work);
    }

    public static T While<T>(Action<string> say, string title, string doing, Func<Action<double>, T> work)
    {
        say(string.Join('\n', new WorkPage(PlainWords.Display(), title, doing, TimeSpan.Zero).Lines));
        return work(_ => { });
    }

    /// <summary>Ctrl-C goes a page back.</summary>
    private static string? Line(LineTty tty)
    {
        while (tty.Read(PlainWords.Prompt, isSecret: false))
        {
            if (tty.IsInterrupted)
                return PlainPages.Back.Name;
            if (tty.TryText(out string? typed))
                return typed;
            tty.Say(PlainWords.Refused(PlainWords.Display(), ScreenRules.NotUtf8()));
        }
        return null;
    }
}
