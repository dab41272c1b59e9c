using System.Net.Sockets;
using System.Runtime.InteropServices;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;

namespace KeyCeremony.App.Devices;

/// <summary>
/// The two ends of the drive helper's socket: one connection, one request, one answer. Whoever may open the socket's file
/// may ask; the file belongs to one user.
/// </summary>
internal static class DriveSocket
{
    public const string FileName = "drives.sock";

    /// <summary>A request is one small line; who does not send it keeps nobody waiting.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(2);

    /// <summary>Unmounting waits for a slow stick to take what was written.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(5);

    /// <summary>Listens until the process ends.</summary>
    /// <param name="ready">Called once when it listens.</param>
    public static void Serve(string path, uint owner, AskDrives answer, Action ready)
    {
        File.Delete(path);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        // Before it listens nobody can connect: the file has its owner first.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (MountCalls.chown(Posix.CString(path), owner, owner) != 0)
            throw new FileFaultException(
                $"The socket {path} cannot be given to its user: {FileFaults.InWords(Marshal.GetLastPInvokeError())}.");
        listener.Listen(4);
        ready();
        while (true)
        {
            using Socket client = listener.Accept();
            Serve(client, answer);
        }
    }

    /// <summary>Asks the helper.</summary>
    /// <exception cref="CeremonyException">STICK-12: it is gone, does not answer, or answers something else.</exception>
    public static DriveAnswer Ask(string path, DriveRequest request)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.ReceiveTimeout = (int)AnswerTime.TotalMilliseconds;
            socket.Send(DriveJson.Write(request));
            return DriveJson.TryReadAnswer(ReadLine(socket, DriveJson.MaxAnswer), out DriveAnswer? answer) ? answer
                : throw new CeremonyException(StickRules.NoHelp.Refuse("The drive helper's answer cannot be read."));
        }
        catch (SocketException e)
        {
            throw new CeremonyException(StickRules.NoHelp.Refuse(
                $"The drive helper does not answer: {FileFaults.InWords(e.NativeErrorCode)}."));
        }
    }

    private static void Serve(Socket client, AskDrives answer)
    {
        try
        {
            client.ReceiveTimeout = client.SendTimeout = (int)RequestTime.TotalMilliseconds;
            DriveAnswer said = DriveJson.TryReadRequest(ReadLine(client, DriveJson.MaxRequest), out DriveRequest? request) ? answer(request)
                : new DriveAnswer(Refused: StickRules.Forbidden.Refuse("The request cannot be read."));
            client.Send(DriveJson.Write(said));
        }
        catch (SocketException)
        {
            // Whoever asked has gone: there is nobody to be told, and the next one is served.
        }
    }

    /// <summary>Up to and with its end; what is longer is cut and will not be read.</summary>
    private static ReadOnlySpan<byte> ReadLine(Socket socket, int most)
    {
        byte[] line = new byte[most];
        int length = 0;
        while (length < most)
        {
            int more = socket.Receive(line.AsSpan(length));
            length += more;
            if (more == 0 || line[length - 1] == '\n')
                break;
        }
        return line.AsSpan(0, length);
    }
}
