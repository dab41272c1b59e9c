using System.Diagnostics;
using System.Text;

namespace KeyCeremony.Core.Tests;

/// <summary>A program that is run to its end, with all that it said.</summary>
internal static class EndedProcess
{
    public static (int Code, string Said, string Errors) Of(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        using Process process = Process.Start(start)!;
        // Both at once: a program whose other pipe is full would never end.
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said, errors.Result);
    }
}
