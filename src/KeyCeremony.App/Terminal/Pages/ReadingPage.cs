using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>Help, evidence, where we are: text over the whole width that is scrolled.</summary>
internal sealed class ReadingPage(ScreenModel model, ReadingDialog dialog) : Page(model)
{
    private Sheet? _text;

    public override (int Room, int Lines) Reading => (BodyHeight - 2, Text.Height);

    protected override string Keys => dialog.Seeking is not null ? "Enter seeks   Esc back to the text"
        : "Arrows, PgUp, PgDn, space scroll   / seeks, n N go on   Tab other texts";

    /// <summary>All of it, however long.</summary>
    public Sheet Text => _text ??= Written();

    public override void DrawBody(Layout layout)
    {
        (int room, int lines) = Reading;
        int from = Math.Clamp(dialog.Scroll, 0, Math.Max(0, lines - room));
        Sheet sheet = NewSheet(Display.Width - 4);
        string place = lines <= room
            ? ""
            : $"lines {from + 1} to {Math.Min(lines, from + room)} of {lines}{(from + room < lines ? $"  more {Glyph.Down}" : "")}";
        sheet.Rule(Title, place);
        for (int line = from; line < Math.Min(lines, from + room); line++)
            WriteLine(sheet, line);
        while (sheet.Height < BodyHeight - 1)
            sheet.Blank();
        if (dialog.Seeking is { } seeking)
            AskBlock.WriteField(sheet, seeking, $"{Glyph.Now} Now: seek > ", active: true);
        else if (dialog.Sought.Length > 0)
            sheet.Row($"{Glyph.Now} Now: {(dialog.FoundAt < 0 ? $"\"{dialog.Sought}\" is not in this text."
                : $"\"{dialog.Sought}\" stands in line {dialog.FoundAt + 1}.")} Esc goes back.", "",
                dialog.FoundAt < 0 ? Palette.Alarm : Palette.Now, Palette.Plain);
        else
            sheet.Add($"{Glyph.Now} Now: read it. Enter or Esc goes back to the ceremony.", Palette.Now);
        layout.Place(sheet, Top, 2, BodyHeight);
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
        Sheet sheet = NewSheet(Display.Width - 4);
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
        foreach (FoundSoFar found in evidence.Before.Reverse())
        {
            sheet.Add($"{found.Step.Number}. {found.Step.Title}", Palette.Strong);
            foreach (string line in found.Lines)
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
            sheet.Add($"{Glyph.Now} Now: {question.Prompt}", Palette.Now);
            if (question.Help.Length > 0)
                sheet.Add(question.Help);
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
        foreach (Person person in State.People)
            sheet.Add($"{person.Role,-14} {person.Name}");
        foreach (ExceptionRaised open in State.OpenExceptions)
            sheet.Add($"open exception {open.Number}: {open.Rule} {open.What}", Palette.Alarm);
        if (State.People.Length > 0)
            sheet.Blank();
        sheet.Add("What the words mean", Palette.Strong);
        foreach ((string word, string meaning) in HelpTexts.Glossary)
            sheet.AddBehind($"{word,-14} ", meaning, Palette.Plain);
    }
}
