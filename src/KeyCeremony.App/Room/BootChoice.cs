namespace KeyCeremony.App.Room;

/// <summary>What the boot menu of the live image chose: words on the kernel's command line.</summary>
/// <param name="Plain">Lines of text in place of screens.</param>
internal sealed record BootChoice(bool Rehearsal, bool SelfCheck, bool Plain)
{
    public static BootChoice Of(string commandLine)
    {
        string[] words = commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new BootChoice(words.Contains("keyceremony.rehearsal"), words.Contains("keyceremony.self-check"),
            words.Contains("keyceremony.plain"));
    }
}
