using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// The keys that turn from one part of the page to another, and scroll it. None of them answers: in another part Enter only goes back to
/// the question, and what is typed goes back there and is typed.
/// </summary>
internal static class PartKeys
{
    /// <summary>Null: the key is none of these; the model is where it is to be taken then.</summary>
    public static ScreenModel? After(ref ScreenModel m, Key key)
    {
        if (key.Kind is KeyKind.Tab or KeyKind.BackTab && Page.Of(m) is { Parts.Count: > 1 } page)
            return m with { Focus = Next(page, key.Kind == KeyKind.Tab ? 1 : -1) };
        Part focus = m.Focus == Part.Question ? Part.Question : Page.Of(m).Focus;
        if (focus == Part.Question)
            return Scrolling(m, Part.Text, key, pagesAlone: true);
        if (key.Kind is KeyKind.Enter)
            return m with { Focus = Part.Question };
        if (Scrolling(m, focus, key, pagesAlone: false) is { } scrolled)
            return scrolled;
        if (key.Kind is KeyKind.Esc or KeyKind.Rune or KeyKind.Backspace or KeyKind.Delete or KeyKind.Left or KeyKind.Right)
            m = m with { Focus = Part.Question };
        return null;
    }

    /// <summary>So many lines further, as far as there are any.</summary>
    public static ScreenModel Scrolled(ScreenModel m, Part part, int by)
    {
        (int from, int room, int lines) = Page.Of(m).Window(part);
        int to = Math.Clamp(from + by, 0, Math.Max(0, lines - room));
        return part switch
        {
            Part.Text => m with { Scroll = to },
            Part.Found => m with { FoundScroll = to },
            Part.Steps => m with { StepsScroll = to },
            _ => m,
        };
    }

    private static Part Next(Page page, int step)
    {
        int at = page.Parts.ToList().IndexOf(page.Focus);
        return page.Parts[(at + step + page.Parts.Count) % page.Parts.Count];
    }

    /// <param name="pagesAlone">Arrows belong to the answer.</param>
    private static ScreenModel? Scrolling(ScreenModel m, Part part, Key key, bool pagesAlone)
    {
        const int All = 1_000_000;
        int room = Math.Max(1, Page.Of(m).Window(part).Room - 1);
        int? by = key.Kind switch
        {
            KeyKind.PageUp => -room,
            KeyKind.PageDown => room,
            KeyKind.Ctrl when key.IsCtrl('b') => -room,
            KeyKind.Ctrl when key.IsCtrl('f') => room,
            KeyKind.Up when !pagesAlone => -1,
            KeyKind.Down when !pagesAlone => 1,
            KeyKind.Home when !pagesAlone => -All,
            KeyKind.End when !pagesAlone => All,
            _ => null,
        };
        return by is { } lines ? Scrolled(m, part, lines) : null;
    }
}
