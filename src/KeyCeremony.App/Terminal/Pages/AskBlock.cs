using KeyCeremony.App.Terminal.Writing;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Terminal.Pages;

/// <summary>The question: who does what now, what is asked, where it is typed, what was wrong with it.</summary>
internal static class AskBlock
{
    private const string Field = "  > ";

    /// <summary>A small screen keeps room for the question and for what is read aloud. In rows: a long choice takes several.</summary>
    private const int MostChoiceRows = 8;

    /// <summary>Eight words of eleven letters take two rows of the smallest screen, three of a wide one's narrower column.</summary>
    public const int MostFieldRows = 3;

    /// <summary>What stopped the ceremony is said in so many rows at most, or it would push out the way on.</summary>
    private const int MostBlockedRows = 4;

    /// <param name="hint">Nothing else on the page says why it is asked and what else can be done.</param>
    public static void Write(Sheet sheet, ScreenModel model, Question question, string who, bool hint = false)
    {
        sheet.AddBehind($"{sheet.Glyph.Now} ", $"Now: {who} {Does(question.Kind)}", Palette.Now);
        if (question.Blocked is { } blocked)
        {
            WriteAtMost(sheet, model, "! ", $"Stopped by {blocked.Rule}: {blocked.Message}", Palette.Alarm);
            WriteAtMost(sheet, model, "  ", $"What can be done: {blocked.Remedy}", Palette.Plain);
        }
        sheet.AddBehind("  ", question.Prompt, Palette.Plain);
        WriteInput(sheet, model, question);
        // Who sees one line to choose takes it, and the other way is none of the lines.
        if (hint && model.Refusal is null && question is { Kind: AnswerKind.Choice, Choices.Length: 1, Blocked: null, Help.Length: > 0 })
            sheet.AddBehind("  ", question.Help, Palette.Plain);
        if (model.Refusal is { } refusal)
        {
            sheet.AddBehind("! ", $"{refusal.Rule}: {refusal.Message}", Palette.Alarm);
            sheet.AddBehind("  ", refusal.Remedy, Palette.Plain);
        }
    }

    /// <summary>Numbered lines of which one is marked; of many those around it.</summary>
    public static void WriteChoices(Sheet sheet, Display display, IEnumerable<string> choices, int selected)
    {
        Sheet[] all = [.. choices.Select((text, i) => Choice(new Sheet(display, sheet.Width), text, i, i == selected))];
        (int first, int end) = Around(all, Math.Max(0, selected));
        if (first > 0)
            sheet.AddBehind("       ", $"{first} more above", Palette.Plain);
        foreach (Sheet choice in all[first..end])
            sheet.Append(choice);
        if (end < all.Length)
            sheet.AddBehind("       ", $"{all.Length - end} more below", Palette.Plain);
    }

    private static Sheet Choice(Sheet line, string text, int index, bool marked)
    {
        line.AddBehind($"  {(marked ? line.Glyph.Now : " ")} {index + 1,-2} ", text, marked ? Palette.Marked : Palette.Plain);
        line.Mean(0, Part.Question, index);
        return line;
    }

    /// <summary>As many neighbours on either side as there are rows for.</summary>
    private static (int First, int End) Around(Sheet[] all, int selected)
    {
        (int first, int end) = (selected, Math.Min(all.Length, selected + 1));
        int rows = all[first..end].Sum(c => c.Height);
        for (bool grows = true; grows;)
        {
            grows = false;
            if (first > 0 && rows + all[first - 1].Height <= MostChoiceRows)
                (rows, grows) = (rows + all[--first].Height, true);
            if (end < all.Length && rows + all[end].Height <= MostChoiceRows)
                (rows, grows) = (rows + all[end++].Height, true);
        }
        return (first, end);
    }

    /// <summary>The beginning; all of it stands in what was found.</summary>
    private static void WriteAtMost(Sheet sheet, ScreenModel model, string mark, string text, Look look)
    {
        var whole = new Sheet(model.Display, sheet.Width);
        whole.AddBehind(mark, text, look);
        bool cut = whole.Height > MostBlockedRows;
        sheet.Append(whole, 0, cut ? MostBlockedRows - 1 : whole.Height);
        if (cut)
            sheet.AddBehind("  ", $"more of it: {(model.Display.FunctionKeys ? "F5" : "Esc+5")}", Palette.Strong);
    }

    /// <summary>What the person does, behind their name.</summary>
    public static string Does(AnswerKind kind) => kind switch
    {
        AnswerKind.Acknowledge => "reads this, then Enter.",
        AnswerKind.Text => "answers, then Enter.",
        AnswerKind.OptionalText => "may answer, then Enter.",
        AnswerKind.Typed => "types the phrase, then Enter.",
        AnswerKind.Choice or AnswerKind.ReceivedWords => "marks a line, then Enter.",
        AnswerKind.Utc => "types the time, then Enter.",
        AnswerKind.ToldHash => "types the hash, then Enter.",
        AnswerKind.Dice => "types the dice, then Enter.",
        AnswerKind.PresentForeign => "comes to the screen and types the words of a card.",
        AnswerKind.Passphrase => "types the passphrase, then Enter.",
        AnswerKind.ShowShare => "writes the words on the card.",
        AnswerKind.ReadBackShare => "types the words from the card.",
        AnswerKind.CheckShare => "types the words of the card.",
        AnswerKind.PresentShare => "comes to the screen and types the words of a card.",
        _ => throw new System.Diagnostics.UnreachableException(kind.ToString()),
    };

