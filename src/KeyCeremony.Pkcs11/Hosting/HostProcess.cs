using System.Runtime.InteropServices;
using System.Text;
using static KeyCeremony.Pkcs11.Hosting.Kernel;

namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>
/// The process that holds a module: started with a socket, an empty input and an environment of ours, in a session without a
/// terminal and with no other open file; what it writes is caught; ended when it is not needed or not answering.
/// </summary>
/// <remarks>
/// One thread starts it and stays until it is gone: the kernel ends a child that asked for it (PR_SET_PDEATHSIG) with the
/// thread that started it, not with the program.
/// </remarks>
internal sealed unsafe partial class HostProcess : IHostProcess
{
    /// <summary>Where the host finds its end of the socket.</summary>
    public const int SocketDescriptor = 3;

    /// <summary>The last of what a module wrote: more than that is a flood.</summary>
    public const int MaxSaid = 32 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock turn = new();
    private readonly ManualResetEventSlim started = new();
    private readonly ManualResetEventSlim gone = new();
    private readonly LockedPages said = new(MaxSaid);
    private readonly HostStart how;
    private readonly int theirSocket;
    private readonly bool overStandard;
    private int saidLength;
    private int process;
    private bool reaped;
    private bool isDisposed;
    private HostEnd? end;

    private HostProcess(HostStart how, int theirSocket, bool overStandard)
    {
        this.how = how;
        this.overStandard = overStandard;
        this.theirSocket = theirSocket;
        new Thread(Keep) { IsBackground = true, Name = "hsm-host" }.Start();
        started.Wait();
    }

    public int Id => process;

    /// <summary>How it ended; null while it lives.</summary>
    public HostEnd? End
    {
        get
        {
            lock (turn)
            {
                return end;
            }
        }
    }

    /// <summary>Null when the process cannot be started.</summary>
    /// <param name="theirs">Its end of the socket; ours is not given.</param>
    /// <param name="overStandard">That end is also its input and its output; only what it writes to stderr is caught.</param>
    public static HostProcess? Start(HostStart how, PacketSocket theirs, bool overStandard = false)
    {
        var host = new HostProcess(how, theirs.Descriptor, overStandard);
        if (host.process > 0)
        {
            return host;
        }

        host.Dispose();
        return null;
    }

    /// <summary>The last of what was written to its outputs, as text.</summary>
    public string Said()
    {
        lock (turn)
        {
            return isDisposed ? "" : Encoding.UTF8.GetString(new ReadOnlySpan<byte>(said.Start, saidLength));
        }
    }

    /// <summary>Waits a moment for an end that seems to have come.</summary>
    public HostEnd? WaitForEnd(TimeSpan patience)
    {
        _ = gone.Wait(patience);
        return End;
    }

    /// <summary>It and whatever it started, at once and without its say. Waits until it is gone.</summary>
    public void Kill()
    {
        lock (turn)
        {
            if (!reaped && process > 0)
            {
                _ = kill(-process, SigKill);
            }
        }

        _ = gone.Wait(Patience);
    }

    public void Dispose()
    {
        Kill();
        lock (turn)
        {
            isDisposed = true;
            said.Dispose();
        }
    }

    private void Keep()
    {
        int* pipe = stackalloc int[2];
        if (pipe2(pipe, CloseOnExec) != 0)
        {
            gone.Set();
            started.Set();
            return;
        }

        process = Spawn(pipe[1]);
        _ = close(pipe[1]);
        started.Set();
        if (process > 0)
        {
            Watch(pipe[0]);
        }

        _ = close(pipe[0]);
        gone.Set();
    }

    /// <summary>Reads what it writes, and sees its end: a descriptor of a process is readable when it is over.</summary>
    private void Watch(int output)
    {
        int itself = (int)syscall(PidfdOpen, process, 0);
        _ = fcntl(output, SetFlags, NonBlocking);
        Wanted* wanted = stackalloc Wanted[2];
        bool isOpen = true;
        while (true)
        {
            wanted[0] = new Wanted { Descriptor = isOpen ? output : -1, Events = Readable };
            wanted[1] = new Wanted { Descriptor = itself, Events = Readable };
            // A kernel without such descriptors: look ten times a second.
            _ = poll(wanted, 2, itself < 0 ? 100 : -1);
            if (wanted[0].Seen != 0)
            {
                isOpen = Read(output);
            }

            if (itself < 0 || wanted[1].Seen != 0)
            {
                if (TryReap(output, isOpen))
                {
                    break;
                }
            }
        }

        _ = itself < 0 ? 0 : close(itself);
    }

