using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

/// <summary>F1 on a page before a ceremony: what the page is for, then what its keys do.</summary>
internal static class FrontHelp
{
    /// <summary>The last row, while help is shown.</summary>
    public const string Keys = "Enter or Esc goes back to the page";

    /// <summary>Below the title, in place of the page.</summary>
    /// <param name="about">What the page is for: a paragraph each; empty: the keys alone.</param>
    public static void Write(Sheet sheet, ImmutableArray<string> about, IEnumerable<(string Key, string What)> keys)
    {
        sheet.Rule("Help");
        foreach (string paragraph in about)
            sheet.Add(paragraph);
        if (!about.IsEmpty)
            sheet.Blank();
        foreach ((string key, string what) in keys)
            sheet.AddBehind($"{key,-10} ", what, Palette.Plain);
        sheet.Blank();
        sheet.Add($"{sheet.Glyph.Now} Now: read it, then Enter.", Palette.Now);
    }

    /// <summary>Whether a key puts the help away.</summary>
    public static bool Ends(Key key) => key.Kind is KeyKind.Esc or KeyKind.Enter or KeyKind.F1 or KeyKind.F10 || key.IsCtrl('c');

    /// <summary>For the last row of a page that has help.</summary>
    public static string Named(Display display) => display.FunctionKeys ? "   F1 Help" : "   ? Help";

    /// <summary>
    /// The last row in the longest of these words that fits: how the page is left and where help is comes before how a line is marked.
    /// </summary>
    public static void Fit(Sheet sheet, params ImmutableArray<string> rows) =>
        sheet.Add(rows.FirstOrDefault(row => Columns.Of(sheet.Glyph.Clean(row)) <= sheet.Width) ?? sheet.Cut(rows[^1], sheet.Width),
            Palette.Quiet);

    /// <summary>Where a terminal may lack function keys, a question mark asks as well; nothing is typed on such a page.</summary>
    public static bool IsAsked(Key key) => key.Kind == KeyKind.F1 || key == Key.Of('?');
}
