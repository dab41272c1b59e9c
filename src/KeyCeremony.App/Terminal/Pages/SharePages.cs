using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>
/// The words of a card in numbered columns, read downwards. The whole width: nothing else is on the screen while a
/// secret is. The words themselves are blank places here.
/// </summary>
internal abstract class SharePage(ScreenModel model) : Page(model)
{
    private const int Columns = CardGrid.Columns;
    private const int NumberWidth = 5;

    protected int PageWidth => Display.Width - 2;

    protected static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <param name="sign">What stands before the number of a word.</param>
    /// <param name="place">What stands in the word's place, or null for a spot of this kind.</param>
    protected void WriteGrid(Sheet sheet, int words, Func<int, string> sign, Func<int, (string? Text, SpotKind Kind)> place)
    {
        int rows = CardGrid.Rows(words);
        int pitch = PageWidth / Columns;
        for (int row = 0; row < rows; row++)
        {
            var line = new System.Text.StringBuilder();
            var spots = new List<(int Column, SpotKind Kind, int Number)>();
            for (int number = row + 1, column = 0; number <= words; number += rows, column += pitch)
            {
                (string? text, SpotKind kind) = place(number);
                line.Append(' ', column - line.Length).Append($"{sign(number)} {number,2} ")
                    .Append((text ?? "").PadRight(WordList.MaxLetters));
                if (text is null)
                    spots.Add((column + NumberWidth, kind, number));
            }
            sheet.Add(line.ToString());
            foreach ((int column, SpotKind kind, int number) in spots)
                sheet.AddSpot(column, WordList.MaxLetters, kind, number);
        }
    }

    protected void DrawSheet(Layout layout, Sheet sheet) => layout.Place(sheet, Top, 1, BodyHeight);
}

/// <summary>A custodian sees the card's words and writes them down.</summary>
internal sealed class ShowSharePage(ScreenModel model) : SharePage(model)
{
    protected override string Keys => $"Enter hides the words   "
        + $"{(State.Script.CardCodes ? "c shows them as a code   " : "")}{(Display.FunctionKeys ? "F1" : "Esc+1")} Help   ^C Leave";

    public override void DrawBody(Layout layout)
    {
        Question question = Model.Question!;
        Share share = Model.Shown!;
        Sheet sheet = NewSheet(PageWidth);
        sheet.Add($"{Capital(CardOf(question))}, {share.WordCount} words, of set {question.Share!.Set}, for {Who(question)}",
            Palette.Strong);
        sheet.Add("Everybody else looks away. No camera sees this screen.", Palette.Alarm);
        sheet.Blank();
        WriteGrid(sheet, share.WordCount, _ => " ", _ => (null, SpotKind.ShownWord));
        sheet.Blank();
        WriteNow(sheet, question, share.WordCount);
        DrawSheet(layout, sheet);
    }

    private void WriteNow(Sheet sheet, Question question, int words)
    {
        sheet.AddBehind($"{Glyph.Now} ",
            $"Now: {Who(question)} writes the {words} words on the card, each behind its number.", Palette.Now);
        if (Model.Refusal is { } refusal)
            WriteRefusal(sheet, "", refusal);
        else if (Model.Hiding)
            sheet.AddBehind("! ",
                "Are all words written? Enter again hides them; they are not shown a second time. Any other key: not yet.", Palette.Alarm);
        else
            sheet.AddBehind("  ", question.Prompt, Palette.Plain);
    }
}

/// <summary>A custodian types the words of a card.</summary>
internal sealed class TypeSharePage(ScreenModel model) : SharePage(model)
{
    private const int CompletionsShown = 5;

    protected override string Keys => State.Script.CardCodes
        ? "Space takes the word  ^R reads a code by camera  ^T Hide  ^X Start again"
        : Display.FunctionKeys
        ? "Space takes the word  Arrows go back  F7 Hide words  F8 Start again  F1 Help"
        : "Space takes the word  Arrows go back  ^T Hide  ^X Start again  Esc+1 Help";

    public override void DrawBody(Layout layout)
    {
        Question question = Model.Question!;
        WordEntry entry = Model.Entry!;
        Sheet sheet = NewSheet(PageWidth);
        string which = question.Share is { Share: > 0 } ? Capital(CardOf(question)) : "A card";
        sheet.Row(question.Kind == AnswerKind.PresentForeign ? $"A card made elsewhere, {entry.WordCount} words"
            : $"{which}, {entry.WordCount} words, of set {question.Share!.Set}",
            $"{entry.Filled} of {entry.WordCount} words", Palette.Strong, Palette.Plain);
        sheet.Blank();
        WriteGrid(sheet, entry.WordCount, n => Sign(entry, n), n => Place(entry, n));
        if (sheet.Spots.FirstOrDefault(s => s.Kind == SpotKind.Letters) is { } letters)
            sheet.Cursor = (letters.Row, letters.Column + Math.Min(entry.Partial.Length, letters.Width - 1));
        WriteCompletions(sheet, entry);
        WriteNow(sheet, question, entry);
        DrawSheet(layout, sheet);
    }

    private string Sign(WordEntry entry, int number) =>
        entry.Matches(number) == false ? "!" : entry.Doubted.Contains(number) ? "?" : number == entry.Current ? Glyph.Now : " ";

    private (string? Text, SpotKind Kind) Place(WordEntry entry, int number)
    {
        if (number == entry.Current && entry.Partial.Length > 0)
            return (null, SpotKind.Letters);
        if (entry.Word(number).Length == 0)
            return number == entry.Current ? (null, SpotKind.Letters) : (Glyph.Dot, default);
        return Model.WordsHidden
            ? (string.Concat(Enumerable.Repeat(Glyph.Masked, WordList.MaxLetters)), default)
            : (null, SpotKind.TypedWord);
    }

    // How many words the letters leave is no secret worth keeping from those who look at the screen anyway.
    private void WriteCompletions(Sheet sheet, WordEntry entry)
    {
        const string Lead = "Words that begin so: ";
        int count = entry.Partial.Length == 0 ? 0 : entry.Completions.End.Value - entry.Completions.Start.Value;
        int shown = Math.Min(count, CompletionsShown);
        int end = Lead.Length + shown * (WordList.MaxLetters + 1);
        string text = entry.Partial.Length == 0
            ? ""
            : count == 0 ? $"{Lead}none" : Lead.PadRight(end) + (count > shown ? $"and {count - shown} more" : "");
        sheet.Add(text.Length == 0 ? " " : text);
        for (int i = 0; i < shown; i++)
            sheet.AddSpot(Lead.Length + i * (WordList.MaxLetters + 1), WordList.MaxLetters, SpotKind.Completion, i);
    }

    private void WriteNow(Sheet sheet, Question question, WordEntry entry)
    {
        sheet.AddBehind($"{Glyph.Now} ",
            $"Now: {Who(question)} types word {entry.Current}. Four letters are enough, then the space bar.", Palette.Now);
        if (Model.Refusal is { } refusal)
            WriteRefusal(sheet, "", refusal);
        else
            sheet.AddBehind("  ", entry.IsComplete ? $"{question.Prompt} All words are there: press Enter." : question.Prompt,
                Palette.Plain);
        // Who comes with a card that may be old finds the way out without asking anybody to look at it.
        if (question.Kind == AnswerKind.CheckShare && !entry.IsComplete && Model.Refusal is null)
            sheet.AddBehind("  ", $"A word that cannot be read is never guessed: {(Display.FunctionKeys ? "F2" : "Esc+2")} leads back.",
                Palette.Plain);
    }
}
