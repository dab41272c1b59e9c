using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static KeyCeremony.Pkcs11.Hosting.Kernel;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// One end of a pair of sockets that keep a packet whole (SOCK_SEQPACKET): a frame arrives at once or not at all, nobody
/// can dribble, and a descriptor that is sent along is thrown away by the kernel.
/// </summary>
internal sealed unsafe partial class PacketSocket : IDisposable
{
    /// <summary>The other end is gone.</summary>
    public const int Closed = 0;

    /// <summary>Nothing came in time.</summary>
    public const int Silent = -1;

    /// <summary>A packet larger than a frame.</summary>
    public const int TooLong = -2;

    private const int Unix = 1;
    private const int SequencedPackets = 5; // SOCK_SEQPACKET
    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int WholeLength = 0x20; // MSG_TRUNC
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int SocketType = 3; // SO_TYPE
    private const int NoMoreFromHere = 1; // SHUT_WR
    private const short HalfClosed = 0x2000; // POLLRDHUP
    private const short HungUp = 0x10; // POLLHUP
    private const short Failed = 0x28; // POLLERR, POLLNVAL

    /// <summary>As <c>struct sockaddr_un</c>: the family, and a path with its end.</summary>
    private const int AddressBytes = 110;

    private readonly SafeFileHandle handle;

    private PacketSocket(int descriptor) => handle = new SafeFileHandle(descriptor, ownsHandle: true);

    public int Descriptor => (int)handle.DangerousGetHandle();

    /// <exception cref="IOException">The kernel refuses.</exception>
    public static (PacketSocket Ours, PacketSocket Theirs) Pair()
    {
        int* ends = stackalloc int[2];
        return socketpair(Unix, SequencedPackets | CloseOnExec, 0, ends) == 0
            ? (new PacketSocket(ends[0]), new PacketSocket(ends[1]))
            : throw new IOException($"socketpair failed with {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>The end that this process was started with; null when that is no such socket.</summary>
    public static PacketSocket? Inherited(int descriptor)
    {
        int type;
        uint size = sizeof(int);
        return getsockopt(descriptor, SocketLevel, SocketType, &type, &size) == 0 && type == SequencedPackets
            ? new PacketSocket(descriptor)
            : null;
    }

    /// <summary>A socket that somebody listens on; null when nobody does, or when it is not for this user.</summary>
    public static PacketSocket? Connect(string path)
    {
        byte* address = stackalloc byte[AddressBytes];
        new Span<byte>(address, AddressBytes).Clear();
        *(ushort*)address = Unix;
        byte[] name = Encoding.UTF8.GetBytes(path);
        if (name.Length > AddressBytes - sizeof(ushort) - 1)
        {
            return null;
        }

        name.CopyTo(new Span<byte>(address + sizeof(ushort), name.Length));
        int descriptor = socket(Unix, SequencedPackets | CloseOnExec, 0);
        if (descriptor < 0)
        {
            return null;
        }

        var connected = new PacketSocket(descriptor);
        if (connect(descriptor, address, AddressBytes) == 0)
        {
            return connected;
        }

        connected.Dispose();
        return null;
    }

    /// <summary>The other end reads what was sent, and then that nothing more comes; it may still answer.</summary>
    public void EndSending() => _ = shutdown(Descriptor, NoMoreFromHere);

    /// <summary>Waits until the other end is gone; reads nothing.</summary>
    /// <param name="orSilent">Also when it only sends no more.</param>
    public void WaitUntilGone(bool orSilent)
    {
        while (true)
        {
            var wanted = new Wanted { Descriptor = Descriptor, Events = orSilent ? HalfClosed : (short)0 };
            int seen = poll(&wanted, 1, -1);
            if (seen < 0 ? Marshal.GetLastPInvokeError() != Interrupted : (wanted.Seen & (HalfClosed | HungUp | Failed)) != 0)
            {
                return;
            }
        }
    }

    public bool TrySend(byte* frame, int length)
    {
        while (true)
        {
            if (send(Descriptor, frame, (nuint)length, NoSignal | DontWait) == length)
            {
                return true;
            }

            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                return false;
            }
        }
    }

    /// <summary>The packet's length, or one of the constants above.</summary>
    /// <param name="limit">Null: however long it takes.</param>
    public int Receive(byte* frame, int room, TimeSpan? limit)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            var wanted = new Wanted { Descriptor = Descriptor, Events = Readable };
            // What lies there already is taken, however late it is: this process may have stood still itself.
            int wait = limit is { } most ? (int)Math.Max(0, (most - Stopwatch.GetElapsedTime(began)).TotalMilliseconds) : -1;
            int ready = poll(&wanted, 1, wait);
            if (ready == 0)
            {
                return Silent;
            }

            nint received = ready < 0 ? -1 : recv(Descriptor, frame, (nuint)room, DontWait | WholeLength);
            if (received >= 0)
            {
                return received > room ? TooLong : (int)received;
            }

            if (Marshal.GetLastPInvokeError() is not (Interrupted or Again))
            {
                return Closed;
            }
        }
    }

    public void Dispose() => handle.Dispose();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int socket, byte* address, uint length);

    [LibraryImport("libc")]
    private static partial int shutdown(int socket, int how);

    [LibraryImport("libc")]
    private static partial int getsockopt(int socket, int level, int name, int* value, uint* size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, byte* bytes, nuint length, int flags);
}
