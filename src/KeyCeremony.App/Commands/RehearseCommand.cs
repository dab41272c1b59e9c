using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Commands.Errands;
using KeyCeremony.App.Devices;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using Command = System.CommandLine.Command;

namespace KeyCeremony.App.Commands;

/// <summary><c>keyceremony rehearse</c>: the first screen, then the very ceremony of the real day with a software HSM.</summary>
internal static class RehearseCommand
{
    private const string Beside = "The rehearsal that is here is kept beside; a new one begins with empty sticks.";

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
        .Flag("--plain",
            "Pages and questions as lines of text, for a screen reader or a teletype; by itself where TERM is dumb.",
            wanted => wanted with { Plain = true })
        .With(DriveCommands.Images(), (wanted, folder) => wanted with { Images = DriveCommands.FullPath(folder) })
        .With(DriveCommands.Places(), (wanted, folder) => wanted with { Places = folder })
        .Text("--witness-tty",
            "A second terminal that shows the room where the ceremony stands.",
            (wanted, device) => wanted with { WitnessTty = device })
        .Does(wanted => RunCommand.Guarded(() => wanted.Drives ? WithSticks(wanted) : Rehearse(wanted, null)));

    private static int WithSticks(RehearsalWanted wanted)
    {
        if (!Attaching.Try(wanted.Places, wanted.Images, wanted.Front, out Sticks? drives, out Refusal? refusal))
            return refusal is null ? 0 : Words.Refuse(refusal);
        using (drives)
            return Rehearse(wanted, drives);
    }

    private static int Rehearse(RehearsalWanted wanted, Sticks? drives)
    {
        string folder = wanted.Folder;
        if (!Tty.IsThere)
            return Words.Refuse(Attended.NoTerminal);
        var table = new MenuTable
        {
            Front = wanted.Front,
            Witness = wanted.WitnessTty,
            Records = drives?.Records ?? [Path.Combine(folder, "stick-a"), Path.Combine(folder, "stick-b")],
            Sticks = drives,
            Scripts = wanted.Scripts,
            Shelves = [("Bundles of this rehearsal", Bundles(folder)), ("The folder that plays the import stick", ImportFolder(folder))],
            Out = Path.Combine(folder, "papers"),
            Modules = ApplianceRoom.SoftModule(Path.Combine(folder, "hsm")),
        };
        return new CeremonyMenu(table, Environments.Rehearsal, "KeyCeremony: a rehearsal. Nothing made in it may be used.",
            (script, catchUp) => Begin(script, catchUp, folder, table), new MenuEntry(StartMenu.Looking, "Quit", ["Nothing is changed."]))
        {
            Beside = (script, world, isRunning) => IsBeside(script, world, isRunning, drives) ? Beside : null,
        }.Run("leaves") ?? 0;
    }

    /// <summary>An earlier rehearsal is kept beside, nothing is overwritten. Of real
    /// sticks the ledger says that they have a history.</summary>
    private static bool IsBeside(CeremonyScript script, World world, bool isRunning, Sticks? drives) =>
        Occasion.BeginsLedger(script) && world.Ceremonies.Length > 0 && !isRunning && drives is null;

    /// <summary>The scripts of a folder that can be read; what is wrong with the others is said.</summary>
    internal static ImmutableArray<(string Path, CeremonyScript Script)> Scripts(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.md").Order(StringComparer.Ordinal)
        .Select(path => (path, Script: Words.TryLoad(path, out CeremonyScript? script) ? script : null))
        .Where(s => s.Script is not null).Select(s => (s.path, s.Script!))];

    /// <summary>Who leaves before the roll call finds the earlier rehearsal where it was.</summary>
    private static int Begin(string? path, bool catchUp, string folder, MenuTable table)
    {
        if (path is null || !TryWorld(table.Records, Environments.Rehearsal, out World world, out CeremonyState? running, out _, catchUp)
            || !Words.TryLoad(path, out CeremonyScript? script) || !IsBeside(script, world, running is not null, table.Sticks))
            return Run(path, catchUp, folder, table);
        string beside = Enumerable.Range(1, int.MaxValue).Select(n => $"{folder}-{n}").First(name => !Directory.Exists(name));
        Directory.Move(folder, beside);
        int code = Run(path, catchUp, folder, table);
        if (code == RunCommand.NothingBegun && RecordLedger.NoneOn(table.Records))
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

    private static int Run(string? script, bool catchUp, string folder, MenuTable table)
    {
        var wanted = new RunWanted
        {
            Script = script,
            Ledger = table.Records,
            SoftHsm = Path.Combine(folder, "hsm"),
            Out = Bundles(folder),
            CatchUp = catchUp,
            Plain = table.Front.IsPlain,
            WitnessTty = table.Witness,
        };
        return table.Sticks is not { } drives
            ? RunCommand.Attempt(wanted with { In = Directory.CreateDirectory(ImportFolder(folder)).FullName }, TimeProvider.System,
                front: table.Front)
            : RunCommand.Attempt(wanted with { Ledger = [], Out = "", Drives = true }, TimeProvider.System, drives, table.Front);
    }

    private static string Bundles(string folder) => Path.Combine(folder, "bundles");

    /// <summary>Plays the import stick: what is put there can be chosen in the ceremony.</summary>
    private static string ImportFolder(string folder) => Path.Combine(Path.GetFullPath(folder), "import-stick");

    private sealed record RehearsalWanted
    {
        public string Folder { get; init; } = "";

        public string Scripts { get; init; } = "";

        public bool Drives { get; init; }

        public bool Plain { get; init; }

        /// <summary>One for all pages, made when it is asked first.</summary>
        public Front Front => field ??= new Front(Plain || PlainRoom.IsWanted) { TakesMouse = true };

        public string? Images { get; init; }

        public string Places { get; init; } = StickRole.DefaultFolder;

        public string? WitnessTty { get; init; }
    }
}
