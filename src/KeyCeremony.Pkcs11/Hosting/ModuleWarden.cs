using System.Collections.Immutable;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// Who starts the process of an HSM's module where the ceremony's program may not: in a unit of its own, with another user, what USB needs,
/// and nothing of the ceremony's. It is asked once, in words, starts what its rules allow with the program's socket, and ends it when the
/// program is gone or wants no more. Between the two it reads nothing. docs/decisions/0026-module-host.md.
/// </summary>
public static unsafe class ModuleWarden
{
    /// <summary>Exit code without a socket, or without an order in its time.</summary>
    public const int NotAsked = 2;

    /// <summary>Exit code for an order that is not allowed.</summary>
    public const int NotAllowed = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="permit">What these words start; null: nothing.</param>
    /// <returns>The exit code.</returns>
    public static int Serve(Func<ImmutableArray<string>, WardenDuty?> permit)
    {
        ArgumentNullException.ThrowIfNull(permit);
        if (PacketSocket.Inherited(HostProcess.SocketDescriptor) is not { } line)
        {
            return NotAsked;
        }

        using (line)
        using (var pages = new LockedPages(Frame.MaxBytes))
        {
            int length = line.Receive(pages.Start, WardenWire.MaxOrder, Patience);
            if (length <= 0)
            {
                return NotAsked;
            }

            if (permit(WardenWire.Words(new ReadOnlySpan<byte>(pages.Start, length))) is not { } duty)
            {
                return NotAllowed;
            }

            HostEnd end = duty.Start is { } start ? Keep(start, line, duty.OverStandard) : Tell(duty.Text, line);
            var frame = new FrameWriter(pages);
            WardenWire.Write(frame, end);
            _ = line.TrySend(pages.Start, frame.Length);
            return 0;
        }
    }

    private static HostEnd Keep(HostStart start, PacketSocket line, bool overStandard)
    {
        using var process = HostProcess.Start(start, line, overStandard);
        if (process is null)
        {
            return HostEnd.Unknown;
        }

        // A program that says no more still listens to what it asked for over these; a module's host has nothing left to do.
        new Thread(() =>
        {
            line.WaitUntilGone(orSilent: !overStandard);
            process.Kill();
        })
        { IsBackground = true, Name = "hang-up" }.Start();
        return process.WaitForEnd(Timeout.InfiniteTimeSpan) ?? HostEnd.Unknown;
    }

    private static HostEnd Tell(string text, PacketSocket line)
    {
        byte[] said = System.Text.Encoding.UTF8.GetBytes(text);
        fixed (byte* bytes = said)
        {
            return line.TrySend(bytes, said.Length) ? new HostEnd(0, 0) : HostEnd.Unknown;
        }
    }
}

/// <summary>What an order leads to.</summary>
/// <param name="Start">A process; null: only <paramref name="Text"/> is answered.</param>
/// <param name="OverStandard">The program's socket is also its input and its output.</param>
public sealed record WardenDuty(HostStart? Start, bool OverStandard, string Text);
