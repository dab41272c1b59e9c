using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>
/// What is read aloud, evidence, where we are: text over the whole width that is scrolled. Help stands in a box before the page that it is
/// about, above or below the question, which stays to be seen.
/// </summary>
internal sealed class ReadingPage(ScreenModel model, ReadingDialog dialog) : Page(model)
{
    /// <summary>Around the box the page stays to be seen.</summary>
    private const int AroundBox = 14;
    private const int MaxBox = 76;

    /// <summary>Lower than this a box is no help.</summary>
    private const int LeastBox = 10;

    private readonly ImmutableArray<int>.Builder _branches = ImmutableArray.CreateBuilder<int>();
    private Sheet? _text;

    public override (int Room, int Lines) Reading => (dialog is HelpDialog ? Math.Min(Text.Height, BoxPlace.Rows - (2 * Box.Edge) - 1)
        : BodyHeight - 2, Text.Height);

    protected override string Keys => dialog.Seeking is not null ? "Enter seeks   Esc back to the text"
        : Branches.Length > 0 ? "Arrows move, Left Right fold, - + all   / seeks, n N   Tab other texts"
        : "Arrows, PgUp, PgDn, space scroll   / seeks, n N go on   Tab other texts";

    /// <summary>The lines with the headings of <see cref="EvidenceDialog.Before"/>, in its order; empty: nothing folds.</summary>
    public ImmutableArray<int> Branches
    {
        get
        {
            _ = Text;
            return [.. _branches.AsEnumerable().Reverse()];
        }
    }

    /// <summary>The branch that a line is the heading of, or stands under; null: none.</summary>
    public int? BranchAt(int line)
    {
        int at = Branches.ToList().FindIndex(heading => heading <= line); // The last step stands first.
        return at < 0 ? null : at;
    }

    /// <summary>All of it, however long.</summary>
    public Sheet Text => _text ??= Written();

    public override void DrawBody(Layout layout)
    {
        if (dialog is HelpDialog help)
        {
            DrawBox(layout, help);
            return;
        }
        (int room, int lines) = Reading;
        int from = Math.Clamp(dialog.Scroll, 0, Math.Max(0, lines - room));
        Sheet sheet = NewSheet(TextWidth);
        string place = lines <= room
            ? ""
            : $"lines {from + 1} to {Math.Min(lines, from + room)} of {lines}{(from + room < lines ? $"  more {Glyph.Down}" : "")}";
        sheet.Rule(Title, place);
        int marked = dialog is EvidenceDialog found && Branches.Length > 0 ? Math.Clamp(found.Line, 0, lines - 1) : -1;
        for (int line = from; line < Math.Min(lines, from + room); line++)
        {
            int row = sheet.Height;
            if (line == marked && At(line) < 0)
                sheet.Add(TextOf(line).Length == 0 ? " " : TextOf(line), Palette.Marked);
            else
                WriteLine(sheet, line);
            if (line == marked) // Also where nothing can be reversed.
                sheet.Cursor = (row, 0);
            sheet.Mean(row, Part.Question, line);
        }
        while (sheet.Height < BodyHeight - 1)
            sheet.Blank();
        WriteNow(sheet, "");
        layout.Place(sheet, Top, 2, BodyHeight);
    }

    private void DrawBox(Layout layout, HelpDialog help)
    {
        Of(Model with { Dialog = help.Behind }).DrawBody(layout);
        (int room, int lines) = Reading;
        int from = Math.Clamp(dialog.Scroll, 0, Math.Max(0, lines - room));
        Sheet sheet = NewSheet(TextWidth);
        for (int line = from; line < Math.Min(lines, from + room); line++)
            WriteLine(sheet, line);
        WriteNow(sheet, lines <= room ? "" : $"{Math.Min(lines, from + room)}/{lines}{(from + room < lines ? $" {Glyph.Down}" : "")}");
        layout.Open(new Box(Title, sheet, Top + BoxPlace.Row, sheet.Height + (2 * Box.Edge)));
    }

