using System.Collections.Immutable;
using System.CommandLine;
using KeyCeremony.App.Room;

namespace KeyCeremony.App.Commands;

/// <summary>Every command of the program, in the order of its help.</summary>
internal static class AllCommands
{
    public const string Program = "keyceremony";

    private const string About = "KeyCeremony: root keys in an HSM, created by a quorum, step by step, with evidence.";

    /// <summary>Each under the word that it is called by.</summary>
    public static ImmutableArray<(string Name, Func<Command> Make)> Each { get; } =
    [
        ("rehearse", RehearseCommand.Make),
        ("run", RunCommand.Make),
        ("check", ScriptCommands.Check),
        ("print", ScriptCommands.Print),
        ("verify", VerifyCommand.Make),
        ("replay", ReplayCommand.Make),
        ("register", RegisterCommand.Make),
        ("due", DueCommand.Make),
        ("ledger", LedgerCommands.Make),
        ("request", RequestCommand.Make),
        ("crl", CrlCommand.Make),
        ("manifest", ManifestCommand.Make),
        ("release", ReleaseCommand.Make),
        ("show", ShowCommand.Make),
        ("scan", ScanCommand.Make),
        ("drives", DriveCommands.List),
        ("drive-helper", DriveCommands.Keep),
        ("keyboard-helper", KeyboardCommand.Make),
        ("appliance", ApplianceCommand.Make),
        ("self-check", SelfCheckCommand.Make),
        ("hsm", HsmCommand.Make),
        ("words", WordsCommand.Make),
        ("completion", () => ManualCommands.Completion(() => Make().Page)),
        ("man", () => ManualCommands.Man(() => Make().Page)),
        (SecondLook.CommandName, SecondLookCommand.Make),
        (HsmHost.CommandName, HsmHostCommand.Make),
    ];

    public static CommandLine Make() => With([.. Each.Select(command => command.Make())]);

    /// <summary>A line that says which command is meant, and can be run, needs no other, and starts sooner without them.</summary>
    public static int Run(IReadOnlyList<string> words)
    {
        foreach ((string name, Func<Command> make) in Each)
            if (words.Count > 0 && words[0] == name)
                return With([make()]).TryRun(words, out int code) ? code : Make().Run(words);
        return Make().Run(words);
    }

    private static CommandLine With(ImmutableArray<Command> commands)
    {
        var root = new RootCommand(About);
        foreach (Command command in commands)
            root.Add(command);
        return new CommandLine(Program, root);
    }
}
