using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11;
using KeyCeremony.Pkcs11.Hosting;

namespace KeyCeremony.App.Room;

/// <summary>
/// The live image's unit in which an HSM's module runs: what it may do, asked of itself, and what its modules answer there.
/// </summary>
internal static class HsmUnit
{
    /// <summary>Where it is asked.</summary>
    public const string Socket = "/run/keyceremony/hsm.sock";

    private const string ApartRule = "SELF-13";
    private const int MaxSaid = 8192;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>What is the ceremony's: its terminals, the sticks, its files.</summary>
    private static readonly ImmutableArray<string> NotIts =
        ["/dev/tty0", "/dev/tty1", "/dev/ttyS0", "/run/keyceremony", "/run/ceremony", "/dev/fb0", "/dev/video0"];

    /// <summary>What is the module's, and not the ceremony's.</summary>
    private const string UsbDevices = "/dev/bus/usb";
    private const string CardReaders = "/run/pcscd/pcscd.comm";

    /// <summary>Said in the unit: who it is, which sockets open, what of the ceremony's it reaches.</summary>
    public static string LookAround(KernelFiles kernel)
    {
        (bool none, string rights) = SelfCheck.RightsOf(kernel);
        string[] reached = [.. NotIts.Where(Opens)];
        int[] sockets = SelfCheck.OpenFamilies();
        bool right = none && sockets is [SelfCheck.Unix, SelfCheck.Netlink] && reached.Length == 0;
        return $"{(right ? FindingResults.Pass : FindingResults.Fail)} {rights}, sockets {SelfCheck.InWords(sockets)}; "
            + (reached.Length == 0 ? "it opens no terminal, no stick, no camera and no file of the program"
                : $"it opens {string.Join(", ", reached)}");
    }

    /// <summary>SELF-13, asked by the ceremony's program, which must not have what that unit has.</summary>
    public static Finding Apart(string socket)
    {
        string[] opened = [.. new[] { CardReaders }.Where(Connects), .. Below(UsbDevices).Where(Opens)];
        if (opened.Length > 0)
            return new(ApartRule, FindingResults.Fail,
                $"the ceremony's program opens {string.Join(", ", opened)}, which are the HSM's module's");
        try
        {
            (int? code, string said) = WardedProgram.Run(socket, [SelfCheck.Order], [], [], MaxSaid, Patience);
            string[] words = said.Split(' ', 2);
            return code == 0 && words is [FindingResults.Pass or FindingResults.Fail, _]
                ? new(ApartRule, words[0], $"in the unit of the HSM's module: {PlainText.Of(words[1], 400)}; "
                    + "the ceremony's program opens no USB device and no card reader")
                : new(ApartRule, FindingResults.Fail, "the unit of the HSM's module gives no answer");
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            return new(ApartRule, FindingResults.Fail, "there is no unit for the HSM's module");
        }
    }

    /// <summary>SELF-14: each module is loaded and initialised there, and says what is connected.</summary>
    public static Finding Modules(string socket, ImmutableArray<string> modules)
    {
        (bool Right, string Says)[] answers = [.. modules.Select(m => Ask(socket, m))];
        return new("SELF-14", answers.Length > 0 && answers.All(a => a.Right) ? FindingResults.Pass : FindingResults.Fail,
            answers.Length == 0 ? "there is no module for an HSM"
                : $"modules in that unit: {string.Join("; ", answers.Select(a => a.Says))}");
    }

    private static (bool Right, string Says) Ask(string socket, string module)
    {
        string name = Path.GetFileName(module);
        using OneModule process = HsmHost.Module(module, [], callSeconds: null, warden: socket);
        try
        {
            ImmutableArray<TokenInfo> tokens = [.. process.Running().Tokens()];
            return (true, $"{name} {(tokens.IsEmpty ? "sees no HSM" : "sees " + string.Join(" and ", tokens.Select(Told)))}");
        }
        catch (CeremonyException e)
        {
            return (false, $"{name}: {e.Refusal.Message}");
        }
        // Without a device a YubiHSM's module cannot be initialised; it was loaded.
        catch (Pkcs11Exception e)
        {
            return (true, $"{name} says {e.ConstantName} in {e.Function}: nothing for it is connected");
        }
        catch (HsmException e)
        {
            return (false, $"{name}: {e.Sentence}");
        }
    }

    private static string Told(TokenInfo t) => PlainText.Of(
        string.Create(CultureInfo.InvariantCulture, $"{t.Manufacturer} {t.Model}, serial {t.Serial}"), 120);

    private static string[] Below(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];

    /// <summary>A folder is opened by listing it.</summary>
    private static bool Opens(string path)
    {
        try
        {
            if (Directory.Exists(path))
                return Directory.GetFileSystemEntries(path).Length >= 0;
            using Microsoft.Win32.SafeHandles.SafeFileHandle opened = File.OpenHandle(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Connects(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
