using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

/// <summary>
/// A YubiHSM 2 that a program plays, behind what Yubico's connector is for others: HTTP on this computer. Keys lie in memory. It shows
/// what Yubico's library and this program do; of the device itself it shows nothing.
/// </summary>
internal sealed class PlayedYubiHsm : IDisposable
{
    /// <summary>A session that nobody uses for so long ends; people talk for longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int MaxSessions = 16;
    private const byte CreateSession = 3;
    private const byte AuthenticateSession = 4;
    private const byte SessionMessage = 5;
    private const byte DeviceInfo = 6;
    private const byte CloseSession = 0x40;
    private const byte AnswerTo = 0x80;
    private const byte Failed = 0x7F;

    private readonly HttpListener _connector = new();
    private readonly DeviceCommands _commands;
    private readonly Session?[] _sessions = new Session?[MaxSessions];
    private readonly uint _serial;
    private readonly Lock _turn = new();
    private int _left = -1;

    public PlayedYubiHsm(uint serial)
    {
        _serial = serial;
        _commands = new DeviceCommands(serial, []);
        _commands.AuthenticationKeyGone += gone => EndSessions(s => s.Key == gone);
        _commands.Reset();
        // A port that nobody has: another process may take it between the question and the answer.
        for (int tries = 0; ; tries++)
        {
            int port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            try
            {
                _connector.Prefixes.Clear();
                _connector.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
                _connector.Start();
                Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
                break;
            }
            catch (HttpListenerException) when (tries < 20)
            {
            }
        }

        new Thread(Serve) { IsBackground = true, Name = $"YubiHSM {serial}" }.Start();
    }

    public string Url { get; }

    public string Serial => _serial.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>What lies in it.</summary>
    public IReadOnlyList<DeviceObject> Objects
    {
        get
        {
            lock (_turn)
                return [.. _commands.Objects];
        }
    }

    /// <summary>Which authentication keys have a session at this moment.</summary>
    public IReadOnlyList<ushort> Sessions
    {
        get
        {
            lock (_turn)
                return [.. _sessions.OfType<Session>().Select(s => s.Key)];
        }
    }

    /// <summary>After so many commands more it is pulled out, until it is put in again. Negative: never.</summary>
    public int PulledOutAfter
    {
        get => _left;
        set
        {
            lock (_turn)
            {
                _left = value;
                EndSessions(_ => true);
            }
        }
    }

    /// <summary>Somebody else put it there.</summary>
    public void Lay(DeviceObject theirs)
    {
        lock (_turn)
            _commands.Lay(theirs);
    }

    /// <summary>How many commands it answered.</summary>
    public int Answered { get; private set; }

    /// <summary>As if nobody had used them for long.</summary>
    public void EndSessions()
    {
        lock (_turn)
            EndSessions(_ => true);
    }

    public void Dispose() => _connector.Close();

    private void Serve()
    {
        try
        {
            while (true)
                Answer(_connector.GetContext());
        }
        catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // It was unplugged.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        byte[] answer;
        if (context.Request.HttpMethod == "GET")
            answer = System.Text.Encoding.ASCII.GetBytes($"status={(_left == 0 ? "NO_DEVICE" : "OK")}\nserial={Serial}\n"
                + "version=3.0.5\npid=1\naddress=127.0.0.1\nport=1\n");
        else
        {
            using var body = new MemoryStream();
            context.Request.InputStream.CopyTo(body);
            lock (_turn)
            {
                if (_left == 0)
                {
                    context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
                    context.Response.Close();
                    return;
                }

                _left = Math.Max(_left - 1, -1);
                Answered++;
                answer = Outer(body.ToArray());
            }
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength64 = answer.Length;
        context.Response.OutputStream.Write(answer);
        context.Response.Close();
    }

    /// <summary>A message as it comes: its command, its length, its data.</summary>
    private byte[] Outer(byte[] message)
    {
        try
        {
            byte[] data = message[3..(3 + BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(1)))];
            return Framed((byte)(message[0] | AnswerTo), message[0] switch
            {
                DeviceInfo => data.Length == 0 ? _commands.Info() : [],
                CreateSession => Begin(data),
                AuthenticateSession => Authenticate(message, data),
                SessionMessage => Inside(message, data),
                1 => data, // echo
                _ => throw new DeviceException(DeviceError.InvalidCommand),
            });
        }
        catch (DeviceException e)
        {
            return Framed(Failed, [(byte)e.Error]);
        }
    }

