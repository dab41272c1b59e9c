using System.CommandLine;
using KeyCeremony.App.Commands;

var root = new RootCommand("KeyCeremony: root keys in an HSM, created by a quorum, step by step, with evidence.")
{
    RehearseCommand.Make(),
    RunCommand.Make(),
    ScriptCommands.Check(),
    ScriptCommands.Print(),
    VerifyCommand.Make(),
    LedgerCommands.Make(),
    RequestCommand.Make(),
    CrlCommand.Make(),
    ManifestCommand.Make(),
    ShowCommand.Make(),
    ScanCommand.Make(),
    DriveCommands.List(),
    DriveCommands.Keep(),
    ApplianceCommand.Make(),
    SelfCheckCommand.Make(),
    WordsCommand.Make(),
};
return LastNet.Run(() => root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
