using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>
/// The ceremony as it is most of the time. Left the steps, in the middle what is read aloud and what is to do now, right
/// what the appliance found; on a narrow screen that stands below the prose.
/// </summary>
internal sealed class StepPage(ScreenModel model) : Page(model)
{
    private const int Wide = 116;
    private const int LineOfHex = 40;
    private const int LeastProse = 3;
    private const int WordsARow = 2;

    private Plan? _plan;

    /// <summary>What is read aloud is never wider, however wide the screen is: the eye finds the next line.</summary>
    private const int ReadingWidth = Watching.WitnessPage.ReadingWidth;

    private int StepsWidth => Display.Width >= Wide ? 28 : 22;

    private bool HasSide => Display.Width >= Wide && !Model.IsBig;

    private int SideWidth => Math.Clamp(Display.Width * 30 / 100, LineOfHex, 60);

    private int CentreLeft => Model.IsBig ? (Display.Width - CentreWidth) / 2 : StepsWidth + 2;

    private int CentreWidth => Model.IsBig ? Math.Min(ReadingWidth, Display.Width - 2)
        : HasSide ? Display.Width - CentreLeft - SideWidth - 4 : Display.Width - CentreLeft - 1;

    public override (int Room, int Lines) Reading
    {
        get
        {
            (_, int room, int lines) = Window(Part.Text);
            return (room, lines);
        }
    }

    /// <summary>The first row of the body that the question stands in, and how many it takes.</summary>
    public (int Top, int Rows) QuestionAt
    {
        get
        {
            Plan plan = Rows();
            int more = plan.Prose.Height > plan.ProseRows ? 1 : 0;
            return (plan.Title.Height + plan.ProseRows + more + plan.EvidenceRows, plan.Now.Height);
        }
    }

    public override IReadOnlyList<Part> Parts
    {
        get
        {
            Part[] found = FoundRows > 0 ? [Part.Found] : [], steps = Model.IsBig ? [] : [Part.Steps];
            return [Part.Question, Part.Text, .. found, .. steps];
        }
    }

    public override (int From, int Room, int Lines) Window(Part part)
    {
        switch (part)
        {
            case Part.Text:
                Plan plan = Rows();
                return (Math.Clamp(Model.Scroll, 0, Math.Max(0, plan.Prose.Height - plan.ProseRows)), plan.ProseRows, plan.Prose.Height);
            case Part.Found:
                return Shown(HasSide ? SideWidth : CentreWidth, FoundRows);
            case Part.Steps:
                (Sheet all, int current) = AllSteps();
                int room = Math.Max(0, BodyHeight - StepsHead().Height);
                return (Math.Clamp(Model.StepsScroll ?? current - (room / 3), 0, Math.Max(0, all.Height - room)), room, all.Height);
            default:
                return base.Window(part);
        }
    }

    public override void DrawBody(Layout layout)
    {
        if (!Model.IsBig)
        {
            layout.Vertical(StepsWidth, Top, Top + BodyHeight - 1);
            layout.Place(Steps(), Top, 0, BodyHeight);
        }
        layout.Place(Centre(), Top, CentreLeft, BodyHeight);
        if (HasSide)
        {
            int column = Display.Width - SideWidth - 2;
            layout.Vertical(column, Top, Top + BodyHeight - 1);
            layout.Place(Side(), Top, column + 2, BodyHeight);
        }
    }

    // ---- left: the steps around the current one ----

    private Sheet Steps()
    {
        Sheet shown = StepsHead();
        (int from, int room, _) = Window(Part.Steps);
        shown.Append(AllSteps().Steps, from, room);
        while (shown.Height < BodyHeight)
            shown.Blank();
        shown.Mean(0, Part.Steps);
        return shown;
    }

