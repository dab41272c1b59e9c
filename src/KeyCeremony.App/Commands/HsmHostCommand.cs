using System.CommandLine;
using KeyCeremony.App.Room;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony hsm-host</c>, started by the program alone, with a socket for its third descriptor: loads the module that it is
/// told and makes the calls that it is asked for.
/// </summary>
internal static class HsmHostCommand
{
    public static Command Make()
    {
        var command = new Command(HsmHost.CommandName, "Started by the program itself.") { Hidden = true };
        command.SetAction(_ => Run());
        return command;
    }

    /// <summary>Whether these are the words with which the program starts it.</summary>
    public static bool IsMeant(ReadOnlySpan<string> words) => words is [HsmHost.CommandName];

    public static int Run()
    {
        Hardening.ApplyToHost();
        return ModuleHost.Serve();
    }
}
