using System.CommandLine;
using KeyCeremony.App.Commands;
using KeyCeremony.Verifier;

Command verify = VerifyCommand.Make(), register = RegisterCommand.Make();
var root = new RootCommand("KeyCeremony: root keys in an HSM, created by a quorum, step by step, with evidence.")
{
    RehearseCommand.Make(),
    RunCommand.Make(),
    ScriptCommands.Check(),
    ScriptCommands.Print(),
    verify,
    register,
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
    HsmCommand.Make(),
    WordsCommand.Make(),
    SecondLookCommand.Make(),
    HsmHostCommand.Make(),
};
return LastNet.Run(() =>
{
    ParseResult parsed = root.Parse(args);
    int code = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    // What verify and register say by their exit codes is a contract: a typing error must not look like a forgery.
    return parsed.Errors.Count > 0 && (parsed.CommandResult.Command == verify || parsed.CommandResult.Command == register)
        ? VerifyReport.UsageCode
        : code;
});
