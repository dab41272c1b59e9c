using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony rehearse</c>: the first screen, then the very ceremony of the real day with a software HSM.</summary>
internal static class RehearseCommand
{
    public static Command Make()
    {
        var folder = new Option<string>("--folder") { Description = "Everything of the rehearsal lives here: two record sticks, software HSMs, bundles.", DefaultValueFactory = _ => "rehearsal" };
        var scripts = new Option<string>("--scripts") { Description = "Directory of the ceremony scripts.", DefaultValueFactory = _ => "ceremony-scripts" };
        var drives = new Option<bool>("--drives") { Description = "Real sticks instead of folders; the software HSMs stay in the folder." };
        Option<string?> images = DriveCommands.Images();
        Option<string> places = DriveCommands.Places();
        var command = new Command("rehearse", "Rehearse a ceremony by hand.") { folder, scripts, drives, images, places };
        command.SetAction(parsed => RunCommand.Guarded(() => parsed.GetValue(drives)
            ? WithSticks(parsed.GetValue(folder)!, parsed.GetValue(scripts)!, parsed.GetValue(places)!, DriveCommands.FullPath(parsed.GetValue(images)))
            : Rehearse(parsed.GetValue(folder)!, parsed.GetValue(scripts)!, null)));
        return command;
    }

    private static int WithSticks(string folder, string scripts, string places, string? images)
    {
        if (!Attaching.Try(places, images, attended: true, out Sticks? drives, out Refusal? refusal))
            return refusal is null ? 0 : Words.Refuse(refusal);
        using (drives)
            return Rehearse(folder, scripts, drives);
    }

    private static int Rehearse(string folder, string scripts, Sticks? drives)
    {
        if (!Tty.IsThere)
            return Words.Refuse(Attended.NoTerminal);
        string[] sticks = drives?.Records ?? [Path.Combine(folder, "stick-a"), Path.Combine(folder, "stick-b")];
        ImmutableArray<(string Path, CeremonyScript Script)> known = Scripts(scripts);
        if (!TryWorld(sticks, Environments.Rehearsal, out World world, out string? running, out Refusal? refusal))
            return Words.Refuse(refusal);
        ImmutableArray<WelcomeChoice> choices =
        [
            // Where nothing is yet, what begins a ledger stands first: the others need what it makes.
            .. running is null ? known.OrderBy(s => world.Ceremonies.IsEmpty && !BeginsLedger(s.Script))
                .Select(s => (WelcomeChoice)new RehearseCeremony(s.Script.Name, s.Script.Title)) : [new ResumeCeremony(running)],
            new VerifyBundle(""),
            new QuitProgram(),
        ];
        return Choose(choices) switch
        {
            ResumeCeremony => Run(null, folder, sticks, drives),
            RehearseCeremony r => Begin(known.First(s => s.Script.Name == r.Script), world, folder, sticks, drives),
            VerifyBundle v => Verify(v.Folder),
            _ => 0,
        };
    }

    /// <summary>The scripts of a folder that can be read; what is wrong with the others is said.</summary>
    internal static ImmutableArray<(string Path, CeremonyScript Script)> Scripts(string folder) => [.. Directory.EnumerateFiles(folder, "*.md").Order(StringComparer.Ordinal)
        .Select(path => (path, Script: Words.TryLoad(path, out CeremonyScript? script) ? script : null))
        .Where(s => s.Script is not null).Select(s => (s.path, s.Script!))];

    private static WelcomeChoice Choose(ImmutableArray<WelcomeChoice> choices) => PageLoop.Run(
        first: display => new WelcomeModel(display, choices),
        now: (model, display) => model with { Display = display },
        view: Welcome.View,
        update: Welcome.Update,
        none: null) ?? new QuitProgram();

    /// <summary>
    /// A first ceremony needs sticks without a history: an earlier rehearsal is kept beside, nothing is overwritten. Of real
    /// sticks the ledger says that they have one.
    /// </summary>
    private static int Begin((string Path, CeremonyScript Script) chosen, World world, string folder, string[] sticks, Sticks? drives)
    {
        if (BeginsLedger(chosen.Script) && world.Ceremonies.Length > 0 && drives is null)
            Directory.Move(folder, Enumerable.Range(1, int.MaxValue).Select(n => $"{folder}-{n}").First(name => !Directory.Exists(name)));
        return Run(chosen.Path, folder, sticks, drives);
    }

    private static bool BeginsLedger(CeremonyScript script) => script.Steps.Any(s => s is CommissionHsmStep) && !script.Steps.Any(s => s is RetireHsmStep);

    /// <summary>What the record sticks know, and which ceremony on them is unfinished.</summary>
    internal static bool TryWorld(string[] sticks, string environment, out World world, out string? running, [NotNullWhen(false)] out Refusal? refusal)
    {
        (world, running, refusal) = (World.Empty, null, null);
        if (RecordLedger.NoneOn(sticks))
            return true;
        if (!RecordLedger.TryOpen(sticks, environment, allowCatchUp: false, out RecordLedger? ledger, out refusal))
            return false;
        using (ledger)
        {
            world = Replay.WorldAfter(ledger.Entries);
            running = Replay.Running(ledger.Entries, Opening.Read) is { Ended: false } state ? state.Id : null;
        }
        return true;
    }

    private static int Run(string? script, string folder, string[] sticks, Sticks? drives)
    {
        var wanted = new RunWanted(script, sticks, Environments.Rehearsal, null, Path.Combine(folder, "hsm"), null, null, Path.Combine(folder, "bundles"), null, null, null, null, false, false);
        return drives is null ? RunCommand.Run(wanted with { In = ImportFolder(folder) }, TimeProvider.System)
            : RunCommand.Run(wanted with { Ledger = [], Out = "", Drives = true }, TimeProvider.System, drives);
    }

    /// <summary>Plays the import stick: what is put there can be chosen in the ceremony.</summary>
    private static string ImportFolder(string folder) => Directory.CreateDirectory(Path.Combine(folder, "import-stick")).FullName;

    private static int Verify(string bundle)
    {
        VerifyReport report = BundleVerify.Run([bundle], new VerifyOptions());
        Console.Write(report.Text);
        return report.ExitCode;
    }
}
