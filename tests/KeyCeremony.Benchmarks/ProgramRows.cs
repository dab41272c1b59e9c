using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace KeyCeremony.Benchmarks;

/// <summary>The program as a whole: how long until a person is asked something, and how long a ceremony takes the machine.</summary>
internal static class ProgramRows
{
    private const int Starts = 9;
    private const int Rehearsals = 3;

    /// <summary>The first that people are asked: the page that says what the script will need.</summary>
    internal const string FirstQuestion = "Go on: begin the ceremony";

    /// <summary>The first words of the first question of the roll call.</summary>
    internal const string RollCall = "Who is the";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    internal static readonly string Program =
        Path.Combine(Results.Root(), "src", "KeyCeremony.App", "bin", "Release", "net10.0", "keyceremony.dll");

    // As the image has it: .ci/need-program.
    private static readonly string Compiled = Path.Combine(Results.Root(), "artifacts", "program", "keyceremony");

    private static readonly string Scripts = Path.Combine(Results.Root(), "ceremony-scripts");

    /// <summary>The start alone, of both programs.</summary>
    public static IReadOnlyList<Row> MeasureStart() =>
    [
        StartOf("start to the first question (ms)", ["dotnet", Program]),
        StartOf("start to the first question, native as in the image (ms)", [Compiled]),
    ];

    public static IReadOnlyList<Row> Measure()
    {
        var peaks = new Dictionary<string, double>();
        return
        [
            .. MeasureStart(),
            new("root creation, played from a file (ms)",
                Timing.Milliseconds(Rehearsals, () => InNewFolder(folder => Rehearsal(folder, peaks))),
                PeakMemoryMB: peaks[nameof(Rehearsal)]),
        ];
    }

    // The peer is the least that such a program does: start and print a line.
    private static Row StartOf(string name, string[] program)
    {
        double peak = 0;
        return new Row(name, Timing.Milliseconds(Starts, () => InNewFolder(folder => ToFirstQuestion(folder, program, out peak))),
            Timing.Milliseconds(Starts, () => ToVersion(program)), PeakMemoryMB: peak);
    }

    // In a pseudo terminal, as the program refuses to ask people without one.
    private static TimeSpan ToFirstQuestion(string folder, string[] program, out double peak)
    {
        string command = string.Join(' ', program.Concat(RootCreation(folder).Skip(1)).Select(argument => $"'{argument}'"));
        var watch = Stopwatch.StartNew();
        using Process terminal = Start("script", "-q", "-e", "-c", $"exec {command}", "/dev/null");
        ReadUntil(terminal, FirstQuestion);
        TimeSpan took = watch.Elapsed;
        peak = ChildRun.PeakOf(OnlyChild(terminal.Id));
        terminal.Kill(entireProcessTree: true);
        terminal.WaitForExit();
        return took;
    }

    private static TimeSpan ToVersion(string[] program)
    {
        var watch = Stopwatch.StartNew();
        using Process version = Start(program[0], [.. program[1..], "--version"]);
        version.StandardOutput.ReadToEnd();
        version.WaitForExit();
        return watch.Elapsed;
    }

    private static TimeSpan Rehearsal(string folder, Dictionary<string, double> peaks)
    {
        var watch = Stopwatch.StartNew();
        using Process program = Start("dotnet",
            [.. RootCreation(folder), "--answers", Path.Combine(Scripts, "rehearsal", "root-creation.json"),
            "--envelopes", Path.Combine(folder, "envelopes"), "--stay"]);
        ReadUntil(program, "\nclosed\n");
        TimeSpan took = watch.Elapsed;
        peaks[nameof(Rehearsal)] = ChildRun.PeakOf(program.Id);
        program.StandardInput.WriteLine();
        program.WaitForExit();
        return program.ExitCode == 0 ? took : throw new InvalidOperationException($"the rehearsal ended with {program.ExitCode}");
    }

    internal static string[] RootCreation(string folder) =>
    [
        Program, "run", Path.Combine(Scripts, "root-creation.md"), "--ledger", Path.Combine(folder, "a"),
        "--ledger", Path.Combine(folder, "b"),
        "--softhsm", Path.Combine(folder, "hsm"), "--out", Path.Combine(folder, "out"),
    ];

    internal static T InNewFolder<T>(Func<string, T> measure)
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-bench-").FullName;
        try
        {
            return measure(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start)!;
    }

    private static void ReadUntil(Process program, string text)
    {
        // A page that nobody expected waits for a key for ever.
        using var late = new Timer(_ => program.Kill(entireProcessTree: true), null, Patience, Timeout.InfiniteTimeSpan);
        var read = new StringBuilder();
        Span<char> buffer = stackalloc char[4096];
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            int count = program.StandardOutput.Read(buffer);
            if (count == 0)
                throw new InvalidOperationException($"the program ended, or was ended, before it said \"{text}\":\n{read}");
            read.Append(buffer[..count]);
        }
    }

    private static int OnlyChild(int process) =>
        int.Parse(File.ReadAllText($"/proc/{process}/task/{process}/children"), CultureInfo.InvariantCulture);
}