    private Sheet StepsHead()
    {
        Sheet head = NewSheet(StepsWidth);
        head.Add($" {Headed(Part.Steps, StepOf)}", Look(Part.Steps, Palette.Plain));
        if (Model.Pace is { } pace)
            head.Add($" {Watching.PaceWords.Short(pace, Model.Utc)}", Palette.Quiet);
        return head;
    }

    private (Sheet Steps, int Current) AllSteps()
    {
        Sheet all = NewSheet(StepsWidth);
        int current = 0;
        string section = "";
        foreach (Step step in State.Script.Steps)
        {
            if (step.Section != section && step.Section.Length > 0)
                all.Add(all.Cut($" {step.Section.ToUpperInvariant()}", StepsWidth - 1), Palette.Strong);
            section = step.Section;
            int index = step.Number - 1;
            if (index == State.StepIndex)
                current = all.Height;
            if (index == State.StepIndex)
                all.AddBehind($" {Glyph.Now} {step.Number,2} ", step.Title, Palette.Now);
            else if (State.Skipped.Contains(index))
                all.Add(all.Cut(Glyph.Clean($" - {step.Number,2} skipped: {step.Title}"), StepsWidth - 1), Palette.Quiet);
            else
                all.Add(all.Cut(Glyph.Clean($" {(index < State.StepIndex ? Glyph.Done : Glyph.Open)} {step.Number,2} {step.Title}"),
                    StepsWidth - 1), index < State.StepIndex ? Palette.Done : Palette.Quiet);
        }
        return (all, current);
    }

    /// <summary>The part that a person turned to has its heading in brackets, and reversed where the terminal can.</summary>
    private string Headed(Part part, string heading) => Model.Focus == part ? $"[{heading}]" : heading;

    private Look Look(Part part, Look otherwise) => Model.Focus == part ? Palette.Marked : otherwise;

    // ---- centre ----

    private Sheet Centre()
    {
        Plan plan = Rows();
        Sheet sheet = NewSheet(CentreWidth);
        sheet.Append(plan.Title);
        (int from, _, _) = Window(Part.Text);
        sheet.Append(plan.Prose, from, plan.ProseRows);
        bool more = from + plan.ProseRows < plan.Prose.Height;
        if (plan.Prose.Height > plan.ProseRows)
            sheet.Row("", more ? $"more {Glyph.Down} PgDn or ^F" : $"end   {Glyph.Up} PgUp or ^B",
                Palette.Plain, more ? Palette.Alarm : Palette.Quiet);
        sheet.Mean(0, Part.Text);
        sheet.Append(plan.Evidence, 0, plan.EvidenceRows);
        int now = sheet.Height;
        sheet.Append(plan.Now);
        sheet.Mean(now, Part.Question);
        if (Focus != Part.Question) // Where nothing is typed no cursor stands.
            sheet.Cursor = null;
        return sheet;
    }

    /// <summary>How the centre's rows are shared out: the question first, then evidence, the prose takes the rest.</summary>
    private Plan Rows() => _plan ??= Planned();

    private Plan Planned()
    {
        Sheet title = Title();
        Sheet now = Now();
        Sheet prose = WholeProse();
        Sheet evidence = HasSide ? NewSheet(CentreWidth) : Evidence(CentreWidth, BodyHeight);
        int room = Math.Max(0, BodyHeight - title.Height - now.Height);
        if (prose.Height + evidence.Height <= room)
            return new Plan(title, prose, prose.Height, evidence, evidence.Height, now);

        int evidenceRows = Math.Min(evidence.Height, Math.Max(0, room - Math.Min(prose.Height, LeastProse + 1)));
        if (evidenceRows < evidence.Height)
            evidence = Evidence(CentreWidth, evidenceRows);
        int proseRows = Math.Max(0, room - evidenceRows);
        return new Plan(title, prose, proseRows < prose.Height ? Math.Max(0, proseRows - 1) : prose.Height, evidence, evidenceRows, now);
    }

