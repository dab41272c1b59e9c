using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

/// <summary>A page of the appliance before a ceremony: something to read, and what can be done.</summary>
/// <param name="Text">Scrolled when it is longer than the page.</param>
/// <param name="Selected">0-based line of the choices; -1: the number that was typed is none of them.</param>
/// <param name="Scroll">Lines of the text that have gone by.</param>
/// <param name="Typed">The number typed so far; 0 before its first digit.</param>
public sealed record FrontPage(Display Display, string Title, ImmutableArray<string> Text,
    ImmutableArray<string> Choices, int Selected = 0, int Scroll = 0, int Typed = 0)
{
    private const int Edge = 1;
    private const int MostTyped = 1000;

    /// <summary>The choice is its number from 0; null until one was made.</summary>
    public (FrontPage Page, int? Choice) Update(Key key)
    {
        int count = Choices.Length;
        if (key.Digit >= 0)
            return (Numbered(key.Digit), null);
        return key.Kind switch
        {
            KeyKind.Backspace => (this with { Typed = 0, Selected = Math.Max(0, Selected) }, null),
            KeyKind.Up => (this with { Selected = Selected <= 0 ? count - 1 : Selected - 1, Typed = 0 }, null),
            KeyKind.Down or KeyKind.Tab => (this with { Selected = (Selected + 1) % count, Typed = 0 }, null),
            KeyKind.PageDown => (Scrolled(Room()), null),
            KeyKind.PageUp => (Scrolled(-Room()), null),
            KeyKind.Enter when Selected >= 0 => (this, Selected),
            _ when key.IsCtrl('f') => (Scrolled(Room()), null),
            _ when key.IsCtrl('b') => (Scrolled(-Room()), null),
            _ => (this, null),
        };
    }

    public Frame View()
    {
        Sheet text = Written(), below = Below();
        int room = Room();
        int from = Math.Clamp(Scroll, 0, Math.Max(0, text.Height - room));
        Sheet sheet = New();
        sheet.Add(Title, Palette.Strong);
        sheet.Rule("", text.Height <= room ? "" : $"lines {from + 1} to {Math.Min(text.Height, from + room)} of {text.Height}  PgDn or ^F");
        sheet.Append(text, from, room);
        while (sheet.Height < Display.Height - (2 * Edge) - below.Height)
            sheet.Blank();
        sheet.Append(below);
        var layout = new Layout(Display);
        layout.Place(sheet, Edge, Edge, Display.Height - Edge);
        return Stage.Draw(layout);
    }

    /// <summary>The digits typed so far are one number: where no line has it none is marked, never that of the last digit.</summary>
    private FrontPage Numbered(int digit)
    {
        int number = Math.Min(MostTyped, (10 * Typed) + digit);
        return this with { Selected = number <= Choices.Length ? number - 1 : -1, Typed = number };
    }

    private FrontPage Scrolled(int by) => this with { Scroll = Math.Clamp(Scroll + by, 0, Math.Max(0, Written().Height - Room())) };

    /// <summary>Rows for the text: what the title and the choices leave.</summary>
    private int Room() => Math.Max(1, Display.Height - (2 * Edge) - 2 - Below().Height);

    private Sheet New() => new(Display, Math.Max(1, Display.Width - (2 * Edge)));

    private Sheet Written()
    {
        Sheet sheet = New();
        foreach (string line in Text)
            sheet.Add(line);
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
