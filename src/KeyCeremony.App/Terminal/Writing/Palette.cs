namespace KeyCeremony.App.Terminal.Writing;

/// <summary>The few ways a text can look. Each also says by its words or its sign what its look says.</summary>
internal static class Palette
{
    public static Look Plain => default;

    public static readonly Look Strong = new(Bold: true);
    public static readonly Look Emphasis = new(Underlined: true);
    public static readonly Look Now = new(Ink.Cyan, Bold: true);
    public static readonly Look Done = new(Ink.Green);
    public static readonly Look Quiet = new(Ink.Silver);
    public static readonly Look Witness = new(Ink.Cyan);
    public static readonly Look Alarm = new(Ink.Yellow, Bold: true);
    public static readonly Look Loud = new(Ink.Yellow, Bold: true, Reversed: true);
    public static readonly Look Production = new(Ink.Red, Bold: true, Reversed: true);
    public static readonly Look Marked = new(Bold: true, Reversed: true);

    /// <summary>Modules of a code: what is drawn on it is lit, whatever colours the terminal has.</summary>
    public static readonly Look Dark = new(Ink.White, OnBlack: true);

    public static readonly Look Lit = new(Ink.White, Reversed: true, OnBlack: true);
}