    private string StepOf => $"Step {Math.Min(State.StepIndex + 1, State.Script.Steps.Length)} of {State.Script.Steps.Length}";

    private Sheet Title()
    {
        Sheet sheet = NewSheet(CentreWidth);
        if (Model.IsBig)
            WriteBig(sheet);
        if (State.Step is { } step)
            sheet.Add(Headed(Part.Text, $"{step.Number}. {step.Title}"), Look(Part.Text, Palette.Strong));
        sheet.Blank();
        return sheet;
    }

    /// <summary>The step's number and whose turn it is, to be read from far away; as text where the terminal draws no blocks.</summary>
    private void WriteBig(Sheet sheet)
    {
        string turn = Model.Work is null && Model.Question is { } question ? question.By : "appliance";
        IReadOnlyList<string> number = Model.HasBlocks ? BigLetters.Of(StepOf, CentreWidth) : [];
        IReadOnlyList<string> who = Model.HasBlocks ? BigLetters.Of(turn, CentreWidth) : [];
        string time = Model.Pace is { } pace ? Watching.PaceWords.Short(pace, Model.Utc) : "";
        if (number.Count == 0 || who.Count == 0)
            sheet.Row($"{StepOf}   Turn: {turn}", time, Palette.Strong, Palette.Plain);
        // One beside the other where both fit.
        else if (Columns.Of(number[0]) + Columns.Of(who[0]) + 4 <= CentreWidth)
            for (int row = 0; row < BigLetters.Height; row++)
                sheet.AddCells((number[row].PadRight(CentreWidth - who.Max(Columns.Of)), Palette.Strong), (who[row], Palette.Now));
        else
            foreach (string row in number.Concat(who))
                sheet.AddCells((row, Palette.Strong));
        if (number.Count > 0 && time.Length > 0)
            sheet.Row("", time, Palette.Plain, Palette.Plain);
    }

    private Sheet WholeProse()
    {
        Sheet sheet = NewSheet(Math.Min(CentreWidth, ReadingWidth));
        if (State.Step is { Prose.Length: > 0 } step)
            Prose.Write(sheet, State.StepIndex == 0 ? $"{State.Script.Introduction}\n\n{step.Prose}" : step.Prose);
        return sheet;
    }

    /// <summary>Rows for what was found, its heading among them.</summary>
    private int FoundRows => HasSide ? Evidence(SideWidth, SideRoom()).Height : Math.Min(Rows().EvidenceRows, Rows().Evidence.Height);

    private Sheet Evidence(int width, int limit)
    {
        Sheet sheet = NewSheet(width);
        if (Model.Question is not { EvidenceLines.Length: > 0 } || limit < 2)
            return sheet;
        Sheet all = AllFound(width);
        bool cut = all.Height + 2 > limit, focused = Model.Focus == Part.Found;
        (int from, int rows, int lines) = Shown(width, limit);
        string note = !cut ? "" : focused ? $"{from + 1}-{from + rows} of {lines}" : $"{lines - rows} more: {FoundKey}";
        sheet.Rule(focused ? "[Found and recorded]" : "Found and recorded", note, focused ? Palette.Marked : Palette.Strong);
        sheet.Append(all, from, rows);
        if (!cut)
            sheet.Blank();
        sheet.Mean(0, Part.Found);
        return sheet;
    }

    private string FoundKey => Display.FunctionKeys ? "F5" : "Esc+5";

    /// <summary>What was typed last stands at the end of what is shown, so the end is in sight.</summary>
    private bool IsListOfAnswers => State.Step is RollCallStep or RecordStep;

    private Sheet AllFound(int width)
    {
        Sheet all = NewSheet(width);
        foreach (string line in Model.Question?.EvidenceLines ?? [])
            all.Add(line);
        return all;
    }

