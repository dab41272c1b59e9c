using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Room;

/// <summary>What the boot menu of the live image chose: words on the kernel's command line.</summary>
/// <param name="Plain">Lines of text in place of screens.</param>
/// <param name="Keymap">The keyboard layout that was chosen there; null: none, or none that there is.</param>
internal sealed record BootChoice(bool Rehearsal, bool SelfCheck, bool Plain, string? Keymap = null)
{
    private const string KeymapWord = "keyceremony.keymap=";

    public static BootChoice Of(string commandLine)
    {
        string[] words = commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new BootChoice(words.Contains("keyceremony.rehearsal"), words.Contains("keyceremony.self-check"),
            words.Contains("keyceremony.plain"),
            words.LastOrDefault(w => w.StartsWith(KeymapWord, StringComparison.Ordinal)) is { } word
                && Keyboards.Find(word[KeymapWord.Length..]) is { } layout ? layout.Id : null);
    }
}
