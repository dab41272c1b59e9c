using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Terminal.Writing;

/// <summary>The signs a screen is made of, one set for each kind of terminal. Every sign is one column wide.</summary>
internal sealed record Glyphs(string Done, string Now, string Open, string Down, string Up, string Horizontal, string Vertical,
    string TopJoint, string BottomJoint, string Quote, string Dot, string Masked, string Bar, string BarRest, bool Ascii)
{
    private static readonly Glyphs Unicode = new("✓", "▶", "·", "↓", "↑", "─", "│", "┬", "┴", "│", "·", "•", "█", "░", false);

    // The kernel's console font has the boxes and Latin-1; tick and triangle differ from font to font.
    private static readonly Glyphs Console =
        Unicode with { Done = "x", Now = ">", Down = "v", Up = "^", Masked = "*", Bar = "#", BarRest = "·" };

    private static readonly Glyphs Plain = new("x", ">", ".", "v", "^", "-", "|", "+", "+", "|", "-", "*", "#", ".", true);

    private static readonly Glyphs Lines = Plain with { Ascii = false };

    private static readonly FrozenDictionary<int, string> InAscii = new Dictionary<int, string>
    {
        ['“'] = "\"",
        ['”'] = "\"",
        ['„'] = "\"",
        ['‘'] = "'",
        ['’'] = "'",
        ['–'] = "-",
        ['—'] = "--",
        ['…'] = "...",
        ['·'] = "-",
        ['•'] = "*",
        ['×'] = "x",
        ['→'] = "->",
        ['≥'] = ">=",
        ['≤'] = "<=",
        ['✓'] = "x",
        ['\u00A0'] = " ",
        ['ß'] = "ss",
        ['ä'] = "ae",
        ['ö'] = "oe",
        ['ü'] = "ue",
        ['Ä'] = "Ae",
        ['Ö'] = "Oe",
        ['Ü'] = "Ue",
    }.ToFrozenDictionary();

    public static Glyphs Of(GlyphSet set) => set switch
    {
        GlyphSet.Ascii => Plain,
        GlyphSet.Console => Console,
        GlyphSet.Lines => Lines,
        _ => Unicode,
    };

    /// <summary>A line or a corner of a box as this terminal shows it; another character as it is.</summary>
    public string Line(string character) => !Ascii ? character : character switch
    {
        "─" => "-",
        "│" => "|",
        "┌" or "┐" or "└" or "┘" or "├" or "┤" or "┬" or "┴" or "┼" => "+",
        _ => character,
    };

    /// <summary>
    /// Text that may stand on the screen: nothing in it moves the cursor, turns the writing direction or hides. A token's
    /// label and a device's name come from outside.
    /// </summary>
    public string Clean(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            if (rune.Value is >= ' ' and <= '~' or '\n')
                clean.Append((char)rune.Value);
            else if (rune.Value == '\t')
                clean.Append("    ");
            else if (IsHidden(rune))
                clean.Append('?');
            else if (Ascii)
                clean.Append(InAscii.GetValueOrDefault(rune.Value) ?? WithoutMarks(rune));
            else
                clean.Append(rune.ToString());
        return clean.ToString();
    }

    /// <summary>The letter that an accent was put on: a name is known by it.</summary>
    private static string WithoutMarks(Rune rune) =>
        ComposedLetters.WithoutMarks(rune) is { IsAscii: true } letter && Rune.IsLetter(letter) ? letter.ToString() : "?";

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.Surrogate;
}