    /// <summary>What is shown of what was found in so many rows, of which the heading takes one.</summary>
    private (int From, int Room, int Lines) Shown(int width, int limit)
    {
        Sheet all = AllFound(width);
        int rows = all.Height + 2 > limit ? Math.Max(0, limit - 1) : all.Height;
        int from = Model.FoundScroll ?? (TypesWhatWasFound ? First(all, Model.Question!.Expected, rows) : IsListOfAnswers ? all.Height : 0);
        return (Math.Clamp(from, 0, Math.Max(0, all.Height - rows)), rows, all.Height);
    }

    /// <summary>The first row to show, so that the one that is asked for is among them.</summary>
    private static int First(Sheet all, string expected, int rows)
    {
        int at = all.Lines.ToList().FindIndex(line =>
            string.Concat(line.Select(run => run.Text)).Contains(expected, StringComparison.OrdinalIgnoreCase));
        return Math.Clamp(at - Math.Max(0, rows - 2), 0, Math.Max(0, all.Height - rows));
    }

    private Sheet Now()
    {
        Sheet sheet = NewSheet(CentreWidth);
        sheet.Rule("");
        if (Model.Work is null && Model.Question is { } question)
            AskBlock.Write(sheet, Model, question, Who(question), hint: !HasSide);
        else
            WriteWork(sheet);
        return sheet;
    }

    private void WriteWork(Sheet sheet)
    {
        Work work = Model.Work ?? new Work(Model.Move is Perform p ? p.Effect.Doing : "Recording", Model.Utc);
        sheet.AddBehind($"{Glyph.Now} ", "Now: the appliance works; please wait.", Palette.Now);
        char spinner = "|/-\\"[Model.Ticks % 4];
        TimeSpan elapsed = Model.Utc > work.Since ? Model.Utc - work.Since : TimeSpan.Zero;
        sheet.AddBehind($"  {spinner} ", $"{work.Doing}.", Palette.Strong);
        string progress = work.Total > 0 ? $"{ProgressBar(work)} {work.Done} of {work.Total}   " : "";
        sheet.AddBehind("    ", $"{progress}{(int)elapsed.TotalMinutes}:{elapsed.Seconds:D2} min", Palette.Plain);
        if (Model.Refusal is { } refusal)
            WriteRefusal(sheet, "", refusal);
    }

    private string ProgressBar(Work work)
    {
        const int Length = 20;
        int full = (int)((long)Length * Math.Clamp(work.Done, 0, work.Total) / work.Total);
        return string.Concat(Enumerable.Repeat(Glyph.Bar, full).Concat(Enumerable.Repeat(Glyph.BarRest, Length - full)));
    }

    // ---- right: what the appliance found ----

    private Sheet Side()
    {
        (Sheet help, Sheet head) = (Why(), End());
        Sheet side = NewSheet(SideWidth);
        side.Append(Evidence(SideWidth, SideRoom()), 0, SideRoom());
        side.Append(help);
        while (side.Height < BodyHeight - head.Height)
            side.Blank();
        side.Append(head);
        return side;
    }

    private int SideRoom() => BodyHeight - Why().Height - End().Height - 1;

    private Sheet Why()
    {
        Sheet help = NewSheet(SideWidth);
        if (Model.Question is { Help.Length: > 0 } question)
        {
            help.Rule("Why this is asked");
            help.Add(question.Help);
            help.Blank();
        }
        return help;
    }

    private Sheet End()
    {
        Sheet head = NewSheet(SideWidth);
        if (State.ClosedEntry || TypesWhatWasFound)
            return head;
        head.Rule($"End of the ledger, entry {State.Last.Seq}");
        foreach (string[] words in PgpWords.Words(State.Last.Hash.AsSpan()[..8]).Chunk(WordsARow))
            head.Add(string.Join("  ", words.Select(w => w.PadRight(14))).TrimEnd());
        return head;
    }

    private sealed record Plan(Sheet Title, Sheet Prose, int ProseRows, Sheet Evidence, int EvidenceRows, Sheet Now);
}
