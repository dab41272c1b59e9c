using System.Collections.Immutable;

namespace KeyCeremony.App.Room;

/// <summary>This program, to be started once more.</summary>
internal static class OwnProgram
{
    /// <summary>Without arguments of its own.</summary>
    public static ImmutableArray<string> Command()
    {
        string running = Environment.ProcessPath ?? "keyceremony";
        return Path.GetFileNameWithoutExtension(running) == "dotnet" ? [running, Environment.GetCommandLineArgs()[0]] : [running];
    }
}
