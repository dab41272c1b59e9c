using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Terminal;

/// <summary>The keys while a dialog is open. Esc goes back to the ceremony, from inside the register a page at a time.</summary>
internal static class DialogUpdate
{
    public static (ScreenModel, Command?) After(ScreenModel m, Dialog dialog, Key key)
    {
        if (dialog is ReadingDialog { Seeking: { } seeking } searching && !(key.Kind == KeyKind.F10 || key.IsCtrl('c')))
            return (m with { Dialog = Searching(m, searching, seeking, key) }, null);
        if (dialog is RegisterDialog { Table: not null } inside && key.Kind == KeyKind.Esc)
            return (m with { Dialog = RegisterKeys.Back(inside) }, null);
        if (key.Kind == KeyKind.Esc)
            return (m with { Dialog = (dialog as HelpDialog)?.Behind }, null);
        if (key.Kind == KeyKind.F1 && dialog is not HelpDialog)
            return (m with { Dialog = new HelpDialog(dialog) }, null);
        if (dialog is not LeaveDialog && (key.Kind == KeyKind.F10 || key.IsCtrl('c')))
            return (m with { Dialog = new LeaveDialog(0) }, null);
        return dialog switch
        {
            EvidenceDialog found when TreeKeys.After(m, found, key) is { } tree => (m with { Dialog = tree }, null),
            ReadingDialog reading => (Reading(m, reading, key), null),
            RegisterDialog register => (m with { Dialog = RegisterKeys.After(m, register, key) }, null),
            LeaveDialog leave => Leaving(m, leave, key),
            BreakDialog pause => Pausing(m, pause, key),
            ReportDialog report when key.Kind == KeyKind.Enter => (m with { Dialog = new ReportDialog(report.What.Given()) },
                new Send(new Report(report.What.Text))),
            ReportDialog report => (m with { Dialog = new ReportDialog(report.What.After(key)) }, null),
            AbortDialog abort => Aborting(m, abort, key),
            StartAgainDialog => (StartingAgain(m, key), null),
            ShowAgainDialog again => ShowingAgain(m, again, key),
            _ => (m, null),
        };
    }

    /// <summary>Asks who stays, where a break can begin.</summary>
    public static ScreenModel Break(ScreenModel m) => WhyNoBreak(m) is { } why
        ? (m with { Dialog = null }).Refused(why) : m with { Dialog = BreakFor(m) };

    /// <summary>Said before anybody is named, and not after.</summary>
    public static Refusal? WhyNoBreak(ScreenModel m) =>
        Director.Decide(m.State, new TakeBreak([]), m.Utc).Refusal is { Rule: CeremonyRules.SecretHeld or CeremonyRules.NotNow } why
            ? why : null;

    /// <summary>Nobody is marked at first: those who stay are named one by one.</summary>
    public static BreakDialog BreakFor(ScreenModel m)
    {
        ImmutableArray<Attendant> people = Attendant.Of(m.State.People);
        return new BreakDialog(people, [.. people.Select(_ => false)], 0);
    }

    public static BreakDialog Toggled(BreakDialog pause, int person) =>
        pause with { Selected = person, Stay = pause.Stay.SetItem(person, !pause.Stay[person]) };

    private static ScreenModel Reading(ScreenModel m, ReadingDialog dialog, Key key)
    {
        if (key.Kind is KeyKind.Enter or KeyKind.F1 or KeyKind.F5 or KeyKind.F6)
            return m with { Dialog = (dialog as HelpDialog)?.Behind };
        if (key == Screen.SearchKey)
            return m with { Dialog = dialog with { Seeking = LineInput.Empty } };
        if (key.Kind == KeyKind.Rune && key.Rune.Value is 'n' or 'N' && dialog.Sought.Length > 0)
            return m with { Dialog = Found(m, dialog, key.Rune.Value == 'n' ? 1 : -1) };
        if (key.Kind == KeyKind.Tab)
            return m with { Dialog = Beside(m, dialog) };
        (int room, int lines) = Page.Of(m).Reading;
        int page = Math.Max(1, room - 1);
        int scroll = key.Kind switch
        {
            KeyKind.Up => dialog.Scroll - 1,
            KeyKind.Down => dialog.Scroll + 1,
            KeyKind.PageUp => dialog.Scroll - page,
            KeyKind.PageDown => dialog.Scroll + page,
            KeyKind.Ctrl when key.IsCtrl('b') => dialog.Scroll - page,
            KeyKind.Ctrl when key.IsCtrl('f') => dialog.Scroll + page,
            KeyKind.Rune when key.Rune.Value == ' ' => dialog.Scroll + page,
            KeyKind.Home => 0,
            KeyKind.End => lines,
            _ => dialog.Scroll,
        };
        return m with { Dialog = dialog with { Scroll = Math.Clamp(scroll, 0, Math.Max(0, lines - room)) } };
    }

    /// <summary>The other long texts, one after the other; what was sought is sought there, too.</summary>
    private static ReadingDialog Beside(ScreenModel m, ReadingDialog dialog)
    {
        ReadingDialog next = dialog switch
        {
            AloudDialog => EvidenceDialog.Of(m),
            EvidenceDialog => new WhereDialog(),
            WhereDialog => new HelpDialog(null),
            _ => new AloudDialog(),
        };
        return next with { Sought = dialog.Sought };
    }

    private static ReadingDialog Searching(ScreenModel m, ReadingDialog dialog, LineInput seeking, Key key) => key.Kind switch
    {
        KeyKind.Esc => dialog with { Seeking = null },
        KeyKind.Enter when seeking.Text.Trim().Length == 0 => dialog with { Seeking = null, Sought = "", FoundAt = -1 },
        KeyKind.Enter => Found(m, dialog with { Seeking = null, Sought = seeking.Text.Trim(), FoundAt = -1 }, 1),
        _ => dialog with { Seeking = seeking.After(key) },
    };

