using System.Diagnostics;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// A process that a <see cref="ModuleWarden"/> started: another user's, in a sandbox of its own. This program cannot end it; it says that
/// it wants nothing more, and the warden does.
/// </summary>
internal sealed unsafe class WardedHost : IHostProcess
{
    /// <summary>A warden on a slow computer is started for the order.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly LockedPages last = new(WardenWire.MaxOrder);
    private HostEnd? end;
    private bool isGone;
    private bool isDisposed;

    private WardedHost(PacketSocket line) => Line = line;

    /// <summary>What is spoken over; whoever has this disposes of it after this.</summary>
    public PacketSocket Line { get; }

    public int Id => 0;

    /// <summary>Null when there is no warden.</summary>
    public static WardedHost? Ask(HostStart how)
    {
        if (PacketSocket.Connect(how.Warden!) is not { } line)
        {
            return null;
        }

        byte[] order = WardenWire.Order(how.Program);
        fixed (byte* bytes = order)
        {
            if (order.Length <= WardenWire.MaxOrder && line.TrySend(bytes, order.Length))
            {
                return new WardedHost(line);
            }
        }

        line.Dispose();
        return null;
    }

    /// <summary>The warden caught it, and throws it away: a real HSM's PIN may stand there.</summary>
    public string Said() => "";

    /// <summary>Whether an answer is the warden's last word.</summary>
    public bool TryHearEnd(ulong first, FrameReader frame)
    {
        if (first != WardenWire.Over)
        {
            return false;
        }

        (end, isGone) = (WardenWire.Read(frame), true);
        return true;
    }

    public HostEnd? WaitForEnd(TimeSpan patience)
    {
        long began = Stopwatch.GetTimestamp();
        var frame = new FrameReader(last, () => new InvalidDataException());
        while (!isGone && !isDisposed && patience - Stopwatch.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            int length = Line.Receive(last.Start, last.Length, left);
            isGone = length == PacketSocket.Closed;
            if (length > 0)
            {
                Hear(frame, length);
            }
        }

        return end;
    }

    public void Kill()
    {
        if (!isDisposed)
        {
            Line.EndSending();
            _ = WaitForEnd(Patience);
        }
    }

    public void Dispose()
    {
        Kill();
        isDisposed = true;
        last.Dispose();
    }

    /// <summary>An answer that comes too late is nobody's any more.</summary>
    private void Hear(FrameReader frame, int length)
    {
        try
        {
            _ = TryHearEnd(frame.Begin(length).First, frame);
        }
        catch (InvalidDataException)
        {
            // No word of a warden's.
        }
        finally
        {
            last.Wipe(length);
        }
    }
}
