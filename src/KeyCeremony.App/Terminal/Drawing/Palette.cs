using Spectre.Console;

namespace KeyCeremony.App.Terminal.Drawing;

/// <summary>The few ways a text can look. Each also says by its words or its sign what its look says.</summary>
internal static class Palette
{
    public static readonly Style Plain = Style.Plain;
    public static readonly Style Strong = new(decoration: Decoration.Bold);
    public static readonly Style Emphasis = new(decoration: Decoration.Underline);
    public static readonly Style Now = new(Color.Aqua, decoration: Decoration.Bold);
    public static readonly Style Done = new(Color.Green);
    public static readonly Style Quiet = new(Color.Silver);
    public static readonly Style Witness = new(Color.Aqua);
    public static readonly Style Alarm = new(Color.Yellow, decoration: Decoration.Bold);
    public static readonly Style Loud = new(Color.Yellow, decoration: Decoration.Bold | Decoration.Invert);
    public static readonly Style Production = new(Color.Red, decoration: Decoration.Bold | Decoration.Invert);
    public static readonly Style Marked = new(decoration: Decoration.Bold | Decoration.Invert);

    /// <summary>Modules of a code: what is drawn on it is lit, whatever colours the terminal has.</summary>
    public static readonly Style Dark = new(Color.White, Color.Black);

    public static readonly Style Lit = new(Color.White, Color.Black, Decoration.Invert);

    /// <summary>Select Graphic Rendition, ECMA-48 8.3.117; empty for plain text.</summary>
    public static string Sgr(Style style, Display display)
    {
        if (!display.Attributes)
            return "";
        string codes = "";
        // The Linux console shows bold as a brighter colour: reversed that is dark grey on grey.
        bool noBold = display.Glyphs == GlyphSet.Console && style.Decoration.HasFlag(Decoration.Invert);
        if (style.Decoration.HasFlag(Decoration.Bold) && !noBold)
            codes += ";1";
        if (style.Decoration.HasFlag(Decoration.Underline))
            codes += ";4";
        if (style.Decoration.HasFlag(Decoration.Invert))
            codes += ";7";
        if (display.Colour)
            codes += Colour(style.Foreground) + (style.Background == Color.Black ? ";40" : "");
        return codes.Length == 0 ? "" : $"\e[0{codes}m";
    }

    private static string Colour(Color colour) =>
        colour == Color.Aqua ? ";36" : colour == Color.Green ? ";32" : colour == Color.Yellow ? ";33"
        : colour == Color.Red ? ";31" : colour == Color.Silver ? ";37" : colour == Color.White ? ";97" : "";
}
