using System.Buffers.Binary;
using System.Text;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// The program's fixed-width font as pixels of one size, so that a picture of a screen is the same on every machine: no library of fonts
/// and no hinting. OpenType 1.9: cmap format 4, loca, glyf.
/// </summary>
internal sealed class DrawnFont
{
    /// <summary>Of a pixel's coverage, 0 to this.</summary>
    public const int Levels = 8;

    private const int Sub = 4;
    private const int Steps = 6;

    private readonly byte[] _file;
    private readonly Dictionary<string, int> _tables = [];
    private readonly Dictionary<string, byte[]> _drawn = [];
    private readonly double _across, _up;
    private readonly int _ascent;
    private readonly bool _longOffsets;

    /// <param name="width">Of a cell, in pixels.</param>
    /// <param name="height">Of a cell, in pixels; lines of boxes meet in it.</param>
    public DrawnFont(int width, int height)
    {
        (Width, Height) = (width, height);
        _file = ReportFonts.Unpacked("DejaVuSansMono");
        for (int i = 0; i < U16(4); i++)
            _tables.Add(Encoding.ASCII.GetString(_file, 12 + (i * 16), 4), (int)U32(12 + (i * 16) + 8));
        _longOffsets = U16(_tables["head"] + 50) == 1;
        _ascent = S16(_tables["hhea"] + 4);
        // Glyphs behind the last one with a width of its own have that one.
        _across = (double)width / U16(_tables["hmtx"] + (4 * Math.Min(GlyphOf('M'), U16(_tables["hhea"] + 34) - 1)));
        _up = (double)height / (_ascent - S16(_tables["hhea"] + 6));
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Row after row, the coverage of each pixel of the cell, 0 to <see cref="Levels"/>.</summary>
    public byte[] Draw(string text) => _drawn.TryGetValue(text, out byte[]? there) ? there : _drawn[text] = DrawOnce(text);

    private byte[] DrawOnce(string text)
    {
        byte[] cell = new byte[Width * Height];
        if (text.Length == 0)
            return cell;
        var edges = new List<(double X1, double Y1, double X2, double Y2)>();
        Outline(GlyphOf(text[0]), (x, y) => (x * _across, (_ascent - y) * _up), edges);
        int[] covered = new int[Width * Height];
        for (int row = 0; row < Height * Sub; row++)
        {
            double y = (row + 0.5) / Sub;
            (double X, int Turn)[] crossings = [.. edges.Where(e => e.Y1 <= y != e.Y2 <= y)
                .Select(e => (X: e.X1 + ((y - e.Y1) / (e.Y2 - e.Y1) * (e.X2 - e.X1)), Turn: e.Y2 > e.Y1 ? 1 : -1)).OrderBy(c => c.X)];
            for (int column = 0; column < Width * Sub; column++)
                if (crossings.Where(c => c.X <= (column + 0.5) / Sub).Sum(c => c.Turn) != 0)
                    covered[(row / Sub * Width) + (column / Sub)]++;
        }
        for (int i = 0; i < cell.Length; i++)
            cell[i] = (byte)(covered[i] * Levels / (Sub * Sub));
        return cell;
    }

    private void Outline(int glyph, Func<double, double, (double X, double Y)> place, List<(double, double, double, double)> edges)
    {
        int at = Offset(glyph), end = Offset(glyph + 1);
        if (at == end)
            return;
        int contours = S16(at);
        if (contours < 0)
            Composite(at + 10, place, edges);
        else
            Simple(at + 10, contours, place, edges);
    }

    private void Composite(int at, Func<double, double, (double X, double Y)> place, List<(double, double, double, double)> edges)
    {
        bool more = true;
        while (more)
        {
            int flags = U16(at), glyph = U16(at + 2);
            bool words = (flags & 1) != 0;
            (int dx, int dy) = words ? (S16(at + 4), S16(at + 6)) : ((sbyte)_file[at + 4], (sbyte)_file[at + 5]);
            at += words ? 8 : 6;
            (double a, double b, double c, double d) = (1.0, 0.0, 0.0, 1.0);
            double Scale(int offset) => S16(at + offset) / 16384.0;
            if ((flags & 0x08) != 0)
                (a, d, at) = (Scale(0), Scale(0), at + 2);
            else if ((flags & 0x40) != 0)
                (a, d, at) = (Scale(0), Scale(2), at + 4);
            else if ((flags & 0x80) != 0)
                (a, b, c, d, at) = (Scale(0), Scale(2), Scale(4), Scale(6), at + 8);
            Outline(glyph, (x, y) => place((a * x) + (c * y) + dx, (b * x) + (d * y) + dy), edges);
            more = (flags & 0x20) != 0;
        }
    }

    private void Simple(int at, int contours, Func<double, double, (double X, double Y)> place,
        List<(double, double, double, double)> edges)
    {
        int[] ends = [.. Enumerable.Range(0, contours).Select(i => U16(at + (2 * i)))];
        int count = contours == 0 ? 0 : ends[^1] + 1;
        at += 2 * contours;
        at += 2 + U16(at);
        byte[] flags = new byte[count];
        for (int i = 0; i < count;)
        {
            byte flag = _file[at++];
            int repeats = (flag & 8) != 0 ? _file[at++] : 0;
            for (int r = 0; r <= repeats; r++)
                flags[i++] = flag;
        }
        int[] xs = Coordinates(ref at, flags, 2, 16), ys = Coordinates(ref at, flags, 4, 32);
        int first = 0;
        foreach (int last in ends)
        {
            Contour([.. Enumerable.Range(first, last - first + 1).Select(i => (place(xs[i], ys[i]), (flags[i] & 1) != 0))], edges);
            first = last + 1;
        }
    }

    private int[] Coordinates(ref int at, byte[] flags, int isShort, int isSameOrPositive)
    {
        int[] all = new int[flags.Length];
        int value = 0;
        for (int i = 0; i < flags.Length; i++)
        {
            bool set = (flags[i] & isSameOrPositive) != 0;
            if ((flags[i] & isShort) != 0)
                value += set ? _file[at++] : -_file[at++];
            else if (!set)
            {
                value += S16(at);
                at += 2;
            }
            all[i] = value;
        }
        return all;
    }

    /// <summary>Points that are not on the curve bend it; between two of them lies one that is.</summary>
    private static void Contour(((double X, double Y) At, bool On)[] points, List<(double, double, double, double)> edges)
    {
        var whole = new List<((double X, double Y) At, bool On)>();
        for (int i = 0; i < points.Length; i++)
        {
            ((double X, double Y) at, bool on) = points[i];
            ((double X, double Y) next, bool nextOn) = points[(i + 1) % points.Length];
            whole.Add((at, on));
            if (!on && !nextOn)
                whole.Add((((at.X + next.X) / 2, (at.Y + next.Y) / 2), true));
        }
        int start = whole.FindIndex(p => p.On);
        if (start < 0)
            return;
        (double X, double Y) from = whole[start].At;
        for (int i = 1; i <= whole.Count; i++)
        {
            ((double X, double Y) at, bool on) = whole[(start + i) % whole.Count];
            if (on)
            {
                edges.Add((from.X, from.Y, at.X, at.Y));
                from = at;
                continue;
            }
            (double X, double Y) to = whole[(start + ++i) % whole.Count].At, before = from;
            for (int step = 1; step <= Steps; step++)
            {
                double t = (double)step / Steps, u = 1 - t;
                (double X, double Y) now = ((u * u * before.X) + (2 * u * t * at.X) + (t * t * to.X),
                    (u * u * before.Y) + (2 * u * t * at.Y) + (t * t * to.Y));
                edges.Add((from.X, from.Y, now.X, now.Y));
                from = now;
            }
        }
    }

    private int GlyphOf(char character)
    {
        int cmap = _tables["cmap"];
        int at = Enumerable.Range(0, U16(cmap + 2)).Select(i => cmap + 4 + (8 * i))
            .Where(row => U16(row) == 3 && U16(row + 2) == 1).Select(row => cmap + (int)U32(row + 4)).First();
        int segments = U16(at + 6) / 2, ends = at + 14, starts = ends + (2 * segments) + 2;
        for (int i = 0; i < segments; i++)
            if (character <= U16(ends + (2 * i)) && character >= U16(starts + (2 * i)))
            {
                int delta = starts + (2 * segments) + (2 * i), range = delta + (2 * segments);
                if (U16(range) == 0)
                    return (character + U16(delta)) & 0xFFFF;
                int glyph = U16(range + U16(range) + (2 * (character - U16(starts + (2 * i)))));
                return glyph == 0 ? 0 : (glyph + U16(delta)) & 0xFFFF;
            }
        return 0;
    }

    private int Offset(int glyph) => _tables["glyf"] + (_longOffsets ? (int)U32(_tables["loca"] + (4 * glyph))
        : 2 * U16(_tables["loca"] + (2 * glyph)));

    private int U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_file.AsSpan(at));

    private int S16(int at) => BinaryPrimitives.ReadInt16BigEndian(_file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at));
}
