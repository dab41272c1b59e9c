using System.Reflection;
using System.Runtime.CompilerServices;
using KeyCeremony.App.Terminal.Host;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>As in the program the stage is built before there are other threads; unlike there, under attack.</summary>
internal static class OpenStage
{
    /// <summary>Of the kind that Terminal.Gui reads from files and from TUI_CONFIG.</summary>
    public const string Hostile = "{ \"Key\": { \"Separator\": \"Z\" } }";

    [ModuleInitializer]
    internal static void BeforeAnyTest()
    {
        if (Assembly.GetEntryAssembly() == typeof(OpenStage).Assembly) // Run as a program, whose system calls a test reads.
            return;
        Environment.SetEnvironmentVariable("TUI_CONFIG", Hostile);
        Stage.Open();
        Environment.SetEnvironmentVariable("TUI_CONFIG", null);
    }
}
