using System.Buffers.Binary;

namespace KeyCeremony.App.Camera;

/// <summary>The kind and size of a picture by its first bytes: known before a decoder sees it.</summary>
/// <param name="Kind">As zbarimg takes it.</param>
internal sealed record PictureHeader(string Kind, int Width, int Height)
{
    public long Pixels => (long)Width * Height;

    /// <summary>Null for anything but PNG and JPEG.</summary>
    public static PictureHeader? Of(ReadOnlySpan<byte> picture) => OfPng(picture) ?? OfJpeg(picture);

    // PNG (ISO/IEC 15948) 5.2 and 11.2.2: signature, then IHDR with both sizes first.
    private static PictureHeader? OfPng(ReadOnlySpan<byte> picture)
    {
        const int SizeAt = 16;
        ReadOnlySpan<byte> begins = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D,
            0x0A, 0x1A, 0x0A, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R'];
        return picture.StartsWith(begins) && picture.Length >= SizeAt + 8
            ? Sound("png", BinaryPrimitives.ReadInt32BigEndian(picture[SizeAt..]),
                BinaryPrimitives.ReadInt32BigEndian(picture[(SizeAt + 4)..]))
            : null;
    }

    // JPEG (ITU-T T.81) B.2.2: segments until the one that begins a frame, which holds precision, height and width.
    private static PictureHeader? OfJpeg(ReadOnlySpan<byte> picture)
    {
        const byte Mark = 0xFF;
        const byte Begin = 0xD8;
        if (!picture.StartsWith([Mark, Begin]))
            return null;
        int at = 2;
        while (at + 9 <= picture.Length && picture[at] == Mark)
        {
            if (IsFrame(picture[at + 1]))
                return Sound("jpeg", BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 7)..]),
                    BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 5)..]));
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 2)..]);
        }
        return null;
    }

    // SOF0 to SOF15 without DHT, JPG and DAC, which lie between them.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static PictureHeader? Sound(string kind, int width, int height) =>
        width > 0 && height > 0 ? new PictureHeader(kind, width, height) : null;
}
