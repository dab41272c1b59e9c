using System.Buffers.Binary;
using System.Text;
using KeyCeremony.App.Camera;
using KeyCeremony.App.Tests.Transfer;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core.Transfer;
using QRCoder;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>Codes as pictures in files, and as what zbar says of them.</summary>
internal static class Codes
{
    private const int PixelsPerModule = 4;

    /// <summary>The first frames of an artefact, cut for a small code.</summary>
    public static string[] Frames(string name, int length, int count, int seed = 1) => Frames(Shows.Message(name, length, seed), count);

    public static string[] Frames(OutgoingMessage message, int count)
    {
        Assert.True(QrFrames.TryCut(message, 10, out QrFrames? frames, out Core.Refusal? refusal), refusal?.ToString());
        return [.. Enumerable.Range(1, count).Select(i => frames.Sequence.Text((uint)i))];
    }

    /// <summary>All frames of a file, as one shows it to a camera.</summary>
    public static string[] Frames(string name, byte[] bytes)
    {
        Assert.True(Artefact.TryCreate(name, MediaTypes.Of(name), bytes, out Artefact? artefact, out _));
        Assert.True(OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out _));
        Assert.True(QrFrames.TryCut(message, 10, out QrFrames? frames, out _));
        return Frames(message, frames.Sequence.Count);
    }

    /// <summary>Pictures in this order; an empty text is a picture of nothing.</summary>
    public static string Draw(string folder, params IEnumerable<string> texts)
    {
        Directory.CreateDirectory(folder);
        int number = Directory.EnumerateFiles(folder).Count();
        foreach (string text in texts)
            File.WriteAllBytes(Path.Combine(folder, $"{++number:D4}.png"), text.Length == 0 ? White() : Png(Encoding.ASCII.GetBytes(text)));
        return folder;
    }

    public static byte[] Png(byte[] content)
    {
        using QRCodeData code = content.All(b => b < 0x80)
            ? QRCodeGenerator.GenerateQrCode(Encoding.ASCII.GetString(content), QRCodeGenerator.ECCLevel.L)
            : QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.L);
        using var picture = new PngByteQRCode(code);
        return picture.GetGraphic(PixelsPerModule);
    }

    /// <summary>A picture in which nothing stands: all its modules are light.</summary>
    private static byte[] White()
    {
        using QRCodeData code = QRCodeGenerator.GenerateQrCode("1", QRCodeGenerator.ECCLevel.L);
        foreach (System.Collections.BitArray row in code.ModuleMatrix)
            row.SetAll(false);
        using var picture = new PngByteQRCode(code);
        return picture.GetGraphic(PixelsPerModule);
    }

    /// <summary>The beginning of a picture of this size, and nothing behind it.</summary>
    public static byte[] PngHeader(int width, int height)
    {
        byte[] header = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A,
            0x0A, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', .. new byte[17]];
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(20), height);
        return header;
    }

    /// <summary>A program that plays zbarcam: it says these codes one after another, then waits or ends.</summary>
    /// <param name="ends">What it says at its end, on standard error; null: it goes on for ever.</param>
    public static string PlayCamera(string folder, IEnumerable<string> texts, string? ends = null, double pause = 0.02)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, new Zbar().Camera);
        var script =
            new StringBuilder("#!/bin/sh\necho \"<barcodes xmlns='http://zbar.sourceforge.net/2008/barcode'><source device='$1'>\"\n");
        foreach (string text in texts)
            script.Append($"cat <<'CODE'\n<index num='1'>\n"
                + $"<symbol type='QR-Code' quality='1' orientation='UP'><data><![CDATA[{text}]]></data></symbol>\n"
                + $"</index>\nCODE\nsleep {pause.ToString(System.Globalization.CultureInfo.InvariantCulture)}\n");
        script.Append(ends is null ? "exec sleep 1d\n" : $"echo '{ends}' >&2\nexit 1\n");
        File.WriteAllText(path, script.ToString());
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
