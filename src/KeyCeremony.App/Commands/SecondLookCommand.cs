using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using KeyCeremony.App.Room;
using KeyCeremony.Eyes;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Commands;

/// <summary>
/// <c>keyceremony second-look MODULE SERIAL</c>, started by the program alone: reads one token through the other binding and
/// prints what it shows. The PIN comes through standard input; nothing else is read, nothing is written.
/// </summary>
internal static class SecondLookCommand
{
    public static Command Make()
    {
        var module = new Argument<string>("module");
        var serial = new Argument<string>("serial");
        var command = new Command(SecondLook.CommandName, "Started by the program itself.") { module, serial };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetValue(module)!, parsed.GetValue(serial)!));
        return command;
    }

    private static int Run(string module, string serial)
    {
        Hardening.Apply();
        // One array that the collector does not move and that is handed to the module as it is.
        byte[] pin = GC.AllocateArray<byte>(Session.MaxPinBytes, pinned: true);
        Hardening.KeepOutOfSwap(pin);
        try
        {
            int length = 0;
            using (Stream input = Console.OpenStandardInput())
                for (int read; length < pin.Length && (read = input.Read(pin.AsSpan(length))) > 0;)
                    length += read;
            foreach (string line in PeerLook.Read(module, serial, pin, length).Lines())
                Console.Out.WriteLine(line);
            return 0;
        }
        catch (PeerException e)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{e.Function} {e.ReturnValue:X}"));
            return SecondLook.Refused;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pin);
        }
    }
}
