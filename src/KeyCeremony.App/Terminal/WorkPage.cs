using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

/// <summary>A page before a ceremony while something is done: no key is taken.</summary>
/// <param name="Doing">One line.</param>
/// <param name="Share">0 to 1; null: nobody knows how much there is.</param>
public sealed record WorkPage(Display Display, string Title, string Doing, TimeSpan Since, double? Share = null)
{
    private const int BarWidth = 40;

    public Frame View()
    {
        var sheet = new Sheet(Display, Math.Max(1, Display.Width - 2));
        sheet.Add(Title, Palette.Strong);
        sheet.Rule("");
        sheet.Add(Doing);
        sheet.Blank();
        if (Share is { } share)
        {
            int done = (int)(Math.Clamp(share, 0, 1) * BarWidth);
            sheet.Add($"[{new string('#', done)}{new string('.', BarWidth - done)}] {(int)(Math.Clamp(share, 0, 1) * 100)} %");
            sheet.Blank();
        }
        sheet.Add($"{sheet.Glyph.Now} Now: wait. {(int)Since.TotalSeconds} s", Palette.Now);
        var layout = new Layout(Display);
        layout.Place(sheet, 1, 1, Display.Height - 1);
        return Stage.Draw(layout);
    }

    /// <summary>What is said once on a terminal of lines.</summary>
    public ImmutableArray<string> Lines => [Title, "", Doing, "Now: wait."];
}
