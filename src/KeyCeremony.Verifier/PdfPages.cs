using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KeyCeremony.Verifier;

/// <summary>
/// A4 pages of running text as PDF 1.7. The same calls give the same bytes on every machine:
/// nothing is compressed, dated by a clock or numbered at random. ISO 32000-1.
/// </summary>
internal sealed class PdfPages
{
    private const double PageWidth = 595.28, PageHeight = 841.89, Left = 56, Right = 56, Top = 60, Bottom = 64;
    private readonly PdfFont[] _fonts;
    private readonly List<StringBuilder> _pages = [];
    private double _y;

    public PdfPages(PdfFont regular, PdfFont bold, PdfFont mono)
    {
        _fonts = [regular, bold, mono];
        NewPage();
    }

    public static double Width => PageWidth - Left - Right;

    /// <summary>Of the paper, in points.</summary>
    public static double Height => PageHeight;

    public PdfFont Regular => _fonts[0];

    public PdfFont Bold => _fonts[1];

    public PdfFont Mono => _fonts[2];

    public void NewPage()
    {
        _pages.Add(new StringBuilder());
        _y = PageHeight - Top;
    }

    public void Space(double points) => _y -= points;

    /// <summary>Starts a new page when less than this is left.</summary>
    public void Keep(double points)
    {
        if (_y - points < Bottom)
            NewPage();
    }

    public void Text(string text, PdfFont font, double size, double indent = 0)
    {
        foreach (string line in Wrap(text, font, size, Width - indent))
        {
            Keep(size * 1.35);
            _y -= size * 1.35;
            Show(line, font, size, Left + indent, _y);
        }
    }

    /// <summary>One row; every cell is wrapped in its column and the row never breaks over a page unless it is taller than one.</summary>
    public void Row(IReadOnlyList<(string Text, PdfFont Font, double Width)> cells, double size)
    {
        List<string>[] lines = [.. cells.Select(c => Wrap(c.Text, c.Font, size, c.Width - 6))];
        int tallest = lines.Max(l => l.Count);
        Keep(Math.Min(tallest, 40) * size * 1.3);
        for (int n = 0; n < tallest; n++)
        {
            Keep(size * 1.3);
            _y -= size * 1.3;
            double x = Left;
            for (int c = 0; c < cells.Count; c++)
            {
                if (n < lines[c].Count)
                    Show(lines[c][n], cells[c].Font, size, x, _y);
                x += cells[c].Width;
            }
        }
        _y -= size * 0.35;
    }

    public void Rule(double width = 0)
    {
        _y -= 4;
        _pages[^1]
            .Append(CultureInfo.InvariantCulture, $"0.5 w {N(Left)} {N(_y)} m {N(Left + (width == 0 ? Width : width))} {N(_y)} l S\n");
        _y -= 4;
    }

    /// <summary>
    /// Rows of boxes with lines around them; an empty one is room to write in. What fits on a page stays together, and no row is
    /// ever broken.
    /// </summary>
    /// <param name="least">Height in points below which no box goes.</param>
    public void Boxes(IReadOnlyList<IReadOnlyList<(string Text, PdfFont Font, double Size, double Width)>> rows, double least)
    {
        const double inside = 4;
        List<string>[][] lines = [.. rows.Select(row => row.Select(c => Wrap(c.Text, c.Font, c.Size, c.Width - (2 * inside))).ToArray())];
        double[] heights =
            [.. rows.Select((row, r) => Math.Max(least, row.Select((c, i) => lines[r][i].Count * c.Size * 1.3).Max() + (2 * inside)))];
        if (heights.Sum() is var all && all <= PageHeight - Top - Bottom)
            Keep(all);
        for (int r = 0; r < rows.Count; r++)
        {
            Keep(heights[r]);
            double x = Left;
            for (int c = 0; c < rows[r].Count; c++)
            {
                (_, PdfFont font, double size, double width) = rows[r][c];
                Box(x, _y - heights[r], width, heights[r]);
                for (int n = 0; n < lines[r][c].Count; n++)
                    Show(lines[r][c][n], font, size, x + inside, _y - inside - (size * 0.95) - (n * size * 1.3));
                x += width;
            }
            _y -= heights[r];
        }
    }

