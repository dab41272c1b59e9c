using System.Collections.Immutable;
using KeyCeremony.App.Commands.Errands;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Commands;

/// <summary>
/// The pages of the appliance, in their order: what this computer is, the sticks, the environment, the menu. Esc goes back one page; the
/// first has none before it.
/// </summary>
/// <param name="isRehearsal">Chosen in the boot menu.</param>
/// <param name="modules">Those that are there.</param>
internal sealed class ApplianceRoom(Front front, Sticks sticks, bool isRehearsal, string scripts, ImmutableArray<HsmModule> modules)
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The line that the room watches on; null: there is none.</summary>
    public string? Witness { get; init; }

    /// <returns>The program's exit code; 0 switches the computer off.</returns>
    public int Run(Func<ImmutableArray<Finding>> gate)
    {
        while (front.Ask(display => ComputerErrand.Page(display, ConsoleKeyboard.Told(), gate())) == 0)
            while (Attaching.TryAgain(sticks, front))
                if ((isRehearsal ? Menu(Environments.Rehearsal) : ChosenEnvironment()) is { } code)
                    return code;
        return 0;
    }

    /// <summary>Null: back to the sticks.</summary>
    private int? ChosenEnvironment()
    {
        while (front.Ask(ApplianceCommand.EnvironmentPage) is { } choice)
            if (ApplianceCommand.EnvironmentOf(choice) is not { } environment)
                return 0;
            else if (Menu(environment) is { } code)
                return code;
        return null;
    }

    /// <summary>Null: a page back.</summary>
    private int? Menu(string environment)
    {
        var table = new MenuTable
        {
            Front = front,
            Records = sticks.Records,
            Sticks = sticks,
            Scripts = scripts,
            // The software HSM of a rehearsal has to outlive a power cut as a real one does: it lives on a stick.
            Modules = isRehearsal ? SoftModule(Path.Combine(sticks.Records[0], "rehearsal-hsm")) : modules,
            IsAppliance = true,
            Clock = Clock,
        };
        return new CeremonyMenu(table, environment, $"KeyCeremony: {environment}", Begin, new MenuEntry(StartMenu.Looking, "Switch off",
            ["Nothing is changed; the sticks may be pulled out."])).Run("goes back");

        int Begin(string? script, bool catchUp)
        {
            bool picks = !isRehearsal && NeedsHsm(script);
            HsmModule? module = picks ? HsmErrand.Pick(front, modules) : null;
            if (picks && module is null)
                return RunCommand.NothingBegun;
            return RunCommand.Attempt(new RunWanted
            {
                Script = script,
                Environment = environment,
                Module = module?.Path,
                Warden = module?.Warden,
                SoftHsm = isRehearsal ? Path.Combine(sticks.Records[0], "rehearsal-hsm") : null,
                Drives = true,
                CatchUp = catchUp,
                Plain = front.IsPlain,
                WitnessTty = Witness,
            }, Clock, sticks, front);
        }
    }

    /// <summary>Its folder is made when it is asked.</summary>
    /// <summary>What is resumed, or cannot be read, may need one.</summary>
    private static bool NeedsHsm(string? script) => script is null || !Words.TryLoad(script, out CeremonyScript? read, out _, out _)
        || ScriptNeeds.Of(read).AnyHsm;

    internal static ImmutableArray<HsmModule> SoftModule(string folder) => SoftHsmTokens.Module() is { } path
        ? [new HsmModule("software HSM of the rehearsal", path, () => SoftHsmTokens.Prepare(folder))] : [];
}
