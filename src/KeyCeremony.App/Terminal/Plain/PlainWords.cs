using System.Collections.Immutable;
using KeyCeremony.App.Terminal.Pages;
using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Terminal.Plain;

/// <summary>What a screen shows, as lines that are written below each other and read aloud by a machine or printed on paper.</summary>
internal static class PlainWords
{
    /// <summary>As wide as what is read aloud.</summary>
    public const int Width = 78;

    /// <summary>What stands before a line that is typed.</summary>
    public const string Prompt = "> ";

    private const int HeadBytesInWords = 2;

    /// <summary>Pages leave two columns free on either side.</summary>
    private const int PageWidth = Width + 4;

    /// <summary>What this terminal can show.</summary>
    public static Display Display() => Terminal.Display.OfLines(PageWidth, Environment.GetEnvironmentVariable);

    /// <summary>A page before the ceremony.</summary>
    public static string Front(FrontPage page)
    {
        var sheet = new Sheet(page.Display, Width);
        sheet.Add(page.Title);
        sheet.Blank();
        foreach (string line in page.Table?.Lines ?? [])
            sheet.Add(line);
        if (page.Table is not null && !page.Text.IsEmpty)
            sheet.Blank();
        foreach (string line in page.Text)
            sheet.Add(line);
        sheet.Blank();
        sheet.Add($"Now: type the number of a line, then Enter. {(page.Back is null ? "" : $".back {page.Back}, ")}.help helps.");
        WriteChoices(sheet, page.Choices);
        return Lines(sheet);
    }

    /// <summary>What can be chosen here: codes are drawn, and nothing can be drawn.</summary>
    public static ImmutableArray<Option> Choices(Question question) =>
        [.. question.Choices.Where(o => question.Kind != AnswerKind.ReceivedWords || o.Key != ResultWords.ShowCodes)];

    /// <summary>Which ceremony this is, once.</summary>
    public static string Opening(ScreenModel m)
    {
        Sheet sheet = New(m);
        string environment = m.State.World.Environment;
        sheet.Add($"{m.State.Script.Title}, version {m.State.Script.Version}. Environment: {environment}"
            + (environment == Core.Script.Environments.Rehearsal ? ", not for use." : "."));
        sheet.Add("Questions stand below each other. An answer is a line; what is typed before its question is not taken. "
            + "A line that begins with a full stop is a command: .help says all of them.");
        return Lines(sheet);
    }

    /// <summary>The step's heading and what is read aloud.</summary>
    public static string Step(ScreenModel m)
    {
        Sheet sheet = New(m);
        if (m.State.Step is not { } step)
            return "";
        sheet.Blank();
        sheet.Add($"Step {m.State.StepIndex + 1} of {m.State.Script.Steps.Length}: {step.Title}. Ledger entry {m.State.Last.Seq}, "
            + $"{PgpWords.Of(m.State.Last.Hash.AsSpan()[..HeadBytesInWords])}.");
        sheet.Blank();
        string prose = m.State.StepIndex == 0 ? $"{m.State.Script.Introduction}\n\n{step.Prose}" : step.Prose;
        if (prose.Trim().Length > 0)
            Prose.Write(sheet, prose);
        return Lines(sheet);
    }

    /// <summary>What was found, whose turn it is, what is asked, what can be answered.</summary>
    public static string Question(ScreenModel m, Question question)
    {
        Sheet sheet = New(m);
        sheet.Blank();
        if (question.EvidenceLines.Length > 0)
        {
            sheet.Add("Found and recorded:");
            foreach (string line in question.EvidenceLines)
                sheet.AddBehind("  ", line, Palette.Plain);
        }
        sheet.Add($"Now: {Turn.Of(m.State, question)} {Does(question.Kind)}");
        if (question.Blocked is { } blocked)
        {
            sheet.Add($"Stopped by {blocked.Rule}: {blocked.Message}");
            sheet.Add($"What can be done: {blocked.Remedy}");
        }
        sheet.Add(question.Prompt);
        if (question.Kind == AnswerKind.Typed)
            sheet.Add($"Phrase: {(question.ExpectsWhatWasFound ? "it stands in what was found; look there" : question.Expected)}");
        if (question.Kind == AnswerKind.ReceivedWords)
            sheet.Add("Its codes need a terminal that draws. Here the export stick carries it.");
        WriteChoices(sheet, Choices(question).Select(option => option.Text));
        return Lines(sheet);
    }

    public static string Refused(Display display, Refusal refusal)
    {
        var sheet = new Sheet(display, Width);
        WriteRefusal(sheet, refusal);
        return Lines(sheet);
    }

    /// <summary>A sentence of the program, in lines of the width that everything has.</summary>
    public static string Told(Display display, string text)
    {
        var sheet = new Sheet(display, Width);
        sheet.Add(text);
        return Lines(sheet);
    }

