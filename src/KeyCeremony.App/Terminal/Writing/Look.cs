namespace KeyCeremony.App.Terminal.Writing;

/// <summary>The colours that every colour terminal has a name for; the ground is the terminal's own.</summary>
public enum Ink
{
    Own,
    Cyan,
    Green,
    Yellow,
    Red,
    Silver,
    White,
}

/// <summary>How a character looks. A value: cells are compared by it.</summary>
/// <param name="OnBlack">On black, whatever ground the terminal has; else on its own ground.</param>
public readonly record struct Look(
    Ink Ink = Ink.Own, bool Bold = false, bool Underlined = false, bool Reversed = false, bool OnBlack = false)
{
    /// <summary>This look with what the other one adds to it.</summary>
    public Look And(Look other) => new(other.Ink == Ink.Own ? Ink : other.Ink,
        Bold || other.Bold, Underlined || other.Underlined, Reversed || other.Reversed, OnBlack || other.OnBlack);

    /// <summary>
    /// Select Graphic Rendition, ECMA-48 8.3.117, complete: nothing stays of the look before it. Empty where the terminal has no looks.
    /// </summary>
    public string Sgr(Display display)
    {
        ArgumentNullException.ThrowIfNull(display);
        if (!display.Attributes)
            return "";
        // The Linux console shows bold as a brighter colour: reversed that is dark grey on grey.
        bool bold = Bold && !(Reversed && display.Glyphs == GlyphSet.Console);
        string codes = $"{(bold ? ";1" : "")}{(Underlined ? ";4" : "")}{(Reversed ? ";7" : "")}{(display.Colour ? Colours : "")}";
        return codes.Length == 0 ? "\e[m" : $"\e[0{codes}m";
    }

    private string Colours => (Ink switch
    {
        Ink.Cyan => ";36",
        Ink.Green => ";32",
        Ink.Yellow => ";33",
        Ink.Red => ";31",
        Ink.Silver => ";37",
        Ink.White => ";97",
        _ => "",
    }) + (OnBlack ? ";40" : "");
}
