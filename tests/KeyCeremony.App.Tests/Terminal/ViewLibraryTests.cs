using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Terminal.Gui.Configuration;
using Terminal.Gui.Input;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What Terminal.Gui would do by itself, tried on the program: read configuration, start a shell, wake up for input.</summary>
[SupportedOSPlatform("linux")]
public sealed class ViewLibraryTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "keyceremony.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-library-").FullName;

    /// <summary>What the image gets of other people's code. A new name here is a decision (docs/decisions/0001-dependencies.md).</summary>
    private static readonly string[] TakenAlong =
    [
        "BouncyCastle.Cryptography.dll", "ColorHelper.dll", "LiteDB.dll", "Markdig.dll", "Microsoft.Extensions.Logging.Abstractions.dll",
        "Pkcs11Interop.dll", "QRCoder.dll", "System.CommandLine.dll", "System.Formats.Cbor.dll", "System.Security.Cryptography.Pkcs.dll",
        "Terminal.Gui.dll", "Wcwidth.dll", "YamlDotNet.dll",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Whoever opens a pipe that nobody writes to waits for ever.</summary>
    [Fact]
    public void No_configuration_file_is_opened_wherever_it_lies()
    {
        Directory.CreateDirectory(Path.Combine(_folder, ".tui"));
        foreach (string name in new[] { "config.json", "keyceremony.config.json" })
            Run("mkfifo", Path.Combine(_folder, ".tui", name));
        using TmuxTerminal terminal = Start("-C", _folder, $"HOME={_folder}", $"TUI_CONFIG={OpenStage.Hostile}");
        Begin(terminal);
        terminal.Press("Escape"); // To the library alone this means: quit.
        terminal.Press("F1");
        terminal.WaitFor("Enter or Esc goes back to the ceremony");
        terminal.Kill();
    }

    /// <summary>The tests' own process has the reader of configuration files that the program is shipped without.</summary>
    [Fact]
    public void What_a_configuration_says_does_not_reach_the_library_though_it_reads_such()
    {
        Directory.CreateDirectory(Path.Combine(_folder, ".tui"));
        File.WriteAllText(Path.Combine(_folder, ".tui", "config.json"), OpenStage.Hostile);
        Assert.Equal("Z", new TuiConfigurationBuilder("keyceremony", _folder).Configuration["Key:Separator"]);
        Assert.Equal(new Rune('+'), Key.Separator);
    }

    /// <summary>.NET looks for a program in the working folder first.</summary>
    [Fact]
    public void No_program_is_started_to_find_a_clipboard()
    {
        foreach (string name in new[] { "bash", "which", "xclip", "stty" })
        {
            string path = Path.Combine(_folder, name);
            File.WriteAllText(path, $"#!/bin/sh\necho {name} >> {_folder}/called\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        using TmuxTerminal terminal = Start("-C", _folder, $"PATH={_folder}:{Environment.GetEnvironmentVariable("PATH")}");
        Begin(terminal);
        terminal.Kill();
        Assert.False(File.Exists(Path.Combine(_folder, "called")), "a shell was started");
    }

    /// <summary>A loop that looks for input fifty times a second would show in these numbers.</summary>
    [Fact]
    public void At_rest_the_program_sleeps()
    {
        using TmuxTerminal terminal = Start();
        Begin(terminal);
        // On a busy machine what it still compiles behind the first page comes late.
        for (int look = 0; look < 8 && PerSecond(terminal.ProcessId, TimeSpan.FromSeconds(2)).Worked > 0.04; look++)
        {
        }
        (double wakings, double worked) = PerSecond(terminal.ProcessId, TimeSpan.FromSeconds(6));
        terminal.Kill();
        Assert.InRange(wakings, 0, 25);
        Assert.InRange(worked, 0, 0.04);
    }

    /// <summary>How often it woke, and the seconds it worked.</summary>
    private static (double Wakings, double Worked) PerSecond(int process, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        (long wakings, TimeSpan worked) = Rest(process);
        Thread.Sleep(time);
        (long later, TimeSpan workedLater) = Rest(process);
        double seconds = watch.Elapsed.TotalSeconds;
        return ((later - wakings) / seconds, (workedLater - worked).TotalSeconds / seconds);
    }

    [Fact]
    public void Nothing_is_taken_along_but_what_is_named_here()
    {
        using var built = JsonDocument.Parse(File.ReadAllText(Path.ChangeExtension(Program, ".deps.json")));
        JsonElement libraries = built.RootElement.GetProperty("targets").EnumerateObject().Single().Value;
        IEnumerable<string> strangers = libraries.EnumerateObject().SelectMany(library => FilesOf(library.Value))
            .Where(file => !file.StartsWith("keyceremony.", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(TakenAlong, strangers.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Managed and native, of this system and of others.</summary>
    private static IEnumerable<string> FilesOf(JsonElement library)
    {
        foreach (string kind in new[] { "runtime", "native", "runtimeTargets" })
            if (library.TryGetProperty(kind, out JsonElement files))
                foreach (JsonProperty file in files.EnumerateObject())
                    yield return Path.GetFileName(file.Name);
    }

    private static void Begin(TmuxTerminal terminal)
    {
        terminal.WaitFor("what the script will need", PeopleAtTheTerminal.LaysOut);
        terminal.Press("Enter");
        terminal.WaitFor("Who is the administrator?");
    }

    private TmuxTerminal Start(params string[] environment) => new(80, 25,
    [
        "env", .. environment, "dotnet", Program, "run", TestFiles.PathOf("ceremony-scripts", "root-creation.md"),
        "--ledger", Path.Combine(_folder, "a"), "--ledger", Path.Combine(_folder, "b"), "--softhsm", Path.Combine(_folder, "hsm"),
        "--out", Path.Combine(_folder, "out"),
    ]);

    private static (long Wakings, TimeSpan Worked) Rest(int process)
    {
        using var program = Process.GetProcessById(process);
        return (Directory.EnumerateDirectories($"/proc/{process}/task").Sum(WakingsOf), program.TotalProcessorTime);
    }

    private static long WakingsOf(string thread)
    {
        const string Name = "voluntary_ctxt_switches:";
        string line = File.ReadLines(Path.Combine(thread, "status")).First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }

    private static void Run(string program, string argument)
    {
        using var run = Process.Start(program, argument);
        run.WaitForExit();
        Assert.Equal(0, run.ExitCode);
    }
}
