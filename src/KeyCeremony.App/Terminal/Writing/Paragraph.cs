namespace KeyCeremony.App.Terminal.Writing;

/// <summary>Characters of one look.</summary>
internal readonly record struct Run(string Text, Look Look);

/// <summary>Text of several looks that is broken between words where a line is full. Takes cleaned text.</summary>
internal sealed class Paragraph
{
    // Words and the blanks between them, each by itself; an inner list is a line that the text itself ends.
    private readonly List<List<Run>> _lines = [[]];

    public static Paragraph Of(string text, Look look) => new Paragraph().Append(text, look);

    public Paragraph Append(string text, Look look)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (i > 0)
                _lines.Add([]);
            AppendWords(lines[i], look);
        }
        return this;
    }

    public IEnumerable<List<Run>> Lay(int width) => _lines.SelectMany(line => Broken(line, Math.Max(1, width)));

    private void AppendWords(string text, Look look)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            bool blank = text[start] == ' ';
            end = start + 1;
            while (end < text.Length && text[end] == ' ' == blank)
                end++;
            _lines[^1].Add(new Run(text[start..end], look));
        }
    }

    private static List<List<Run>> Broken(List<Run> words, int width)
    {
        if (words.Sum(word => Columns.Of(word.Text)) <= width)
            return [words];
        List<List<Run>> lines = [[]];
        int used = 0;
        foreach (Run word in words.SelectMany(word => Cut(word, width)))
        {
            int columns = Columns.Of(word.Text);
            if (used + columns > width)
            {
                lines.Add([]);
                used = 0;
            }
            if (used == 0 && lines.Count > 1 && word.Text[0] == ' ') // A line goes on with a word.
                continue;
            lines[^1].Add(word);
            used += columns;
        }
        return lines;
    }

    /// <summary>A word longer than a line in pieces that fit.</summary>
    private static IEnumerable<Run> Cut(Run word, int width)
    {
        if (Columns.Of(word.Text) <= width)
            return [word];
        List<Run> pieces = [];
        string piece = "";
        foreach (string element in Columns.Elements(word.Text))
        {
            if (piece.Length > 0 && Columns.Of(piece) + Columns.OfElement(element) > width)
            {
                pieces.Add(word with { Text = piece });
                piece = "";
            }
            piece += element;
        }
        pieces.Add(word with { Text = piece });
        return pieces;
    }
}
