namespace KeyCeremony.App.Terminal;

/// <summary>
/// An Enter that is held down repeats after a quarter to two thirds of a second and then many times a second, and a terminal does
/// not say when a key comes up. So an Enter behind an Enter counts only when this long nothing came: whoever holds the key, or
/// presses it twice from habit, has answered one question.
/// </summary>
/// <param name="now">A clock that never goes back.</param>
internal sealed class HeldKeys(Func<TimeSpan> now)
{
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(700);

    private TimeSpan? _lastEnter;

    /// <summary>An Enter came while nobody was asked, and was dropped: the next one may be the same, still held.</summary>
    public void Dropped() => _lastEnter = now();

    /// <summary>False for a key that is the one before, still held.</summary>
    public bool Counts(Key key)
    {
        if (key.IsMouse) // It comes between two Enters of a key that is held, and lets none of them count.
            return true;
        if (key.Kind != KeyKind.Enter)
        {
            _lastEnter = null;
            return true;
        }
        TimeSpan at = now();
        bool counts = _lastEnter is not { } before || at - before >= Pause;
        _lastEnter = at;
        return counts;
    }
}
