namespace KeyCeremony.App.Terminal;

/// <summary>
/// Esc and a digit are a function key when they come together: by one key of the terminal (Alt), or by two fingers within half a second.
/// An Esc that nobody meant is forgotten then, so that a number typed later is a number: "2114" takes no answer back.
/// </summary>
/// <param name="now">A clock that never goes back.</param>
internal sealed class ArmedEscape(Func<TimeSpan> now)
{
    public static readonly TimeSpan Together = TimeSpan.FromMilliseconds(500);

    private TimeSpan? _since;

    /// <summary>Tells of each key before it is taken: what Esc arms is counted from the last one.</summary>
    public void Came(Key key) => _since = key.Kind == KeyKind.Esc ? now() : _since;

    /// <summary>The model at this moment; armed only while the Esc before it is fresh.</summary>
    public ScreenModel Now(ScreenModel model) =>
        model.EscPressed && (_since is not { } since || now() - since > Together) ? model with { EscPressed = false } : model;
}
