using System.Collections.Immutable;
using System.Text;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// What the program and the warden say to each other, before and after what they speak about lives. First comes one packet of the
/// program's: words in UTF-8, a zero byte between two. Last comes one of the warden's, of four numbers: <see cref="Over"/>, how it ended,
/// with what, and nothing.
/// </summary>
internal static unsafe class WardenWire
{
    /// <summary>In the place of the number of a call: no call ever has it.</summary>
    public const ulong Over = ulong.MaxValue;

    public const int MaxOrder = 4096;

    private const ulong BySignal = 1;
    private const ulong Unseen = 2;

    public static byte[] Order(ImmutableArray<string> words) => Encoding.UTF8.GetBytes(string.Join('\0', words));

    public static ImmutableArray<string> Words(ReadOnlySpan<byte> order) => [.. Encoding.UTF8.GetString(order).Split('\0')];

    public static void Write(FrameWriter frame, HostEnd end) => frame
        .Begin(Over, end.Signal != 0 ? BySignal : end.Code < 0 ? Unseen : 0)
        .Number((ulong)(end.Signal != 0 ? end.Signal : Math.Max(end.Code, 0))).Number(0);

    /// <summary>The rest of a packet that begins with <see cref="Over"/>.</summary>
    public static HostEnd Read(FrameReader frame)
    {
        ulong how = frame.ReturnValue;
        int with = (int)frame.NumberUpTo(byte.MaxValue);
        _ = frame.NumberUpTo(0);
        _ = frame.End();
        return how == Unseen ? HostEnd.Unknown : how == BySignal ? new HostEnd(0, with) : new HostEnd(with, 0);
    }
}
