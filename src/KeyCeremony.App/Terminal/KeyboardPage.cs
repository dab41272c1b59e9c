using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Terminal;

/// <summary>What a key on the <see cref="KeyboardPage"/> asks for.</summary>
public abstract record KeyboardChoice;

/// <summary>The marked layout is to be set.</summary>
public sealed record UseLayout(string Layout) : KeyboardChoice;

/// <summary>The layout in use stays.</summary>
public sealed record GoOnTyping : KeyboardChoice;

/// <summary>
/// Which layout the keyboard has, the others, and a line to try it out: every key that gives a sign goes there, so layouts are marked
/// by the arrows alone.
/// </summary>
/// <param name="InUse">The layout that the keys have now.</param>
public sealed record KeyboardPage(Display Display, string InUse)
{
    private const int Edge = 1;
    private const int Columns = 3;

    /// <summary>What differs most from one layout to the next, for whoever tries it out.</summary>
    private const string Sample = "z y q a w m - / ü ñ @";

    private static readonly ImmutableArray<(string Key, string What)> Help =
    [
        ("Letters", "go into the try-out line, as the layout in use gives them: the letters on the keys must stand there"),
        ("Arrows", "mark another layout"),
        ("Enter", "sets the marked layout; when it is the one in use, goes on with it"),
        ("Backspace", "takes back a sign of the try-out line; Esc takes back all"),
        ("´ and e", "a key with an accent waits for its letter: first the accent, then the letter"),
        ("Menu", "the menu key or Ctrl and full stop, then two signs, is one letter: ' and e is é, / and l is ł, s and s is ß"),
        ("F12", "shows this page during a ceremony"),
        ("F1", "this help"),
    ];

    /// <summary>0-based among all layouts.</summary>
    public int Marked { get; init; } = Math.Max(0, Keyboards.All.ToList().FindIndex(layout => layout.Id == InUse));

    /// <summary>The try-out line.</summary>
    public LineInput Typed { get; init; } = LineInput.Empty;

    public Refusal? Refused { get; init; }

    public bool HelpShown { get; init; }

    /// <summary>The helper is at work.</summary>
    public bool IsSetting { get; init; }

    private static int Rows => (Keyboards.All.Length + Columns - 1) / Columns;

    public (KeyboardPage Page, KeyboardChoice? Choice) Update(Key key)
    {
        KeyboardPage page = this with { Refused = null };
        if (HelpShown)
            return (key.Kind is KeyKind.Esc or KeyKind.Enter or KeyKind.F1 ? page with { HelpShown = false } : page, null);
        string marked = Keyboards.All[Marked].Id;
        return key.Kind switch
        {
            KeyKind.F1 => (page with { HelpShown = true }, null),
            KeyKind.Up => (page.Mark(Marked - 1), null),
            KeyKind.Down or KeyKind.Tab => (page.Mark(Marked + 1), null),
            KeyKind.Left => (page.Mark(Marked - Rows), null),
            KeyKind.Right => (page.Mark(Marked + Rows), null),
            KeyKind.Enter when marked != InUse => (page, new UseLayout(marked)),
            KeyKind.Enter => (page, new GoOnTyping()),
            KeyKind.Esc => (page with { Typed = LineInput.Empty }, null),
            KeyKind.Rune or KeyKind.Backspace => (page with { Typed = Typed.After(key) }, null),
            _ => (page, null),
        };
    }

    /// <summary>After the helper was asked.</summary>
    public KeyboardPage After(Refusal? refusal, string inUse) => this with { InUse = inUse, Refused = refusal, Typed = LineInput.Empty };

    public Frame View()
    {
        var sheet = new Sheet(Display, Math.Max(1, Display.Width - (2 * Edge)));
        sheet.Add("KeyCeremony: the keyboard", Palette.Strong);
        sheet.Rule("");
        if (HelpShown)
            WriteHelp(sheet);
        else
            WriteLayouts(sheet);
        var layout = new Layout(Display);
        layout.Place(sheet, Edge, Edge, Display.Height - Edge);
        return Stage.Draw(layout);
    }

    private KeyboardPage Mark(int at) => this with { Marked = Math.Clamp(at, 0, Keyboards.All.Length - 1) };

    private static void WriteHelp(Sheet sheet)
    {
        foreach ((string key, string what) in Help)
            sheet.AddBehind($"{key,-10} ", what, Palette.Plain);
        sheet.Blank();
        sheet.Add("Layouts without Latin letters are not here: the words of cards are written in a to z. Such keyboards have Latin letters "
            + "printed too, mostly those of the layout us.");
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: read it, then Enter.", Palette.Now);
    }

    private void WriteLayouts(Sheet sheet)
    {
        sheet.Add($"In use: {Keyboards.InWords(InUse)}", Palette.Strong);
        int width = (sheet.Width / Columns) - 1;
        for (int row = 0; row < Rows; row++)
        {
            var cells = new List<(string, Look)>();
            for (int at = row; at < Keyboards.All.Length; at += Rows)
                cells.Add((Cell(sheet, at, width), at == Marked ? Palette.Marked : Palette.Plain));
            sheet.AddCells([.. cells]);
        }
        sheet.Blank();
        sheet.Add($"Type the letters and signs that are printed on the keys: {Sample}");
        AskBlock.WriteField(sheet, Typed, "Try-out > ", active: true);
        sheet.Add(Codes(), Palette.Quiet);
        sheet.Add($"{sheet.Glyph.Now} Now: {Now()}  F1 Help", Palette.Now);
        if (Refused is { } refusal)
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message} {refusal.Remedy}", Palette.Alarm);
    }

    private string Now() => IsSetting ? "the layout is being set ..."
        : Keyboards.All[Marked].Id == InUse ? "do they stand there? Then Enter. If not, mark another layout by the arrows."
        : $"Enter sets {Keyboards.InWords(Keyboards.All[Marked].Id)}.";

    private string Cell(Sheet sheet, int at, int width)
    {
        KeyboardLayout layout = Keyboards.All[at];
        string mark = at == Marked ? sheet.Glyph.Now : layout.Id == InUse ? "*" : " ";
        return sheet.Cut(sheet.Glyph.Clean($"{mark} {layout.Id,-7} {layout.Name}"), width).PadRight(width + 1);
    }

    /// <summary>The console's font has no sign for some letters: then their number says what was typed.</summary>
    private string Codes()
    {
        string[] codes = [.. Typed.Text.EnumerateRunes().Where(rune => !rune.IsAscii).TakeLast(4)
            .Select(rune => string.Create(CultureInfo.InvariantCulture, $"{rune} U+{rune.Value:X4}"))];
        return codes.Length == 0 ? " " : $"          {string.Join("   ", codes)}";
    }
}
