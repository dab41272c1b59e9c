using System.Globalization;
using System.Text;
using KeyCeremony.App.Transfer;

namespace KeyCeremony.Receiver.Tests;

/// <summary>
/// What the browser's camera sees: uncompressed YUV4MPEG2, ten pictures a second, as the ceremony's screen shows them. At its end
/// the browser begins again.
/// </summary>
internal static class Film
{
    private const int PicturesPerSecond = 10;
    private const int PixelsPerModule = 4;
    private const byte Black = 16;
    private const byte Grey = 110;
    private const byte White = 235;
    private const byte NoColour = 128;

    /// <param name="pictures">Null is a picture without a code.</param>
    public static void Write(string file, IEnumerable<QrCode?> pictures)
    {
        List<QrCode?> all = [.. pictures];
        // A multiple of 16, as cameras have it, with a desk around the screen.
        int side = ((all.Max(code => code?.Side ?? 0) * PixelsPerModule) + 47) / 16 * 16;
        using var film = new FileStream(file, FileMode.CreateNew);
        film.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"YUV4MPEG2 W{side} H{side} F{PicturesPerSecond}:1 Ip A1:1 C420jpeg\n")));
        byte[] picture = new byte[side * side * 3 / 2];
        picture.AsSpan(side * side).Fill(NoColour);
        foreach (QrCode? code in all)
        {
            Draw(code, picture.AsSpan(0, side * side), side);
            film.Write("FRAME\n"u8);
            film.Write(picture);
        }
    }

    private static void Draw(QrCode? code, Span<byte> picture, int side)
    {
        picture.Fill(Grey);
        if (code is null)
            return;
        int margin = (side - (code.Side * PixelsPerModule)) / 2;
        for (int y = 0; y < code.Side * PixelsPerModule; y++)
            for (int x = 0; x < code.Side; x++)
                picture.Slice(((margin + y) * side) + margin + (x * PixelsPerModule), PixelsPerModule)
                    .Fill(code.IsLit(y / PixelsPerModule, x) ? White : Black);
    }
}
