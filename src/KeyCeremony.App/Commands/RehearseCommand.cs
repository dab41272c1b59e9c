using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony rehearse</c>: the first screen, then the very ceremony of the real day with a software HSM.</summary>
internal static class RehearseCommand
{
    private const string Beside = "The rehearsal that is here is kept beside; a new one begins with empty sticks.";

    private static readonly MenuEntry VerifyEntry = new(StartMenu.Looking, "Verify a bundle",
        ["Every entry, signature and file of a bundle is checked again, as an auditor does it. Nothing is changed."]);

    private static readonly MenuEntry QuitEntry = new(StartMenu.Looking, "Quit", ["Nothing is changed."]);

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
        .Text("--witness-tty",
            "A second terminal that shows the room where the ceremony stands.",
            (wanted, device) => wanted with { WitnessTty = device })
        .Does(wanted => RunCommand.Guarded(() => wanted.Drives ? WithSticks(wanted) : Rehearse(wanted, null)));

    private static int WithSticks(RehearsalWanted wanted)
    {
        if (!Attaching.Try(wanted.Places, wanted.Images, attended: true, out Sticks? drives, out Refusal? refusal))
            return refusal is null ? 0 : Words.Refuse(refusal);
        using (drives)
            return Rehearse(wanted, drives);
    }

    private static int Rehearse(RehearsalWanted wanted, Sticks? drives)
    {
        string folder = wanted.Folder;
        if (!Tty.IsThere)
            return Words.Refuse(Attended.NoTerminal);
        string[] sticks = drives?.Records ?? [Path.Combine(folder, "stick-a"), Path.Combine(folder, "stick-b")];
        ImmutableArray<(string Path, CeremonyScript Script)> known = StartMenu.ByOccasion(Scripts(wanted.Scripts), s => s.Script);
        while (true)
        {
            if (!TryWorld(sticks, Environments.Rehearsal, out World world, out CeremonyState? running, out Refusal? refusal))
                return Words.Refuse(refusal);
            ImmutableArray<MenuEntry> resumed = running is null ? [] : [StartMenu.Resume(running)];
            ImmutableArray<MenuEntry> entries =
            [
                .. resumed,
                .. known.Select(s => StartMenu.Begin(s.Script, world, TimeProvider.System.GetUtcNow(),
                    IsBeside(s.Script, world, running, drives) ? Beside : null)),
                VerifyEntry,
                QuitEntry,
            ];
            if (StartMenu.Show("KeyCeremony: a rehearsal. Nothing made in it may be used.", entries, "leaves")
                is not Chosen { Index: var index })
                return 0;
            MenuEntry chosen = entries[index];
            int code = chosen == QuitEntry ? 0
                : chosen == VerifyEntry ? Verify()
                : index < resumed.Length ? Run(null, wanted, sticks, drives)
                : Begin(known[index - resumed.Length], IsBeside(known[index - resumed.Length].Script, world, running, drives),
                    wanted, sticks, drives);
            if (code != RunCommand.NothingBegun)
                return code;
        }
    }

    /// <summary>An earlier rehearsal is kept beside, nothing is overwritten. Of real
    /// sticks the ledger says that they have a history.</summary>
    private static bool IsBeside(CeremonyScript script, World world, CeremonyState? running, Sticks? drives) =>
        Occasion.BeginsLedger(script) && world.Ceremonies.Length > 0 && running is null && drives is null;

    /// <summary>The scripts of a folder that can be read; what is wrong with the others is said.</summary>
    internal static ImmutableArray<(string Path, CeremonyScript Script)> Scripts(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.md").Order(StringComparer.Ordinal)
        .Select(path => (path, Script: Words.TryLoad(path, out CeremonyScript? script) ? script : null))
        .Where(s => s.Script is not null).Select(s => (s.path, s.Script!))];

    /// <summary>Who leaves before the roll call finds the earlier rehearsal where it was.</summary>
    private static int Begin((string Path, CeremonyScript Script) chosen, bool isBeside, RehearsalWanted rehearsal, string[] sticks,
        Sticks? drives)
    {
        string folder = rehearsal.Folder;
        if (!isBeside)
            return Run(chosen.Path, rehearsal, sticks, drives);
        string beside = Enumerable.Range(1, int.MaxValue).Select(n => $"{folder}-{n}").First(name => !Directory.Exists(name));
        Directory.Move(folder, beside);
        int code = Run(chosen.Path, rehearsal, sticks, drives);
        if (code == RunCommand.NothingBegun && RecordLedger.NoneOn(sticks))
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Move(beside, folder);
        }
        return code;
    }

    /// <summary>What the record sticks know, and which ceremony on them is unfinished. Nothing is written.</summary>
    internal static bool TryWorld(string[] sticks, string environment, out World world,
        out CeremonyState? running, [NotNullWhen(false)] out Refusal? refusal, bool allowCatchUp = false)
    {
        (world, running, refusal) = (World.Empty with { Environment = environment }, null, null);
        if (RecordLedger.NoneOn(sticks))
            return true;
        if (!RecordLedger.TryLook(sticks, environment, allowCatchUp, out ImmutableArray<Entry> entries, out refusal))
            return false;
        world = Replay.WorldAfter(entries);
        running = Replay.Running(entries, Opening.Read) is { Ended: false } state ? state : null;
        return true;
    }

    private static int Run(string? script, RehearsalWanted rehearsal, string[] sticks, Sticks? drives)
    {
        string folder = rehearsal.Folder;
        var wanted = new RunWanted
        {
            Script = script,
            Ledger = sticks,
            SoftHsm = Path.Combine(folder, "hsm"),
            Out = Path.Combine(folder, "bundles"),
            WitnessTty = rehearsal.WitnessTty,
        };
        return drives is null ? RunCommand.Attempt(wanted with { In = ImportFolder(folder) }, TimeProvider.System)
            : RunCommand.Attempt(wanted with { Ledger = [], Out = "", Drives = true }, TimeProvider.System, drives);
    }

    /// <summary>Plays the import stick: what is put there can be chosen in the ceremony.</summary>
    private static string ImportFolder(string folder) => Directory.CreateDirectory(Path.Combine(folder, "import-stick")).FullName;

    private static int Verify()
    {
        if (StartMenu.Ask("KeyCeremony: verify a bundle",
            ["A bundle is the folder that a closed ceremony has written. Every entry, signature and file in it is checked again."],
            "the folder of the bundle") is not { } bundle)
            return RunCommand.NothingBegun;
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

        public string? WitnessTty { get; init; }
    }
}
