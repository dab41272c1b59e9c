using System.CommandLine;
using KeyCeremony.App.Keyboard;
using KeyCeremony.Core;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony keyboard-helper</c>, started by systemd for one connection: sets the console's keyboard layout.
/// </summary>
internal static class KeyboardCommand
{
    public static Command Make()
    {
        var command = new Command("keyboard-helper", "Set the console's keyboard layout that standard input names; started by systemd.")
        {
            Hidden = true,
        };
        command.SetAction(_ => RunCommand.Guarded(Serve));
        return command;
    }

    private static int Serve()
    {
        using Stream requests = Console.OpenStandardInput(), answers = Console.OpenStandardOutput();
        KeyboardSocket.Serve(requests, answers, Use, KeyboardSocket.InUseFile);
        return 0;
    }

    private static Refusal? Use(KeyTable table)
    {
        try
        {
            return KernelKeyboard.Use(table);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return KeyboardRules.NotDone(FileFaults.InWords(e));
        }
    }
}
