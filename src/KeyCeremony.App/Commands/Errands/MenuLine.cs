using KeyCeremony.App.Terminal;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>A line of the menu with what it does.</summary>
/// <param name="Does">The program's exit code; null: people come back to the menu.</param>
internal sealed record MenuLine(MenuEntry Entry, Func<int?> Does)
{
    /// <summary>Something that is always followed by the menu.</summary>
    public static MenuLine Of(MenuEntry entry, Action does) => new(entry, () =>
    {
        does();
        return null;
    });

    /// <summary>As this line, first of all and under a heading of its own.</summary>
    public MenuLine Under(string heading) => this with { Entry = Entry with { Group = heading } };
}

/// <summary>What the menu shows at this moment.</summary>
/// <param name="Told">What is wrong with the ledger on the sticks; null: nothing.</param>
internal sealed record MenuLines(string Title, IReadOnlyList<MenuLine> Lines, Refusal? Told = null);
