using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// What the terminal is sent, as lines of a recording: docs/formats/recording.md. Of a secret page it tells that there was one, and
/// nothing else.
/// </summary>
/// <param name="title">Of the session.</param>
/// <param name="write">Takes each line at once.</param>
public sealed class Recorder(string title, TimeProvider clock, Action<byte[]> write)
{
    /// <summary>What stands where a secret page was.</summary>
    public const string SecretPage = "secret page: not recorded";

    /// <summary>Codes and the camera's picture have the terminal to themselves.</summary>
    public const string Aside = "codes or the camera's picture: not recorded";

    private const string Wiped = "\e[0m\e[2J\e[3J\e[H";

    private long _began;
    private (int Width, int Height) _size;
    private string _step = "";

    /// <summary>Nothing is recorded until <see cref="Show"/>.</summary>
    public bool IsHidden { get; private set; }

    /// <summary>The bytes went to the terminal, and are no secret.</summary>
    public void Sent(ReadOnlySpan<byte> bytes)
    {
        if (!IsHidden && _size != default)
            Add(CastKind.Sent, Encoding.UTF8.GetString(bytes));
    }

    /// <summary>The size is the terminal's from here on; the first begins the session.</summary>
    public void Sized(int width, int height)
    {
        if (_size == (width, height) || width <= 0 || height <= 0)
            return;
        if (_size == default)
        {
            _began = clock.GetTimestamp();
            write(TerminalCast.Header(width, height, clock.GetUtcNow(), title));
        }
        else
            Add(CastKind.Resized, $"{width}x{height}");
        _size = (width, height);
    }

    /// <summary>A place to go to, once for as long as it lasts.</summary>
    public void Step(string step)
    {
        if (_size == default || step == _step)
            return;
        _step = step;
        Add(CastKind.Marker, step);
    }

    /// <summary>From here on nothing is recorded but that it is not.</summary>
    /// <param name="why">Stands in the recording in its place.</param>
    public void Hide(string why)
    {
        if (IsHidden || _size == default)
            return;
        Add(CastKind.Sent, $"{Wiped}{why}\r\n");
        Add(CastKind.Marker, why);
        IsHidden = true;
    }

    /// <summary>The terminal was wiped, and shows nothing secret any more.</summary>
    public void Show() => IsHidden = false;

    private void Add(CastKind kind, string text)
    {
        var now = TimeSpan.FromMilliseconds(Math.Floor(clock.GetElapsedTime(_began).TotalMilliseconds));
        write(TerminalCast.Line(new CastEvent(now, kind, text)));
    }
}
