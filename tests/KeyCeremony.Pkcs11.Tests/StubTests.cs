using System.Diagnostics;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>The tools that other tests pull the power with do what they say, seen from another process.</summary>
[Collection(ModuleCollection.Name)]
[Trait("Needs", "packages")]
public sealed class StubTests : IDisposable
{
    /// <summary>128 + SIGKILL, as .NET reports a process that was killed.</summary>
    private const int Killed = 137;

    private readonly string folder = Directory.CreateTempSubdirectory("keyceremony-stub-").FullName;

    private string Log => Path.Combine(folder, "log");

    [Theory]
    [InlineData("before", 2)]
    [InlineData("after", 3)]
    [InlineData("before", 9)]
    public void The_killer_pulls_the_power_at_the_chosen_flush(string when, int at)
    {
        string ledger = Path.Combine(folder, "a.ledger");
        string other = Path.Combine(folder, "b.txt");
        File.WriteAllText(ledger, "x");
        File.WriteAllText(other, "x");

        int exit = Run("sync", [ledger, other, ledger, ledger], new()
        {
            ["LD_PRELOAD"] = StubModule.BuildKiller(AppContext.BaseDirectory),
            ["KILLER_SUFFIX"] = ".journal,.ledger",
            ["KILLER_AT"] = $"{at}",
            ["KILLER_WHEN"] = when,
            ["KILLER_LOG"] = Log,
        });

        // Three flushes of the ledger; the other file does not count.
        Assert.Equal(at <= 3 ? Killed : 0, exit);
        string[] hits = File.ReadAllLines(Log);
        Assert.Equal(Math.Min(at, 3), hits.Length);
        Assert.All(hits, hit => Assert.EndsWith(" fsync " + ledger, hit, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("C_GetTokenInfo:1", "before")]
    [InlineData("C_GetTokenInfo:1", "after")]
    [InlineData("3", "before")]
    public void The_stub_kills_the_process_in_the_chosen_call_and_logs_each(string at, string when)
    {
        int exit = ShowSlots(new() { ["STUB_KILL_AT"] = at, ["STUB_KILL_WHEN"] = when, ["STUB_LOG"] = Log });

        Assert.Equal(Killed, exit);
        string[] calls = File.ReadAllLines(Log);
        Assert.Equal("C_Initialize 1 1", calls[0]);
        Assert.StartsWith(at.Contains(':', StringComparison.Ordinal) ? "C_GetTokenInfo 1 " : "C_", calls[^1], StringComparison.Ordinal);
        Assert.Equal(calls.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), calls[^1].Split(' ')[2]);
    }

    [Fact]
    public void The_stub_forwards_to_the_real_module_and_obeys_rules_from_the_environment()
    {
        Assert.Equal(0, ShowSlots([]));
        Assert.NotEqual(0, ShowSlots(new() { ["STUB_RULES"] = "C_GetSlotList:1+=CKR_DEVICE_REMOVED" }));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private int ShowSlots(Dictionary<string, string> variables)
    {
        using var hsm = new SoftHsm();
        variables["STUB_FORWARD"] = SoftHsm.ModulePath;
        variables["SOFTHSM2_CONF"] = hsm.Configuration;
        return Run("softhsm2-util", ["--show-slots", "--module", StubModule.Build(AppContext.BaseDirectory)], variables);
    }

    private static int Run(string program, string[] arguments, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string? name, string? value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