    /// <summary>Text with a bar beside it, where it breaks over a page too.</summary>
    public void Barred(string text, PdfFont font, double size)
    {
        const double indent = 12;
        foreach (string line in Wrap(text, font, size, Width - indent))
        {
            Keep(size * 1.35);
            _y -= size * 1.35;
            Stroke(Left + 2, _y - (size * 0.3), Left + 2, _y + (size * 1.05), 1.5);
            Show(line, font, size, Left + indent, _y);
        }
    }

    /// <summary>Text at its place on the page that was begun last; points from the lower left corner, as all below.</summary>
    public void At(string text, PdfFont font, double size, double x, double y) => Show(text, font, size, x, y);

    public void Stroke(double x1, double y1, double x2, double y2, double width, bool dashed = false) =>
        _pages[^1].Append(CultureInfo.InvariantCulture,
            $"{(dashed ? "[3 3] 0 d " : "")}{N(width)} w {N(x1)} {N(y1)} m {N(x2)} {N(y2)} l S{(dashed ? " [] 0 d" : "")}\n");

    public void Box(double x, double y, double width, double height, double line = 0.5) =>
        _pages[^1].Append(CultureInfo.InvariantCulture, $"{N(line)} w {N(x)} {N(y)} {N(width)} {N(height)} re S\n");

    public void Fill(double x, double y, double width, double height) =>
        _pages[^1].Append(CultureInfo.InvariantCulture, $"{N(x)} {N(y)} {N(width)} {N(height)} re f\n");

