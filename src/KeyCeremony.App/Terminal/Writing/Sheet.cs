using KeyCeremony.App.Terminal.Plain;

namespace KeyCeremony.App.Terminal.Writing;

/// <summary>Text of a given width, written from top to bottom, as lines of runs. Takes any text and cleans it.</summary>
internal sealed class Sheet(Display display, int width)
{
    private readonly List<List<Run>> _lines = [];
    private readonly List<Spot> _spots = [];
    private readonly List<Target> _targets = [];

    public int Width { get; } = width;

    public int Height => _lines.Count;

    public IReadOnlyList<IReadOnlyList<Run>> Lines => _lines;

    /// <summary>Rows and columns within this sheet.</summary>
    public IReadOnlyList<Spot> Spots => _spots;

    /// <summary>What a row is, to the mouse: what was said of it first, for a line is within its part; null: nothing.</summary>
    public Target? TargetAt(int row)
    {
        int at = _targets.FindIndex(target => target.Row == row);
        return at < 0 ? null : _targets[at];
    }

    /// <summary>Where the person types, within this sheet.</summary>
    public (int Row, int Column)? Cursor { get; set; }

    public Glyphs Glyph => display.Glyph;

    /// <summary>Text as this terminal can show it. Before it is broken into lines: a command's name is longer than its key's.</summary>
    public string Clean(string text) => Glyph.Clean(display.IsLines ? PlainCommand.Called(text) : text);

    public void Add(string text) => Add(text, Palette.Plain);

    public void Add(string text, Look look) => _lines.AddRange(Paragraph.Of(Clean(text), look).Lay(Width));

    /// <summary>One line of differently looking pieces; what is longer than the sheet wraps.</summary>
    public void Add(params ReadOnlySpan<(string Text, Look Look)> pieces)
    {
        var line = new Paragraph();
        foreach ((string text, Look look) in pieces)
            line.Append(Clean(text), look);
        _lines.AddRange(line.Lay(Width));
    }

    /// <summary>One line that is part of a picture: taken as it is, never wrapped.</summary>
    public void AddCells(params ReadOnlySpan<(string Text, Look Look)> cells)
    {
        var line = new List<Run>();
        foreach ((string text, Look look) in cells)
            line.Add(new Run(text, look));
        _lines.Add(line);
    }

    public void Blank() => _lines.Add([]);

    /// <summary>A text behind a mark; further lines stand under the text's beginning.</summary>
    public void AddBehind(string mark, string text, Look look) =>
        AddBehind(mark, new string(' ', mark.Length), Paragraph.Of(Clean(text), look), look);

    /// <param name="rest">What stands before the second and later lines; as wide as <paramref name="mark"/>.</param>
    public void AddBehind(string mark, string rest, Paragraph text, Look markLook)
    {
        bool first = true;
        foreach (List<Run> line in text.Lay(Math.Max(1, Width - mark.Length)))
        {
            _lines.Add([new Run(first ? mark : rest, markLook), .. line]);
            first = false;
        }
    }

    /// <summary>Left and right text on one row; the left one gives way.</summary>
    public void Row(string left, string right, Look leftLook, Look rightLook)
    {
        string end = Clean(right);
        string start = Cut(Clean(left), Math.Max(0, Width - Columns.Of(end) - 1));
        int gap = Math.Max(0, Width - Columns.Of(start) - Columns.Of(end));
        _lines.Add([new Run(start, leftLook), new Run(new string(' ', gap), Palette.Plain), new Run(end, rightLook)]);
    }

    /// <summary>A horizontal line with a caption in it.</summary>
    public void Rule(string caption, string note = "", Look? look = null)
    {
        string right = note.Length == 0 ? "" : $" {Clean(note)} {Glyph.Horizontal}";
        int room = Math.Max(0, Width - Columns.Of(right) - 4);
        string left = caption.Length == 0 ? "" : $"{Glyph.Horizontal} {Cut(Clean(caption), room)} ";
        string line = string.Concat(Enumerable.Repeat(Glyph.Horizontal, Math.Max(0, Width - Columns.Of(left) - Columns.Of(right))));
        _lines.Add([new Run(left, look ?? Palette.Strong), new Run(line + right, Palette.Quiet)]);
    }

    /// <summary>A blank place for a secret in the last line.</summary>
    public void AddSpot(int column, int width, SpotKind kind, int number) => _spots.Add(new Spot(Height - 1, column, width, kind, number));

    /// <summary>The rows from this one to the last are this, to the mouse.</summary>
    public void Mean(int fromRow, Part part, int line = Target.NoLine)
    {
        for (int row = fromRow; row < Height; row++)
            _targets.Add(new Target(row, part, line));
    }

    /// <summary>The lines of another sheet, up to <paramref name="limit"/>, beginning at <paramref name="from"/>.</summary>
    public void Append(Sheet other, int from = 0, int limit = int.MaxValue)
    {
        int top = Height - from;
        int count = Math.Clamp(limit, 0, Math.Max(0, other.Height - from));
        _lines.AddRange(other._lines.Skip(from).Take(count));
        _spots.AddRange(other._spots.Where(s => s.Row >= from && s.Row < from + count).Select(s => s with { Row = s.Row + top }));
        _targets.AddRange(other._targets.Where(t => t.Row >= from && t.Row < from + count).Select(t => t with { Row = t.Row + top }));
        if (other.Cursor is { } at && at.Row >= from && at.Row < from + count)
            Cursor = (at.Row + top, at.Column);
    }

    /// <summary>Whether it looks like the other one.</summary>
    public bool LooksLike(Sheet other) => Width == other.Width && Cursor == other.Cursor && _spots.SequenceEqual(other._spots)
        && _lines.Count == other._lines.Count && _lines.Zip(other._lines).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <summary>The beginning of a text that fits into <paramref name="columns"/>.</summary>
    public string Cut(string text, int columns)
    {
        if (Columns.Of(text) <= columns)
            return text;
        string dots = display.Glyphs == GlyphSet.Unicode ? "…" : "..";
        if (columns < dots.Length)
            return "";
        string kept = "";
        foreach (string element in Columns.Elements(text).TakeWhile(element => Columns.Of(kept + element) <= columns - dots.Length))
            kept += element;
        return kept + dots;
    }
}
