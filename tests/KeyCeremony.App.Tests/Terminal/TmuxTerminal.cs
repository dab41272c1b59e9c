using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>A program in a real terminal: tmux with a server of its own. Keys go in and text comes out, as for a person.</summary>
internal sealed partial class TmuxTerminal : IDisposable
{
    private const string Pane = "room";
    private const int Killed = 128 + 9;

    /// <summary>
    /// The program's parent says how it ended, and stays: tmux may drop what stands unread in a terminal whose process
    /// is gone. Of one that was killed it says so again and again: a guard may wipe the terminal behind its first words.
    /// </summary>
    private const string Parent = "\"$@\"; code=$?; while printf '\n[ended with %d]\n' $code; [ $code -gt 128 ]; do sleep 1; done; "
        + "exec sleep 1d";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(40);
    private long _lastEnter = Stopwatch.GetTimestamp() - Stopwatch.Frequency;
    private bool _isAnswered = true;
    private readonly string _server = $"keyceremony-test-{Guid.NewGuid():N}";

    public TmuxTerminal(int width, int height, params string[] command)
    {
        // The user's own settings stay out.
        Tmux(["-f", "/dev/null",
            "new-session", "-d", "-s", Pane, "-x", Text(width), "-y", Text(height), "sh", "-c", Parent, Pane, .. command]);
    }

