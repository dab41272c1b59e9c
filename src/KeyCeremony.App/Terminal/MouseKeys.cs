using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// The mouse of a rehearsal's terminal. It turns to a part of the page, scrolls and marks; what it gives back is a model and never a
/// command, so that it answers nothing: docs/decisions/0028-mouse.md.
/// </summary>
internal static class MouseKeys
{
    /// <summary>Lines for one notch of the wheel.</summary>
    private const int Notch = 3;

    /// <summary>
    /// Whether the terminal is asked to tell of its mouse. Never where anything is at stake, and never on a page with a secret; on the last
    /// page people copy the line that verifies the bundle.
    /// </summary>
    public static bool AreTaken(ScreenModel m) => m.Display is { HasMouse: true, IsTooSmall: false }
        && m.State.World.Environment == Environments.Rehearsal && m is { Move: not Over, Shown: null, Entry: null, Dice: null };

    public static ScreenModel After(ScreenModel m, Key key)
    {
        if (!AreTaken(m)) // A terminal that tells of its mouse unasked is not heard.
            return m;
        Target? at = Page.Of(m).Laid().At(key.Row, key.Column);
        int by = key.Kind switch
        {
            KeyKind.WheelUp => -Notch,
            KeyKind.WheelDown => Notch,
            _ => 0,
        };
        if (m.Dialog is { } dialog)
            return m with { Dialog = by == 0 ? Clicked(m, dialog, at?.Line ?? Target.NoLine) : Turned(m, dialog, by) };
        if (by != 0)
            return PartKeys.Scrolled(m, at is { Part: not Part.Question } over ? over.Part : Part.Text, by);
        if (at is not { } target || !Page.Of(m).Parts.Contains(target.Part))
            return m;
        bool marks = target.Line != Target.NoLine && m is { Work: null, Question.Kind: AnswerKind.Choice or AnswerKind.ReceivedWords };
        return m with { Focus = target.Part, Selected = marks ? target.Line : m.Selected };
    }

    private static Dialog Turned(ScreenModel m, Dialog dialog, int by)
    {
        (int room, int lines) = Page.Of(m).Reading;
        int last = Math.Max(0, lines - room);
        return dialog switch
        {
            ReadingDialog reading => reading with { Scroll = Math.Clamp(reading.Scroll + by, 0, last) },
            RegisterDialog { IsWhole: true } whole => whole with { Scroll = Math.Clamp(whole.Scroll + by, 0, last) },
            RegisterDialog table => table with { Selected = Math.Clamp(table.Selected + by, 0, Math.Max(0, lines - 1)) },
            _ => dialog,
        };
    }

    private static Dialog Clicked(ScreenModel m, Dialog dialog, int line) => line == Target.NoLine ? dialog : dialog switch
    {
        EvidenceDialog found => TreeKeys.Clicked(m, found, line),
        RegisterDialog { IsWhole: false } table => table with { Selected = line },
        LeaveDialog => new LeaveDialog(line),
        ShowAgainDialog => new ShowAgainDialog(line),
        BreakDialog pause => DialogUpdate.Toggled(pause, line),
        AbortDialog abort => abort with { Field = line },
        _ => dialog,
    };
}
