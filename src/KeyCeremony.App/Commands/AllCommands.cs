using System.CommandLine;

namespace KeyCeremony.App.Commands;

/// <summary>Every command of the program, in the order of its help.</summary>
internal static class AllCommands
{
    public const string Program = "keyceremony";

    private const string About = "KeyCeremony: root keys in an HSM, created by a quorum, step by step, with evidence.";

    public static CommandLine Make()
    {
        CommandLine? line = null;
        CommandPage Page() => line!.Page;
        line = new CommandLine(Program, new RootCommand(About)
        {
            RehearseCommand.Make(),
            RunCommand.Make(),
            ScriptCommands.Check(),
            ScriptCommands.Print(),
            VerifyCommand.Make(),
            ReplayCommand.Make(),
            RegisterCommand.Make(),
            DueCommand.Make(),
            LedgerCommands.Make(),
            RequestCommand.Make(),
            CrlCommand.Make(),
            ManifestCommand.Make(),
            ShowCommand.Make(),
            ScanCommand.Make(),
            DriveCommands.List(),
            DriveCommands.Keep(),
            KeyboardCommand.Make(),
            ApplianceCommand.Make(),
            SelfCheckCommand.Make(),
            HsmCommand.Make(),
            WordsCommand.Make(),
            ManualCommands.Completion(Page),
            ManualCommands.Man(Page),
            SecondLookCommand.Make(),
            HsmHostCommand.Make(),
        });
        return line;
    }
}
