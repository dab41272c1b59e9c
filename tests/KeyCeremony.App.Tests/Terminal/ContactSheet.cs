using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// Screens beside each other in one PNG, each with its caption: what a terminal with sixteen colours shows. The same screens are the
/// same bytes. Where a secret word would stand is shaded.
/// </summary>
internal sealed class ContactSheet(int columns)
{
    private const int Border = 16;
    private const string Hidden = "▒";

    private static readonly (byte R, byte G, byte B) Paper = (236, 236, 232), Caption = (40, 40, 40), Black = (0, 0, 0);

    private readonly DrawnFont _font = new(8, 16);
    private readonly List<(byte R, byte G, byte B)> _palette = [Paper];
    private readonly Dictionary<(byte, byte, byte), byte> _known = new() { [Paper] = 0 };

    public byte[] Draw(IReadOnlyList<(string Caption, Frame Frame)> screens)
    {
        int width = screens.Max(s => s.Frame.Display.Width) * _font.Width, height = screens.Max(s => s.Frame.Display.Height) * _font.Height;
        int step = height + _font.Height + Border + (Border / 2), rows = (screens.Count + columns - 1) / columns;
        byte[,] picture = new byte[Border + (rows * step), Border + (columns * (width + Border))];
        for (int i = 0; i < screens.Count; i++)
        {
            int left = Border + (i % columns * (width + Border)), top = Border + (i / columns * step);
            for (int c = 0; c < screens[i].Caption.Length; c++)
                Put(picture, left + (c * _font.Width), top, $"{screens[i].Caption[c]}", Caption, Paper);
            Put(picture, left, top + _font.Height + (Border / 2), screens[i].Frame);
        }
        return Png(picture);
    }

    private void Put(byte[,] picture, int left, int top, Frame frame)
    {
        var hidden = frame.Spots.SelectMany(s => Enumerable.Range(s.Column, s.Width).Select(column => (s.Row, column))).ToHashSet();
        for (int row = 0; row < frame.Display.Height; row++)
            for (int column = 0; column < frame.Display.Width; column++)
            {
                Cell cell = frame.At(row, column);
                ((byte, byte, byte) ink, (byte, byte, byte) ground) = Colours(cell.Look);
                int x = left + (column * _font.Width), y = top + (row * _font.Height);
                Put(picture, x, y, hidden.Contains((row, column)) ? Hidden : cell.Text, ink, ground);
                if (cell.Look.Underlined)
                    for (int i = 0; i < _font.Width; i++)
                        picture[y + _font.Height - 2, x + i] = Index(ink);
            }
    }

    private void Put(byte[,] picture, int x, int y, string text, (byte R, byte G, byte B) ink, (byte R, byte G, byte B) ground)
    {
        byte[] drawn = _font.Draw(text);
        for (int i = 0; i < drawn.Length; i++)
            picture[y + (i / _font.Width), x + (i % _font.Width)] =
                Index((Mixed(ink.R, ground.R, drawn[i]), Mixed(ink.G, ground.G, drawn[i]), Mixed(ink.B, ground.B, drawn[i])));
    }

    private static byte Mixed(byte ink, byte ground, int level) =>
        (byte)(((ink * level) + (ground * (DrawnFont.Levels - level))) / DrawnFont.Levels);

    /// <summary>Of the Linux console; bold is the brighter colour.</summary>
    private static ((byte, byte, byte) Ink, (byte, byte, byte) Ground) Colours(Look look)
    {
        (byte, byte, byte) ink = (look.Ink, look.Bold) switch
        {
            (Ink.Cyan, false) => (0, 170, 170),
            (Ink.Cyan, true) => (85, 255, 255),
            (Ink.Green, false) => (0, 170, 0),
            (Ink.Green, true) => (85, 255, 85),
            (Ink.Yellow, false) => (170, 85, 0),
            (Ink.Yellow, true) => (255, 255, 85),
            (Ink.Red, false) => (170, 0, 0),
            (Ink.Red, true) => (255, 85, 85),
            (Ink.White, _) or (_, true) => (255, 255, 255),
            _ => (170, 170, 170),
        };
        return look.Reversed ? (Black, ink) : (ink, Black);
    }

    private byte Index((byte R, byte G, byte B) colour)
    {
        if (_known.TryGetValue(colour, out byte there))
            return there;
        _palette.Add(colour);
        return _known[colour] = checked((byte)(_palette.Count - 1));
    }

    /// <summary>One byte a pixel with a palette: PNG, ISO/IEC 15948.</summary>
    private byte[] Png(byte[,] picture)
    {
        int height = picture.GetLength(0), width = picture.GetLength(1);
        byte[] head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), height);
        (head[8], head[9]) = (8, 3);
        using var lines = new MemoryStream();
        using (var packed = new ZLibStream(lines, CompressionLevel.SmallestSize, leaveOpen: true))
            for (int y = 0; y < height; y++)
            {
                packed.WriteByte(0);
                for (int x = 0; x < width; x++)
                    packed.WriteByte(picture[y, x]);
            }
        using var file = new MemoryStream();
        file.Write([0x89, .. "PNG\r\n\x1A\n"u8]);
        Chunk(file, "IHDR", head);
        Chunk(file, "PLTE", [.. _palette.SelectMany(c => new[] { c.R, c.G, c.B })]);
        Chunk(file, "IDAT", lines.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        byte[] all = [.. Encoding.ASCII.GetBytes(type), .. content];
        file.Write(all);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(all));
        file.Write(number);
    }

    /// <summary>ISO 3309, as PNG has it.</summary>
    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in bytes)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }
}
