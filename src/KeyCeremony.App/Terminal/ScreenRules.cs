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
    public const string NotUtf8Id = "SCREEN-05";
    public const string UnknownCommandId = "SCREEN-06";
    public const string NoAnswerWantedId = "SCREEN-07";
    public const string NeedsScreenId = "SCREEN-08";
    public const string NoSuchLineId = "SCREEN-09";
    public const string TerminalsOwnId = "SCREEN-10";

    /// <summary>Of a refused line that stands there still.</summary>
    public const string TypeAnew = "Type anew; arrows and Backspace mend what is marked";

    internal static Refusal NothingChosen(int options) => new(NothingChosenId, "Nothing is chosen yet.", Marking(options));

    /// <summary>A key that did nothing would look like one that was not taken.</summary>
    internal static Refusal NoLine(int digit, int options) => new(
        NothingChosenId, $"There is no line {digit}; nothing is chosen by it.", Marking(options));

    private static string Marking(int options) => options <= MostDigits
        ? $"Press 1{(options > 1 ? $" to {options}" : "")} or the arrows to mark a line, then Enter."
        : "Press the arrows to mark a line, then Enter.";

    /// <summary>On a terminal of lines: a line is chosen by its number alone.</summary>
    internal static Refusal NoNumber(int options) => new(
        NothingChosenId, "Nothing is chosen yet.", $"Type a number from 1 to {options}, then Enter.");

    internal static Refusal NotARoll() => new(
        NotARollId, "A roll is a digit from 1 to 6.", "Type what the die shows.");

    internal static Refusal NothingTyped() => new(
        UnknownPathId, "Nothing was typed.", "Type what is asked, then press Enter; Esc goes back.");

    internal static Refusal NoSuchLine(string typed, int lines) => new(NoSuchLineId, $"No line is \"{typed}\".",
        $"Backspace takes it back. The lines have the numbers 1 to {lines}.");

    internal static Refusal TerminalsOwn() => new(TerminalsOwnId, "The keyboard's layout is that of your own terminal.",
        "Set it there; here it can be chosen only on the appliance's own screen.");

    internal static Refusal NotUtf8() => new(
        NotUtf8Id, "The terminal sent characters that are not UTF-8. Nothing was taken.",
        "Set the terminal to UTF-8, or write the answer without accents: ae for a with two dots.");

    internal static Refusal UnknownCommand() => new(
        UnknownCommandId, "A line that begins with a full stop is a command, and there is none of this name.",
        "Type .help for all of them. An answer that begins with a full stop begins with two.");

    internal static Refusal NoAnswerWanted() => new(
        NoAnswerWantedId, "Nothing is typed here.", "Press Enter alone when it was read; .report when something is not right.");

    /// <summary>On a screen: whoever typed it is a page ahead, or behind.</summary>
    internal static Refusal NothingIsTyped() => new(
        NoAnswerWantedId, "Nothing is typed here.",
        "Look what is asked, and whom. Enter takes this note away, and answers nothing.");

    internal static Refusal NeedsScreen() => new(
        NeedsScreenId, "A camera is aimed on a screen, and this terminal shows lines only.",
        "Take the file from the import stick.");
}
