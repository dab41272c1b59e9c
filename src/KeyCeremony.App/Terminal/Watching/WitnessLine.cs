using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using KeyCeremony.Core;
using static KeyCeremony.App.Ground.TtyCalls;

namespace KeyCeremony.App.Terminal.Watching;

/// <summary>
/// A second terminal that the room looks at. Nothing is read from it and nothing typed there is echoed. It may be slow, stand still or be
/// pulled out: the ceremony goes on without it, and when it is there again it shows what is shown then.
/// </summary>
internal sealed class WitnessLine : IDisposable
{
    public const string NoLineId = "RUN-21";

    /// <summary>So long until a line that was lost is looked for again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string Leave = "\e[0m\e[2J\e[H\e[?25h";

    private static readonly string[] Ours = ["/proc/self/fd/0", "/proc/self/fd/1"];

    /// <summary>Other names of whichever terminal somebody sits at.</summary>
    private static readonly string[] Others = ["/dev/tty", "/dev/tty0", "/dev/console", "/dev/stdin", "/dev/stdout"];

    private readonly string _device;
    private readonly Func<TimeSpan> _now;
    private int _file = -1;
    private Termios _before;
    private WitnessFeed? _feed;
    private TimeSpan _triedAt;

    private WitnessLine(string device, Func<TimeSpan> now) => (_device, _now) = (device, now);

    /// <param name="now">A clock that never goes back.</param>
    public static bool TryOpen(string device, Func<TimeSpan> now, [NotNullWhen(true)] out WitnessLine? line,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        line = new WitnessLine(device, now);
        string? why = IsOurs(device) ? "is the terminal that the ceremony is led on" : line.Open();
        refusal = why is null ? null : new Refusal(NoLineId, $"The witness view cannot be shown on {PlainText.Of(device, 100)}: it {why}.",
            "On the appliance begin from a line of the boot menu without a witness view. Elsewhere name another terminal with "
                + "--witness-tty, for example /dev/ttyS0, or leave the option out.");
        if (refusal is not null)
            line = null;
        return refusal is null;
    }

    /// <summary>Shows where the ceremony stands, or does nothing: it never waits and never fails.</summary>
    public void Show(ScreenModel model)
    {
        if (_feed is { IsLost: true })
        {
            Close();
            _triedAt = _now();
        }
        if (_feed is null)
        {
            if (_now() - _triedAt < Patience)
                return;
            _triedAt = _now();
            if (Open() is not null)
                return;
        }
        _feed!.Show(() => WitnessPage.Draw(model, Seen()));
    }

    public void Dispose()
    {
        if (_file < 0)
            return;
        _ = Write(Encoding.ASCII.GetBytes(Leave));
        Close();
    }

    /// <summary>Nobody knows what stands at the other end: letters and digits, bold where it can.</summary>
    private Display Seen()
    {
        (int width, int height) = ioctl(_file, TIOCGWINSZ, out WindowSize size) == 0 ? (size.ws_col, size.ws_row) : (0, 0);
        return new Display(Display.UnknownWidth, Display.UnknownHeight, GlyphSet.Ascii, Attributes: true, Colour: false,
            FunctionKeys: false).Resized(width, height);
    }

    /// <summary>Null, or why not, in words that follow "it".</summary>
    private string? Open()
    {
        // Without a carrier, and with a reader who has stopped, opening and writing come back at once. It becomes nobody's keyboard.
        int file = open(Encoding.UTF8.GetBytes(_device + '\0'), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (file < 0)
            return $"cannot be opened ({FileFaults.InWords(Marshal.GetLastPInvokeError())})";
        if (isatty(file) != 1 || tcgetattr(file, out _before) != 0)
        {
            _ = close(file);
            return "is no terminal";
        }
        _file = file;
        _ = tcsetattr(_file, TCSANOW, Silent(_before));
        _feed = new WitnessFeed(Write);
        return null;
    }

    private void Close()
    {
        if (_file >= 0)
        {
            _ = tcflush(_file, TCIOFLUSH); // Else closing waits until a line that stands still has taken the rest.
            _ = tcsetattr(_file, TCSANOW, _before);
            _ = close(_file);
        }
        (_file, _feed) = (-1, null);
    }

    private int Write(ReadOnlySpan<byte> bytes)
    {
        nint written = write(_file, in MemoryMarshal.GetReference(bytes), bytes.Length);
        return written >= 0 ? (int)written : Marshal.GetLastPInvokeError() is EINTR or EAGAIN ? 0 : -1;
    }

    /// <summary>Nobody's typing appears, stops the picture or asks for anything; no modem and no other end is waited for.</summary>
    private static Termios Silent(Termios before)
    {
        Termios silent = before;
        silent.c_iflag &= ~(IXON | ICRNL | INLCR | IGNCR | BRKINT);
        silent.c_oflag &= ~OPOST;
        silent.c_cflag = (silent.c_cflag | CLOCAL) & ~CRTSCTS;
        silent.c_lflag &= ~(ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHONL | IEXTEN);
        return silent;
    }

    private static bool IsOurs(string device)
    {
        string path = Path.GetFullPath(device);
        return Others.Contains(path)
            || Ours.Any(ours => File.ResolveLinkTarget(ours, returnFinalTarget: true)?.FullName == path);
    }
}
