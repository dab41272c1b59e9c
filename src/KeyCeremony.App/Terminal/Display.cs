using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

public enum GlyphSet
{
    /// <summary>Letters, digits and ASCII punctuation only: serial lines and old terminals.</summary>
    Ascii,

    /// <summary>ASCII and box lines: what every font of the Linux console has.</summary>
    Console,

    Unicode,

    /// <summary>ASCII signs, and in texts every letter: a terminal of lines that shows UTF-8.</summary>
    Lines,
}

/// <summary>What the terminal can show. Nothing on a screen depends on more than this.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Attributes">Bold and reverse video may be used.</param>
/// <param name="Colour">The 16 colours may be used; they never carry a meaning alone.</param>
/// <param name="FunctionKeys">False where a terminal may lack them: the screens then name Esc and a digit.</param>
public sealed record Display(int Width, int Height, GlyphSet Glyphs, bool Attributes, bool Colour, bool FunctionKeys)
{
    public const int MinWidth = 80;
    public const int MinHeight = 24;

    /// <summary>A serial line cannot say its size.</summary>
    public const int UnknownWidth = 80;

    public const int UnknownHeight = 24;

    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];
    private static readonly string[] OldTerminals = ["", "dumb", "unknown", "ansi"];

    /// <summary>A terminal of lines: keys are named by the line that does the same.</summary>
    public bool IsLines { get; init; }

    public bool IsTooSmall => Width < MinWidth || Height < MinHeight;

    /// <summary>A window on somebody's desk: the Linux console and old terminals have no mouse that they tell of.</summary>
    public bool HasMouse => FunctionKeys && Glyphs == GlyphSet.Unicode;

    internal Glyphs Glyph => Writing.Glyphs.Of(Glyphs);

    /// <summary>Decides by TERM, NO_COLOR (no-color.org) and the locale variables.</summary>
    public static Display Of(int width, int height, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        string term = environment("TERM") ?? "";
        bool old = OldTerminals.Contains(term) || term.StartsWith("vt", StringComparison.Ordinal);
        return new Display(
            width > 0 ? width : UnknownWidth,
            height > 0 ? height : UnknownHeight,
            old || IsEightBit(environment) ? GlyphSet.Ascii : term == "linux" ? GlyphSet.Console : GlyphSet.Unicode,
            Attributes: term is not ("" or "dumb" or "unknown"),
            Colour: !old && string.IsNullOrEmpty(environment("NO_COLOR")),
            FunctionKeys: !old);
    }

    /// <summary>A terminal of lines: nothing is drawn on it.</summary>
    /// <param name="width">Columns of a page; a page leaves some of them free.</param>
    public static Display OfLines(int width, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new Display(width, UnknownHeight, IsUtf8(environment) ? GlyphSet.Lines : GlyphSet.Ascii, false, false, false)
        {
            IsLines = true,
        };
    }

    public Display Resized(int width, int height) => this with
    {
        Width = width > 0 ? width : UnknownWidth,
        Height = height > 0 ? height : UnknownHeight,
    };

    /// <summary>A locale with a named character set that is not UTF-8; unset or C says nothing about the terminal.</summary>
    private static bool IsEightBit(Func<string, string?> environment) => CharacterSet(environment).Length > 0 && !IsUtf8(environment);

    private static bool IsUtf8(Func<string, string?> environment) => CharacterSet(environment)
        .Replace("-", "", StringComparison.Ordinal).StartsWith(".utf8", StringComparison.OrdinalIgnoreCase);

    /// <summary>From the dot on; empty where the locale names none.</summary>
    private static string CharacterSet(Func<string, string?> environment)
    {
        string locale = LocaleVariables.Select(environment).FirstOrDefault(v => !string.IsNullOrEmpty(v)) ?? "";
        int dot = locale.IndexOf('.', StringComparison.Ordinal);
        return dot >= 0 ? locale[dot..] : "";
    }
}
