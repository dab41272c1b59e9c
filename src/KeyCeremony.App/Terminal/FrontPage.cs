using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

/// <summary>A page before a ceremony: something to read, and what can be done.</summary>
/// <param name="Text">Scrolled when it is longer than the page.</param>
/// <param name="Selected">0-based line of the choices; -1: the number that was typed is none of them.</param>
/// <param name="Scroll">Lines of the text that have gone by.</param>
/// <param name="Typed">The number typed so far; 0 before its first digit.</param>
public sealed record FrontPage(Display Display, string Title, ImmutableArray<string> Text,
    ImmutableArray<string> Choices, int Selected = 0, int Scroll = 0, int Typed = 0)
{
    private const int Edge = 1;
    private const int RuleRows = 1;
    private const int MostTyped = 1000;
    private const int Notch = 3;

    /// <summary>So many lines have numbers of one digit: the next one begins anew, as on a page of the ceremony.</summary>
    private const int OneDigit = 9;

    private static readonly ImmutableArray<(string Key, string What)> Keys =
    [
        ("PgUp PgDn", "scroll what there is to read; also ^B and ^F"),
        ("digits", "mark the line of that number"),
        ("Arrows", "mark the line above or below"),
        ("Enter", "does what is marked"),
        ("F1 or ?", "this help"),
    ];

    /// <summary>Stands above the text; null: there is none.</summary>
    public FrontTable? Table { get; init; }

    /// <summary>What F1 says of this page: a paragraph each.</summary>
    public ImmutableArray<string> Help { get; init; } = [];

    /// <summary>What Esc does, for the last row; null: there is no page before this one.</summary>
    public string? Back { get; init; } = "goes back";

    public bool HelpShown { get; init; }

    /// <summary>Null until something was chosen: <see cref="Chosen"/> or <see cref="GoBack"/>.</summary>
    public (FrontPage Page, MenuChoice? Choice) Update(Key key)
    {
        int count = Choices.Length;
        if (key.IsMouse)
            return (Pointed(key), null);
        if (HelpShown)
            return (this with { HelpShown = !FrontHelp.Ends(key) }, null);
        if (key.Digit >= 0)
            return (Numbered(key.Digit), null);
        return key.Kind switch
        {
            KeyKind.Backspace => (this with { Typed = 0, Selected = Math.Max(0, Selected) }, null),
            KeyKind.Up => (this with { Selected = Selected <= 0 ? count - 1 : Selected - 1, Typed = 0 }, null),
            KeyKind.Down or KeyKind.Tab => (this with { Selected = (Selected + 1) % count, Typed = 0 }, null),
            KeyKind.PageDown => (Scrolled(Room()), null),
            KeyKind.PageUp => (Scrolled(-Room()), null),
            KeyKind.Enter when Selected >= 0 => (this, new Chosen(Selected)),
            KeyKind.Esc or KeyKind.F10 when Back is not null => (this, new GoBack()),
            _ when FrontHelp.IsAsked(key) => (this with { HelpShown = true }, null),
            _ when key.IsCtrl('c') && Back is not null => (this, new GoBack()),
            _ when key.IsCtrl('f') => (Scrolled(Room()), null),
            _ when key.IsCtrl('b') => (Scrolled(-Room()), null),
            _ => (this, null),
        };
    }

    public Frame View() => Stage.Draw(Laid());

    private Layout Laid()
    {
        var layout = new Layout(Display);
        Sheet sheet = Head();
        if (HelpShown)
            FrontHelp.Write(sheet, Help, Back is null ? Keys : Keys.Add(("Esc", Back)));
        else
            WritePage(sheet);
        layout.Place(sheet, Edge, Edge, Display.Height - (2 * Edge));
        Sheet keys = New();
        string leave = $"Enter does it{(Back is null ? "" : $"   Esc {Back}")}{FrontHelp.Named(Display)}";
        if (HelpShown)
            FrontHelp.Fit(keys, FrontHelp.Keys);
        else
            FrontHelp.Fit(keys, $"Number or arrows mark   {leave}", $"Arrows mark   {leave}", leave,
                $"{(Back is null ? "" : $"Esc {Back}")}{FrontHelp.Named(Display)}".TrimStart());
        layout.Place(keys, Display.Height - 1, Edge, 1);
        return layout;
    }

    /// <summary>The mouse marks a line and scrolls, and chooses nothing.</summary>
    private FrontPage Pointed(Key key) => HelpShown ? this : key.Kind switch
    {
        KeyKind.WheelUp => Scrolled(-Notch),
        KeyKind.WheelDown => Scrolled(Notch),
        _ when Laid().At(key.Row, key.Column) is { Line: >= 0 and var line } => this with { Selected = line, Typed = 0 },
        _ => this,
    };

    private void WritePage(Sheet sheet)
    {
        Sheet text = Written(), below = Below();
        int room = Room();
        int from = Math.Clamp(Scroll, 0, Math.Max(0, text.Height - room));
        sheet.Rule("", text.Height <= room ? "" : $"lines {from + 1} to {Math.Min(text.Height, from + room)} of {text.Height}  PgDn or ^F");
        sheet.Append(text, from, room);
        while (sheet.Height < Display.Height - (2 * Edge) - below.Height)
            sheet.Blank();
        sheet.Append(below);
    }

    /// <summary>The digits typed so far are one number: where no line has it none is marked, never that of the last digit where
    /// numbers have two.</summary>
    private FrontPage Numbered(int digit)
    {
        int number = Choices.Length <= OneDigit ? digit : Math.Min(MostTyped, (10 * Typed) + digit);
        return this with { Selected = number <= Choices.Length ? number - 1 : -1, Typed = number };
    }

    private FrontPage Scrolled(int by) => this with { Scroll = Math.Clamp(Scroll + by, 0, Math.Max(0, Written().Height - Room())) };

    /// <summary>Rows for the text: what the title, the choices and the keys leave.</summary>
    private int Room() => Math.Max(1, Display.Height - (2 * Edge) - Head().Height - RuleRows - Below().Height);

    /// <summary>A ceremony's name may take two rows.</summary>
    private Sheet Head()
    {
        Sheet sheet = New();
        sheet.Add(Title, Palette.Strong);
        return sheet;
    }

    private Sheet New() => new(Display, Math.Max(1, Display.Width - (2 * Edge)));

    private Sheet Written()
    {
        Sheet sheet = New();
        Table?.Write(sheet);
        if (Table is not null && !Text.IsEmpty)
            sheet.Blank();
        foreach (string line in Text)
        {
            string text = line.TrimStart(' '); // What stands further in stays there when it is broken.
            sheet.AddBehind(line[..(line.Length - text.Length)], text, Palette.Plain);
        }
        return sheet;
    }

    private Sheet Below()
    {
        Sheet sheet = New();
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: {(Selected >= 0 ? "mark a line by its number or the arrows, then Enter."
            : $"no line has that number; type 1 to {Choices.Length}, or use the arrows.")}", Palette.Now);
        AskBlock.WriteChoices(sheet, Display, Choices, Selected);
        return sheet;
    }
}
