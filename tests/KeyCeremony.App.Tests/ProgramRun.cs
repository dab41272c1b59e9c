using System.Diagnostics;
using System.Text;

namespace KeyCeremony.App.Tests;

/// <summary>The program as people run it: a process of its own, to its end.</summary>
internal static class ProgramRun
{
    /// <summary>Its assembly, for <c>dotnet</c>.</summary>
    public static string Path { get; } = typeof(Commands.Words).Assembly.Location;

    public static (int Code, string Said, string Errors) Of(params string[] arguments) => In(Environment.CurrentDirectory, arguments);

    public static (int Code, string Said, string Errors) In(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said, errors.Result);
    }
}
