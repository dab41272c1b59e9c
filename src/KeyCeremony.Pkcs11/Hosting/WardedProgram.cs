using System.Collections.Immutable;
using System.Text;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>A program that a <see cref="ModuleWarden"/> runs once: it is given an input and answers a text.</summary>
public static unsafe class WardedProgram
{
    private const int MaxPacket = Frame.MaxBytes;

    /// <param name="warden">His socket.</param>
    /// <param name="words">What he is asked with.</param>
    /// <param name="input">What the program reads; empty: nothing.</param>
    /// <param name="secret">What it reads after that: copied into locked memory and nowhere else.</param>
    /// <param name="maxSaid">Bytes of the answer that are kept.</param>
    /// <param name="patience">For each piece of the answer.</param>
    /// <returns>The exit code, and what it said; null: it did not end by itself.</returns>
    /// <exception cref="IOException">There is no warden, or he does not take it.</exception>
    /// <exception cref="TimeoutException">No answer in time; it is ended.</exception>
    public static (int? Code, string Said) Run(
        string warden, ImmutableArray<string> words, ReadOnlySpan<byte> input, ReadOnlySpan<byte> secret, int maxSaid, TimeSpan patience)
    {
        using PacketSocket line = PacketSocket.Connect(warden) ?? throw new IOException("there is no warden");
        using var pages = new LockedPages(MaxPacket);
        Send(line, pages, WardenWire.Order(words), []);
        if (input.Length + secret.Length > 0)
        {
            Send(line, pages, input, secret);
        }

        line.EndSending();
        var frame = new FrameReader(pages, () => new InvalidDataException());
        using var said = new MemoryStream();
        while (true)
        {
            int length = line.Receive(pages.Start, pages.Length, patience);
            if (length == PacketSocket.Silent)
            {
                throw new TimeoutException();
            }

            if (length <= 0)
            {
                return (null, Encoding.UTF8.GetString(said.GetBuffer(), 0, (int)said.Length));
            }

            if (length == 4 * Frame.Unit && frame.Begin(length).First == WardenWire.Over)
            {
                HostEnd end = Ended(frame);
                return (end.Signal == 0 && end.Code >= 0 ? end.Code : null, Encoding.UTF8.GetString(said.GetBuffer(), 0, (int)said.Length));
            }

            said.Write(new ReadOnlySpan<byte>(pages.Start, (int)Math.Min(length, maxSaid - said.Length)));
            pages.Wipe(length);
        }
    }

    private static HostEnd Ended(FrameReader frame)
    {
        try
        {
            return WardenWire.Read(frame);
        }
        catch (InvalidDataException)
        {
            return HostEnd.Unknown;
        }
    }

    private static void Send(PacketSocket line, LockedPages pages, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var packet = new Span<byte>(pages.Start, MaxPacket);
        first.CopyTo(packet);
        second.CopyTo(packet[first.Length..]);
        int length = first.Length + second.Length;
        bool sent = line.TrySend(pages.Start, length);
        pages.Wipe(length);
        if (!sent)
        {
            throw new IOException("the warden takes nothing");
        }
    }
}
