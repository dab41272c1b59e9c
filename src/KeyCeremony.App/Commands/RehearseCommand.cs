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
    public static Command Make() => new OptionTable<RehearsalWanted>("rehearse", "Rehearse a ceremony by hand.", new RehearsalWanted())
        .With(new Option<string>("--folder") { DefaultValueFactory = _ => "rehearsal" },
            "Everything of the rehearsal lives here: two record sticks, software HSMs, bundles.",
            (wanted, folder) => wanted with { Folder = folder })
        .With(new Option<string>("--scripts") { DefaultValueFactory = _ => "ceremony-scripts" },
            "Directory of the ceremony scripts.",
            (wanted, folder) => wanted with { Scripts = folder })
        .Flag("--drives",
            "Real sticks instead of folders; the software HSMs stay in the folder.",
            wanted => wanted with { Drives = true })
        .With(DriveCommands.Images(), (wanted, folder) => wanted with { Images = DriveCommands.FullPath(folder) })
        .With(DriveCommands.Places(), (wanted, folder) => wanted with { Places = folder })
        .Does(wanted => RunCommand.Guarded(() => wanted.Drives ? WithSticks(wanted) : Rehearse(wanted.Folder, wanted.Scripts, null)));

    private static int WithSticks(RehearsalWanted wanted)
    {
        if (!Attaching.Try(wanted.Places, wanted.Images, attended: true, out Sticks? drives, out Refusal? refusal))
            return refusal is null ? 0 : Words.Refuse(refusal);
        using (drives)
            return Rehearse(wanted.Folder, wanted.Scripts, drives);
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
    internal static ImmutableArray<(string Path, CeremonyScript Script)> Scripts(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.md").Order(StringComparer.Ordinal)
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

    private static bool BeginsLedger(CeremonyScript script) =>
        script.Steps.Any(s => s is CommissionHsmStep) && !script.Steps.Any(s => s is RetireHsmStep);

    /// <summary>What the record sticks know, and which ceremony on them is unfinished.</summary>
    internal static bool TryWorld(string[] sticks, string environment, out World world,
        out string? running, [NotNullWhen(false)] out Refusal? refusal)
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
        var wanted = new RunWanted
        {
            Script = script,
            Ledger = sticks,
            SoftHsm = Path.Combine(folder, "hsm"),
            Out = Path.Combine(folder, "bundles"),
        };
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

    private sealed record RehearsalWanted
    {
        public string Folder { get; init; } = "";

        public string Scripts { get; init; } = "";

        public bool Drives { get; init; }

        public string? Images { get; init; }

        public string Places { get; init; } = StickRole.DefaultFolder;
    }
}
