using System.Text;
using KeyCeremony.Pkcs11.Native;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// A library in a process of its own, asked over a socket: one frame for each call, one frame back, in its time. The module may
/// have damaged that process: an answer that is not exactly what the call can have ends it.
/// </summary>
internal sealed unsafe partial class HostedCalls : ModuleCalls, IDisposable
{
    /// <summary>An end that the socket shows is seen by the kernel a moment later.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly IHostProcess host;
    private readonly PacketSocket socket;
    private readonly bool bySomebody;
    private bool seen;
    private CallLimits limits;
    private readonly LockedPages request = new(Frame.MaxBytes);
    private readonly LockedPages answer = new(Frame.MaxBytes);
    private readonly FrameWriter ask;
    private readonly FrameReader told;
    private CallCode calling;
    private ulong number;
    private int received;
    private HostLostException? lost;

    private HostedCalls(IHostProcess host, PacketSocket socket, CallLimits? limits)
    {
        this.host = host;
        this.socket = socket;
        this.limits = limits ?? CallLimits.Usual;
        bySomebody = limits is not null;
        ask = new FrameWriter(request);
        told = new FrameReader(answer, () => Lose(HostFault.Nonsense));
    }

    public override bool IsLost => lost is not null;

    /// <summary>The host's process; 0 when it is another's child.</summary>
    public int ProcessId => host.Id;

    /// <exception cref="HostLostException">The process cannot be started.</exception>
    public static HostedCalls Start(HostStart how)
    {
        if (how.Warden is not null)
        {
            return WardedHost.Ask(how) is { } warded ? new HostedCalls(warded, warded.Line, how.Limits)
                : throw new HostLostException(HostFault.NotStarted, Name(CallCode.Load), TimeSpan.Zero, null);
        }

        (PacketSocket ours, PacketSocket theirs) = PacketSocket.Pair();
        using (theirs)
        {
            if (HostProcess.Start(how, theirs) is { } host)
            {
                return new HostedCalls(host, ours, how.Limits);
            }
        }

        ours.Dispose();
        throw new HostLostException(HostFault.NotStarted, Name(CallCode.Load), TimeSpan.Zero, null);
    }

    /// <summary>In force now.</summary>
    public CallLimits Limits
    {
        get
        {
            lock (gate)
            {
                return limits;
            }
        }
    }

    /// <summary>
    /// A token's family was seen, which needs so long for a call: others wait with it, whose module it is, too. Somebody's own limits stay.
    /// </summary>
    public void WaitAsLongAs(CallLimits family)
    {
        lock (gate)
        {
            if (!bySomebody && (!seen || family.Call > limits.Call))
            {
                (limits, seen) = (family, true);
            }
        }
    }

    /// <summary>What the module has written to its outputs: text of a stranger.</summary>
    public string Said() => host.Said();

    /// <summary>Ends the host, whatever it does.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            lost ??= new HostLostException(HostFault.Stopped, Name(CallCode.C_Finalize), TimeSpan.Zero, null);
            host.Dispose();
            socket.Dispose();
            request.Dispose();
            answer.Dispose();
        }
    }

    /// <summary>The first call. Nothing else is asked before <see cref="EndLoad"/>; the process is only being started meanwhile.</summary>
    public void BeginLoad(string path)
    {
        using Exchange call = Begin(CallCode.Load);
        byte[] name = Encoding.UTF8.GetBytes(path);
        fixed (byte* bytes = name)
        {
            ask.Bytes(bytes, (nuint)name.Length);
        }

        Ask();
    }

    public LoadAnswer EndLoad(out nuint refused)
    {
        using Exchange call = Turn();
        Hear();
        refused = told.Number();
        return (LoadAnswer)told.End() is var found && Enum.IsDefined(found) ? found : throw Lose(HostFault.Nonsense);
    }

    /// <summary>As it is called in C.</summary>
    private static string Name(CallCode code) => code == CallCode.Load ? "dlopen" : code.ToString();

    private Exchange Begin(CallCode code)
    {
        Exchange turn = Turn();
        calling = code;
        ask.Begin((ulong)code, ++number);
        return turn;
    }

    private Exchange Turn()
    {
        gate.Enter();
        if (lost is not null)
        {
            gate.Exit();
            throw lost;
        }

        return new Exchange(this);
    }

    /// <summary>A call without an answer of its own but the return value.</summary>
    private nuint SendAndEnd()
    {
        Send();
        return told.End();
    }

    /// <summary>The answer's return value; what follows it is read by the caller when it is CKR_OK.</summary>
    private nuint Send()
    {
        Ask();
        return Hear();
    }

    private void Ask()
    {
        if (!socket.TrySend(request.Start, ask.Length))
        {
            throw Lose(HostFault.Ended);
        }
    }

    private nuint Hear()
    {
        int length = socket.Receive(answer.Start, answer.Length, limits.Of(calling));
        received = Math.Max(length, 0);
        if (length is PacketSocket.Closed or PacketSocket.Silent or PacketSocket.TooLong)
        {
            received = length == PacketSocket.TooLong ? answer.Length : 0;
            throw Lose(length switch
            {
                PacketSocket.Closed => HostFault.Ended,
                PacketSocket.Silent => HostFault.Silent,
                _ => HostFault.Nonsense,
            });
        }

        ulong answered = told.Begin(length).First;
        if (host is WardedHost warded && warded.TryHearEnd(answered, told))
        {
            throw Lose(HostFault.Ended);
        }

        return answered == number ? told.ReturnValue : throw Lose(HostFault.Nonsense);
    }

    private HostLostException Lose(HostFault fault)
    {
        HostEnd? end = fault == HostFault.Ended ? host.WaitForEnd(Moment) : null;
        lost ??= new HostLostException(fault, Name(calling), limits.Of(calling), end?.InWords);
        host.Kill();
        return lost;
    }

    /// <summary>One thread's turn; wipes both frames when it is over, however it went.</summary>
    private readonly ref struct Exchange(HostedCalls calls)
    {
        public void Dispose()
        {
            calls.request.Wipe(calls.ask.Length);
            calls.answer.Wipe(calls.received);
            calls.received = 0;
            calls.gate.Exit();
        }
    }
}
