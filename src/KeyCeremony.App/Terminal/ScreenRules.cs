using KeyCeremony.Core;

namespace KeyCeremony.App.Terminal;

/// <summary>What the screen itself refuses before the ceremony hears of it.</summary>
public static class ScreenRules
{
    // A line is marked by one digit; the tenth and later ones by the arrows.
    private const int MostDigits = 9;

    public const string NothingChosenId = "SCREEN-01";
    public const string NotARollId = "SCREEN-03";
    public const string UnknownPathId = "SCREEN-04";
    public const string NoSuchLineId = "SCREEN-09";

    internal static Refusal NothingChosen(int options) => new(
        NothingChosenId, "Nothing is chosen yet.", options <= MostDigits
            ? $"Press 1 to {options} or the arrows to mark a line, then Enter."
            : "Press the arrows to mark a line, then Enter.");

    internal static Refusal NotARoll() => new(
        NotARollId, "A roll is a digit from 1 to 6.", "Type what the die shows.");

    internal static Refusal NothingTyped() => new(
        UnknownPathId, "Nothing was typed.", "Type what is asked, then press Enter; Esc goes back.");

    internal static Refusal NoSuchLine(string typed, int lines) => new(NoSuchLineId, $"No line is \"{typed}\".",
        $"Backspace takes it back. The lines have the numbers 1 to {lines}.");
}
