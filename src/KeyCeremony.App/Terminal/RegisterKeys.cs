using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Terminal;

/// <summary>The keys while people look into the ledger: a kind is chosen, its rows are filtered by typing, a row is shown whole.</summary>
internal static class RegisterKeys
{
    /// <summary>One page back; from the kinds Esc goes back to the ceremony.</summary>
    public static RegisterDialog Back(RegisterDialog dialog) => dialog.IsWhole ? dialog with { IsWhole = false, Scroll = 0 }
        : dialog with
        {
            Table = null,
            Filter = LineInput.Empty,
            SortedBy = -1,
            IsTurned = false,
            Selected = RegisterTable.All.IndexOf(dialog.Table!),
        };

    /// <summary>Null: back to the ceremony.</summary>
    public static RegisterDialog? After(ScreenModel m, RegisterDialog dialog, Key key)
    {
        if (key.Kind == KeyKind.F7)
            return null;
        (int room, int lines) = Page.Of(m).Reading;
        int page = Math.Max(1, room - 1), at = dialog.IsWhole ? dialog.Scroll : dialog.Selected;
        int? moved = key.Kind switch
        {
            KeyKind.Up => at - 1,
            KeyKind.Down => at + 1,
            KeyKind.PageUp => at - page,
            KeyKind.PageDown => at + page,
            KeyKind.Ctrl when key.IsCtrl('b') => at - page,
            KeyKind.Ctrl when key.IsCtrl('f') => at + page,
            KeyKind.Home => 0,
            KeyKind.End => lines,
            _ => null,
        };
        if (moved is { } to)
            return dialog.IsWhole ? dialog with { Scroll = Math.Clamp(to, 0, Math.Max(0, lines - room)) }
                : dialog with { Selected = Math.Clamp(to, 0, Math.Max(0, lines - 1)) };
        if (key.Kind == KeyKind.Enter)
            return dialog.Table is null ? dialog with { Table = RegisterTable.All[dialog.Selected], Selected = 0 }
                : dialog.IsWhole ? Back(dialog) : lines > 0 ? dialog with { IsWhole = true } : dialog;
        if (dialog.Table is null || dialog.IsWhole)
            return dialog;
        if (key.Kind == KeyKind.Tab)
            return dialog with { SortedBy = Next(dialog.SortedBy, dialog.Table), IsTurned = false, Selected = 0 };
        if (key.Kind == KeyKind.BackTab)
            return dialog with { IsTurned = !dialog.IsTurned && dialog.SortedBy >= 0, Selected = 0 };
        LineInput filter = dialog.Filter.After(key);
        return filter.Text == dialog.Filter.Text ? dialog with { Filter = filter } : dialog with { Filter = filter, Selected = 0 };
    }

    private static int Next(int column, RegisterTable table) => column + 1 < table.Brief.Length ? column + 1 : -1;
}
