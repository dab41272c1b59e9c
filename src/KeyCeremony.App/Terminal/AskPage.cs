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
    public (AskPage Page, MenuChoice? Choice) Update(Key key)
    {
        AskPage page = this with { Refused = null };
        return key.Kind switch
        {
            KeyKind.Esc or KeyKind.F10 => (page, new GoBack()),
            _ when key.IsCtrl('c') => (page, new GoBack()),
            KeyKind.Enter when !MayBeEmpty && Typed.Text.Trim().Length == 0 => (page with { Refused = ScreenRules.NothingTyped() }, null),
            KeyKind.Enter => (page, new TypedLine(Typed.Text.Trim())),
            _ => (page with { Typed = Typed.After(key) }, null),
        };
    }

    public Frame View()
    {
        var sheet = new Sheet(Display, Math.Max(1, Math.Min(78, Display.Width - 2)));
        sheet.Add(Title, Palette.Strong);
        sheet.Rule("");
        foreach (string line in Text)
            sheet.Add(line);
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: type {Wanted}, then Enter. Esc goes back.", Palette.Now);
        AskBlock.WriteField(sheet, Typed, "  > ", active: true);
        if (Refused is { } refusal)
        {
            sheet.Blank();
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
        var layout = new Layout(Display);
        layout.Place(sheet, 1, 1, Display.Height - 1);
        return Stage.Draw(layout);
    }
}
