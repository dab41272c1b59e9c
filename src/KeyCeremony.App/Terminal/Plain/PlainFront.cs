using System.Globalization;

namespace KeyCeremony.App.Terminal.Plain;

/// <summary>A page before the ceremony on a terminal of lines.</summary>
internal static class PlainFront
{
    /// <summary>As <see cref="FrontScreen.Ask"/>.</summary>
    public static int? Ask(Func<Display, FrontPage> page)
    {
        FrontPage shown = page(PlainWords.Display());
        using var tty = new LineTty();
        tty.Say(PlainWords.Front(shown));
        while (tty.Read(PlainWords.Prompt, isSecret: false) && !tty.IsInterrupted)
        {
            if (tty.TryText(out string? typed)
                && int.TryParse(typed.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number >= 1 && number <= shown.Choices.Length)
                return number - 1;
            tty.Say(PlainWords.Refused(shown.Display, ScreenRules.NoNumber(shown.Choices.Length)));
        }
        return null;
    }
}