    /// <summary>The next line that holds what is sought, or the one before; behind the end it begins anew.</summary>
    private static ReadingDialog Found(ScreenModel m, ReadingDialog dialog, int direction)
    {
        if (dialog is EvidenceDialog { Folded.IsEmpty: false } folded) // What is folded away is sought as well.
            dialog = folded with { Folded = [] };
        var page = new ReadingPage(m, dialog);
        (int room, int lines) = page.Reading;
        int from = dialog.FoundAt >= 0 ? dialog.FoundAt : dialog.Scroll - direction;
        for (int i = 1; i <= lines; i++)
        {
            int line = ((from + (direction * i)) % lines + lines) % lines;
            if (page.Holds(line))
                return At(dialog, line) with { Scroll = Math.Clamp(line - (room / 3), 0, Math.Max(0, lines - room)) };
        }
        return dialog with { FoundAt = -1 };
    }

    private static ReadingDialog At(ReadingDialog dialog, int line) => dialog is EvidenceDialog found
        ? found with { FoundAt = line, Line = line } : dialog with { FoundAt = line };

    private static (ScreenModel, Command?) Leaving(ScreenModel m, LeaveDialog leave, Key key)
    {
        int count = (m.NothingBegun ? LeaveDialog.ChoicesBefore : LeaveDialog.Choices).Length;
        if (key.Digit >= 1 && key.Digit <= count)
            return (m with { Dialog = new LeaveDialog(key.Digit - 1) }, null);
        return key.Kind switch
        {
            KeyKind.Rune when key.Digit >= 0 => (m.Refused(ScreenRules.NoLine(key.Digit, count)), null),
            KeyKind.Up => (m with { Dialog = new LeaveDialog((leave.Selected + count - 1) % count) }, null),
            KeyKind.Down or KeyKind.Tab => (m with { Dialog = new LeaveDialog((leave.Selected + 1) % count) }, null),
            KeyKind.Enter when leave.Selected == count - 1 => (m with { Dialog = null }, new StopProgram()),
            KeyKind.Enter when leave.Selected == 1 && m.Question is not null && m.Work is null => (Break(m), null),
            KeyKind.Enter => (m with { Dialog = null }, null),
            _ => (m, null),
        };
    }

    private static (ScreenModel, Command?) Pausing(ScreenModel m, BreakDialog pause, Key key)
    {
        int count = pause.People.Length;
        if (key.Kind == KeyKind.Enter)
            return (m, new Send(new TakeBreak([.. pause.People.Where((_, i) => pause.Stay[i]).Select(p => p.Name)])));
        if (count == 0)
            return (m, null);
        if (key.Kind == KeyKind.Rune && key.Digit >= 0 && (key.Digit == 0 || key.Digit > count))
            return (m.Refused(ScreenRules.NoLine(key.Digit, count)), null);
        BreakDialog next = key.Kind switch
        {
            KeyKind.Up => pause with { Selected = (pause.Selected + count - 1) % count },
            KeyKind.Down or KeyKind.Tab => pause with { Selected = (pause.Selected + 1) % count },
            KeyKind.Rune when key.Rune.Value == ' ' => Toggled(pause, pause.Selected),
            KeyKind.Rune when key.Digit >= 1 && key.Digit <= count => Toggled(pause, key.Digit - 1),
            _ => pause,
        };
        return (m with { Dialog = next }, null);
    }

    private static (ScreenModel, Command?) Aborting(ScreenModel m, AbortDialog abort, Key key)
    {
        int last = abort.Fields.Length - 1;
        if (key.Kind == KeyKind.Enter && abort.Field == last)
            return (m with { Dialog = abort with { Fields = [.. abort.Fields.Select(f => f.Given())] } },
                new Send(new Abort(abort.Fields[0].Text.Trim(), last == 0 ? "" : abort.Fields[1].Text.Trim())));
        AbortDialog next = key.Kind switch
        {
            KeyKind.Enter or KeyKind.Tab or KeyKind.Down => abort with { Field = Math.Min(last, abort.Field + 1) },
            KeyKind.Up => abort with { Field = Math.Max(0, abort.Field - 1) },
            _ => abort with { Fields = abort.Fields.SetItem(abort.Field, abort.Fields[abort.Field].After(key)) },
        };
        return (m with { Dialog = next }, null);
    }

    private static (ScreenModel, Command?) ShowingAgain(ScreenModel m, ShowAgainDialog again, Key key)
    {
        int count = ShowAgainDialog.Choices.Length;
        return key.Kind switch
        {
            KeyKind.Rune when key.Digit >= 1 && key.Digit <= count => (m with { Dialog = new ShowAgainDialog(key.Digit - 1) }, null),
            KeyKind.Rune when key.Digit >= 0 => (m.Refused(ScreenRules.NoLine(key.Digit, count)), null),
            KeyKind.Up or KeyKind.Down or KeyKind.Tab => (m with { Dialog = new ShowAgainDialog(count - 1 - again.Selected) }, null),
            KeyKind.Enter when again.Selected == 1 => (m with { Dialog = null }, new Send(new Undo())),
            KeyKind.Enter => (m with { Dialog = null }, null),
            _ => (m, null),
        };
    }

    private static ScreenModel StartingAgain(ScreenModel m, Key key)
    {
        if (key.Kind != KeyKind.Enter)
            return m;
        if (m.Entry is not null)
            WordKeys.Clear(m.Entry);
        return m with { Dialog = null };
    }
}
