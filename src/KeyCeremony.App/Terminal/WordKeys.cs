using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal;

/// <summary>The keys while a share is typed.</summary>
internal static class WordKeys
{
    public static (ScreenModel, Command?) After(ScreenModel m, Question question, Key key)
    {
        WordEntry entry = m.Entry!;
        switch (key.Kind)
        {
            case KeyKind.F7:
            case KeyKind.Ctrl when key.IsCtrl('t'):
                return (m with { WordsHidden = !m.WordsHidden }, null);
            case KeyKind.Ctrl when key.IsCtrl('x'):
                return (m with { Dialog = new StartAgainDialog() }, null);
            case KeyKind.Ctrl when key.IsCtrl('r') && m.State.Script.CardCodes:
                return (m, new ScanCard(question));
            case KeyKind.Enter or KeyKind.Tab:
            case KeyKind.Rune when key.Rune.Value == ' ':
                return Accepted(m, question, entry);
            case KeyKind.Rune:
                return (Told(m, entry.Type(key.Rune.IsBmp ? (char)key.Rune.Value : '?')), null);
            case KeyKind.Backspace:
                entry.Backspace();
                return (m, null);
            case KeyKind.Up or KeyKind.Left:
                return (GoTo(m, entry, entry.Current - 1), null);
            case KeyKind.Down or KeyKind.Right:
                return (GoTo(m, entry, entry.Current + 1), null);
            case KeyKind.Home:
                return (GoTo(m, entry, 1), null);
            case KeyKind.End:
                return (GoTo(m, entry, entry.WordCount), null);
            default:
                return (m, null);
        }
    }

    /// <summary>Forgets every word typed.</summary>
    public static void Clear(WordEntry entry)
    {
        for (int number = 1; number <= entry.WordCount; number++)
            entry.GoTo(number); // Opens the word and drops the one opened before.
        while (entry.Partial.Length > 0)
            entry.Backspace();
        entry.GoTo(1);
    }

    private static (ScreenModel, Command?) Accepted(ScreenModel m, Question question, WordEntry entry)
    {
        if (entry.Accept() is { } wrong)
            return (m.Refused(wrong), null);
        return (m, entry.IsComplete ? new ShareComplete(question) : null);
    }

    // A word that was opened only to be looked at is taken again before another one is opened. Letters that are no
    // word stay where they are, and the refusal says so: moving on would lose them.
    private static ScreenModel GoTo(ScreenModel m, WordEntry entry, int number)
    {
        if (number < 1 || number > entry.WordCount)
            return m;
        Refusal? wrong = entry.Accept();
        if (entry.Partial.Length > 0)
            return Told(m, wrong);
        entry.GoTo(number);
        return Told(m, wrong);
    }

    private static ScreenModel Told(ScreenModel m, Refusal? refusal) => refusal is null ? m : m.Refused(refusal);
}
