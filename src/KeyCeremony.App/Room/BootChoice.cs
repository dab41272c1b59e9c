namespace KeyCeremony.App.Room;

/// <summary>What the boot menu of the live image chose: words on the kernel's command line.</summary>
internal sealed record BootChoice(bool Rehearsal, bool SelfCheck)
{
    public static BootChoice Of(string commandLine)
    {
        string[] words = commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new BootChoice(words.Contains("keyceremony.rehearsal"), words.Contains("keyceremony.self-check"));
    }
}
