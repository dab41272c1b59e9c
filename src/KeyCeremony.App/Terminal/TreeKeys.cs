using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Pages;

namespace KeyCeremony.App.Terminal;

/// <summary>The keys in what was found: each step before is a branch that can be folded; the arrows move from line to line.</summary>
internal static class TreeKeys
{
    /// <summary>Null: the key does nothing of this, or there is no branch.</summary>
    public static EvidenceDialog? After(ScreenModel m, EvidenceDialog dialog, Key key)
    {
        var page = new ReadingPage(m, dialog);
        if (page.Branches.IsEmpty)
            return null;
        (int room, int lines) = page.Reading;
        int at = Math.Clamp(dialog.Line, 0, lines - 1), leap = Math.Max(1, room - 1);
        return key.Kind switch
        {
            KeyKind.Up => Moved(m, dialog, at - 1),
            KeyKind.Down => Moved(m, dialog, at + 1),
            KeyKind.PageUp => Turned(m, dialog, at, -leap),
            KeyKind.PageDown => Turned(m, dialog, at, leap),
            KeyKind.Ctrl when key.IsCtrl('b') => Turned(m, dialog, at, -leap),
            KeyKind.Ctrl when key.IsCtrl('f') => Turned(m, dialog, at, leap),
            KeyKind.Rune when key.Rune.Value == ' ' => Turned(m, dialog, at, leap),
            KeyKind.Home => Moved(m, dialog, 0),
            KeyKind.End => Moved(m, dialog, lines - 1),
            KeyKind.Left when page.BranchAt(at) is { } branch => Folded(m, dialog, branch, dialog.Folded.Add(branch)),
            KeyKind.Right when page.BranchAt(at) is { } branch => Folded(m, dialog, branch, dialog.Folded.Remove(branch)),
            KeyKind.Rune when key.Rune.Value == '-' => Folded(m, dialog, page.BranchAt(at), [.. Enumerable.Range(0, dialog.Before.Length)]),
            KeyKind.Rune when key.Rune.Value == '+' => Folded(m, dialog, page.BranchAt(at), []),
            _ => null,
        };
    }

    /// <summary>A branch's heading opens or closes; another line is marked.</summary>
    public static EvidenceDialog Clicked(ScreenModel m, EvidenceDialog dialog, int line)
    {
        var page = new ReadingPage(m, dialog);
        if (page.BranchAt(line) is not { } branch || page.Branches[branch] != line)
            return dialog with { Line = line };
        bool closed = dialog.Folded.Contains(branch);
        return Folded(m, dialog, branch, closed ? dialog.Folded.Remove(branch) : dialog.Folded.Add(branch));
    }

    /// <summary>The text moves with the mark, as a page that is turned: whoever presses the key reads on.</summary>
    private static EvidenceDialog Turned(ScreenModel m, EvidenceDialog dialog, int at, int leap)
    {
        (int room, int lines) = new ReadingPage(m, dialog).Reading;
        return Moved(m, dialog with { Scroll = Math.Clamp(dialog.Scroll + leap, 0, Math.Max(0, lines - room)) }, at + leap);
    }

    /// <summary>The marked line stays in sight.</summary>
    private static EvidenceDialog Moved(ScreenModel m, EvidenceDialog dialog, int line)
    {
        (int room, int lines) = new ReadingPage(m, dialog).Reading;
        int to = Math.Clamp(line, 0, lines - 1);
        int scroll = Math.Clamp(dialog.Scroll, to - room + 1, to);
        return dialog with { Line = to, Scroll = Math.Clamp(scroll, 0, Math.Max(0, lines - room)) };
    }

    /// <param name="branch">Its heading is marked then; null: the line is in none.</param>
    private static EvidenceDialog Folded(ScreenModel m, EvidenceDialog dialog, int? branch, ImmutableHashSet<int> folded)
    {
        EvidenceDialog next = dialog with { Folded = folded, FoundAt = -1 };
        return Moved(m, next, branch is { } known ? new ReadingPage(m, next).Branches[known] : dialog.Line);
    }
}
