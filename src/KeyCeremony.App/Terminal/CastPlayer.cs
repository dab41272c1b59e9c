using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Recordings behind each other, played in a terminal: a value that knows where it stands. It gives text to be sent and never anything
/// that is not <see cref="TerminalCast.Permitted"/>: a recording is anybody's file.
/// </summary>
public sealed class CastPlayer
{
    /// <summary>Clears what stands there; sizes are told and not set.</summary>
    private const string Wiped = "\e[0m\e[2J\e[3J\e[H";

    private const double Slowest = 0.25, Fastest = 64;

    /// <summary>A step is marked, then its page is drawn. Behind a secret page's mark nothing follows until it is over.</summary>
    private static readonly TimeSpan PageOfMarker = TimeSpan.FromMilliseconds(250);

    private readonly ImmutableArray<(TimeSpan At, CastEvent Event)> _all;
    private int _next;
    private TimeSpan _now;

    /// <param name="longest">Of a pause in which nothing was sent: people read for minutes.</param>
    public CastPlayer(IEnumerable<TerminalCast> casts, TimeSpan longest)
    {
        ArgumentNullException.ThrowIfNull(casts);
        ImmutableArray<(TimeSpan, CastEvent)>.Builder all = ImmutableArray.CreateBuilder<(TimeSpan, CastEvent)>();
        TimeSpan at = TimeSpan.Zero;
        foreach (TerminalCast cast in casts)
        {
            TimeSpan before = TimeSpan.Zero;
            all.Add((at, new CastEvent(TimeSpan.Zero, CastKind.Sent, Wiped)));
            foreach (CastEvent one in cast.Events)
            {
                TimeSpan pause = one.At - before;
                at += pause < longest ? pause : longest;
                before = one.At;
                all.Add((at, one with { Text = TerminalCast.Permitted(one.Text, one.Kind == CastKind.Sent) }));
            }
        }
        _all = all.ToImmutable();
    }

    public double Speed { get; private set; } = 1;

    public bool IsPaused { get; private set; }

    public bool IsOver => _next == _all.Length;

    /// <summary>The last marker that was passed, and how many there are.</summary>
    public (string Name, int Number, int Count) Marker
    {
        get
        {
            CastEvent[] passed = [.. _all.Take(_next).Select(e => e.Event).Where(e => e.Kind == CastKind.Marker)];
            return (passed.Length == 0 ? "" : passed[^1].Text, passed.Length, _all.Count(e => e.Event.Kind == CastKind.Marker));
        }
    }

    /// <summary>What is sent next when so much time has passed.</summary>
    public string Passed(TimeSpan time)
    {
        if (IsPaused || IsOver)
            return "";
        _now += time * Speed;
        var text = new StringBuilder();
        while (!IsOver && _all[_next].At <= _now)
            text.Append(Take());
        return text.ToString();
    }

    public void Pause() => IsPaused = !IsPaused;

    public void Faster() => Speed = Math.Min(Fastest, Speed * 2);

    public void Slower() => Speed = Math.Max(Slowest, Speed / 2);

    /// <summary>The next moment at which something was sent, whatever the time.</summary>
    public string StepOn()
    {
        var text = new StringBuilder();
        bool sent = false;
        while (!IsOver && !sent)
        {
            sent = _all[_next].Event.Kind == CastKind.Sent;
            _now = _all[_next].At;
            text.Append(Take());
        }
        return text.ToString();
    }

    /// <summary>To the next marker, or back to the one before the last; what stood on the terminal then.</summary>
    /// <param name="step">1 or -1.</param>
    public string Jump(int step)
    {
        int[] markers = [.. Enumerable.Range(0, _all.Length).Where(i => _all[i].Event.Kind == CastKind.Marker)];
        int passed = markers.Count(i => i < _next);
        int wanted = passed - 1 + step;
        return wanted < 0 ? To(0) : wanted >= markers.Length ? To(_all.Length) : To(markers[wanted] + 1);
    }

    /// <summary>To the first marker that holds this text, whatever case; null: none does.</summary>
    public string? JumpTo(string name)
    {
        for (int i = 0; i < _all.Length; i++)
            if (_all[i].Event is { Kind: CastKind.Marker } marker && marker.Text.Contains(name, StringComparison.OrdinalIgnoreCase))
                return To(i + 1);
        return null;
    }

    /// <summary>
    /// All that was sent until then, at once: what stands on the terminal is the sum of it. And the page that follows a marker at once.
    /// </summary>
    private string To(int next)
    {
        _next = 0;
        var text = new StringBuilder(Wiped);
        while (_next < next)
            text.Append(Take());
        while (next > 0 && !IsOver && IsPageOf(_all[next - 1].Event, _all[_next].Event))
            text.Append(Take());
        _now = _next == 0 ? TimeSpan.Zero : _all[_next - 1].At;
        return text.ToString();
    }

    private static bool IsPageOf(CastEvent marker, CastEvent page) => marker.Kind == CastKind.Marker && page.Kind == CastKind.Sent
        && page.At >= marker.At && page.At - marker.At <= PageOfMarker;

    private string Take() => _all[_next++].Event is { Kind: CastKind.Sent } sent ? sent.Text : "";
}
