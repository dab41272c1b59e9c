namespace KeyCeremony.Hsm.Tests;

/// <summary>What the kernel says of a process. proc(5), /proc/PID/stat.</summary>
internal static class ProcessState
{
    /// <summary>State, parent, group, session, terminal, …; what stands before them may hold spaces and brackets.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public static string[] Stat(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    /// <summary>One letter, e.g. T: it was stopped, Z: it has ended and nobody has asked how; null: it is gone.</summary>
    public static string? Of(int process)
    {
        try
        {
            return Stat(process)[0];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
