using System.Diagnostics;
using System.Text;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Terminal;

namespace KeyCeremony.App.Tests.Transfer;

/// <summary>Grey pixels as a camera would see them, and what zbar (Debian's zbar-tools) reads in them.</summary>
internal sealed class Picture(int width, int height)
{
    private const int CellWidth = 8;
    private const int CellHeight = 16;
    private const byte White = 255;

    private readonly byte[] _pixels = new byte[width * height];

    /// <summary>A terminal's picture: half-blocks are painted, reverse video is lit, letters are a grey stroke.</summary>
    /// <param name="rows">With SGR sequences or without.</param>
    public static Picture Of(IReadOnlyList<string> rows, int columns)
    {
        var picture = new Picture(columns * CellWidth, rows.Count * CellHeight);
        for (int row = 0; row < rows.Count; row++)
            picture.Draw(rows[row], row);
        return picture;
    }

    public static Picture Of(Frame frame)
    {
        var shown = Emulator.Of(frame);
        var picture = new Picture(frame.Display.Width * CellWidth, frame.Display.Height * CellHeight);
        for (int row = 0; row < frame.Display.Height; row++)
            for (int column = 0; column < frame.Display.Width; column++)
                picture.DrawCell(shown.At(row, column) is { Text.Length: > 0 } cell ? cell.Text[0] : ' ',
                    shown.At(row, column).Look.Split(';').Contains("7"), column * CellWidth, row * CellHeight);
        return picture;
    }

    public void Fill(int left, int top, int columns, int rows, byte shade)
    {
        for (int row = top; row < top + rows; row++)
            _pixels.AsSpan((row * width) + left, columns).Fill(shade);
    }

    /// <summary>The texts of all codes in the pictures, in no order that matters.</summary>
    public static string[] Read(params Picture[] pictures)
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-zbar-").FullName;
        try
        {
            string[] files = [.. pictures.Select((picture, i) => picture.Save(Path.Combine(folder, $"{i:D4}.pgm")))];
            return Read(files);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static string[] Read(IEnumerable<string> files)
    {
        using Process zbar = Process.Start(new ProcessStartInfo("zbarimg",
            ["-q", "--nodbus", "--raw", "--set", "*.enable=0", "--set", "qr.enable=1", .. files])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> complaints = zbar.StandardError.ReadToEndAsync();
        string said = zbar.StandardOutput.ReadToEnd();
        zbar.WaitForExit();
        Assert.True(zbar.ExitCode is 0 or 4, complaints.Result); // 4: no code in some picture
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private string Save(string path)
    {
        File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes($"P5 {width} {height} 255\n"), .. _pixels]);
        return path;
    }

    private void Draw(string text, int row)
    {
        bool reverse = false;
        int column = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\e')
            {
                DrawCell(text[i], reverse, column++ * CellWidth, row * CellHeight);
                continue;
            }
            int end = text.IndexOfAny(['m', 'C'], i);
            string[] codes = text[(i + 2)..end].Split(';');
            if (text[end] == 'm')
                reverse = codes.Contains("7");
            else
                column += int.Parse(codes[0], System.Globalization.CultureInfo.InvariantCulture);
            i = end;
        }
    }

    private void DrawCell(char character, bool reverse, int left, int top)
    {
        const int Half = CellHeight / 2;
        Fill(left, top, CellWidth, CellHeight, reverse ? White : (byte)0);
        if (character is '▀' or '█')
            Fill(left, top, CellWidth, Half, White);
        if (character is '▄' or '█')
            Fill(left, top + Half, CellWidth, Half, White);
        if (character is not (' ' or '▀' or '▄' or '█'))
            Fill(left + 3, top + 3, 2, 10, 170);
    }
}
