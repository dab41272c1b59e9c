using System.Buffers.Binary;
using System.Text;

namespace KeyCeremony.Verifier;

/// <summary>
/// A TrueType font of which a PDF embeds the glyphs it shows, numbered in the order of their first use.
/// Reads font files that this program carries (OpenType 1.9, tables head, hhea, hmtx, maxp, cmap format 4, loca, glyf).
/// </summary>
internal sealed class PdfFont
{
    private readonly byte[] _file;
    private readonly Dictionary<string, (int Offset, int Length)> _tables = [];
    private readonly Dictionary<int, int> _numbers = [];   // glyph in the file -> glyph in the subset
    private readonly List<int> _glyphs = [];
    private readonly Dictionary<int, int> _found = [];     // character -> glyph in the file
    private readonly SortedDictionary<int, int> _characters = []; // glyph in the subset -> character
    private readonly int _metrics, _hmtx;
    private readonly bool _longOffsets;

    /// <param name="file">Owned by this object.</param>
    /// <param name="built">What the font says when it was made and changed: seconds since 1904.</param>
    public PdfFont(string name, byte[] file, uint built)
    {
        Name = name;
        _file = file;
        int count = U16(4);
        for (int i = 0; i < count; i++)
            _tables.Add(Encoding.ASCII.GetString(file, 12 + (i * 16), 4), ((int)U32(12 + (i * 16) + 8), (int)U32(12 + (i * 16) + 12)));
        UnitsPerEm = U16(At("head") + 18);
        _longOffsets = U16(At("head") + 50) == 1;
        Ascent = S16(At("hhea") + 4);
        Descent = S16(At("hhea") + 6);
        _metrics = U16(At("hhea") + 34);
        _hmtx = At("hmtx");
        foreach (int date in new[] { 20, 28 })
            BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(At("head") + date), built);
        Number(0);
    }

    public string Name { get; }

    public int UnitsPerEm { get; }

    public int Ascent { get; }

    public int Descent { get; }

    /// <summary>The text's glyphs as PDF hex string content; marks them for embedding.</summary>
    public string Encode(string text)
    {
        var hex = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            int number = Number(GlyphOf(rune.Value));
            if (number != 0)
                _characters.TryAdd(number, rune.Value);
            hex.Append(number.ToString("X4"));
        }
        return hex.ToString();
    }

    /// <summary>In points.</summary>
    public double Width(string text, double size) => Points(Units(text), size);

    /// <summary>The text's width in the font's own units: sums of them are exact.</summary>
    public long Units(ReadOnlySpan<char> text)
    {
        long units = 0;
        foreach (Rune rune in text.EnumerateRunes())
            units += Advance(GlyphOf(rune.Value));
        return units;
    }

    public double Points(long units, double size) => units * size / UnitsPerEm;

    /// <summary>Widths of the subset's glyphs in thousandths of an em.</summary>
    public IEnumerable<int> Widths => _glyphs.Select(g => Advance(g) * 1000 / UnitsPerEm);

    /// <summary>Subset glyph to Unicode, for copying and searching.</summary>
    public IReadOnlyDictionary<int, int> Characters => _characters;

    /// <summary>The font program with the marked glyphs only.</summary>
    public byte[] Subset()
    {
        var outlines = new MemoryStream();
        var offsets = new List<int>();
        // A composite glyph marks its parts, so the list grows while it is walked.
        for (int i = 0; i < _glyphs.Count; i++)
        {
            offsets.Add((int)outlines.Length);
            outlines.Write(Outline(_glyphs[i]));
            while (outlines.Length % 4 != 0)
                outlines.WriteByte(0);
        }
        offsets.Add((int)outlines.Length);

        byte[] head = Table("head"), hhea = Table("hhea"), maxp = Table("maxp");
        BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(50), 1);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(8), 0);
        BinaryPrimitives.WriteUInt16BigEndian(hhea.AsSpan(34), (ushort)_glyphs.Count);
        BinaryPrimitives.WriteUInt16BigEndian(maxp.AsSpan(4), (ushort)_glyphs.Count);
        byte[] hmtx = new byte[_glyphs.Count * 4], loca = new byte[offsets.Count * 4];
        for (int i = 0; i < _glyphs.Count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(hmtx.AsSpan(i * 4), (ushort)Advance(_glyphs[i]));
            BinaryPrimitives.WriteUInt16BigEndian(hmtx.AsSpan((i * 4) + 2), (ushort)U16(BearingAt(_glyphs[i])));
        }
        for (int i = 0; i < offsets.Count; i++)
            BinaryPrimitives.WriteInt32BigEndian(loca.AsSpan(i * 4), offsets[i]);
        var tables = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["glyf"] = outlines.ToArray(),
            ["head"] = head,
            ["hhea"] = hhea,
            ["hmtx"] = hmtx,
            ["loca"] = loca,
            ["maxp"] = maxp,
        };
        foreach (string hinting in new[] { "cvt ", "fpgm", "prep" })
            if (_tables.ContainsKey(hinting))
                tables.Add(hinting, Table(hinting));
        return FontFile(tables);
    }

    private static byte[] FontFile(SortedDictionary<string, byte[]> tables)
    {
        int start = 12 + (tables.Count * 16);
        var file = new MemoryStream();
        Span<byte> directory = new byte[start];
        BinaryPrimitives.WriteUInt32BigEndian(directory, 0x00010000);
        BinaryPrimitives.WriteUInt16BigEndian(directory[4..], (ushort)tables.Count);
        int row = 12;
        foreach ((string tag, byte[] table) in tables)
        {
            Encoding.ASCII.GetBytes(tag, directory[row..]);
            BinaryPrimitives.WriteUInt32BigEndian(directory[(row + 4)..], Checksum(table));
            BinaryPrimitives.WriteInt32BigEndian(directory[(row + 8)..], start + (int)file.Length);
            BinaryPrimitives.WriteInt32BigEndian(directory[(row + 12)..], table.Length);
            file.Write(table);
            while (file.Length % 4 != 0)
                file.WriteByte(0);
            row += 16;
        }
        return [.. directory, .. file.ToArray()];
    }

    private static uint Checksum(byte[] table)
    {
        uint sum = 0;
        for (int i = 0; i < table.Length; i++)
            sum = unchecked(sum + ((uint)table[i] << (24 - (i % 4 * 8))));
        return sum;
    }

    private byte[] Outline(int glyph)
    {
        int size = _longOffsets ? 4 : 2;
        int Offset(int g) => _longOffsets ? (int)U32(At("loca") + (g * size)) : U16(At("loca") + (g * size)) * 2;
        byte[] outline = _file.AsSpan(At("glyf") + Offset(glyph), Offset(glyph + 1) - Offset(glyph)).ToArray();
        if (outline.Length < 10 || BinaryPrimitives.ReadInt16BigEndian(outline) >= 0)
            return outline;
        int at = 10;
        int flags;
        do
        {
            flags = BinaryPrimitives.ReadUInt16BigEndian(outline.AsSpan(at));
            int part = BinaryPrimitives.ReadUInt16BigEndian(outline.AsSpan(at + 2));
            BinaryPrimitives.WriteUInt16BigEndian(outline.AsSpan(at + 2), (ushort)Number(part));
            // ARG_1_AND_2_ARE_WORDS 1, WE_HAVE_A_SCALE 8, X_AND_Y_SCALE 0x40, TWO_BY_TWO 0x80, MORE_COMPONENTS 0x20
            at += 4 + ((flags & 1) != 0 ? 4 : 2) + ((flags & 8) != 0 ? 2 : (flags & 0x40) != 0 ? 4 : (flags & 0x80) != 0 ? 8 : 0);
        }
        while ((flags & 0x20) != 0);
        return outline;
    }

    private int Number(int glyph)
    {
        if (_numbers.TryGetValue(glyph, out int known))
            return known;
        _numbers.Add(glyph, _glyphs.Count);
        _glyphs.Add(glyph);
        return _glyphs.Count - 1;
    }

    private int GlyphOf(int character)
    {
        if (!_found.TryGetValue(character, out int glyph))
            _found.Add(character, glyph = LookUp(character));
        return glyph;
    }

    /// <summary>0, the empty box, for what the font does not hold.</summary>
    private int LookUp(int character)
    {
        int cmap = At("cmap");
        for (int i = 0; i < U16(cmap + 2); i++)
        {
            int table = cmap + (int)U32(cmap + 4 + (i * 8) + 4);
            if (U16(table) == 4)
                return character <= 0xFFFF ? GlyphInFormat4(table, character) : 0;
        }
        return 0;
    }

    private int GlyphInFormat4(int table, int character)
    {
        int segments = U16(table + 6) / 2;
        int ends = table + 14, starts = ends + (segments * 2) + 2, deltas = starts + (segments * 2), ranges = deltas + (segments * 2);
        for (int s = 0; s < segments; s++)
        {
            if (U16(ends + (s * 2)) < character)
                continue;
            int start = U16(starts + (s * 2));
            if (start > character)
                return 0;
            int range = U16(ranges + (s * 2));
            int glyph = range == 0 ? character : U16(ranges + (s * 2) + range + ((character - start) * 2));
            return glyph == 0 ? 0 : (glyph + U16(deltas + (s * 2))) & 0xFFFF;
        }
        return 0;
    }

    private int Advance(int glyph) => U16(_hmtx + (Math.Min(glyph, _metrics - 1) * 4));

    private int BearingAt(int glyph) => glyph < _metrics
        ? _hmtx + (glyph * 4) + 2
        : _hmtx + (_metrics * 4) + ((glyph - _metrics) * 2);

    private int At(string table) => _tables[table].Offset;

    private byte[] Table(string table) => _file.AsSpan(_tables[table].Offset, _tables[table].Length).ToArray();

    private int U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_file.AsSpan(at));

    private int S16(int at) => BinaryPrimitives.ReadInt16BigEndian(_file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at));
}