    private bool TryReap(int output, bool isOpen)
    {
        lock (turn)
        {
            int status;
            int which = waitpid(process, &status, NoHang);
            if (which == 0)
            {
                return false;
            }

            reaped = true;
            // What it started and left behind. Its number is still its group's, and nobody else's.
            _ = kill(-process, SigKill);
            end = which == process ? HostEnd.Of(status) : HostEnd.Unknown;
        }

        // Not to the end: somebody may hold the other end of the pipe and write for ever.
        for (int i = 0; isOpen && i < MaxSaid / ReadBytes; i++)
        {
            isOpen = Read(output);
        }

        return true;
    }

    /// <summary>Whether more may come.</summary>
    private bool Read(int output)
    {
        byte* read = stackalloc byte[ReadBytes];
        nint count = HostProcess.read(output, read, ReadBytes);
        if (count < 0)
        {
            return Marshal.GetLastPInvokeError() is Again or Interrupted;
        }

        lock (turn)
        {
            if (isDisposed)
            {
                return false;
            }

            var kept = new Span<byte>(said.Start, MaxSaid);
            int over = Math.Max(0, saidLength + (int)count - MaxSaid);
            kept[over..saidLength].CopyTo(kept);
            saidLength -= over;
            new ReadOnlySpan<byte>(read, (int)count).CopyTo(kept[saidLength..]);
            saidLength += (int)count;
        }

        new Span<byte>(read, ReadBytes).Clear();
        return count > 0;
    }

    /// <summary>The process's number; 0 when it could not be started.</summary>
    private int Spawn(int output)
    {
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* signals = stackalloc byte[SignalSetBytes];
        // Away from the numbers that they will have there: a copy onto itself stays closed at the start of a program.
        int socket = fcntl(theirSocket, DuplicateFrom, HighDescriptor), stream = fcntl(output, DuplicateFrom, HighDescriptor);
        nint[] arguments = Strings(how.Program), variables = Strings(how.Environment.Select(v => $"{v.Key}={v.Value}"));
        byte[] nothing = Encoding.ASCII.GetBytes("/dev/null\0");
        try
        {
            fixed (nint* argv = arguments)
            fixed (nint* envp = variables)
            fixed (byte* empty = nothing)
            {
                int failed = posix_spawn_file_actions_init(actions)
                    | posix_spawnattr_init(attributes)
                    | (overStandard ? posix_spawn_file_actions_adddup2(actions, socket, 0)
                        : posix_spawn_file_actions_addopen(actions, 0, empty, 0, 0))
                    | posix_spawn_file_actions_adddup2(actions, overStandard ? socket : stream, 1)
                    | posix_spawn_file_actions_adddup2(actions, stream, 2)
                    | posix_spawn_file_actions_adddup2(actions, socket, SocketDescriptor)
                    | posix_spawn_file_actions_addclosefrom_np(actions, SocketDescriptor + 1)
                    | sigemptyset(signals)
                    | posix_spawnattr_setsigmask(attributes, signals)
                    | sigfillset(signals)
                    | posix_spawnattr_setsigdefault(attributes, signals)
                    | posix_spawnattr_setflags(attributes, SetSignalDefaults | SetSignalMask | NewSession);
                int id = 0;
                failed = failed != 0 ? failed : posix_spawnp(&id, (byte*)argv[0], actions, attributes, argv, envp);
                _ = posix_spawn_file_actions_destroy(actions);
                _ = posix_spawnattr_destroy(attributes);
                return failed == 0 ? id : 0;
            }
        }
        finally
        {
            _ = close(socket);
            _ = close(stream);
            Free(arguments);
            Free(variables);
        }
    }

    private static nint[] Strings(IEnumerable<string> texts) => [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];

    private static void Free(nint[] strings)
    {
        foreach (nint text in strings)
        {
            Marshal.FreeCoTaskMem(text);
        }
    }
}

/// <summary>How a host's process ended.</summary>
internal sealed record HostEnd(int Code, int Signal)
{
    /// <summary>Somebody else has taken its status.</summary>
    public static HostEnd Unknown { get; } = new(-1, 0);

    /// <summary>As <c>waitpid</c> tells it.</summary>
    public static HostEnd Of(int status) => (status & 0x7F) is var signal && signal != 0
        ? new HostEnd(0, signal)
        : new HostEnd((status >> 8) & 0xFF, 0);

    /// <summary>For the middle of a sentence.</summary>
    public string InWords => Signal switch
    {
        4 => "by SIGILL, an instruction that does not exist",
        6 => "by SIGABRT, giving itself up",
        7 => "by SIGBUS, a fault in its memory",
        8 => "by SIGFPE, a fault in its arithmetic",
        9 => "by SIGKILL, from outside or for want of memory",
        11 => "by SIGSEGV, a fault in its memory",
        0 => Code < 0 ? "in a way that nobody saw" : FormattableString.Invariant($"by itself, with {Code}"),
        _ => FormattableString.Invariant($"by signal {Signal}"),
    };
}
