using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Terminal;

/// <summary>One thing that can be done.</summary>
/// <param name="Group">Stands above it; entries of one group follow one another.</param>
/// <param name="Text">Its line.</param>
/// <param name="About">What it does, who must be there, how long it takes: a paragraph each, shown while the line is marked.</param>
/// <param name="WhyNot">It cannot be done now; null: it can.</param>
public sealed record MenuEntry(string Group, string Text, ImmutableArray<string> About, Refusal? WhyNot = null);

/// <summary>What a key did beside moving on the page.</summary>
public abstract record MenuChoice;

/// <param name="Index">0-based among all entries.</param>
public sealed record Chosen(int Index) : MenuChoice;

/// <summary>Esc: the page before.</summary>
public sealed record GoBack : MenuChoice;

/// <summary>Enter on an <see cref="AskPage"/>.</summary>
public sealed record TypedLine(string Text) : MenuChoice;

/// <summary>
/// A list that may be long: under headings, filtered by typing, each line with its number, and below it what the marked one is. A pure
/// update and a pure view.
/// </summary>
/// <param name="Typed">Digits are a line's number; anything else are words that must stand in a line.</param>
/// <param name="Selected">0-based among all entries; -1: what was typed fits none.</param>
/// <param name="Told">What could not be done, until the next key.</param>
/// <param name="Back">What Esc does, for the last row.</param>
public sealed record Menu(Display Display, string Title, ImmutableArray<MenuEntry> Entries, LineInput Typed, int Selected = 0,
    Refusal? Told = null, bool HelpShown = false, string Back = "goes back")
{
    private const string Field = "Filter or number > ";
    private const int Edge = 1;
    private const int LeastRows = 6;
    private const int TellRows = 3;

    /// <summary>A table of a ledger may have thousands of lines.</summary>
    private const int MostMeasured = 40;

    private static readonly ImmutableArray<(string Key, string What)> Help =
    [
        ("Arrows", "mark the line above or below; PgUp and PgDn go a page, Home and End to the first and the last"),
        ("letters", "show only the lines that have these words, in their text or in what stands below the list"),
        ("digits", "mark the line of that number, e.g. 1 and 3 the thirteenth; a number that is not there marks none"),
        ("Backspace", "takes back what was typed"),
        ("Enter", "does what is marked"),
        ("Esc", "takes back all that was typed; once more: the page before"),
        ("F1 or ?", "this help"),
        ("^L", "draws the screen anew"),
    ];

    public Menu(Display display, string title, ImmutableArray<MenuEntry> entries) : this(display, title, entries, LineInput.Empty)
    {
    }

    private ImmutableArray<int> Shown =>
        [.. Enumerable.Range(0, Entries.Length).Where(i => Number is not null || Words.All(word => Holds(Entries[i], word)))];

    private string[] Words => Typed.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The number that was typed; null: none, or words.</summary>
    private int? Number => Typed.Text.Length is > 0 and <= 4 && Typed.Text.All(char.IsAsciiDigit)
        ? int.Parse(Typed.Text, CultureInfo.InvariantCulture) : null;

    public (Menu Page, MenuChoice? Choice) Update(Key key)
    {
        if (key.IsMouse)
            return (Pointed(key), null);
        Menu page = this with { Told = null };
        if (HelpShown)
            return (key.Kind is KeyKind.Esc or KeyKind.Enter or KeyKind.F1 ? page with { HelpShown = false } : page, null);
        int at = Shown.IndexOf(Selected), step = Math.Max(1, Rows() / 2);
        switch (key.Kind)
        {
            case KeyKind.F1:
            case KeyKind.Rune when Typed.Text.Length == 0 && FrontHelp.IsAsked(key):
                return (page with { HelpShown = true }, null);
            case KeyKind.F10:
            case KeyKind.Ctrl when key.IsCtrl('c'):
            case KeyKind.Esc when Typed.Text.Length == 0:
                return (page, new GoBack());
            case KeyKind.Esc:
                return (page with { Typed = LineInput.Empty, Selected = Math.Max(0, Selected) }, null);
            case KeyKind.Up:
                return (page.Marked(at <= 0 ? int.MaxValue : at - 1), null);
            case KeyKind.Down or KeyKind.Tab:
                return (page.Marked(at == Shown.Length - 1 ? 0 : at + 1), null);
            case KeyKind.PageUp or KeyKind.Ctrl when key.Kind == KeyKind.PageUp || key.IsCtrl('b'):
                return (page.Marked(at - step), null);
            case KeyKind.PageDown or KeyKind.Ctrl when key.Kind == KeyKind.PageDown || key.IsCtrl('f'):
                return (page.Marked(at + step), null);
            case KeyKind.Home:
                return (page.Marked(0), null);
            case KeyKind.End:
                return (page.Marked(int.MaxValue), null);
            case KeyKind.Enter when Selected < 0:
                return (page with { Told = ScreenRules.NoSuchLine(Typed.Text, Entries.Length) }, null);
            case KeyKind.Enter when Entries[Selected].WhyNot is { } refusal:
                return (page with { Told = refusal }, null);
            case KeyKind.Enter:
                return (page, new Chosen(Selected));
            default:
                return (page.After(Typed.After(key)), null);
        }
    }

    public Frame View() => Stage.Draw(Laid());

    private Layout Laid()
    {
        var layout = new Layout(Display);
        Sheet sheet = New();
        sheet.Add(sheet.Cut(sheet.Glyph.Clean(Title), sheet.Width), Palette.Strong);
        if (HelpShown)
            WriteHelp(sheet);
        else
            WriteList(sheet);
        layout.Place(sheet, Edge, Edge, Display.Height - Edge);
        Sheet keys = New();
        string leave = $"Enter does it   Esc {Back}{FrontHelp.Named(Display)}";
        if (HelpShown)
            FrontHelp.Fit(keys, "Enter or Esc goes back to the list");
        else
            FrontHelp.Fit(keys, $"Type filters   Number or arrows mark   {leave}", $"Arrows mark   {leave}", leave,
                $"Esc {Back}{FrontHelp.Named(Display)}");
        layout.Place(keys, Display.Height - 1, Edge, 1);
        return layout;
    }

    /// <summary>The mouse marks a line, and does nothing with it.</summary>
    private Menu Pointed(Key key) => HelpShown ? this : key.Kind switch
    {
        KeyKind.WheelUp => Marked(Math.Max(0, Shown.IndexOf(Selected) - 1)),
        KeyKind.WheelDown => Marked(Shown.IndexOf(Selected) + 1),
        _ when Laid().At(key.Row, key.Column) is { Line: >= 0 and var line } =>
            this with { Selected = line, Told = null, Typed = Number is null ? Typed : LineInput.Empty },
        _ => this,
    };

    /// <summary>What is typed narrows the list; the mark stays where it can.</summary>
    private Menu After(LineInput typed)
    {
        if (typed == Typed)
            return this;
        Menu page = this with { Typed = typed };
        ImmutableArray<int> shown = page.Shown;
        int marked = page.Number is { } number ? (number >= 1 && number <= Entries.Length ? number - 1 : -1)
            : shown.IsEmpty ? -1 : shown.Contains(Selected) ? Selected : shown[0];
        return page with { Selected = marked };
    }

    /// <summary>A number that was typed is done with when the mark is moved by hand.</summary>
    private Menu Marked(int at)
    {
        Menu page = Number is null ? this : this with { Typed = LineInput.Empty };
        ImmutableArray<int> shown = page.Shown;
        return shown.IsEmpty ? page : page with { Selected = shown[Math.Clamp(at, 0, shown.Length - 1)] };
    }

    /// <summary>Whether a word stands in its heading, its line or what is said of it.</summary>
    internal static bool Holds(MenuEntry entry, string word) => entry.About.Prepend(entry.Text).Prepend(entry.Group)
        .Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase));

    private Sheet New() => new(Display, Math.Max(1, Display.Width - (2 * Edge)));

    private void WriteHelp(Sheet sheet)
    {
        sheet.Rule("Help");
        foreach ((string key, string what) in Help)
            sheet.AddBehind($"{key,-10} ", what, Palette.Plain);
        sheet.Blank();
        sheet.Add("A line with a - cannot be done now; why stands below the list while it is marked.");
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: read it, then Enter.", Palette.Now);
    }

    private void WriteList(Sheet sheet)
    {
        Sheet below = Below();
        int rows = Rows(below);
        (Sheet list, int marked) = List();
        int from = Math.Clamp(marked - (rows / 2), 0, Math.Max(0, list.Height - rows));
        string hidden = string.Join("  ", new[]
        {
            from > 0 ? $"more above {sheet.Glyph.Up}" : "", from + rows < list.Height ? $"more below {sheet.Glyph.Down}" : "",
        }.Where(text => text.Length > 0));
        string count = Shown.Length == Entries.Length ? $"{Entries.Length} lines" : $"{Shown.Length} of {Entries.Length} lines";
        sheet.Rule("", hidden.Length == 0 ? count : $"{count}  {hidden}");
        sheet.Append(list, from, rows);
        while (sheet.Height < 2 + rows)
            sheet.Blank();
        sheet.Append(below);
    }

    private int Rows() => Rows(Below());

    /// <summary>What the title, what stands below and the keys leave.</summary>
    private int Rows(Sheet below) => Math.Max(LeastRows, Display.Height - (2 * Edge) - 2 - below.Height);

    private (Sheet Sheet, int Marked) List()
    {
        Sheet sheet = New();
        string group = "";
        int marked = 0;
        foreach (int i in Shown)
        {
            MenuEntry entry = Entries[i];
            if (entry.Group != group)
                sheet.Add(sheet.Cut($" {entry.Group}", sheet.Width), Palette.Strong);
            group = entry.Group;
            int row = sheet.Height;
            if (i == Selected)
                marked = row;
            string mark = i == Selected ? sheet.Glyph.Now : " ";
            string line = $" {mark} {i + 1,2} {(entry.WhyNot is null ? " " : "-")} {entry.Text}";
            sheet.Add(sheet.Cut(sheet.Glyph.Clean(line), sheet.Width),
                i == Selected ? Palette.Marked : entry.WhyNot is null ? Palette.Plain : Palette.Quiet);
            sheet.Mean(row, Part.Question, i);
        }
        if (Shown.IsEmpty)
            sheet.Add("   No line has these words.", Palette.Quiet);
        return (sheet, marked);
    }

    /// <summary>What the marked line is, what was typed, and what to do: never so high that no list is left.</summary>
    private Sheet Below()
    {
        Sheet about = Selected >= 0 ? About(Entries[Selected]) : New();
        Sheet end = New();
        if (Told is { } told)
        {
            end.AddBehind("! ", $"{told.Rule}: {told.Message}", Palette.Alarm);
            end.AddBehind("  ", told.Remedy, Palette.Plain);
        }
        AskBlock.WriteField(end, Typed, end.Width < 2 * Field.Length ? "> " : Field, active: true);
        end.Add($"{end.Glyph.Now} Now: mark a line, then Enter.", Palette.Now);
        Sheet sheet = New();
        sheet.Rule(Selected >= 0 ? Entries[Selected].Text : "");
        int room = Math.Max(TellRows, Display.Height - (2 * Edge) - 2 - LeastRows - end.Height - sheet.Height);
        bool cut = about.Height > room;
        sheet.Append(about, 0, cut ? room - 1 : room);
        if (cut)
            sheet.Add("...");
        // The list does not jump when the mark moves.
        int steady = Math.Min(room, Entries.Take(MostMeasured).Select(entry => About(entry).Height).DefaultIfEmpty().Max()) + 1;
        while (sheet.Height < steady && Told is null)
            sheet.Blank();
        sheet.Append(end);
        return sheet;
    }

    private Sheet About(MenuEntry entry)
    {
        Sheet about = New();
        foreach (string text in entry.About)
            about.Add(text);
        if (entry.WhyNot is { } why && Told is null)
            about.AddBehind("- ", $"Not now: {why.Message} {why.Remedy}", Palette.Alarm);
        return about;
    }
}
