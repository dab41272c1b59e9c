namespace KeyCeremony.App.Room;

/// <summary>What a signal that ends the program leaves on the terminal: the words to write down, as at any other stop.</summary>
internal static class RestWords
{
    /// <summary>As wide as a line on which a word of a card may stand unfinished.</summary>
    private const int Brush = 48;

    public static string Of(Loop loop) => string.Concat(loop.Halt().Select(line => $"{line}\n"));

    /// <summary>On a terminal of lines nothing was wiped: the line that stands unfinished is written over first.</summary>
    public static string OnLines(Loop loop) => $"\r{new string('-', Brush)}\n{Of(loop)}";
}
