using System.Runtime.InteropServices;
using System.Text;
using KeyCeremony.Core;
using static KeyCeremony.App.Ground.TtyCalls;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// The terminal on file descriptors 0 and 1, raw: every key is a byte, Ctrl-C too. Restored when disposed, when the
/// process is asked to end, and when it ends by itself. <c>System.Console</c> is not used: it keeps what is typed in
/// strings.
/// </summary>
public sealed class Tty : IDisposable
{
    /// <summary>After an escape byte: how long to wait for the rest of a sequence. 9600 baud brings a byte a millisecond.</summary>
    private const int EscapeMilliseconds = 50;

    private const int In = 0;
    private const int Out = 1;

    // Alternate screen, no automatic wrap (the last cell of the last row scrolls nothing), bracketed paste.
    private const string Enter = "\e[?1049h\e[?7l\e[?2004h\e[?25l\e[2J\e[H";
    private const string Leave = "\e[0m\e[2J\e[3J\e[H\e[?2004l\e[?7h\e[?25h\e[?1049l";

    private readonly KeyDecoder _decoder = new();
    private readonly Termios _before;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _restored;

    private Tty(Termios before) => _before = before;

    /// <summary>The keyboard is gone: the line was hung up or the input ended.</summary>
    public bool IsHungUp { get; private set; }

    /// <summary>Whether a person can sit there: both descriptors are terminals.</summary>
    public static bool IsThere => isatty(In) == 1 && isatty(Out) == 1;

    /// <summary>Takes the terminal over.</summary>
    /// <exception cref="IOException">It is none, or it refuses; names the call.</exception>
    public static Tty Open()
    {
        Check(tcgetattr(In, out Termios before), "tcgetattr");
        var tty = new Tty(before);
        tty.WatchSignals();
        Check(tcsetattr(In, TCSAFLUSH, Raw(before)), "tcsetattr");
        tty.Write(Enter);
        return tty;
    }

    /// <summary>Columns and rows as they are now; 0 where the line does not know. Ask at every tick: a window is resized.</summary>
    public (int Width, int Height) Size => ioctl(Out, TIOCGWINSZ, out WindowSize size) == 0 ? (size.ws_col, size.ws_row) : (0, 0);

    /// <summary>Waits for a key. False when none came in this time or the line is hung up.</summary>
    public bool TryRead(TimeSpan patience, out Key key)
    {
        while (!_decoder.TryNext(out key))
        {
            int wait = _decoder.IsWaiting ? EscapeMilliseconds : (int)Math.Clamp(patience.TotalMilliseconds, 0, int.MaxValue);
            if (!TryReceive(wait))
                return _decoder.TryFlush(out key);
        }
        return true;
    }

    /// <summary>Forgets what was typed ahead: it was not typed for the question that comes now.</summary>
    public void DropTypedAhead()
    {
        _decoder.Clear();
        _ = tcflush(In, TCIFLUSH);
    }

    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>All bytes, straight to the descriptor: nothing is kept.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
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

    /// <summary>Clears the screen and what scrolled out of it.</summary>
    public void Wipe() => Write("\e[0m\e[2J\e[3J\e[H");

    public void Dispose()
    {
        Restore();
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= RestoreAtExit;
        _decoder.Dispose();
    }

    private void WatchSignals()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The terminal is driven by the calls of Linux.");
        // The keyboard sends none of these while the terminal is raw, but a ceremony survives them from elsewhere too.
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGTSTP })
            _signals.Add(PosixSignalRegistration.Create(signal, context => context.Cancel = true));
        foreach (PosixSignal signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGHUP })
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Restore()));
        AppDomain.CurrentDomain.ProcessExit += RestoreAtExit;
    }

    private void RestoreAtExit(object? sender, EventArgs e) => Restore();

    private void Restore()
    {
        if (Interlocked.Exchange(ref _restored, 1) != 0)
            return;
        Write(Leave);
        _ = tcsetattr(In, TCSAFLUSH, _before);
    }

    private static Termios Raw(Termios before)
    {
        Termios raw = before;
        raw.c_iflag &= ~(IXON | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT);
        raw.c_lflag &= ~(ISIG | ICANON | ECHO | ECHONL | IEXTEN);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        return raw;
    }

    private bool TryReceive(int milliseconds)
    {
        if (IsHungUp)
            return false;
        var input = new PollFd { fd = In, events = POLLIN };
        if (poll(ref input, 1, milliseconds) <= 0) // Time is up, or a signal came: the caller looks at its clock.
            return false;
        Span<byte> room = _decoder.Room;
        nint count = read(In, ref MemoryMarshal.GetReference(room), room.Length);
        if (count > 0)
        {
            _decoder.Received((int)count);
            return true;
        }
        IsHungUp = count == 0 || Marshal.GetLastPInvokeError() is not (EINTR or EAGAIN);
        return false;
    }

    private static void Check(int result, string call)
    {
        if (result != 0)
            throw new FileFaultException(
                $"The terminal does not do {call}: {FileFaults.InWords(Marshal.GetLastPInvokeError())}.");
    }
}