    public int ProcessId =>
        int.Parse(File.ReadAllText($"/proc/{Ask("#{pane_pid}")}/task/{Ask("#{pane_pid}")}/children"), CultureInfo.InvariantCulture);

    public string Screen() => Tmux(["capture-pane", "-p", "-t", Pane]);

    /// <summary>Everything the terminal still knows: the screen, what scrolled out of it, and the screen behind it.</summary>
    public string Memory() =>
        Tmux(["capture-pane", "-p", "-t", Pane, "-S", "-"]) + Tmux(["capture-pane", "-p", "-q", "-a", "-t", Pane, "-S", "-"]);

    /// <summary>A program draws on the terminal's second screen, which is gone when the program gave it back.</summary>
    public bool ShowsSecondScreen => Ask("#{alternate_on}") == "1";

    /// <summary>Whether a program asked to be told of the mouse, in any way.</summary>
    public bool TellsOfMouse => Ask("#{mouse_any_flag}") == "1";

    /// <summary>Whether the cursor is shown.</summary>
    public bool ShowsCursor => Ask("#{cursor_flag}") == "1";

    /// <summary>What <c>stty -a</c> says of it.</summary>
    public string Settings()
    {
        var start = new ProcessStartInfo("stty", ["-a", "-F", Ask("#{pane_tty}")]) { RedirectStandardOutput = true };
        using Process stty = Process.Start(start)!;
        string settings = stty.StandardOutput.ReadToEnd();
        stty.WaitForExit();
        return $" {string.Join(' ', settings.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))} ";
    }

    /// <summary>As a shell leaves and expects it: lines, echo, signals; the first screen, a cursor, no mouse.</summary>
    public void WaitForShell()
    {
        var watch = Stopwatch.StartNew();
        string settings = "";
        while (TellsOfMouse || ShowsSecondScreen || !ShowsCursor || !IsSane(settings = Settings()))
        {
            Assert.True(watch.Elapsed < Patience,
                $"mouse {TellsOfMouse}, second screen {ShowsSecondScreen}, cursor {ShowsCursor}: {settings}");
            Thread.Sleep(Glance);
        }
    }

    /// <summary>Raw, as a program of ours has it.</summary>
    public bool IsRaw => Settings().Contains(" -icanon ", StringComparison.Ordinal);

    private static bool IsSane(string settings) => new[] { "icanon", "echo", "isig", "iexten", "icrnl", "opost" }
        .All(setting => settings.Contains($" {setting} ", StringComparison.Ordinal));

    public void Type(string text) => Tmux(["send-keys", "-t", Pane, "-l", "--", text]);

    /// <summary>These bytes, as a terminal sends them.</summary>
    public void Send(string bytes) =>
        Tmux(["send-keys", "-t", Pane, "-H", .. bytes.Select(b => ((int)b).ToString("x2", CultureInfo.InvariantCulture))]);

    /// <summary>A signal for the program.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, Text(ProcessId)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <param name="key">In tmux's words: Enter, Escape, F5, C-c.</param>
    public void Press(string key)
    {
        // An Enter close behind another one is a held key, and counts once. A busy machine takes the other one late: at the latest
        // when what it led to was seen.
        if (key == "Enter" && HeldKeys.Pause * 1.1 - Stopwatch.GetElapsedTime(_lastEnter) is var early && early > TimeSpan.Zero)
            Thread.Sleep(early);
        Tmux(["send-keys", "-t", Pane, key]);
        if (key == "Enter")
            (_lastEnter, _isAnswered) = (Stopwatch.GetTimestamp(), false);
    }

    /// <summary>A key that is held down: at once, however short ago the last one was.</summary>
    public void Repeat(string key) => Tmux(["send-keys", "-t", Pane, key]);

    public void Resize(int width, int height) => Tmux(["resize-window", "-t", Pane, "-x", Text(width), "-y", Text(height)]);

    /// <summary>SIGKILL, as a power cut: the program cannot say goodbye.</summary>
    public void Kill()
    {
        using var program = Process.GetProcessById(ProcessId);
        program.Kill();
        Assert.Equal(Killed, WaitForEnd());
    }

    /// <summary>SIGTERM: the program is asked to end. Its exit code.</summary>
    public int Terminate()
    {
        Signal("TERM");
        return WaitForEnd();
    }

    /// <summary>The program's exit code; 128 and the signal's number where a signal ended it.</summary>
    public int WaitForEnd() =>
        int.Parse(Ending().Match(WaitFor("the end of the program", screen => Ending().IsMatch(screen))).Groups["code"].Value,
            CultureInfo.InvariantCulture);

    /// <summary>The same command once more, in the same terminal.</summary>
    public void StartAgain() => Tmux(["respawn-pane", "-k", "-t", Pane]);

    /// <summary>The screen, once it is as wanted and has come to rest.</summary>
    /// <param name="what">For the one who reads the failure.</param>
    /// <param name="atRest">False for a screen that moves.</param>
    public string WaitFor(string what, Func<string, bool> isSo, bool atRest = true)
    {
        var watch = Stopwatch.StartNew();
        string before = "";
        while (true)
        {
            string now = Screen();
            if (isSo(now) && (!atRest || WithoutClock(now) == WithoutClock(before)))
            {
                if (!_isAnswered)
                    (_lastEnter, _isAnswered) = (Stopwatch.GetTimestamp(), true);
                return now;
            }
            Assert.True(watch.Elapsed < Patience, $"The screen never showed {what}:\n{now}");
            before = now;
            Thread.Sleep(Glance);
        }
    }

    public string WaitFor(string text) => WaitFor($"\"{text}\"", screen => screen.Contains(text, StringComparison.Ordinal));

    public static string WithoutClock(string screen) => Clock().Replace(screen, "");

    public void Dispose() => Tmux(["kill-server"]);

    private string Ask(string format) => Tmux(["display-message", "-p", "-t", Pane, format]).Trim();

    private string Tmux(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("tmux", ["-u", "-L", _server, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("TMUX");
        start.Environment.Remove("NO_COLOR");
        try
        {
            using Process tmux = Process.Start(start)!;
            Task<string> complaint = tmux.StandardError.ReadToEndAsync();
            string output = tmux.StandardOutput.ReadToEnd();
            tmux.WaitForExit();
            Assert.True(tmux.ExitCode == 0, $"tmux {string.Join(' ', arguments)}: {complaint.Result}");
            return output;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("The real-terminal tests need the Debian package tmux.", e);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[ended with (?<code>\d+)\]")]
    private static partial Regex Ending();

    [GeneratedRegex(@"\d\d:\d\d:\d\d UTC")]
    private static partial Regex Clock();
}