    /// <summary>The document's bytes.</summary>
    /// <param name="footer">Stands at the foot of every page before the page number.</param>
    /// <param name="date">Creation date in the document's information; null: it names none.</param>
    /// <param name="numbers">How a page is numbered: the page, then how many there are.</param>
    public byte[] Write(string title, string footer, DateTimeOffset? date, string numbers = "{0} / {1}")
    {
        for (int p = 0; p < _pages.Count; p++)
        {
            string number = string.Format(CultureInfo.InvariantCulture, numbers, p + 1, _pages.Count);
            Show(footer, Mono, 7, Left, 36, p);
            Show(number, Mono, 7, PageWidth - Right - Mono.Width(number, 7), 36, p);
        }

        var objects = new List<byte[]> { Array.Empty<byte>(), Array.Empty<byte>() };
        int Add(string dictionary, byte[]? stream = null)
        {
            objects.Add(stream is null
                ? Encoding.ASCII.GetBytes(dictionary)
                : [.. Encoding.ASCII.GetBytes($"<< {dictionary} /Length {stream.Length} >>\nstream\n"), .. stream, .. "\nendstream"u8]);
            return objects.Count;
        }
        string fonts = string.Concat(_fonts.Select((f, i) => $"/F{i} {AddFont(f, Add)} 0 R "));
        var kids = new StringBuilder();
        foreach (StringBuilder page in _pages)
        {
            int content = Add("", Encoding.ASCII.GetBytes(page.ToString()));
            int shown = Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {N(PageWidth)} {N(PageHeight)}] "
                + $"/Resources << /Font << {fonts}>> >> /Contents {content} 0 R >>");
            kids.Append(CultureInfo.InvariantCulture, $"{shown} 0 R ");
        }
        objects[0] = "<< /Type /Catalog /Pages 2 0 R /Lang (en) /ViewerPreferences << /DisplayDocTitle true >> >>"u8.ToArray();
        objects[1] = Encoding.ASCII.GetBytes($"<< /Type /Pages /Kids [{kids}] /Count {_pages.Count} >>");
        string created = date is { } at
            ? string.Create(CultureInfo.InvariantCulture, $" /CreationDate (D:{at.UtcDateTime:yyyyMMddHHmmss}Z)")
            : "";
        int info = Add($"<< /Title {Utf16(title)} /Producer (KeyCeremony){created} >>");
        return File(objects, info);
    }

    private static int AddFont(PdfFont font, Func<string, byte[]?, int> add)
    {
        // ISO 32000-1 9.7.4 and 9.9: a CIDFont whose CIDs are the subset's glyph numbers.
        byte[] program = font.Subset();
        string name = "KCSUBS+" + font.Name;
        int file = add($"/Length1 {program.Length}", program);
        int ascent = font.Ascent * 1000 / font.UnitsPerEm, descent = font.Descent * 1000 / font.UnitsPerEm;
        int descriptor = add($"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [-1000 {descent} "
            + $"2000 {ascent}] /ItalicAngle 0 /Ascent {ascent} /Descent {descent} /CapHeight 729 /StemV 80 /FontFile2 {file} 0 R >>", null);
        int cid = add($"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} "
            + $"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement "
            + $"0 >> /FontDescriptor {descriptor} 0 R /CIDToGIDMap /Identity /DW 600 /W [0 [{string.Join(' ', font.Widths)}]] >>", null);
        int unicode = add("", Encoding.ASCII.GetBytes(ToUnicode(font)));
        return add($"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding "
            + $"/Identity-H /DescendantFonts [{cid} 0 R] /ToUnicode {unicode} 0 R >>", null);
    }

    private static string ToUnicode(PdfFont font)
    {
        var map = new StringBuilder("/CIDInit /ProcSet findresource begin\n12 dict begin\n"
            + "begincmap\n/CMapName /KC def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
        foreach (KeyValuePair<int, int>[] block in font.Characters.Chunk(100))
        {
            map.Append(CultureInfo.InvariantCulture, $"{block.Length} beginbfchar\n");
            foreach ((int glyph, int character) in block)
                map.Append(CultureInfo.InvariantCulture, $"<{glyph:X4}> <{character:X4}>\n");
            map.Append("endbfchar\n");
        }
        return map.Append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n").ToString();
    }

    private static byte[] File(List<byte[]> objects, int info)
    {
        var file = new MemoryStream();
        void Line(string text) => file.Write(Encoding.ASCII.GetBytes(text + "\n"));
        Line("%PDF-1.7");
        file.Write([(byte)'%', 0xE2, 0xE3, 0xCF, 0xD3, (byte)'\n']);
        var offsets = new List<long>();
        for (int i = 0; i < objects.Count; i++)
        {
            offsets.Add(file.Length);
            Line($"{i + 1} 0 obj");
            file.Write(objects[i]);
            Line("\nendobj");
        }
        string id = Convert.ToHexString(SHA256.HashData(file.ToArray()).AsSpan(0, 16));
        long xref = file.Length;
        Line($"xref\n0 {objects.Count + 1}\n0000000000 65535 f ");
        foreach (long offset in offsets)
            Line($"{offset:D10} 00000 n ");
        Line($"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R /Info {info} 0 R /ID [<{id}> <{id}>] >>\nstartxref\n{xref}\n%%EOF");
        return file.ToArray();
    }

    private void Show(string text, PdfFont font, double size, double x, double y, int page = -1)
    {
        if (text.Length > 0)
            _pages[page < 0 ? _pages.Count - 1 : page].Append(CultureInfo.InvariantCulture,
                $"BT /F{Array.IndexOf(_fonts, font)} {N(size)} Tf {N(x)} {N(y)} Td <{font.Encode(text)}> Tj ET\n");
    }

    /// <summary>Lines no wider than this; each word is measured once. Widths are whole font units, so a sum is exact.</summary>
    private static List<string> Wrap(string text, PdfFont font, double size, double width)
    {
        long blank = font.Units(" ");
        var lines = new List<string>();
        foreach (string paragraph in text.Split('\n'))
        {
            var line = new StringBuilder();
            long units = 0;
            foreach ((string word, long wide) in paragraph.Split(' ').SelectMany(w => Pieces(w, font, size, width)))
            {
                long longer = line.Length == 0 ? wide : units + blank + wide;
                if (font.Points(longer, size) > width)
                {
                    lines.Add(line.ToString());
                    line.Clear().Append(word);
                    units = wide;
                    continue;
                }
                if (line.Length > 0)
                    line.Append(' ');
                line.Append(word);
                units = longer;
            }
            lines.Add(line.ToString());
        }
        return lines;
    }

    /// <summary>A word that is wider than its column, a hash, is cut.</summary>
    private static IEnumerable<(string Piece, long Units)> Pieces(string word, PdfFont font, double size, double width)
    {
        int start = 0;
        long units = 0;
        for (int end = 1; end <= word.Length; end++)
        {
            // Half a surrogate pair has another width than the whole, so what holds one is measured again.
            long longer = char.IsSurrogate(word[end - 1]) || end - 1 > start && char.IsSurrogate(word[end - 2])
                ? font.Units(word.AsSpan(start, end - start)) : units + font.Units(word.AsSpan(end - 1, 1));
            if (font.Points(longer, size) > width && end - start > 1)
            {
                yield return (word[start..(end - 1)], units);
                start = end - 1;
                longer = font.Units(word.AsSpan(start, 1));
            }
            units = longer;
        }
        yield return (word[start..], units);
    }

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Utf16(string text) => $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";
}