    private byte[] Begin(byte[] data)
    {
        DeviceObject key = _commands.Find(ObjectType.AuthenticationKey, BinaryPrimitives.ReadUInt16BigEndian(data))
            ?? throw new DeviceException(DeviceError.ObjectNotFound);
        DateTime now = DateTime.UtcNow;
        EndSessions(s => now - s.Used > Patience);
        int free = Array.IndexOf(_sessions, null);
        if (free < 0)
            throw new DeviceException(DeviceError.SessionsFull);
        byte[] challenge = RandomNumberGenerator.GetBytes(SecureChannel.ChallengeBytes);
        var session = new Session(key.Id, new SecureChannel(key.Value, [.. data[2..10], .. challenge]));
        _sessions[free] = session;
        return [(byte)free, .. challenge, .. session.Channel.Cryptogram];
    }

    private byte[] Authenticate(byte[] message, byte[] data)
    {
        Session session = Of(data[0]);
        if (!session.Channel.Authenticate(data.AsSpan(1, SecureChannel.MacBytes), message[..^SecureChannel.MacBytes],
            data.AsSpan(1 + SecureChannel.MacBytes)))
        {
            _sessions[data[0]] = null;
            throw new DeviceException(DeviceError.AuthenticationFailed);
        }

        session.IsOpen = true;
        return [];
    }

    private byte[] Inside(byte[] message, byte[] data)
    {
        byte number = data[0];
        Session session = Of(number);
        if (!session.IsOpen)
            throw new DeviceException(DeviceError.InvalidSession);
        if (!session.Channel.HasMac(message[..^SecureChannel.MacBytes], data.AsSpan(data.Length - SecureChannel.MacBytes)))
            throw new DeviceException(DeviceError.SessionFailed);
        (byte[] plain, byte[] vector) = session.Channel.Decrypt(data.AsSpan(1, data.Length - 1 - SecureChannel.MacBytes));
        byte[] answer = session.Channel.Encrypt(Inner(session, number, plain), vector);
        byte[] framed = Framed(SessionMessage | AnswerTo, [number, .. answer], SecureChannel.MacBytes);
        return [number, .. answer, .. session.Channel.MacOfAnswer(framed)];
    }

    private byte[] Inner(Session session, byte number, byte[] plain)
    {
        try
        {
            byte command = plain[0];
            byte[] data = plain[3..(3 + BinaryPrimitives.ReadUInt16BigEndian(plain.AsSpan(1)))];
            if (command == CloseSession)
            {
                _sessions[number] = null;
                return Framed(CloseSession | AnswerTo, []);
            }

            // A session ends with its key: nothing here may rely on its living on.
            DeviceObject by = _commands.Find(ObjectType.AuthenticationKey, session.Key)
                ?? throw new DeviceException(DeviceError.InvalidSession);
            byte[] answer = _commands.Do(command, data, by);
            return Framed((byte)(command | AnswerTo), answer);
        }
        catch (DeviceException e)
        {
            return Framed(Failed, [(byte)e.Error]);
        }
    }

    private Session Of(byte number)
    {
        DateTime now = DateTime.UtcNow;
        if (number >= MaxSessions || _sessions[number] is not { } session || now - session.Used > Patience)
            throw new DeviceException(DeviceError.InvalidSession);
        session.Used = now;
        return session;
    }

    private void EndSessions(Func<Session, bool> which)
    {
        for (int i = 0; i < MaxSessions; i++)
            if (_sessions[i] is { } session && which(session))
                _sessions[i] = null;
    }

    /// <param name="more">Bytes that follow and are counted.</param>
    private static byte[] Framed(byte command, byte[] data, int more = 0) =>
        [command, (byte)(data.Length + more >> 8), (byte)((data.Length + more) & 0xFF), .. data];

    private sealed class Session(ushort key, SecureChannel channel)
    {
        public ushort Key { get; } = key;

        public SecureChannel Channel { get; } = channel;

        public bool IsOpen { get; set; }

        public DateTime Used { get; set; } = DateTime.UtcNow;
    }
}
