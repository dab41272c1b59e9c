namespace KeyCeremony.App.Room;

/// <summary>What the boot menu of the live image chose: words on the kernel's command line.</summary>
/// <param name="Witness">The device of the line that the room watches on; null: there is none.</param>
internal sealed record BootChoice(bool Rehearsal, bool SelfCheck, string? Witness = null)
{
    private const string WitnessWord = "keyceremony.witness=";

    /// <summary>Those that the image gives to the program.</summary>
    private static readonly string[] Lines = ["ttyS0", "ttyS1"];

    public static BootChoice Of(string commandLine)
    {
        string[] words = commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? line = words.LastOrDefault(word => word.StartsWith(WitnessWord, StringComparison.Ordinal))?[WitnessWord.Length..];
        return new BootChoice(words.Contains("keyceremony.rehearsal"), words.Contains("keyceremony.self-check"),
            Lines.Contains(line) ? $"/dev/{line}" : null);
    }
}
