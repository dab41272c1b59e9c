using System.Diagnostics;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// While words of a card stand on the terminal, or while the terminal tells of its mouse, a shell waits for the end of this process. Killed
/// with SIGKILL the program has no time to wipe them: then the shell does. It is told nothing. Where there is no shell (the live image)
/// the program is started again at once, and wipes the terminal as it begins.
/// </summary>
internal sealed class TerminalGuard : IDisposable
{
    private const string Shell = "/bin/sh";

    /// <summary>A line says that the page was left; the end of the pipe without one, that nobody is there. $1 is the terminal.</summary>
    private const string Script = """
        trap '' HUP INT QUIT TERM TSTP PIPE
        read -r left || {
          printf '\033[0m\033[2J\033[3J\033[H\033[?1006l\033[?1000l'
          printf '\033[?2004l\033[?7h\033[?25h\033[?1049l'
          stty sane <"$1"
        } >"$1"
        """;

    private readonly Process? _shell;

    private TerminalGuard(Process? shell) => _shell = shell;

    public static TerminalGuard Begin()
    {
        if (!File.Exists(Shell) || File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: true) is not { } terminal)
            return new TerminalGuard(null);
        // All three of its streams are taken from it: what starts a child that shares the terminal also changes the terminal's settings.
        var start = new ProcessStartInfo(Shell, ["-c", Script, "guard", terminal.FullName])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        return new TerminalGuard(Process.Start(start));
    }

    public void Dispose()
    {
        if (_shell is null)
            return;
        try
        {
            _shell.StandardInput.WriteLine();
            _shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // Somebody ended the shell: then there is nobody to be told.
        }
        _shell.Dispose();
    }
}
