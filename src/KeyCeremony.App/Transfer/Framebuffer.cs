using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using KeyCeremony.App.Ground;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Transfer;

/// <summary>The pixels behind the Linux console. Only codes are painted here; the text beside them is the terminal's.</summary>
internal sealed class Framebuffer(SafeFileHandle device, FramebufferGeometry geometry) : IDisposable
{
    public const string Path = "/dev/fb0";

    private const byte Lit = 0xFF;

    /// <summary>Pixels from edge to edge of what is painted now.</summary>
    private int _side;

    public FramebufferGeometry Geometry => geometry;

    /// <summary>False where there is none, or none that can be painted on.</summary>
    public static bool TryOpen(string path, [NotNullWhen(true)] out Framebuffer? framebuffer)
    {
        framebuffer = null;
        if (!File.Exists(path))
            return false;
        try
        {
            SafeFileHandle device = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (Ask((int)device.DangerousGetHandle()) is { } geometry)
                framebuffer = new Framebuffer(device, geometry);
            else
                device.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not ours to paint on: the codes are drawn with characters.
        }
        return framebuffer is not null;
    }

    /// <summary>
    /// Paints a code, its quiet zone included, into the upper left corner, every module a square of <paramref name="scale"/> pixels.
    /// What stood there before goes; null: nothing comes.
    /// </summary>
    public void Paint(QrCode? code, int scale)
    {
        int side = (code?.Side ?? 0) * scale;
        if (side != _side)
            Blacken(_side);
        _side = side;
        int bytesPerModule = scale * geometry.BytesPerPixel;
        byte[] pixels = new byte[side * geometry.BytesPerPixel];
        for (int row = 0; row < side; row++)
        {
            if (row % scale == 0)
                for (int module = 0; module < code!.Side; module++)
                    pixels.AsSpan(module * bytesPerModule, bytesPerModule).Fill(code.IsLit(row / scale, module) ? Lit : (byte)0);
            WriteRow(pixels, row);
        }
    }

    public void Dispose() => device.Dispose();

    private void Blacken(int side)
    {
        byte[] pixels = new byte[side * geometry.BytesPerPixel];
        for (int row = 0; row < side; row++)
            WriteRow(pixels, row);
    }

    private void WriteRow(byte[] pixels, int row) => RandomAccess.Write(device, pixels, geometry.Offset + ((long)row * geometry.Stride));

    private static FramebufferGeometry? Ask(int descriptor)
    {
        byte[] variable = new byte[FramebufferGeometry.VariableLength];
        byte[] fixedPart = new byte[FramebufferGeometry.FixedLength];
        bool told = TtyCalls.ioctl(descriptor, TtyCalls.FBIOGET_VSCREENINFO, ref MemoryMarshal.GetArrayDataReference(variable)) == 0
            && TtyCalls.ioctl(descriptor, TtyCalls.FBIOGET_FSCREENINFO, ref MemoryMarshal.GetArrayDataReference(fixedPart)) == 0;
        return told ? FramebufferGeometry.Of(variable, fixedPart) : null;
    }
}
