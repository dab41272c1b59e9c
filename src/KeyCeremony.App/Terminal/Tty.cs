using System.Text;
using static KeyCeremony.App.Ground.TtyCalls;

namespace KeyCeremony.App.Terminal;

/// <summary>The terminal raw: every key is a byte, Ctrl-C too.</summary>
public sealed class Tty : IDisposable
{
    /// <summary>After an escape byte: how long to wait for the rest of a sequence. 9600 baud brings a byte a millisecond.</summary>
    private const int EscapeMilliseconds = 50;

    // Somebody's sleeve lay on the keys: what they were is not asked of more.
    private const int MostTypedAhead = 4096;

    // Alternate screen, no automatic wrap (the last cell of the last row scrolls nothing), bracketed paste.
    private const string Enter = "\e[?1049h\e[?7l\e[?2004h\e[?25l\e[2J\e[H";
    private const string Leave = "\e[0m\e[2J\e[3J\e[H\e[?1006l\e[?1000l\e[?2004l\e[?7h\e[?25h\e[?1049l";

    /// <summary>xterm's modes 1000 and 1006: buttons and wheel are told of, with places in digits.</summary>
    internal static ReadOnlySpan<byte> MouseOn => "\e[?1000h\e[?1006h"u8;

    internal static ReadOnlySpan<byte> MouseOff => "\e[?1006l\e[?1000l"u8;

    /// <summary>Clears the screen and what scrolled out of it.</summary>
    internal static ReadOnlySpan<byte> Wiped => "\e[0m\e[2J\e[3J\e[H"u8;

    private readonly KeyDecoder _decoder = new();
    private readonly TtyLine _line;

    private Tty(TtyLine line) => _line = line;

    /// <summary>The keyboard is gone: the line was hung up or the input ended.</summary>
    public bool IsHungUp => _line.IsHungUp;

    /// <inheritdoc cref="TtyLine.Farewell"/>
    public Func<string>? Farewell
    {
        get => _line.Farewell;
        set => _line.Farewell = value;
    }

    /// <summary>Whether a person can sit there: both descriptors are terminals.</summary>
    public static bool IsThere => TtyLine.IsThere;

    /// <summary>Takes the terminal over.</summary>
    /// <exception cref="IOException">It is none, or it refuses; names the call.</exception>
    public static Tty Open()
    {
        var tty = new Tty(TtyLine.Take(Raw, Leave));
        tty.Write(Enter);
        return tty;
    }

    /// <summary>Columns and rows as they are now; 0 where the line does not know. Ask at every tick: a window is resized.</summary>
    public (int Width, int Height) Size => _line.Size;

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
    /// <returns>Whether it ended with an Enter, which may be held still: <see cref="HeldKeys.Dropped"/>.</returns>
    public bool DropTypedAhead()
    {
        bool enter = false;
        for (int keys = 0; keys < MostTypedAhead && TryRead(TimeSpan.Zero, out Key key); keys++)
            enter = key.Kind == KeyKind.Enter;
        _decoder.Clear();
        TtyLine.Drop();
        return enter;
    }

    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>All bytes, straight to the descriptor: nothing is kept.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _line.Write(bytes);

    /// <summary>Clears the screen and what scrolled out of it.</summary>
    public void Wipe() => Write(Wiped);

    public void Dispose()
    {
        _line.Dispose();
        _decoder.Dispose();
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
        if (!_line.Waits(milliseconds))
            return false;
        int count = _line.Read(_decoder.Room);
        _decoder.Received(count);
        return count > 0;
    }
}
