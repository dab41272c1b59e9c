using System.Net.Sockets;
using System.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Keyboard;

/// <summary>
/// The two ends of the keyboard helper's socket. systemd listens on it and starts the helper for one connection: the name of a layout comes
/// in as a line, <c>ok</c> or why not goes out. Nothing else can be asked of it. docs/decisions/0024-keyboard.md.
/// </summary>
internal static class KeyboardSocket
{
    public const string SocketFile = "/run/keyceremony/keyboard.sock";

    /// <summary>Which layout is in use since it was last set; not there: the kernel's own, <see cref="Keyboards.AtFirst"/>.</summary>
    public const string InUseFile = "/run/keyceremony/keyboard";

    private const string Done = "ok";

    /// <summary>The longest name of a layout has 13 characters.</summary>
    private const int MaxRequest = 32;

    private const int MaxAnswer = 1024;

    /// <summary>The helper is a program that starts; a computer that is slow to start programs is given its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Reads one request and answers it.</summary>
    /// <param name="use">Sets the layout; null: it is set.</param>
    /// <param name="inUse">Where the layout is written down that is in use then.</param>
    public static void Serve(Stream requests, Stream answers, Func<KeyTable, Refusal?> use, string inUse)
    {
        string wanted = ReadLine(requests, MaxRequest);
        Refusal? refusal = Keyboards.Find(wanted) is null ? KeyboardRules.NotDone("there is no such layout") : use(LayoutTables.Of(wanted));
        if (refusal is null)
            WriteDown(wanted, inUse);
        answers.Write(Encoding.UTF8.GetBytes($"{refusal?.Message ?? Done}\n"));
        answers.Flush();
    }

    /// <summary>Asks the helper. Null: the layout is in use now.</summary>
    public static Refusal? Ask(string socketFile, string layout)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(socketFile));
            socket.ReceiveTimeout = socket.SendTimeout = (int)Patience.TotalMilliseconds;
            using var stream = new NetworkStream(socket);
            stream.Write(Encoding.ASCII.GetBytes($"{layout}\n"));
            string said = ReadLine(stream, MaxAnswer);
            return said == Done ? null
                : KeyboardRules.NotDone(said.Length == 0 ? "the keyboard helper ended without a word" : "the kernel refused it");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return KeyboardRules.NotDone("the keyboard helper does not answer");
        }
    }

    /// <summary>No record: it says what holds until the computer is switched off, in memory.</summary>
    private static void WriteDown(string layout, string inUse)
    {
        File.Delete(inUse);
        using var file = new FileStream(inUse, FileMode.CreateNew);
        file.Write(Encoding.ASCII.GetBytes(layout));
    }

    /// <summary>Up to the line's end; what is longer is cut and is no layout.</summary>
    private static string ReadLine(Stream stream, int most)
    {
        byte[] line = new byte[most];
        int length = 0;
        while (length < most && stream.Read(line, length, 1) == 1 && line[length] != (byte)'\n')
            length++;
        return Encoding.UTF8.GetString(line, 0, length);
    }
}
