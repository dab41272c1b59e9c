using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Terminal.Plain;

/// <summary>What the pages before a ceremony say, and what a line means there.</summary>
internal static class PlainPages
{
    public static readonly PlainCommand Back = new(".back", "", "goes to the page before; also Ctrl-C");
    private static readonly PlainCommand Again = new(".again", "", "says this page once more");
    private static readonly PlainCommand About = new(".about", "NUMBER", "what a line does, and why it cannot be done now");

    private static readonly ImmutableArray<PlainCommand> OfPage = [PlainCommand.Help, Again, Back];
    private static readonly ImmutableArray<PlainCommand> OfMenu = [PlainCommand.Help, Again, About, Back];

    public static (FrontPage, MenuChoice?, string) Take(FrontPage page, string line)
    {
        string typed = line.Trim();
        return Named(typed, OfPage) switch
        {
            { } command when command == Again => (page, null, ""),
            { } command when command == PlainCommand.Help => (page, null, Help(page.Display, page.Help, OfPage)),
            { } when page.Back is not null => (page, new GoBack(), ""),
            { } => (page, null, PlainWords.Refused(page.Display, ScreenRules.NoNumber(page.Choices.Length))),
            null when Number(typed, page.Choices.Length) is { } number => (page, new Chosen(number - 1), ""),
            null => (page, null, PlainWords.Refused(page.Display, ScreenRules.NoNumber(page.Choices.Length))),
        };
    }

    public static string Say(AskPage page)
    {
        var sheet = new Sheet(page.Display, PlainWords.Width);
        sheet.Add(page.Title);
        sheet.Blank();
        foreach (string line in page.Text)
            sheet.Add(line);
        sheet.Blank();
        sheet.Add($"Now: type {page.Wanted}, then Enter. {Back.Name} goes back, {PlainCommand.Help.Name} helps.");
        return PlainWords.Lines(sheet);
    }

    public static (AskPage, MenuChoice?, string) Take(AskPage page, string line)
    {
        PlainCommand? command = Named(line.Trim(), OfPage);
        if (command == Back)
            return (page, new GoBack(), "");
        if (command is not null)
            return (page, null, command == Again ? "" : Help(page.Display, page.Help, OfPage));
        (AskPage given, MenuChoice? choice) = page.Given(line);
        return (page, choice, given.Refused is { } refusal ? PlainWords.Refused(page.Display, refusal) : "");
    }

    public static string Say(Menu menu)
    {
        var sheet = new Sheet(menu.Display, PlainWords.Width);
        sheet.Add(menu.Title);
        if (menu.Told is { } told)
            PlainWords.WriteRefusal(sheet, told);
        Write(sheet, menu, Enumerable.Range(0, menu.Entries.Length));
        sheet.Add($"Now: type the number of a line, then Enter; or words, and hear the lines that have them. {About.Name} and a number "
            + $"says what a line does, {Back.Name} {menu.Back}, {PlainCommand.Help.Name} says all commands.");
        return PlainWords.Lines(sheet);
    }

    public static (Menu, MenuChoice?, string) Take(Menu menu, string line)
    {
        string typed = line.Trim();
        int count = menu.Entries.Length;
        Menu page = menu with { Told = null };
        string[] words = typed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        PlainCommand? command = Named(words.FirstOrDefault(""), OfMenu);
        if (command == Back)
            return (page, new GoBack(), "");
        if (command == About)
            return (page, null, Number(string.Join(' ', words.Skip(1)), count) is { } asked
                ? Whole(page.Display, page.Entries[asked - 1]) : PlainWords.Refused(page.Display, ScreenRules.NoNumber(count)));
        if (command is not null)
            return (page, null, command == Again ? "" : Help(page.Display, [], OfMenu));
        if (Number(typed, count) is { } number)
            return page.Entries[number - 1].WhyNot is { } why ? (page, null, PlainWords.Refused(page.Display, why))
                : (page, new Chosen(number - 1), "");
        return (page, null, Having(page, typed, words));
    }

    private static string Having(Menu menu, string typed, string[] words)
    {
        int[] found = [.. Enumerable.Range(0, menu.Entries.Length)
            .Where(i => words.Length > 0 && words.All(word => Menu.Holds(menu.Entries[i], word)))];
        if (found.Length == 0)
            return PlainWords.Refused(menu.Display, words.Length == 0 ? ScreenRules.NoNumber(menu.Entries.Length)
                : ScreenRules.NoSuchLine(PlainText.Of(typed, LineInput.MaxLength), menu.Entries.Length));
        var sheet = new Sheet(menu.Display, PlainWords.Width);
        Write(sheet, menu, found);
        return PlainWords.Lines(sheet);
    }

    private static void Write(Sheet sheet, Menu menu, IEnumerable<int> lines)
    {
        string group = "";
        foreach (int i in lines)
        {
            MenuEntry entry = menu.Entries[i];
            if (entry.Group != group)
            {
                sheet.Blank();
                sheet.Add($"{entry.Group}:");
            }
            group = entry.Group;
            sheet.AddBehind($"{i + 1,3}. ", entry.WhyNot is null ? entry.Text : $"{entry.Text} (not now)", Palette.Plain);
        }
        sheet.Blank();
    }

    private static string Whole(Display display, MenuEntry entry)
    {
        var sheet = new Sheet(display, PlainWords.Width);
        sheet.Add(entry.Text);
        foreach (string text in entry.About)
            sheet.Add(text);
        if (entry.WhyNot is { } why)
            sheet.Add($"Not now: {why.Message} {why.Remedy}");
        return PlainWords.Lines(sheet);
    }

    /// <param name="about">What the page is for.</param>
    public static string Help(Display display, ImmutableArray<string> about, ImmutableArray<PlainCommand> commands)
    {
        var sheet = new Sheet(display, PlainWords.Width);
        foreach (string text in about)
            sheet.Add(text);
        PlainWords.WriteCommands(sheet, commands);
        return PlainWords.Lines(sheet);
    }

    /// <summary>From 1 on; null: none of these.</summary>
    public static int? Number(string typed, int count) =>
        int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= count
            ? number : null;

    /// <summary>Whole words only: what else begins with a full stop may be a path.</summary>
    public static PlainCommand? Named(string word, ImmutableArray<PlainCommand> commands) =>
        commands.FirstOrDefault(c => c.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
}
