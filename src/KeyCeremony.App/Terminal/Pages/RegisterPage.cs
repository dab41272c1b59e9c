using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>What this ledger knows: the kinds, the rows of one, or one row whole. The rows are those of <c>keyceremony
/// register</c>.</summary>
internal sealed class RegisterPage(ScreenModel model, RegisterDialog dialog) : Page(model)
{
    /// <summary>The title, the headings, the filter, what to do now.</summary>
    private const int OtherRows = 4;

    private const int NarrowestText = 6;

    /// <summary>On a narrower screen the keys of a table take the whole row.</summary>
    private const int RoomForHelp = 92;

    private readonly RegisterAnswer _answer = dialog.Answer;
    private Sheet? _row;

    public override (int Room, int Lines) Reading => dialog.IsWhole ? (BodyHeight - 2, Row.Height) : (BodyHeight - OtherRows,
        _answer.Rows.Length);

    protected override string Keys => (dialog switch
    {
        { IsWhole: true } => "Arrows, PgUp and PgDn scroll   Enter or Esc goes back to the rows",
        { Table: null } => "Arrows mark   Enter shows them   Esc goes back to the ceremony",
        _ => "Type to filter  Arrows mark  Tab sorts, Shift-Tab turns  Enter row  Esc back",
    }) + (Display.FunctionKeys && (dialog is { IsWhole: true } or { Table: null } || Display.Width >= RoomForHelp) ? "   F1 Help" : "");

    private int Width => Display.Width - 4;

    /// <summary>The marked row with all its cells.</summary>
    public Sheet Row => _row ??= WholeRow();

    public override void DrawBody(Layout layout)
    {
        Sheet sheet = NewSheet(Width);
        if (dialog.IsWhole)
            WriteRow(sheet);
        else
            WriteRows(sheet);
        layout.Place(sheet, Top, 2, BodyHeight);
    }

    private void WriteRows(Sheet sheet)
    {
        (int room, int lines) = Reading;
        int from = Math.Clamp(dialog.Selected - (room / 2), 0, Math.Max(0, lines - room));
        sheet.Rule(dialog.Table?.Title ?? "What this ledger knows", lines == 0 ? "nothing"
            : $"{Sorted}{dialog.Selected + 1} of {lines}{(from + room < lines ? $"  more {Glyph.Down}" : "")}");
        (RegisterAnswer shown, ImmutableArray<int> widths) = Fitting(dialog.Table is { } table
            ? _answer.Showing(RegisterAnswer.Brief(table, severalLedgers: false)) : _answer.Showing([_answer.Columns[2],
                _answer.Columns[3]]));
        sheet.Add(("  ", Palette.Plain), (Line(sheet, [.. shown.Columns.Select(c => (object?)c.Heading)], widths), Palette.Strong));
        for (int i = from; i < Math.Min(lines, from + room); i++)
        {
            int row = sheet.Height;
            sheet.Add((i == dialog.Selected ? $"{Glyph.Now} " : "  ", Palette.Now), (Line(sheet, shown.Rows[i].Cells, widths),
                i == dialog.Selected ? Palette.Marked : Palette.Plain));
            sheet.Mean(row, Part.Question, i);
        }
        while (sheet.Height < BodyHeight - 2)
            sheet.Blank();
        if (dialog.Table is null)
            sheet.Blank();
        else
            AskBlock.WriteField(sheet, dialog.Filter, "Filter > ", active: true);
        sheet.Add(
            $"{Glyph.Now} Now: {(dialog.Table is null ? "mark what you want to see, then Enter." : "look. Nothing is changed here.")}",
            Palette.Now);
    }

    /// <summary>By which column, for the heading's end.</summary>
    private string Sorted => dialog.SortedColumn is { } column ? $"by {column.Heading}{(dialog.IsTurned ? ", last first" : "")}   " : "";

    private void WriteRow(Sheet sheet)
    {
        (int room, int lines) = Reading;
        int from = Math.Clamp(dialog.Scroll, 0, Math.Max(0, lines - room));
        sheet.Rule($"{dialog.Table!.Title}, row {dialog.Selected + 1}", lines <= room ? ""
            : $"lines {from + 1} to {Math.Min(lines, from + room)} of {lines}");
        sheet.Append(Row, from, room);
        while (sheet.Height < BodyHeight - 1)
            sheet.Blank();
        sheet.Add($"{Glyph.Now} Now: look. Enter or Esc goes back to the rows.", Palette.Now);
    }

    private Sheet WholeRow()
    {
        Sheet sheet = NewSheet(Width);
        int name = _answer.Columns.Max(c => c.Heading.Length);
        for (int i = 0; i < _answer.Columns.Length; i++)
            if (RegisterAnswer.Shown(_answer.Rows[dialog.Selected].Cells[i]) is { Length: > 0 } text)
                sheet.AddBehind($"{_answer.Columns[i].Heading.PadRight(name)}  ", text, Palette.Plain);
        return sheet;
    }

    /// <summary>Columns from the left, as many as there is room for; a row shown whole has all of them.</summary>
    private (RegisterAnswer Shown, ImmutableArray<int> Widths) Fitting(RegisterAnswer answer)
    {
        for (int count = answer.Columns.Length; ; count--)
        {
            RegisterAnswer some = answer.Showing(answer.Columns[..count]);
            if (some.Widths(Width - 2, NarrowestText) is { } widths)
                return (some, widths);
            if (count == 1)
                return (some, [Width - 2]);
        }
    }

    private string Line(Sheet sheet, ImmutableArray<object?> cells, ImmutableArray<int> widths) => string.Join(RegisterAnswer.Between,
        cells.Select((cell, i) =>
    {
        string text = sheet.Cut(Glyph.Clean(RegisterAnswer.Shown(cell)), widths[i]);
        return text + new string(' ', Math.Max(0, widths[i] - RegisterAnswer.WidthOf(text)));
    })).TrimEnd();
}
