using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>The window is smaller than a ceremony needs.</summary>
internal sealed class SmallPage(ScreenModel model) : Page(model)
{
    public override Layout Laid()
    {
        var layout = new Layout(Display);
        DrawBody(layout);
        return layout;
    }

    public override void DrawBody(Layout layout)
    {
        Sheet sheet = NewSheet(Display.Width);
        sheet.Add($"This window is {Display.Width} x {Display.Height}. The ceremony needs {Display.MinWidth} x {Display.MinHeight}.");
        sheet.Blank();
        sheet.Add($"{Glyph.Now} Now: make the window larger. Nothing is lost; the ceremony waits.");
        layout.Place(sheet, 0, 0, Display.Height);
    }
}

/// <summary>The room rests.</summary>
internal sealed class BreakPage(ScreenModel model) : Page(model)
{
    public override void DrawBody(Layout layout)
    {
        Sheet sheet = NewSheet(Math.Min(76, Display.Width - 4));
        sheet.Blank();
        sheet.Add("The ceremony rests.", Palette.Strong);
        sheet.Blank();
        if (State.SoFar.LastOrDefault(e => e.Body is BreakBegan) is { } began)
        {
            int minutes = (int)Math.Max(0, (Model.Utc - began.Utc).TotalMinutes);
            sheet.Add($"Since {began.Utc.UtcDateTime:HH:mm:ss} UTC, {minutes} minutes.");
        }
        sheet.Add("These people stay with the equipment, both in sight of each other:");
        foreach (string name in State.Break!.Remaining)
            sheet.AddBehind($"  {Glyph.Dot} ", name, Palette.Strong);
        sheet.Blank();
        if (Model.Question is { } question)
            AskBlock.Write(sheet, Model, question, Who(question));
        layout.Place(sheet, Top, 2, BodyHeight);
    }
}

/// <summary>Nothing more is asked: what came of it, and what to do with it.</summary>
internal sealed class EndPage(ScreenModel model) : Page(model)
{
    private const int WordsARow = 4;

    protected override string Keys => "Enter or ^C ends the program"
        + $"{(State.Aborted || !State.Script.IsSigned ? "" : $"   {Screen.BundleKey} Bundle as QR codes")}   "
        + $"{(Display.FunctionKeys ? "F6" : "Esc+6")} Where";

    protected override string TurnLine => State.Aborted ? "The ceremony was aborted" : "The ceremony is closed";

    /// <summary>All that the page says.</summary>
    public Sheet Written()
    {
        Sheet sheet = NewSheet(Math.Min(90, Display.Width - 4));
        sheet.Add(!State.Aborted ? State.Script.IsSigned ? "The ceremony is closed."
                : "The ceremony is closed. Nothing was signed: the next ceremony signs what stands in the ledger."
            : State.ClosedEntry ? "The ceremony was closed, and aborted before its record was signed. Its backups are good."
            : "The ceremony was aborted. What it made is dead: its keys are never used.", Palette.Strong);
        sheet.Blank();
        // The head that the report names, the HSM keeps and the next ceremony compares; entries behind it are in no bundle.
        (string title, long seq, string head) = State is { Aborted: false, Script.IsSigned: true, World.Checkpoint: { } checkpoint }
            ? ("Head of the ceremony", checkpoint.Seq, checkpoint.Head)
            : ("End of the ledger", State.Last.Seq, State.Last.HashHex);
        sheet.Add($"{title}, entry {seq}:");
        foreach (string[] words in PgpWords.Words(Convert.FromHexString(head)).Take(16).Chunk(WordsARow))
            sheet.Add("  " + string.Concat(words.Select(w => w.PadRight(15))).TrimEnd(), Palette.Strong);
        sheet.Add($"  {head}");
        sheet.Blank();
        // A folder is named by the line that verifies it; of a stick people are told which one it is, too.
        if (Model.BundlePath.Length > 0 && !State.Aborted && (Model.AuditLine.IsEmpty || !Path.IsPathRooted(Model.BundlePath)))
            sheet.AddBehind("Bundle: ", Model.BundlePath, Palette.Strong);
        WriteAudit(sheet);
        WriteNow(sheet);
        return sheet;
    }

    public override void DrawBody(Layout layout) => layout.Place(Written(), Top, 2, BodyHeight);

    /// <summary>Copied from the screen, rows and all, it is one command: a row that goes on ends with a backslash.</summary>
    private void WriteAudit(Sheet sheet)
    {
        if (Model.AuditLine.IsEmpty)
            return;
        sheet.Add(Path.IsPathRooted(Model.BundlePath) ? "Verified on another machine by:"
            : "Verified on another machine, in the export stick's folder, by:");
        for (int i = 0; i < Model.AuditLine.Length; i++)
            sheet.Add($"{(i == 0 ? "" : "  ")}{Model.AuditLine[i]}{(i + 1 < Model.AuditLine.Length ? " \\" : "")}", Palette.Strong);
    }

    private void WriteNow(Sheet sheet)
    {
        sheet.Add($"{Glyph.Now} Now:", Palette.Now);
        foreach (string todo in State.Aborted
            ? ["The witness writes the reason and the ledger's words on the last page.",
                "What is left to do stands in the handbook: administrator.md, Abort.",
                "Cards, HSM and sticks go into bags; the witness notes their numbers.",
                "Press Enter. Then switch the appliance off."]
            : !State.Script.IsSigned
            ? ["The witness writes the ledger's words on the last page, and where each card lies now.",
                "Press Enter, switch off, and put the record sticks into their bags."]
            : (string[])["Read the head's words aloud; the witness writes them on the last page.",
                "Take the export out; the auditor has the root's SHA-256 from the binder.",
                "Press Enter, switch off, and put HSM and record sticks into their bags."])
            sheet.AddBehind($"  {Glyph.Dot} ", todo, Palette.Plain);
    }
}
