using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Commands.Errands;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Script;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony appliance</c>: what the live image starts, and all that it starts. It shows what this computer was started
/// from, takes the record sticks, and shows the menu. When it ends the computer switches itself off.
/// </summary>
internal static class ApplianceCommand
{
    /// <summary>Where the image has the ceremony scripts.</summary>
    public const string Scripts = "/usr/share/keyceremony/ceremony-scripts";

    private static readonly TimeSpan HelperStarts = TimeSpan.FromMinutes(1);

    /// <summary>Each runs in the image's own unit: the ceremony's has neither USB nor card readers.</summary>
    public static ImmutableArray<HsmModule> Modules { get; } =
    [
        new("YubiHSM 2", "/usr/lib/x86_64-linux-gnu/pkcs11/yubihsm_pkcs11.so", Warden: HsmUnit.Socket),
        new("smart card (OpenSC)", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", Warden: HsmUnit.Socket),
    ];

    private static readonly ImmutableArray<string> RealEnvironments =
        [Environments.Production, Environments.Staging, Environments.Development];

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
        if (!ConsoleKeyboard.Begin(boot.Keymap))
            return 0;
        Hardening.Apply();
        if (!TryOpenDrives(out AskDrives? ask, out Refusal? refusal))
            return Words.Refuse(refusal);
        using var sticks = new Sticks(ask, StickRole.DefaultFolder);
        return new ApplianceRoom(new Front(boot.Plain || PlainRoom.IsWanted), sticks, boot.Rehearsal, Scripts,
            [.. Modules.Where(m => File.Exists(m.Path))])
        {
            Witness = boot.Witness,
        }.Run(ComputerErrand.Gate);
    }

    /// <summary>The drive helper is started beside this program, and takes as long to start.</summary>
    private static bool TryOpenDrives([NotNullWhen(true)] out AskDrives? ask, [NotNullWhen(false)] out Refusal? refusal)
    {
        long began = Stopwatch.GetTimestamp();
        while (!DriveAccess.TryOpen(StickRole.DefaultFolder, images: null, out ask, out refusal)
            && Stopwatch.GetElapsedTime(began) < HelperStarts)
            Thread.Sleep(100);
        return ask is not null;
    }

    public static FrontPage EnvironmentPage(Display display) => new(display, "KeyCeremony: the environment",
        ["For which environment is the ceremony? The sticks of one are refused in every other."], [.. RealEnvironments, "Switch off"])
    {
        Help =
        [
            "Production is the real thing: its gate must pass, its HSM must be a device. Staging and development are the same "
                + "ceremonies for keys that nobody relies on; their name stands in every certificate.",
            "An environment is fixed when a ledger is created. Nothing crosses from one to another.",
        ],
    };

    /// <summary>Null: it is none of them.</summary>
    public static string? EnvironmentOf(int choice) => choice < RealEnvironments.Length ? RealEnvironments[choice] : null;

    private static void Pause()
    {
        Console.WriteLine("Press Enter.");
        _ = Console.ReadLine();
    }
}
