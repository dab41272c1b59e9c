using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>A dialog that asks something, in a box before the page that it interrupts.</summary>
internal sealed class DialogPage(ScreenModel model, Dialog dialog) : Page(model)
{
    /// <summary>Around the box the page stays to be seen.</summary>
    private const int Around = 14;
    private const int MaxWidth = 76;

    protected override string Keys => dialog switch
    {
        BreakDialog => "Number or space marks who stays   Enter begins the break   Esc back",
        LeaveDialog or ShowAgainDialog => "Number or arrows mark   Enter does it   Esc back",
        StartAgainDialog => "Enter clears all words   Esc back",
        _ => "Enter goes on   Esc back; nothing is lost",
    } + (Display.FunctionKeys ? "   F1 Help" : "");

    public override void DrawBody(Layout layout)
    {
        Of(Model with { Dialog = null, Refusal = null }).DrawBody(layout); // What is refused stands in the box.
        Sheet sheet = Asked(Math.Min(MaxWidth, Display.Width - Around));
        if (Model.Refusal is { } refusal)
        {
            sheet.Blank();
            WriteRefusal(sheet, "", refusal);
        }
        layout.Open(new Box(Title, sheet, Top, BodyHeight));
    }

    /// <summary>What stands in the box.</summary>
    public Sheet Asked(int width)
    {
        Sheet sheet = NewSheet(width);
        Write(sheet);
        return sheet;
    }

    private string Title => dialog switch
    {
        LeaveDialog => "Leave the ceremony?",
        BreakDialog => "Who stays in the room during the break?",
        ReportDialog => "Report a deviation",
        AbortDialog => "Abort the ceremony",
        ShowAgainDialog => "Show the card again?",
        _ => "Clear all words and start again?",
    };

    private void Write(Sheet sheet)
    {
        switch (dialog)
        {
            case LeaveDialog leave:
                WriteLeave(sheet, leave);
                break;
            case BreakDialog pause:
                WriteBreak(sheet, pause);
                break;
            case ReportDialog report:
                WriteReport(sheet, report);
                break;
            case AbortDialog abort:
                WriteAbort(sheet, abort);
                break;
            case ShowAgainDialog again:
                WriteShowAgain(sheet, again);
                break;
            case StartAgainDialog:
                sheet.Add($"{Glyph.Now} Now: Enter clears them, Esc keeps them.", Palette.Now);
                break;
        }
    }

    private void WriteLeave(Sheet sheet, LeaveDialog leave)
    {
        sheet.Add(Model.NothingBegun
            ? "Nothing is on the record sticks yet: the ceremony begins when the roll call is confirmed. Leaving now costs nothing."
            : "Everything recorded so far is on the record sticks. By stopping, secrets in memory are wiped, and the HSM is locked.");
        if (State.Step is DealSharesStep deal && State.SetHere(deal.Set) is { Combined: false })
            sheet.Add("The cards that are being dealt become void: all of them are destroyed, and a new set is dealt.", Palette.Alarm);
        sheet.Blank();
        foreach (string line in LeaveDialog.ToWrite(State))
            sheet.Add(line, Palette.Strong);
        sheet.Blank();
        sheet.Add($"{Glyph.Now} Now: mark a line by its number, then Enter.", Palette.Now);
        AskBlock.WriteChoices(sheet, Display, Model.NothingBegun ? LeaveDialog.ChoicesBefore : LeaveDialog.Choices, leave.Selected);
    }

    private void WriteShowAgain(Sheet sheet, ShowAgainDialog again)
    {
        sheet.Add("The words would stand on the screen again, and the journal records that the card was shown twice. "
            + "What was typed back is cleared.");
        sheet.Blank();
        sheet.Add($"{Glyph.Now} Now: mark a line by its number, then Enter.", Palette.Now);
        AskBlock.WriteChoices(sheet, Display, ShowAgainDialog.Choices, again.Selected);
    }

    private void WriteBreak(Sheet sheet, BreakDialog pause)
    {
        sheet.Add("At least two people stay with the equipment. Their names are recorded.");
        sheet.Blank();
        if (pause.People.Length == 0)
            sheet.Add("The roll call is not finished: nobody is named yet. Finish it first, then take the break.");
        for (int i = 0; i < pause.People.Length; i++)
        {
            Attendant person = pause.People[i];
            string here = pause.Stay[i] ? "[x]" : "[ ]";
            int row = sheet.Height;
            sheet.AddBehind($"  {(i == pause.Selected ? Glyph.Now : " ")} {i + 1}  {here} ",
                $"{person.Name}, {person.Roles}", pause.Stay[i] ? Palette.Strong : Palette.Plain);
            sheet.Mean(row, Part.Question, i);
        }
        sheet.Blank();
        int staying = pause.Stay.Count(s => s);
        string next = pause.People.Length == 0 ? "Esc goes back to the roll call."
            : staying >= 2 ? $"Enter begins the break; {staying} people stay." : "mark at least two people by their numbers.";
        sheet.Add($"{Glyph.Now} Now: {next}", Palette.Now);
    }

    private void WriteReport(Sheet sheet, ReportDialog report)
    {
        sheet.Add(
            "Whatever was different from the script: say it in a sentence. It is recorded as an exception, and the witness signs it off.");
        sheet.Blank();
        sheet.Add($"{Glyph.Now} Now: type what was different, then Enter.", Palette.Now);
        AskBlock.WriteField(sheet, report.What, "  > ", active: true, AskBlock.MostFieldRows);
    }

    private void WriteAbort(Sheet sheet, AbortDialog abort)
    {
        sheet.Add(State.ClosedEntry
            ? "The ceremony is closed; its record stays without a signature, for good. Its keys and backups are as good as before."
            : "The ceremony ends without its goal, for good. A key that was made today is never used, a card that was dealt today "
                + "opens nothing. Cards of earlier days stay as good as they were; what was retired or destroyed today stays so. "
                + "To come back later, press Esc and choose a break or stop the program instead.");
        sheet.Blank();
        sheet.Add($"{Glyph.Now} Now: type {(abort.Field == 0 ? "the reason" : "the witness's name")}, "
            + $"then Enter.{(abort.Fields.Length == 1 ? " The witness is asked next." : "")}", Palette.Now);
        for (int i = 0; i < abort.Fields.Length; i++)
        {
            int row = sheet.Height;
            sheet.AddBehind("  ", AbortDialog.Asks[i], Palette.Plain);
            AskBlock.WriteField(sheet, abort.Fields[i], i == abort.Field ? $"  {Glyph.Now} " : "    ", i == abort.Field,
                AskBlock.MostFieldRows);
            sheet.Mean(row, Part.Question, i);
        }
    }
}