    /// <summary>
    /// Of the body the rows above the question of the page behind, or below it, whichever are more; where they are too few it is covered.
    /// </summary>
    private (int Row, int Rows) BoxPlace
    {
        get
        {
            if (dialog is not HelpDialog { Behind: null } || Of(Model with { Dialog = null }) is not StepPage
                { QuestionAt: (var top, var rows) })
                return (0, BodyHeight);
            int below = BodyHeight - top - rows;
            return Math.Max(top, below) < LeastBox ? (0, BodyHeight) : below > top ? (top + rows, below) : (0, top);
        }
    }

    private int TextWidth => dialog is HelpDialog ? Math.Min(MaxBox, Display.Width - AroundBox) : Display.Width - 4;

    private void WriteNow(Sheet sheet, string place)
    {
        if (dialog.Seeking is { } seeking)
            AskBlock.WriteField(sheet, seeking, $"{Glyph.Now} Now: seek > ", active: true);
        else if (dialog.Sought.Length > 0)
            sheet.Row($"{Glyph.Now} Now: {(dialog.FoundAt < 0 ? $"\"{dialog.Sought}\" is not in this text."
                : $"\"{dialog.Sought}\" stands in line {dialog.FoundAt + 1}.")} Esc goes back.", place,
                dialog.FoundAt < 0 ? Palette.Alarm : Palette.Now, Palette.Plain);
        else
            sheet.Row($"{Glyph.Now} Now: read it. Enter or Esc goes back to the ceremony.", place, Palette.Now, Palette.Plain);
    }

    /// <summary>Whether what is sought begins in this line; it may end in the next one, where the text was broken.</summary>
    public bool Holds(int line) => At(line) >= 0;

    private int At(int line)
    {
        string text = TextOf(line), next = line + 1 < Text.Height ? " " + TextOf(line + 1).TrimStart() : "";
        int at = dialog.Sought.Length == 0 ? -1 : (text + next).IndexOf(dialog.Sought, StringComparison.OrdinalIgnoreCase);
        return at < text.Length ? at : -1;
    }

    private string TextOf(int line) => string.Concat(Text.Lines[line].Select(run => run.Text)).TrimEnd();

    /// <summary>What is sought stands out in it.</summary>
    private void WriteLine(Sheet sheet, int line)
    {
        if (At(line) is not (>= 0 and var at))
        {
            sheet.Append(Text, line, 1);
            return;
        }
        var runs = new List<(string, Look)>();
        int column = 0, end = at + dialog.Sought.Length;
        foreach (Run run in Text.Lines[line])
        {
            int from = Math.Clamp(at - column, 0, run.Text.Length), to = Math.Clamp(end - column, 0, run.Text.Length);
            runs.AddRange([(run.Text[..from], run.Look), (run.Text[from..to], run.Look.And(Palette.Marked)), (run.Text[to..], run.Look)]);
            column += run.Text.Length;
        }
        sheet.AddCells([.. runs.Where(run => run.Item1.Length > 0)]);
    }

    private string Title => dialog switch
    {
        HelpDialog => "Help",
        EvidenceDialog => "Found and recorded",
        AloudDialog => "What is read aloud",
        _ => "Where we are",
    };

    private Sheet Written()
    {
        Sheet sheet = NewSheet(TextWidth);
        switch (dialog)
        {
            case HelpDialog:
                WriteHelp(sheet);
                break;
            case EvidenceDialog evidence:
                WriteFound(sheet, evidence);
                break;
            case AloudDialog:
                WriteAloud(sheet);
                break;
            default:
                WriteWhere(sheet);
                break;
        }
        return sheet;
    }

    private void WriteFound(Sheet sheet, EvidenceDialog evidence)
    {
        foreach (string line in Model.Question?.EvidenceLines ?? [])
            sheet.Add(line);
        if (sheet.Height == 0)
            sheet.Add("There is nothing to look at for this question.");
        // Where words are typed that stand here, no others do.
        if (evidence.Before.IsEmpty || TypesWhatWasFound)
            return;
        sheet.Blank();
        sheet.Rule("In the steps before, the last one first");
        for (int branch = evidence.Before.Length - 1; branch >= 0; branch--)
        {
            FoundSoFar found = evidence.Before[branch];
            bool folded = evidence.Folded.Contains(branch);
            _branches.Add(sheet.Height);
            string sign = folded ? "+" : "-", hidden = folded ? $" ({found.Lines.Length})" : "";
            sheet.Add(sheet.Cut($"[{sign}] {found.Step.Number}. {found.Step.Title}{hidden}", sheet.Width), Palette.Strong);
            foreach (string line in folded ? [] : found.Lines)
                sheet.AddBehind("    ", line, Palette.Plain);
        }
    }

    private void WriteAloud(Sheet sheet)
    {
        var aloud = new Sheet(Display, Math.Min(sheet.Width, Watching.WitnessPage.ReadingWidth));
        if (State.Step is { Prose.Length: > 0 } step)
            Prose.Write(aloud, State.StepIndex == 0 ? $"{State.Script.Introduction}\n\n{step.Prose}" : step.Prose);
        if (aloud.Height == 0)
            aloud.Add("Nothing is read aloud here.");
        sheet.Append(aloud);
    }

    private void WriteHelp(Sheet sheet)
    {
        if (Model.Question is { } question)
        {
            if (BoxPlace.Rows == BodyHeight) // Else it is on the screen.
                sheet.Add($"{Glyph.Now} Now: {question.Prompt}", Palette.Now);
            if (question.Help.Length > 0)
                sheet.Add(question.Help);
            if (sheet.Height > 0)
                sheet.Blank();
        }
        if (State.StepIndex + 1 < State.Script.Steps.Length && State.Step is { } step)
        {
            sheet.Add($"This is step {step.Number}, {step.Title}. After it: {State.Script.Steps[State.StepIndex + 1].Title}.");
            sheet.Blank();
        }
        foreach ((string key, string what) in HelpTexts.Keys)
            sheet.AddBehind($"{key,-11} ", what, Palette.Plain);
        sheet.Blank();
        sheet.Add("Where a keyboard has no function keys: Esc, and the digit at once; Esc and 0 is F10.");
    }

    private void WriteWhere(Sheet sheet)
    {
        sheet.Add($"{State.Script.Title}, ceremony {State.Id}", Palette.Strong);
        sheet.Add($"Script SHA-256 {State.Script.Sha256}");
        if (Model.Pace is { } pace)
            sheet.Add(Watching.PaceWords.Long(pace, Model.Utc));
        sheet.Blank();
        foreach (Step step in State.Script.Steps)
        {
            int index = step.Number - 1;
            bool skipped = State.Skipped.Contains(index);
            string sign = skipped ? "-" : index < State.StepIndex ? Glyph.Done : index == State.StepIndex ? Glyph.Now : Glyph.Open;
            sheet.AddBehind($"{sign} {step.Number,2}  ", $"{step.Title}  ({(skipped ? "skipped: there was nothing to do" : step.By)})",
                index == State.StepIndex ? Palette.Now : Palette.Plain);
        }
        sheet.Blank();
        foreach (Attendant person in Attendant.Of(State.People))
            sheet.Add($"{person.Roles,-14} {person.Name}");
        foreach (string lost in CombinedSeats.Losses(State.Script))
            sheet.Add(lost);
        foreach (ExceptionRaised open in State.OpenExceptions)
            sheet.Add($"open exception {open.Number}: {open.Rule} {open.What}", Palette.Alarm);
        if (State.People.Length > 0)
            sheet.Blank();
        sheet.Add("What the words mean", Palette.Strong);
        foreach ((string word, string meaning) in HelpTexts.Glossary)
            sheet.AddBehind($"{word,-14} ", meaning, Palette.Plain);
    }
}
