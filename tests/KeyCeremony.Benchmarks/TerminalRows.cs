using System.Diagnostics;
using System.Text;

namespace KeyCeremony.Benchmarks;

/// <summary>What the screen of a ceremony sends to its terminal of 80 columns and 24 rows: 9600 baud bring 960 bytes a second.</summary>
internal static class TerminalRows
{
    private const int Letters = 9;

    /// <summary>The clock on the screen ticks in one of them at most.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(600);

    public static IReadOnlyList<Row> Measure() => ProgramRows.InNewFolder(Measured);

    // A limit is the text alone: one byte for a letter, the characters of the page for a page.
    private static IReadOnlyList<Row> Measured(string folder)
    {
        string command = string.Join(' ', ProgramRows.RootCreation(folder).Prepend("dotnet").Select(argument => $"'{argument}'"));
        using Process terminal = ProgramRows.Start("script", "-q", "-e", "-c", $"exec {command}", "/dev/null");
        using var line = new Line(terminal);
        line.ReadUntil(ProgramRows.FirstQuestion);
        double first = line.Rest(TimeSpan.FromSeconds(5)) + line.Before;
        line.After("\r", Short);
        line.ReadUntil(ProgramRows.RollCall);
        line.Rest(TimeSpan.FromSeconds(5));
        double idle = line.Rest(TimeSpan.FromSeconds(10)) / 10;
        double letter = Enumerable.Range(0, Letters).Min(i => line.After($"{(char)('a' + i)}", Short));
        double page = line.After("\e[17~", Short); // F6
        double next = line.After("\e[6~", Short);
        double back = line.After("\r", Short);
        terminal.Kill(entireProcessTree: true);
        terminal.WaitForExit();
        return
        [
            new("the first screen (bytes)", first),
            new("nothing happens, each second (bytes)", idle),
            new("a letter is typed (bytes)", letter, Limit: 1),
            new("a page opens (bytes)", page),
            new("its next page (bytes)", next),
            new("back to the question (bytes)", back),
        ];
    }

    /// <summary>Counts what comes, on a thread of its own: a pipe that is full would stop the program.</summary>
    private sealed class Line : IDisposable
    {
        private readonly Process _terminal;
        private readonly Thread _reader;
        private readonly StringBuilder _text = new();
        private readonly Lock _lock = new();
        private long _count;

        public Line(Process terminal)
        {
            _terminal = terminal;
            _reader = new Thread(Read) { IsBackground = true };
            _reader.Start();
        }

        /// <summary>Bytes until the text came that was waited for.</summary>
        public double Before { get; private set; }

        public void ReadUntil(string text)
        {
            while (true)
            {
                lock (_lock)
                {
                    if (_text.ToString().Contains(text, StringComparison.Ordinal))
                        break;
                }
                Thread.Sleep(5);
            }
            Before = Interlocked.Read(ref _count);
        }

        /// <summary>Bytes that come in this time.</summary>
        public double Rest(TimeSpan time)
        {
            long before = Interlocked.Read(ref _count);
            Thread.Sleep(time);
            return Interlocked.Read(ref _count) - before;
        }

        public double After(string keys, TimeSpan time)
        {
            _terminal.StandardInput.Write(keys);
            _terminal.StandardInput.Flush();
            return Rest(time);
        }

        public void Dispose() => _reader.Join(TimeSpan.FromSeconds(1));

        private void Read()
        {
            byte[] buffer = new byte[4096];
            while (_terminal.StandardOutput.BaseStream.Read(buffer) is var count and > 0)
            {
                lock (_lock)
                    _text.Append(Encoding.UTF8.GetString(buffer, 0, count));
                Interlocked.Add(ref _count, count);
            }
        }
    }
}
