using System.Diagnostics;
using KeyCeremony.Core.Tests;

namespace KeyCeremony.App.Tests;

/// <summary>The program as people run it: a process of its own, to its end.</summary>
internal static class ProgramRun
{
    /// <summary>Its assembly, for <c>dotnet</c>.</summary>
    public static string Path { get; } = typeof(Commands.Words).Assembly.Location;

    public static (int Code, string Said, string Errors) Of(params string[] arguments) => In(Environment.CurrentDirectory, arguments);

    public static (int Code, string Said, string Errors) In(string folder, params string[] arguments) =>
        EndedProcess.Of(new ProcessStartInfo("dotnet", [Path, .. arguments]) { WorkingDirectory = folder });
}
