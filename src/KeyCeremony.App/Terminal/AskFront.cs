namespace KeyCeremony.App.Terminal;

/// <summary>
/// Has a person choose on a page before the ceremony. The choice is its number from 0; null: they left, or the terminal is gone.
/// </summary>
/// <param name="page">For the terminal as it is found.</param>
internal delegate int? AskFront(Func<Display, FrontPage> page);

/// <summary>On a screen.</summary>
internal static class FrontScreen
{
    public static int? Ask(Func<Display, FrontPage> page) => PageLoop.Run<FrontPage, int?>(
        first: page,
        now: (shown, display) => shown with { Display = display },
        view: shown => shown.View(),
        update: (shown, key) => shown.Update(key),
        none: null);
}
