using System.Diagnostics;
using System.Text.Json;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace KeyCeremony.Benchmarks;

/// <summary>SLIP-39 next to npm slip39 and to PBKDF2 alone.</summary>
internal static class Slip39Rows
{
    private const string Split = nameof(Slip39Benchmarks.Split);
    private const string Combine = nameof(Slip39Benchmarks.Combine);
    private const string Passphrase = nameof(Slip39Benchmarks.Passphrase);

    // Ours and the peer's alike: the fastest of so many batches. Other programs on the machine slow most batches down,
    // rarely all; a mean or a median would measure them.
    private const int Batches = 15;
    private const int BatchSize = 32;

    public static IReadOnlyDictionary<string, Action> Operations { get; } = new Dictionary<string, Action>
    {
        [Split] = () => Once(benchmarks => benchmarks.Split()),
        [Combine] = () => Once(benchmarks => benchmarks.Combine()),
    };

    public static IReadOnlyList<Row> Measure()
    {
        Dictionary<string, double> ours = RunOurs();
        (double Split, double Combine) peer = AskPeer();
        return
        [
            new("SLIP-39 split 3 of 5, 32 bytes (ns)", ours[Split], peer.Split, ours[Passphrase], PeakMemory.Of(Split)),
            new("SLIP-39 combine 3 of 5, 32 bytes (ns)", ours[Combine], peer.Combine, ours[Passphrase], PeakMemory.Of(Combine)),
        ];
    }

    private static void Once(Action<Slip39Benchmarks> operation)
    {
        using var benchmarks = new Slip39Benchmarks();
        operation(benchmarks);
    }

    // In this process: a generated project a benchmark would need a restore, and the build of another minute.
    private static Dictionary<string, double> RunOurs()
    {
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default
                .WithToolchain(InProcessNoEmitToolchain.Instance)
                .WithWarmupCount(2)
                .WithIterationCount(Batches)
                .WithInvocationCount(BatchSize))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(Results.Folder);
        Summary summary = BenchmarkRunner.Run<Slip39Benchmarks>(config);
        return summary.Reports.ToDictionary(
            report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name,
            report => report.ResultStatistics?.Min
                ?? throw new InvalidOperationException($"{report.BenchmarkCase.DisplayInfo} was not measured"));
    }

    private static (double Split, double Combine) AskPeer()
    {
        string folder = Path.Combine(Results.Root(), "tests", "slip39-peer");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "slip39")))
            throw new DirectoryNotFoundException("run `npm ci` in tests/slip39-peer");

        var start = new ProcessStartInfo("node", "peer.js")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process node = Process.Start(start)!;
        node.StandardInput.Write(JsonSerializer.Serialize(new
        {
            @do = "bench",
            secret = new string('5', 64),
            threshold = Slip39Benchmarks.Threshold,
            count = Slip39Benchmarks.Count,
            batches = Batches,
            batchSize = BatchSize,
        }));
        node.StandardInput.Close();
        string output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"peer.js ended with {node.ExitCode}");
        using var answer = JsonDocument.Parse(output);
        return (answer.RootElement.GetProperty("split").GetDouble(), answer.RootElement.GetProperty("combine").GetDouble());
    }
}
