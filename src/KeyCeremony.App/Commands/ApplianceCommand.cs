using System.Collections.Immutable;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Ledger.FirstProgram;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony appliance</c>: what the live image starts, and all that it starts. It shows what this computer was started
/// from, takes the record sticks, and opens or resumes a ceremony. When it ends the computer switches itself off.
/// </summary>
internal static class ApplianceCommand
{
    private const string Scripts = "/usr/share/keyceremony/ceremony-scripts";

    private static readonly ImmutableArray<HsmModule> Modules =
    [
        new("YubiHSM 2", "/usr/lib/x86_64-linux-gnu/pkcs11/yubihsm_pkcs11.so"),
        new("smart card (OpenSC)", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
    ];

    private static readonly ImmutableArray<string> FirstForm =
    [
        $"{LedgerRules.NewForm.Id} {LedgerRules.NewForm.Text}",
        "",
        "Every entry is checked and replayed first, and the new file is read back from the stick. This is done once.",
    ];

    private static readonly MenuEntry SwitchOff = new(StartMenu.Looking, "Switch off",
        ["Nothing is changed; the sticks may be pulled out."]);

    public static Command Make()
    {
        var command = new Command("appliance", "What the live image starts. Does what the boot menu chose.");
        command.SetAction(_ =>
        {
            var boot = BootChoice.Of(new KernelFiles("/").Text("proc/cmdline"));
            int code = RunCommand.Guarded(() => boot.SelfCheck ? SelfCheckCommand.Run() : Start(boot));
            // What was said last stays on the screen until somebody has read it: the next thing is the power switch.
            if (boot.SelfCheck || code != 0)
                Pause();
            return boot.SelfCheck ? 0 : code;
        });
        return command;
    }

    private static int Start(BootChoice boot)
    {
        if (!Tty.IsThere)
            return Words.Refuse(Attended.NoTerminal);
        if (!IsAsPublished())
            return 0;
        if (!Attaching.Try(StickRole.DefaultFolder, images: null, attended: true, out Sticks? sticks, out Refusal? refusal))
            return refusal is null ? 0 : Words.Refuse(refusal);
        using (sticks)
            return Open(boot, sticks);
    }

    /// <summary>The first page: the gate, as the ceremony will record it, with the values that are published.</summary>
    private static bool IsAsPublished()
    {
        var gate = new ApplianceGate("/", Hardening.MemoryLocks(), []);
        return Ask("KeyCeremony: what this computer is", FindingText.Lines(gate.Inspect().Findings),
            ["It is as published; go on", "Switch off"]) == 0;
    }

    private static int Open(BootChoice boot, Sticks sticks)
    {
        while (true)
        {
            string? environment = boot.Rehearsal
                ? Environments.Rehearsal
                : Pick("KeyCeremony: the environment", [Environments.Production, Environments.Staging, Environments.Development], e => e);
            if (environment is null || !IsOfThisForm(sticks.Records))
                return 0;
            if (Begin(boot, sticks, environment) is not RunCommand.NothingBegun and var code)
                return code;
        }
    }

    /// <summary>What goes on and what can be begun on these sticks.</summary>
    /// <returns>The exit code, or <see cref="RunCommand.NothingBegun"/>: the people went back.</returns>
    private static int Begin(BootChoice boot, Sticks sticks, string environment)
    {
        if (!RehearseCommand.TryWorld(sticks.Records, environment, out World world, out CeremonyState? running, out Refusal? refusal))
            return Words.Refuse(refusal);
        ImmutableArray<(string Path, CeremonyScript Script)> known = StartMenu.ByOccasion(RehearseCommand.Scripts(Scripts), s => s.Script);
        ImmutableArray<MenuEntry> resumed = running is null ? [] : [StartMenu.Resume(running)];
        ImmutableArray<MenuEntry> entries =
            [.. resumed, .. known.Select(s => StartMenu.Begin(s.Script, world, TimeProvider.System.GetUtcNow())), SwitchOff];
        if (StartMenu.Show($"KeyCeremony: {environment}", entries, "goes back") is not Chosen { Index: var index })
            return RunCommand.NothingBegun;
        if (entries[index] == SwitchOff)
            return 0;
        HsmModule? module = boot.Rehearsal ? null : Pick("KeyCeremony: the HSM", [.. Modules.Where(m => File.Exists(m.Path))], m => m.Name);
        if (!boot.Rehearsal && module is null)
            return 0;
        string? script = index < resumed.Length ? null : known[index - resumed.Length].Path;
        // The software HSM of a rehearsal has to outlive a power cut as a real one does: it lives on a stick.
        string? softHsm = boot.Rehearsal ? Path.Combine(sticks.Records[0], "rehearsal-hsm") : null;
        var wanted = new RunWanted { Script = script, Environment = environment, Module = module?.Path, SoftHsm = softHsm, Drives = true };
        return RunCommand.Attempt(wanted with { WitnessTty = boot.Witness }, TimeProvider.System, sticks);
    }

    /// <summary>A ledger of the first program is converted in its place, if the people say so: here is no other way to do it.</summary>
    private static bool IsOfThisForm(string[] records)
    {
        string[] old = [.. records.Where(RecordStick.HoldsOldOnly)];
        if (old.Length == 0)
            return true;
        if (Ask("KeyCeremony: a ledger of the first program", FirstForm, ["Convert it; the old file stays as it is", "Switch off"]) != 0)
            return false;
        foreach (string stick in old)
            if (FirstLedger.Convert(stick, stick).Refusal is { } refusal)
                throw new CeremonyException(refusal);
        return true;
    }

    /// <summary>Null: the people leave.</summary>
    private static T? Pick<T>(string title, ImmutableArray<T> all, Func<T, string> name) where T : class =>
        Ask(title, [], [.. all.Select(name), "Switch off"]) is { } chosen && chosen < all.Length ? all[chosen] : null;

    /// <summary>The choice from 0; null when the terminal is gone.</summary>
    private static int? Ask(string title, ImmutableArray<string> text, ImmutableArray<string> choices) => PageLoop.Run<FrontPage, int?>(
        first: display => new FrontPage(display, title, text, choices),
        now: (page, display) => page with { Display = display },
        view: page => page.View(),
        update: (page, key) => page.Update(key),
        none: null);

    private static void Pause()
    {
        Console.WriteLine("Press Enter.");
        _ = Console.ReadLine();
    }

    private sealed record HsmModule(string Name, string Path);
}
