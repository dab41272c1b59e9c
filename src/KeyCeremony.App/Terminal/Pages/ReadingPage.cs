using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>Help, evidence, where we are: text over the whole width that is scrolled.</summary>
internal sealed class ReadingPage(ScreenModel model, ReadingDialog dialog) : Page(model)
{
    private Sheet? _text;

    public override (int Room, int Lines) Reading => (BodyHeight - 2, Text.Height);

    protected override string Keys => "Arrows, PgUp and PgDn, space or ^F and ^B scroll";

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
        sheet.Append(Text, from, room);
        while (sheet.Height < BodyHeight - 1)
            sheet.Blank();
        sheet.Add($"{Glyph.Now} Now: read it. Enter or Esc goes back to the ceremony.", Palette.Now);
        layout.Place(sheet, Top, 2, BodyHeight);
    }

    private string Title => dialog switch
    {
        HelpDialog => "Help",
        EvidenceDialog => "Found and recorded",
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
            case EvidenceDialog:
                foreach (string line in Model.Question?.EvidenceLines ?? [])
                    sheet.Add(line);
                if (sheet.Height == 0)
                    sheet.Add("There is nothing to look at for this question.");
                break;
            default:
                WriteWhere(sheet);
                break;
        }
        return sheet;
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
