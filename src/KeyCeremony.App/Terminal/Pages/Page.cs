using KeyCeremony.App.Terminal.Host;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>
/// One way to fill the screen: two rows of heading, the body, four rows of footing. The heading and the footing are the
/// same on every page, so that the eyes know where to look.
/// </summary>
internal abstract class Page(ScreenModel model)
{
    protected const int Top = 2;
    private const int Footing = 4;
    private const int HeadBytesInWords = 2;
    private const int HeadDigits = 8;

    /// <summary>On a narrower screen the help alone names two of the keys.</summary>
    private const int RoomForAll = 104;

    protected ScreenModel Model { get; } = model;

    protected Display Display { get; } = model.Display;

    protected CeremonyState State { get; } = model.State;

    protected Glyphs Glyph { get; } = model.Display.Glyph;

    protected int BodyHeight => Display.Height - Top - Footing;

    /// <summary>Rows for the text that can be scrolled, and how many lines it has.</summary>
    public virtual (int Room, int Lines) Reading => (1, 1);

    /// <summary>The parts that a person can turn to, in the order of Tab; one alone: there is nothing to turn to.</summary>
    public virtual IReadOnlyList<Part> Parts => [Part.Question];

    /// <summary>What is shown of a part: its first line, the rows there are for it, and how many lines it has.</summary>
    public virtual (int From, int Room, int Lines) Window(Part part) => (0, 1, 1);

    /// <summary>The part that a person turned to, where the page still has it.</summary>
    public Part Focus => Parts.Contains(Model.Focus) ? Model.Focus : Part.Question;

    public static Page Of(ScreenModel model) => model switch
    {
        { Display.IsTooSmall: true } => new SmallPage(model),
        { Dialog: ReadingDialog reading } => new ReadingPage(model, reading),
        { Dialog: RegisterDialog register } => new RegisterPage(model, register),
        { Dialog: { } dialog } => new DialogPage(model, dialog),
        { Move: Over } => new EndPage(model),
        { State.Break: not null } => new BreakPage(model),
        { Work: null, Question.Kind: AnswerKind.ShowShare, Shown: not null, CodeShown: true } => new CardCodePage(model),
        { Work: null, Question.Kind: AnswerKind.ShowShare, Shown: not null } => new ShowSharePage(model),
        { Work: null, Question.AsksForCard: true, Entry: not null } => new TypeSharePage(model),
        _ => new StepPage(model),
    };

    public Frame Draw() => Stage.Draw(Laid());

    /// <summary>What stands where.</summary>
    public virtual Layout Laid()
    {
        var layout = new Layout(Display);
        layout.Horizontal(1);
        layout.Horizontal(Display.Height - Footing);
        layout.Place(Heading(), 0, 1, 1);
        layout.Place(Foot(), Display.Height - Footing + 1, 1, Footing - 1);
        DrawBody(layout);
        return layout;
    }

    public abstract void DrawBody(Layout layout);

    /// <summary>The page's own keys for the last row; null: the ceremony's.</summary>
    protected virtual string? Keys => null;

    protected Sheet NewSheet(int width) => new(Display, width);

    protected string Who(Question question) => Turn.Of(State, question);

    /// <summary>The card that is shown or typed, by its number through all groups of its set, as on its bag and in the journal.</summary>
    protected string CardOf(Question question) =>
        State.World.Sets.TryGetValue(question.Share!.Set, out ShareSetFact? set) ? set.Made.Plan.Card(question.Share.Share)
            : $"card {question.Share.Share}";

    /// <summary>The lines of a refusal or of what stopped the ceremony.</summary>
    protected static void WriteRefusal(Sheet sheet, string beginning, Core.Refusal refusal)
    {
        sheet.AddBehind("! ", $"{beginning}{refusal.Rule}: {refusal.Message}", Palette.Alarm);
        sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
    }

    protected string Key(int number, string what) => Display.FunctionKeys ? $"F{number} {what}" : $"{number} {what}";

    private Sheet Heading()
    {
        Sheet sheet = NewSheet(Display.Width - 2);
        string environment = State.World.Environment.ToUpperInvariant();
        bool production = State.World.Environment == Environments.Production;
        sheet.Row($"{State.Script.Title} {Glyph.Dot} version {State.Script.Version}",
            production ? $" {environment} " : $" *** {environment} *** ",
            Palette.Strong, production ? Palette.Production : Palette.Loud);
        return sheet;
    }

    /// <summary>Whose turn it is.</summary>
    protected virtual string TurnLine => Model.Work is null && Model.Question is { } question ? $"Turn: {Who(question)}"
        : "Turn: the appliance";

    private Sheet Foot()
    {
        Sheet sheet = NewSheet(Display.Width - 2);
        sheet.Row(TurnLine, $"HSM {Model.Hsm.ToString().ToLowerInvariant()}   {(Model.HidesClock ? "the clock is hidden"
            : $"{Model.Utc.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")}",
            Palette.Strong, Palette.Plain);
        // At the close the words to write down are those of the ceremony's head, and where words are typed it is those of what was
        // found: no others stand on the screen then.
        string end = State.ClosedEntry || TypesWhatWasFound
            ? ""
            : $"   {State.Last.HashHex[..HeadDigits]}   {PgpWords.Of(State.Last.Hash.AsSpan()[..HeadBytesInWords])}";
        sheet.Row($"Ledger {State.Last.Seq}{end}",
            State.World.Environment == Environments.Rehearsal ? "rehearsal, not for use" : $"environment: {State.World.Environment}",
            Palette.Plain, Palette.Plain);
        sheet.Row(Model.EscPressed ? "Esc: now a digit, 1 to 9 or 0, for the key F1 to F10" : MendKeys ?? Keys ?? PartKeys ?? CeremonyKeys,
            "", Palette.Quiet, Palette.Quiet);
        return sheet;
    }

    protected bool TypesWhatWasFound => Model.Question is { Kind: AnswerKind.Typed, ExpectsWhatWasFound: true };

    /// <summary>While a refused line stands there.</summary>
    private string? MendKeys => (Model.Dialog switch
    {
        null => Model.Input.IsGiven,
        ReportDialog report => report.What.IsGiven,
        AbortDialog abort => abort.Fields[abort.Field].IsGiven,
        _ => false,
    }) ? $"{ScreenRules.TypeAnew}   {(Display.FunctionKeys ? "F1" : "Esc+1")} Help" : null;

    /// <summary>While a person reads in another part than the question.</summary>
    private string? PartKeys => Model.Dialog is null && Focus != Part.Question
        ? $"{Focus}: arrows PgUp PgDn scroll   Tab next part   Enter or Esc: the question" : null;

    private string CeremonyKeys
    {
        get
        {
            bool all = Display.Width >= RoomForAll, parts = Parts.Count > 1;
            string[] where = all || !parts ? [Key(6, "Where")] : [], ledger = all ? [Key(7, "Ledger")] : [];
            string keys = string.Join("  ", [Key(1, "Help"), Key(2, "Undo"), Key(3, "Break"),
                Key(4, "Report"), Key(5, "Found"), .. where, .. ledger, Key(9, "Abort"), .. (string[])(parts ? ["Tab Part"] : [])]);
            return Display.FunctionKeys ? $"{keys}  ^C Leave" : $"Esc+{keys}  ^C Leave";
        }
    }
}
