using System.Runtime.InteropServices;
using KeyCeremony.Core;
using static KeyCeremony.App.Ground.TtyCalls;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// The terminal on file descriptors 0 and 1 with settings of ours. They are those of before again when this is disposed, when the
/// process is asked to end, and when it ends by itself. <c>System.Console</c> is not used: it keeps what is typed in strings.
/// </summary>
internal sealed class TtyLine : IDisposable
{
    private const int In = 0;
    private const int Out = 1;

    private readonly Termios _before;
    private readonly string _leave;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _restored;

    private TtyLine(Termios before, string leave) => (_before, _leave) = (before, leave);

    /// <summary>The keyboard is gone: the line was hung up or the input ended.</summary>
    public bool IsHungUp { get; private set; }

    /// <summary>
    /// Asked when a signal ends the program, after the terminal is the shell's again: what people must know then. Empty: nothing.
    /// </summary>
    public Func<string>? Farewell { get; set; }

    /// <summary>Whether a person can sit there: both descriptors are terminals.</summary>
    public static bool IsThere => isatty(In) == 1 && isatty(Out) == 1;

    /// <summary>Columns and rows as they are now; 0 where the line does not know.</summary>
    public (int Width, int Height) Size => ioctl(Out, TIOCGWINSZ, out WindowSize size) == 0 ? (size.ws_col, size.ws_row) : (0, 0);

    /// <summary>Takes the terminal over.</summary>
    /// <param name="settings">Ours, from those of before.</param>
    /// <param name="leave">Written when the settings of before come back.</param>
    /// <exception cref="FileFaultException">It is none, or it refuses; names the call.</exception>
    public static TtyLine Take(Func<Termios, Termios> settings, string leave)
    {
        Check(tcgetattr(In, out Termios before), "tcgetattr");
        var line = new TtyLine(before, leave);
        line.WatchSignals();
        line.Set(settings);
        return line;
    }

    /// <summary>Other settings, from those of before; what was typed and not read is forgotten.</summary>
    public void Set(Func<Termios, Termios> settings) => Check(tcsetattr(In, TCSAFLUSH, settings(_before)), "tcsetattr");

    /// <summary>Forgets what was typed and not read.</summary>
    public static void Drop() => _ = tcflush(In, TCIFLUSH);

    /// <summary>All bytes, straight to the descriptor: nothing is kept.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Volatile.Read(ref _restored) == 0)
            Send(bytes);
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsHungUp)
        {
            nint written = write(Out, in MemoryMarshal.GetReference(bytes), bytes.Length);
            if (written >= 0)
                bytes = bytes[(int)written..];
            else if (Marshal.GetLastPInvokeError() is not (EINTR or EAGAIN))
                IsHungUp = true; // A pulled serial line ends the session like any hang-up, not with a crash.
        }
    }

    /// <summary>Whether something can be read within this time; -1: whenever it comes.</summary>
    public bool Waits(int milliseconds)
    {
        var input = new PollFd { fd = In, events = POLLIN };
        // Time is up, or a signal came: the caller looks at its clock.
        return !IsHungUp && poll(ref input, 1, milliseconds) > 0;
    }

    /// <summary>How many bytes were read; 0 also when a signal came or the line is hung up.</summary>
    public int Read(Span<byte> room)
    {
        nint count = read(In, ref MemoryMarshal.GetReference(room), room.Length);
        IsHungUp |= count == 0 || count < 0 && Marshal.GetLastPInvokeError() is not (EINTR or EAGAIN);
        return (int)Math.Max(0, count);
    }

    public void Dispose()
    {
        Restore();
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= RestoreAtExit;
    }

    private void WatchSignals()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The terminal is driven by the calls of Linux.");
        // The keyboard sends none of these while the terminal is ours, but a ceremony survives them from elsewhere too.
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTSTP })
            _signals.Add(PosixSignalRegistration.Create(signal, context => context.Cancel = true));
        foreach (PosixSignal signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            _signals.Add(PosixSignalRegistration.Create(signal, _ => End()));
        AppDomain.CurrentDomain.ProcessExit += RestoreAtExit;
    }

    /// <summary>By a signal: nobody comes back to say anything afterwards.</summary>
    private void End()
    {
        Restore();
        Send(System.Text.Encoding.UTF8.GetBytes(Farewell?.Invoke() ?? ""));
    }

    private void RestoreAtExit(object? sender, EventArgs e) => Restore();

    private void Restore()
    {
        if (Interlocked.Exchange(ref _restored, 1) != 0)
            return;
        Send(System.Text.Encoding.UTF8.GetBytes(_leave));
        _ = tcsetattr(In, TCSAFLUSH, _before);
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
            throw new FileFaultException(
                $"The terminal does not do {call}: {FileFaults.InWords(Marshal.GetLastPInvokeError())}.");
    }
}
