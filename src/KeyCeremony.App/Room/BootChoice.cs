using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Room;

/// <summary>What the boot menu of the live image chose: words on the kernel's command line.</summary>
/// <param name="Plain">Lines of text in place of screens.</param>
/// <param name="Keymap">The keyboard layout that was chosen there; null: none, or none that there is.</param>
/// <param name="Witness">The device of the line that the room watches on; null: there is none.</param>
internal sealed record BootChoice(bool Rehearsal, bool SelfCheck, bool Plain, string? Keymap = null, string? Witness = null)
{
    private const string KeymapWord = "keyceremony.keymap=";
    private const string WitnessWord = "keyceremony.witness=";

    /// <summary>Those that the image gives to the program.</summary>
    private static readonly string[] Lines = ["ttyS0", "ttyS1"];

    public static BootChoice Of(string commandLine)
    {
        string[] words = commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new BootChoice(words.Contains("keyceremony.rehearsal"), words.Contains("keyceremony.self-check"),
            words.Contains("keyceremony.plain"), Keyboards.Find(Behind(KeymapWord) ?? "")?.Id,
            Behind(WitnessWord) is { } line && Lines.Contains(line) ? $"/dev/{line}" : null);

        string? Behind(string name) => words.LastOrDefault(w => w.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
    }
}
