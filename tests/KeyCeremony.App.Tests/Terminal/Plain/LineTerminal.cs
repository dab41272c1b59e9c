using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Terminal.Plain;

/// <summary>
/// A program on a terminal that is lines and nothing else: util-linux' script gives it one, and a pipe stands for the person.
/// </summary>
internal sealed partial class LineTerminal : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A prompt that nothing follows for so long is one that waits.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(60);

    private readonly Process _script;
    private readonly StringBuilder _said = new();
    private readonly Thread _reader;
    private long _heard = Stopwatch.GetTimestamp();
    private long _lastEnter;
    private int _read;

    public LineTerminal(params string[] command)
    {
        string line = string.Join(' ', command.Select(word => $"'{word}'"));
        var start = new ProcessStartInfo("script", ["--quiet", "--flush", "--return", "--command", line, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TERM"] = "dumb";
        _script = Process.Start(start)!;
        _reader = new Thread(Hear) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>Everything so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>What was said since the last line was typed, once the program waits for one.</summary>
    public string WaitForPrompt() => WaitFor("a prompt", text => Waiting().IsMatch(text));

    public string WaitFor(string what, Func<string, bool> isSo)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            string now = Said[_read..];
            if (isSo(now) && Stopwatch.GetElapsedTime(Interlocked.Read(ref _heard)) > Rest)
                return now;
            Assert.True(watch.Elapsed < Patience, $"The program never said {what}:\n{now}");
            Assert.False(_script.HasExited && now == Said[_read..], $"The program ended and never said {what}:\n{now}");
            Thread.Sleep(10);
        }
    }

    public void Type(string line)
    {
        // An empty line close behind another line is a held Enter, and counts once.
        if (line.Length == 0 && HeldKeys.Pause * 1.1 - Stopwatch.GetElapsedTime(_lastEnter) is var early && early > TimeSpan.Zero)
            Thread.Sleep(early);
        Send(line);
    }

    /// <summary>At once, however short ago the last line was.</summary>
    public void Send(string line)
    {
        _read = Said.Length;
        _script.StandardInput.Write(line + "\n");
        _script.StandardInput.Flush();
        _lastEnter = Stopwatch.GetTimestamp();
    }

    /// <summary>Ctrl-C, without an Enter.</summary>
    public void Interrupt()
    {
        _read = Said.Length;
        _script.StandardInput.Write('\x3');
        _script.StandardInput.Flush();
        _lastEnter = Stopwatch.GetTimestamp();
    }

    /// <summary>SIGTERM for the program whose command line has this in it.</summary>
    public static void Terminate(string mark)
    {
        foreach (Process program in Process.GetProcessesByName("dotnet"))
            using (program)
                if (File.ReadAllText($"/proc/{program.Id}/cmdline").Contains(mark, StringComparison.Ordinal))
                    using (Process kill = Process.Start("kill", ["-TERM", $"{program.Id}"])!)
                        kill.WaitForExit();
    }

    public int WaitForEnd()
    {
        Assert.True(_script.WaitForExit(Patience), Said);
        _reader.Join();
        return _script.ExitCode;
    }

    public void Dispose()
    {
        if (!_script.HasExited)
            _script.Kill(entireProcessTree: true);
        _script.Dispose();
    }

    private void Hear()
    {
        char[] piece = new char[4096];
        for (int count; (count = _script.StandardOutput.Read(piece, 0, piece.Length)) > 0;)
            lock (_said)
            {
                _said.Append(piece, 0, count);
                Interlocked.Exchange(ref _heard, Stopwatch.GetTimestamp());
            }
    }

    [GeneratedRegex(@"(^|\n)(> |Word \d+ of \d+: [a-z]*|\d+ rolls so far[^\n]*: )$")]
    private static partial Regex Waiting();
}
