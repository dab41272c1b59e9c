using Spectre.Console;
using Spectre.Console.Rendering;

namespace KeyCeremony.App.Terminal.Drawing;

/// <summary>Text of a given width, written from top to bottom, as lines of styled segments. Takes any text and cleans it.</summary>
internal sealed class Sheet(Display display, int width)
{
    private readonly List<SegmentLine> _lines = [];
    private readonly List<Spot> _spots = [];
    private readonly RenderOptions _options = new(new Capabilities(display), new Size(width, display.Height));

    public int Width { get; } = width;

    public int Height => _lines.Count;

    public IReadOnlyList<SegmentLine> Lines => _lines;

    /// <summary>Rows and columns within this sheet.</summary>
    public IReadOnlyList<Spot> Spots => _spots;

    /// <summary>Where the person types, within this sheet.</summary>
    public (int Row, int Column)? Cursor { get; set; }

    public Glyphs Glyph => display.Glyph;

    public void Add(string text) => Add(text, Palette.Plain);

    public void Add(string text, Style style) => Add(new Text(Glyph.Clean(text), style));

    public void Add(IRenderable renderable) => _lines.AddRange(Lay(renderable, Width));

    /// <summary>One line of differently styled pieces; what is longer than the sheet wraps.</summary>
    public void Add(params ReadOnlySpan<(string Text, Style Style)> pieces)
    {
        var line = new Paragraph();
        foreach ((string text, Style style) in pieces)
            line.Append(Glyph.Clean(text), style);
        Add(line);
    }

    /// <summary>One line that is part of a picture: taken as it is, never wrapped.</summary>
    public void AddCells(params ReadOnlySpan<(string Text, Style Style)> cells)
    {
        var line = new SegmentLine();
        foreach ((string text, Style style) in cells)
            line.Add(new Segment(text, style));
        _lines.Add(line);
    }

    public void Blank() => _lines.Add([]);

    /// <summary>A text behind a mark; further lines stand under the text's beginning.</summary>
    public void AddBehind(string mark, string text, Style style) => AddBehind(mark, new string(' ', mark.Length), new Text(Glyph.Clean(text), style), style);

    /// <param name="rest">What stands before the second and later lines; as wide as <paramref name="mark"/>.</param>
    public void AddBehind(string mark, string rest, IRenderable text, Style markStyle)
    {
        bool first = true;
        foreach (SegmentLine line in Lay(text, Math.Max(1, Width - mark.Length)))
        {
            line.Insert(0, new Segment(first ? mark : rest, markStyle));
            _lines.Add(line);
            first = false;
        }
    }

    /// <summary>Left and right text on one row; the left one gives way.</summary>
    public void Row(string left, string right, Style leftStyle, Style rightStyle)
    {
        string end = Glyph.Clean(right);
        int room = Math.Max(0, Width - Segment.CellCount([new Segment(end)]) - 1);
        string start = Cut(Glyph.Clean(left), room);
        int gap = Math.Max(0, Width - Segment.CellCount([new Segment(start), new Segment(end)]));
        _lines.Add([new Segment(start, leftStyle), new Segment(new string(' ', gap)), new Segment(end, rightStyle)]);
    }

    /// <summary>A horizontal line with a caption in it.</summary>
    public void Rule(string caption, string note = "")
    {
        string right = note.Length == 0 ? "" : $" {Glyph.Clean(note)} {Glyph.Horizontal}";
        string left = caption.Length == 0 ? "" : $"{Glyph.Horizontal} {Cut(Glyph.Clean(caption), Math.Max(0, Width - right.Length - 4))} ";
        string line = string.Concat(Enumerable.Repeat(Glyph.Horizontal, Math.Max(0, Width - left.Length - right.Length)));
        _lines.Add([new Segment(left, Palette.Strong), new Segment(line + right, Palette.Quiet)]);
    }

    /// <summary>A blank place for a secret in the last line.</summary>
    public void AddSpot(int column, int width, SpotKind kind, int number) => _spots.Add(new Spot(Height - 1, column, width, kind, number));

    /// <summary>The lines of another sheet, up to <paramref name="limit"/>, beginning at <paramref name="from"/>.</summary>
    public void Append(Sheet other, int from = 0, int limit = int.MaxValue)
    {
        int top = Height - from;
        int count = Math.Clamp(limit, 0, Math.Max(0, other.Height - from));
        _lines.AddRange(other._lines.Skip(from).Take(count));
        _spots.AddRange(other._spots.Where(s => s.Row >= from && s.Row < from + count).Select(s => s with { Row = s.Row + top }));
        if (other.Cursor is { } at && at.Row >= from && at.Row < from + count)
            Cursor = (at.Row + top, at.Column);
    }

    /// <summary>The beginning of a text that fits into <paramref name="columns"/>.</summary>
    public string Cut(string text, int columns)
    {
        if (Segment.CellCount([new Segment(text)]) <= columns)
            return text;
        string dots = display.Glyphs == GlyphSet.Unicode ? "…" : "..";
        int keep = Math.Min(text.Length, Math.Max(0, columns - dots.Length));
        while (keep > 0 && (Segment.CellCount([new Segment(text[..keep])]) > columns - dots.Length || char.IsHighSurrogate(text[keep - 1])))
            keep--;
        return columns < dots.Length ? "" : text[..keep] + dots;
    }

    private List<SegmentLine> Lay(IRenderable renderable, int columns) =>
        [.. Segment.SplitLines(renderable.Render(_options, columns), columns)];

    private sealed class Capabilities(Display display) : IReadOnlyCapabilities
    {
        public ColorSystem ColorSystem => display.Colour ? ColorSystem.Standard : ColorSystem.NoColors;

        public bool Ansi => display.Attributes;

        public bool Links => false;

        public bool Legacy => false;

        public bool IsTerminal => true;

        public bool Interactive => false;

        public bool Unicode => display.Glyphs == GlyphSet.Unicode;
    }
}