    public static void WriteRefusal(Sheet sheet, Refusal refusal)
    {
        sheet.Add($"{refusal.Rule}: {refusal.Message}");
        sheet.Add(refusal.Remedy);
    }

    public static string Help(ScreenModel m)
    {
        Sheet sheet = New(m);
        if (m.Question is { Help.Length: > 0 } question)
        {
            sheet.Add(question.Help);
            sheet.Blank();
        }
        WriteCommands(sheet, PlainCommand.All);
        return Lines(sheet);
    }

    public static void WriteCommands(Sheet sheet, ImmutableArray<PlainCommand> commands)
    {
        int width = commands.Max(c => c.Name.Length + c.Takes.Length) + 3;
        foreach (PlainCommand command in commands)
            sheet.AddBehind($"{command.Name} {command.Takes}".PadRight(width), command.What, Palette.Plain);
    }

    public static string Found(ScreenModel m) => Lines(new ReadingPage(m, EvidenceDialog.Of(m)).Text);

    public static string Where(ScreenModel m)
    {
        Sheet sheet = New(m);
        sheet.Append(new ReadingPage(m, new WhereDialog()).Text);
        sheet.Blank();
        sheet.Add($"{(m.HidesClock ? "" : $"{m.Utc.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC. ")}HSM {m.Hsm.ToString().ToLowerInvariant()}. "
            + $"Ledger entry {m.State.Last.Seq}.");
        return Lines(sheet);
    }

    /// <summary>The tables of the ledger with their rows' number, or the rows of one that hold all these words.</summary>
    /// <param name="asked">A table's name, then words; empty: the tables.</param>
    public static string Ledger(ScreenModel m, string asked)
    {
        Sheet sheet = New(m);
        string[] words = asked.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        RegisterTable? table = RegisterTable.All.FirstOrDefault(t => words.Length > 0 && t.Name == words[0]);
        RegisterDialog whole = RegisterDialog.Of(m.Journal) with
        {
            Table = table,
            Filter = LineInput.Of(string.Join(' ', words.Skip(1))),
            IsWhole = true,
        };
        RegisterAnswer answer = whole.Answer;
        if (table is null)
        {
            foreach (RegisterRow row in answer.Rows)
                sheet.Add($"{Shown(row, 1)}: {Shown(row, 2)}, {Shown(row, 3)} rows");
            sheet.Add("Type .ledger and the first word of a line, and words that its rows must hold.");
            return Lines(sheet);
        }
        for (int i = 0; i < answer.Rows.Length; i++)
        {
            sheet.Add($"{table.Title}, {i + 1} of {answer.Rows.Length}");
            sheet.Append(new RegisterPage(m, whole with { Selected = i }).Row);
        }
        if (answer.Rows.Length == 0)
            sheet.Add($"{table.Title}: nothing.");
        return Lines(sheet);
    }

    /// <summary>A dialog that asks something; its field is the line that is typed next.</summary>
    public static string Asked(ScreenModel m, Dialog dialog) => Lines(new DialogPage(m, dialog).Asked(Width));

    /// <summary>Nothing more is asked.</summary>
    public static string Ended(ScreenModel m) => Lines(new EndPage(m).Written());

    private static string Shown(RegisterRow row, int cell) => RegisterAnswer.Shown(row.Cells[cell]);

    private static string Does(AnswerKind kind) => kind switch
    {
        AnswerKind.Choice or AnswerKind.ReceivedWords => "types the number of a line, then Enter.",
        AnswerKind.ShowShare => "takes the card and a pen. Everybody else looks away, or only they listen.",
        AnswerKind.ReadBackShare => "types the words from the card, each with Enter. They do not appear.",
        AnswerKind.CheckShare => "types the words of the card, each with Enter. They do not appear.",
        AnswerKind.PresentShare => "comes to the keyboard and types the words of a card, each with Enter. They do not appear.",
        AnswerKind.PresentForeign => "comes to the keyboard and types the words of a card, each with Enter. They do not appear.",
        AnswerKind.Passphrase => "types the passphrase, then Enter. It does not appear.",
        AnswerKind.Dice => "types the dice, then Enter. They do not appear.",
        _ => AskBlock.Does(kind),
    };

    private static void WriteChoices(Sheet sheet, IEnumerable<string> choices)
    {
        int number = 0;
        foreach (string choice in choices)
            sheet.AddBehind($"{++number,3}. ", choice, Palette.Plain);
    }

    private static Sheet New(ScreenModel m) => new(m.Display, Width);

    /// <summary>A sheet as text; a row that is typed into is the terminal's own.</summary>
    public static string Lines(Sheet sheet) => string.Join('\n',
        sheet.Lines.Where((_, row) => sheet.Cursor?.Row != row).Select(line => string.Concat(line.Select(run => run.Text)).TrimEnd()));
}
