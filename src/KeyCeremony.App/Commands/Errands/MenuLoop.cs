using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>
/// The menu of the appliance and of a rehearsal: shown, done, and shown again. Whatever a line is refused for stands on the menu with
/// what can be done about it, and never ends the program.
/// </summary>
internal static class MenuLoop
{
    /// <param name="now">The lines as they are now: asked for each time the menu is shown.</param>
    /// <returns>The program's exit code; null: people went back, or the terminal is gone.</returns>
    public static int? Run(Front front, string back, Func<MenuLines> now)
    {
        (Refusal? told, string? last) = (null, null);
        while (true)
        {
            MenuLines shown = now();
            Refusal? saying = told ?? shown.Told;
            if (front.Choose(display => Page(display, shown, saying, last, back)) is not { } index)
                return null;
            (told, last) = (null, shown.Lines[index].Entry.Text);
            try
            {
                if (shown.Lines[index].Does() is { } code)
                    return code;
            }
            catch (Exception e) when (RunCommand.RefusalOf(e) is not null)
            {
                told = RunCommand.RefusalOf(e);
            }
        }
    }

    /// <summary>Marked is the line that was done last, or what mends the ledger; else the first that can be done.</summary>
    public static Menu Page(Display display, MenuLines shown, Refusal? told, string? last, string back)
    {
        ImmutableArray<MenuEntry> entries = [.. shown.Lines.Select(line => line.Entry with
        {
            WhyNot = line.Entry.WhyNot is { } why ? MenuWords.Of(why) : null,
        })];
        int first = entries.ToList().FindIndex(e => e.WhyNot is null);
        int again = shown.Told is not null ? -1 : entries.ToList().FindIndex(e => e.WhyNot is null && e.Text == last);
        return new Menu(display, shown.Title, entries)
        {
            Selected = Math.Max(0, again >= 0 ? again : first),
            Back = back,
            Told = told is null ? null : MenuWords.Of(told),
        };
    }
}