    private static void WriteInput(Sheet sheet, ScreenModel model, Question question)
    {
        switch (question.Kind)
        {
            case AnswerKind.Typed:
                sheet.AddBehind("  Phrase: ", question.ExpectsWhatWasFound
                    ? $"it stands in what was found; all of it: {(model.Display.FunctionKeys ? "F5" : "Esc+5")}" : question.Expected,
                    Palette.Strong);
                WriteField(sheet, model.Input, Field, active: true, MostFieldRows);
                break;
            case AnswerKind.Text or AnswerKind.OptionalText or AnswerKind.ToldHash:
                WriteField(sheet, model.Input, Field, active: true, MostFieldRows);
                break;
            case AnswerKind.Choice or AnswerKind.ReceivedWords:
                WriteChoices(sheet, model.Display, question.Choices.Select(c => c.Text), model.Selected);
                break;
            case AnswerKind.Utc:
                WriteUtc(sheet, model.Input);
                break;
            case AnswerKind.Dice:
                WriteDice(sheet, model.Dice?.Count ?? 0);
                break;
            case AnswerKind.Passphrase:
                WritePassphrase(sheet, model.Passphrase?.Count ?? 0);
                break;
            case AnswerKind.Acknowledge:
                sheet.Add((Field, Palette.Now), ("[ Enter ]", Palette.Strong));
                sheet.Cursor = (sheet.Height - 1, Field.Length + 2);
                break;
        }
    }

    /// <summary>
    /// A text field on as many rows as it needs, broken between words: what was copied from paper is compared with it before Enter. Of a
    /// longer text the part around the cursor is shown.
    /// </summary>
    /// <param name="rows">At most.</param>
    public static void WriteField(Sheet sheet, LineInput input, string mark, bool active, int rows = 1)
    {
        string before = sheet.Glyph.Clean(input.Text[..input.Cursor]);
        string text = before + sheet.Glyph.Clean(input.Text[input.Cursor..]);
        int[] starts = [.. RowStarts(text, sheet.Width - mark.Length - 1), text.Length];
        int row = Math.Max(0, Array.FindLastIndex(starts, starts.Length - 2, start => start <= before.Length));
        int top = Math.Max(0, Math.Min(row, starts.Length - 1 - rows));
        string margin = mark;
        for (int i = top; i < Math.Min(top + rows, starts.Length - 1); i++)
        {
            string shown = text[starts[i]..starts[i + 1]];
            sheet.Add((margin, active ? Palette.Now : Palette.Plain), (shown.Length == 0 ? " " : shown, Typed(input)));
            if (active && i == row)
                sheet.Cursor = (sheet.Height - 1, mark.Length + Columns.Of(before[starts[i]..]));
            margin = new string(' ', mark.Length);
        }
    }

    /// <summary>What was refused is marked: the next letter replaces it.</summary>
    private static Look Typed(LineInput input) => input.IsGiven ? Palette.Marked : Palette.Strong;

    private static IEnumerable<int> RowStarts(string text, int room)
    {
        int start = 0;
        yield return start;
        while (text.Length - start > room)
        {
            int blank = text.LastIndexOf(' ', start + room - 1, room);
            start = blank > start ? blank + 1 : start + room;
            yield return start;
        }
    }

    private static void WriteUtc(Sheet sheet, LineInput digits)
    {
        sheet.Add((Field, Palette.Now), (UtcMask.Shown(digits.Text), Typed(digits)), ("  UTC, digits only", Palette.Plain));
        sheet.Cursor = (sheet.Height - 1, Field.Length + UtcMask.Column(digits.Cursor));
    }

    /// <summary>How long it is stands nowhere: a sign says only that something was typed.</summary>
    private static void WritePassphrase(Sheet sheet, int typed)
    {
        string sign = typed > 0 ? string.Concat(Enumerable.Repeat(sheet.Glyph.Masked, 3)) : "";
        sheet.Add((Field, Palette.Now), (sign, Palette.Strong),
            (typed > 0 ? "  Enter gives it" : "  nothing typed; Enter: there is none", Palette.Plain));
        sheet.Cursor = (sheet.Height - 1, Field.Length + sign.Length);
    }

    private static void WriteDice(Sheet sheet, int rolls)
    {
        const int Needed = Core.Sharing.Dice.MinRolls;
        string rest = rolls < Needed ? $"{Needed - rolls} more are needed" : "enough; Enter goes on";
        string stars = string.Concat(Enumerable.Repeat(sheet.Glyph.Masked, Math.Min(rolls % 10 == 0 && rolls > 0 ? 10 : rolls % 10, 10)));
        sheet.Add((Field, Palette.Now), ($"{rolls} rolls {stars}", Palette.Strong), ($"  {rest}", Palette.Plain));
        sheet.Cursor = (sheet.Height - 1, Field.Length + $"{rolls} rolls {stars}".Length);
    }
}
