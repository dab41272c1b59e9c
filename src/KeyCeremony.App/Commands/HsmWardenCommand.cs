using System.Collections.Immutable;
using System.CommandLine;
using KeyCeremony.App.Room;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony hsm-warden --modules FOLDER</c>, started by the live image's own unit for one connection: starts the process of a module
/// that lies in that folder, or the second look at it, and nothing else. docs/decisions/0026-module-host.md.
/// </summary>
internal static class HsmWardenCommand
{
    public const string CommandName = "hsm-warden";

    private const string ModulesOption = "--modules";

    public static Command Make()
    {
        var modules = new Option<string>(ModulesOption) { Required = true };
        var command = new Command(CommandName, "Started by the live image itself.") { modules };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetValue(modules)!));
        return command;
    }

    /// <summary>Whether these are the words of its unit.</summary>
    public static bool IsMeant(ReadOnlySpan<string> words) => words is [CommandName, ModulesOption, _];

    /// <param name="modules">The folder whose files may be loaded.</param>
    public static int Run(string modules)
    {
        Hardening.Apply();
        ModuleGround? ground = null;
        try
        {
            return ModuleWarden.Serve(words => Permit(modules, words, out ground));
        }
        finally
        {
            ground?.Dispose();
        }
    }

    /// <summary>What is around the module is laid here: the program says which module, and nothing about it.</summary>
    internal static WardenDuty? Permit(string modules, ImmutableArray<string> words, out ModuleGround? ground)
    {
        ground = null;
        if (words is [SelfCheck.Order])
            return new WardenDuty(null, OverStandard: false, HsmUnit.LookAround(new KernelFiles("/")));
        if (words is not ([HsmHost.CommandName, _] or [SecondLook.CommandName, _, _]) || !Lies(words[1], modules))
            return null;
        ground = ModuleGround.Lay(words[1], callSeconds: null, Environment.GetEnvironmentVariable);
        HostStart host = HsmHost.Of(OwnProgram.Command(), [], null, ground.Variables);
        return words[0] == HsmHost.CommandName ? new WardenDuty(host, OverStandard: false, "")
            : new WardenDuty(host with { Program = [.. OwnProgram.Command(), .. words] }, OverStandard: true, "");
    }

    /// <summary>A path that goes elsewhere by dots or by a link does not.</summary>
    private static bool Lies(string module, string folder)
    {
        string below = Path.GetFullPath(folder).TrimEnd('/') + '/';
        return Path.IsPathRooted(module) && File.Exists(module) && Path.GetFullPath(module).StartsWith(below, StringComparison.Ordinal)
            && (File.ResolveLinkTarget(module, returnFinalTarget: true)?.FullName ?? module).StartsWith(below, StringComparison.Ordinal);
    }
}
