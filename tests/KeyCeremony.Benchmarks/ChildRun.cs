using System.Diagnostics;
using System.Globalization;

namespace KeyCeremony.Benchmarks;

/// <summary>What a whole process took.</summary>
internal sealed record ChildRun(double Milliseconds, double PeakMemoryMB, string Output, bool WasStopped)
{
    public static ChildRun Fastest(int repetitions, Func<ChildRun> once) =>
        Enumerable.Range(0, repetitions).Select(_ => once()).MinBy(run => run.Milliseconds)!;

    // Whole process; the resident peak is looked up while it runs, so the last milliseconds of its growth may be missing.
    public static ChildRun Start(string program, string folder, TimeSpan patience, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        double peak = 0.0;
        while (!process.WaitForExit(2))
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            if (watch.Elapsed < patience)
                continue;
            process.Kill();
            process.WaitForExit();
            return new ChildRun(watch.Elapsed.TotalMilliseconds, peak, "", WasStopped: true);
        }
        double took = watch.Elapsed.TotalMilliseconds;
        return process.ExitCode == 0
            ? new ChildRun(took, peak, output.Result, WasStopped: false)
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.Result}");
    }

    /// <summary>Megabytes so far of a process that runs; 0 when it has just ended.</summary>
    public static double PeakOf(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }
}
