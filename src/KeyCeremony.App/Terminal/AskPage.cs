using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;

namespace KeyCeremony.App.Terminal;

/// <summary>A page before a ceremony that asks for one line. Esc goes back.</summary>
/// <param name="Text">Why it is asked and where it is found.</param>
/// <param name="Wanted">Goes on "Now: type ".</param>
/// <param name="Refused">Why the last line was not taken.</param>
/// <param name="MayBeEmpty">Enter alone is an answer.</param>
public sealed record AskPage(Display Display, string Title, ImmutableArray<string> Text, string Wanted, LineInput Typed,
    Refusal? Refused = null, bool MayBeEmpty = false)
{
    private static readonly ImmutableArray<(string Key, string What)> Keys =
    [
        ("letters", "are typed where the cursor stands; the arrows, Home and End move it"),
        ("Backspace", "takes back what was typed"),
        ("^U ^K", "take back all before the cursor, and all behind it"),
        ("Enter", "gives what was typed"),
        ("Esc", "goes back; nothing is done"),
        ("F1", "this help"),
    ];

    /// <summary>What F1 says of this page: a paragraph each.</summary>
    public ImmutableArray<string> Help { get; init; } = [];

    public bool HelpShown { get; init; }

    public (AskPage Page, MenuChoice? Choice) Update(Key key)
    {
        if (key.IsMouse)
            return (this, null);
        if (HelpShown)
            return (this with { HelpShown = !FrontHelp.Ends(key) }, null);
        AskPage page = this with { Refused = null };
        return key.Kind switch
        {
            KeyKind.F1 => (page with { HelpShown = true }, null),
            KeyKind.Esc or KeyKind.F10 => (page, new GoBack()),
            _ when key.IsCtrl('c') => (page, new GoBack()),
            KeyKind.Enter => page.Given(Typed.Text),
            _ => (page with { Typed = Typed.After(key) }, null),
        };
    }

    /// <summary>Nothing typed is an answer where it may be one.</summary>
    internal (AskPage Page, MenuChoice? Choice) Given(string typed) => !MayBeEmpty && typed.Trim().Length == 0
        ? (this with { Refused = ScreenRules.NothingTyped() }, null) : (this, new TypedLine(typed.Trim()));

    public Frame View()
    {
        Sheet sheet = New();
        sheet.Add(Title, Palette.Strong);
        if (HelpShown)
            FrontHelp.Write(sheet, Help, Keys);
        else
            WritePage(sheet);
        var layout = new Layout(Display);
        layout.Place(sheet, 1, 1, Display.Height - 2);
        Sheet keys = New();
        string leave = $"Esc goes back{(Display.FunctionKeys ? "   F1 Help" : "")}";
        if (HelpShown)
            FrontHelp.Fit(keys, FrontHelp.Keys);
        else if (Typed.IsGiven)
            FrontHelp.Fit(keys, $"{ScreenRules.TypeAnew}   {leave}", ScreenRules.TypeAnew);
        else
            FrontHelp.Fit(keys, $"Enter gives what was typed   {leave}", $"Enter gives it   {leave}", leave);
        layout.Place(keys, Display.Height - 1, 1, 1);
        return Stage.Draw(layout);
    }

    private void WritePage(Sheet sheet)
    {
        sheet.Rule("");
        foreach (string line in Text)
            sheet.Add(line);
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: type {Wanted}, then Enter.", Palette.Now);
        AskBlock.WriteField(sheet, Typed, "  > ", active: true);
        if (Refused is not { } refusal)
            return;
        sheet.Blank();
        sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
        sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
    }

    private Sheet New() => new(Display, Math.Max(1, Math.Min(78, Display.Width - 2)));
}
