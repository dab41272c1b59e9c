using System.Diagnostics;
using System.Globalization;

namespace KeyCeremony.Core.Tests;

/// <summary>Resident peaks in megabytes, of processes that do one thing: other tests take memory too.</summary>
internal static class PeakMemory
{
    /// <summary>
    /// Of this assembly run as a program that does one of its operations. Null where there is no /proc: it is Linux's, as the appliance is.
    /// </summary>
    public static async Task<double?> Of(string operation, int count)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        using Process child = Process.Start(new ProcessStartInfo("dotnet",
            [typeof(PeakMemory).Assembly.Location, operation, count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // As the program is built.
            Environment = { ["DOTNET_gcConcurrent"] = "0", ["DOTNET_TieredPGO"] = "0" },
        })!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string peak = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, await errors);
        return double.Parse(peak, CultureInfo.InvariantCulture);
    }

    /// <summary>The child's side: its own, so far.</summary>
    public static double Own()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line["VmHWM:".Length..^"kB".Length], CultureInfo.InvariantCulture) / 1024;
    }
}
