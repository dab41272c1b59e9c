using KeyCeremony.App.Terminal;
using KeyCeremony.Core;

namespace KeyCeremony.App.Room.Codes;

/// <summary>What a key does while codes are shown. Pure.</summary>
internal static class CodeKeys
{
    public static CodeShow After(CodeShow show, Key key)
    {
        if (key.Kind == KeyKind.F10 || key.IsCtrl('c'))
            return show with { IsOver = true };
        if (show.HelpShown)
            return FrontHelp.Ends(key) ? show with { HelpShown = false } : show;
        if (key.Kind == KeyKind.F1 || show.Words is null && FrontHelp.IsAsked(key))
            return show with { HelpShown = true };
        return show.Words is { } words ? Typing(show, words, key) : Watching(show, key);
    }

    private static CodeShow Watching(CodeShow show, Key key) => key.Kind switch
    {
        KeyKind.Enter when show.AsksWords => show with { Words = LineInput.Empty, Refusal = null },
        KeyKind.Enter => Taken(show, ""),
        KeyKind.Esc => show with { IsOver = true },
        KeyKind.Up => Faster(show, 1),
        KeyKind.Down => Faster(show, -1),
        KeyKind.Left => Turned(show, -1),
        KeyKind.Right => Turned(show, 1),
        KeyKind.Rune => Lettered(show, (char)key.Rune.Value),
        _ => show,
    };

    private static CodeShow Lettered(CodeShow show, char letter) => letter switch
    {
        ' ' when show.Surface == CodeSurface.Pem => show with { IsPrinting = true },
        ' ' => show with { IsPaused = !show.IsPaused },
        'f' => Faster(show, 1),
        's' => Faster(show, -1),
        '+' => Larger(show, 1),
        '-' => Larger(show, -1),
        'n' => Turned(show, 1),
        'p' => Turned(show, -1),
        _ => show,
    };

    private static CodeShow Typing(CodeShow show, LineInput words, Key key)
    {
        if (key.Kind == KeyKind.Esc)
            return (show with { Words = null }).Cut();
        if (key.Kind != KeyKind.Enter)
            return show with { Words = words.After(key), Refusal = null };
        return show.Message.Artefact.TryAcknowledge(words.Text, out Refusal? refusal)
            ? Taken(show, words.Text.Trim())
            : show with { Words = words.Given(), Refusal = refusal };
    }

    /// <summary>The receiver has it: on to the next that it has not.</summary>
    private static CodeShow Taken(CodeShow show, string words)
    {
        CodeShow next = show with { Received = show.Received.SetItem(show.Selected, words), Words = null };
        if (next.IsAllReceived)
            return next with { IsOver = true };
        int place = show.Selected;
        while (next.Received.ContainsKey(place))
            place = (place + 1) % show.Messages.Length;
        return next.Select(place);
    }

    private static CodeShow Turned(CodeShow show, int by) =>
        show.Select((show.Selected + by + show.Messages.Length) % show.Messages.Length);

    private static CodeShow Faster(CodeShow show, int by) =>
        show with { Speed = CodeShow.Speeds[Math.Clamp(CodeShow.Speeds.IndexOf(show.Speed) + by, 0, CodeShow.Speeds.Length - 1)] };

    private static CodeShow Larger(CodeShow show, int by) =>
        show.Frames is { } frames ? show.WithVersion((show.Wanted ?? frames.Version) + by) : show.WithVersion(CodeShow.SmallestVersion);
}
