using KeyCeremony.App.Terminal.Plain;

namespace KeyCeremony.App.Terminal;

/// <summary>The pages before a ceremony, each as a screen and as lines.</summary>
internal static class FrontKinds
{
    public static PageKind<FrontPage> Of(Func<Display, FrontPage> first) => new(first, (page, display) => page with { Display = display },
        page => page.View(), (page, key) => page.Update(key), PlainWords.Front, PlainPages.Take);

    public static PageKind<Menu> Of(Func<Display, Menu> first) => new(first, (page, display) => page with { Display = display },
        page => page.View(), (page, key) => page.Update(key), PlainPages.Say, PlainPages.Take);

    public static PageKind<AskPage> Of(Func<Display, AskPage> first) => new(first, (page, display) => page with { Display = display },
        page => page.View(), (page, key) => page.Update(key), PlainPages.Say, PlainPages.Take);
}
