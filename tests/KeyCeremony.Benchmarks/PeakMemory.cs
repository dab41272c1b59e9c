using System.Diagnostics;
using System.Globalization;

namespace KeyCeremony.Benchmarks;

/// <summary>
/// The resident peak of a process that does one operation and nothing else; the benchmark runner's own memory would hide it.
/// </summary>
internal static class PeakMemory
{
    private const int Repetitions = 20;

    /// <summary>Megabytes that this program takes as <c>peak OPERATION</c>.</summary>
    public static double Of(string operation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string? argument in new[] { "peak", operation })
            start.ArgumentList.Add(argument);
        using Process child = Process.Start(start)!;
        string answer = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? double.Parse(answer, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"peak {operation} ended with {child.ExitCode}");
    }

    /// <summary>The child's side.</summary>
    public static int Report(Action operation)
    {
        for (int i = 0; i < Repetitions; i++)
            operation();
        using var self = Process.GetCurrentProcess();
        Console.Write((self.PeakWorkingSet64 / (1024.0 * 1024.0)).ToString(CultureInfo.InvariantCulture));
        return 0;
    }
}
