using System.Buffers.Binary;

namespace KeyCeremony.App.Transfer;

/// <summary>Where the pixels of a framebuffer lie. Black is all bits 0 and white all bits 1, whatever the order of its colours.</summary>
/// <param name="Width">Pixels that are seen.</param>
/// <param name="Height">Rows that are seen.</param>
/// <param name="Stride">Bytes from one row to the next.</param>
/// <param name="BytesPerPixel">2, 3 or 4.</param>
/// <param name="Offset">Bytes before the first pixel that is seen.</param>
internal sealed record FramebufferGeometry(int Width, int Height, int Stride, int BytesPerPixel, long Offset)
{
    // struct fb_var_screeninfo and struct fb_fix_screeninfo, linux/fb.h; offsets of a 64-bit kernel.
    public const int VariableLength = 160;
    public const int FixedLength = 80;

    private const int PackedPixels = 0;
    private const int TrueColour = 2;
    private const int DirectColour = 4;

    /// <summary>Null where the pixels are not packed colours of whole bytes: such a screen is not painted on.</summary>
    public static FramebufferGeometry? Of(ReadOnlySpan<byte> variable, ReadOnlySpan<byte> fixedPart)
    {
        int width = Number(variable, 0); // xres
        int height = Number(variable, 4); // yres
        int left = Number(variable, 16); // xoffset
        int top = Number(variable, 20); // yoffset
        int bits = Number(variable, 24); // bits_per_pixel
        int stride = Number(fixedPart, 48); // line_length
        bool isKnown = Number(fixedPart, 28) == PackedPixels && Number(fixedPart, 36) is TrueColour or DirectColour
            && bits is 16 or 24 or 32;
        bool isSound = width > 0 && height > 0 && stride >= (long)(left + width) * bits / 8;
        return isKnown && isSound
            ? new FramebufferGeometry(width, height, stride, bits / 8, ((long)top * stride) + (left * (bits / 8)))
            : null;
    }

    private static int Number(ReadOnlySpan<byte> structure, int at) =>
        (int)Math.Min(int.MaxValue / 8, BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(structure[at..])
            : BinaryPrimitives.ReadUInt32BigEndian(structure[at..]));
}
