using System.Buffers.Binary;
using KeyCeremony.App.Transfer;
using Microsoft.Win32.SafeHandles;

namespace KeyCeremony.App.Tests.Transfer;

/// <summary>A plain file stands in for /dev/fb0.</summary>
public sealed class FramebufferTests : IDisposable
{
    private const byte Before = 0x55;

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-fb-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(4, 0, 0)]
    [InlineData(4, 64, 0)] // rows are longer than what is seen
    [InlineData(2, 6, 3000)] // and what is seen begins later
    public void A_code_is_painted_where_stride_depth_and_offset_put_it(int bytesPerPixel, int more, int offset)
    {
        var geometry = new FramebufferGeometry(320, 240, (320 * bytesPerPixel) + more, bytesPerPixel, offset);
        var code = QrCode.Of("UR:COMPRESSED/1-9/LPADAACSGTCYYNNTRYLR", 4);
        byte[] memory = Paint(geometry, framebuffer => framebuffer.Paint(code, 5));

        for (int row = 0; row < geometry.Height; row++)
            for (int column = 0; column < geometry.Width; column++)
            {
                byte expected = row >= 5 * code.Side || column >= 5 * code.Side
                    ? Before
                    : code.IsLit(row / 5, column / 5) ? (byte)0xFF : (byte)0;
                Assert.All(Pixel(memory, geometry, row, column), value => Assert.Equal(expected, value));
            }
        Assert.All(memory[..offset], value => Assert.Equal(Before, value));
        Assert.Equal(["UR:COMPRESSED/1-9/LPADAACSGTCYYNNTRYLR"], Picture.Read(Seen(memory, geometry)));
    }

    [Fact]
    public void A_smaller_code_leaves_nothing_of_the_larger_one_and_none_leaves_black()
    {
        var geometry = new FramebufferGeometry(320, 240, 1280, 4, 0);
        (QrCode large, QrCode small) = (QrCode.Of("A", 6), QrCode.Of("A", 1));
        byte[] shrunk = Paint(geometry, framebuffer =>
        {
            framebuffer.Paint(large, 4);
            framebuffer.Paint(small, 4);
        });
        Assert.All(Pixel(shrunk, geometry, (4 * small.Side) + 1, 2), value => Assert.Equal(0, value));
        Assert.All(Pixel(shrunk, geometry, (4 * large.Side) + 1, 2), value => Assert.Equal(Before, value));

        byte[] cleared = Paint(geometry, framebuffer =>
        {
            framebuffer.Paint(large, 4);
            framebuffer.Paint(null, 1);
        });
        Assert.All(Pixel(cleared, geometry, 0, 0), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Geometry_is_read_as_the_kernel_writes_it()
    {
        Assert.Equal(new FramebufferGeometry(1024, 768, 4096, 4, 0), Read(1024, 768, 0, 0, 32, 4096));
        Assert.Equal(new FramebufferGeometry(800, 600, 1664, 2, (600 * 1664) + 16), Read(800, 600, 8, 600, 16, 1664));
        Assert.Equal(3, Read(800, 600, 0, 0, 24, 2400)!.BytesPerPixel);
    }

    [Fact]
    public void A_screen_with_a_palette_or_planes_or_nonsense_is_refused()
    {
        Assert.Null(Read(1024, 768, 0, 0, 8, 1024));
        Assert.Null(Read(1024, 768, 0, 0, 32, 4096, type: 1));
        Assert.Null(Read(1024, 768, 0, 0, 32, 4096, visual: 3));
        Assert.Null(Read(1024, 768, 0, 0, 32, 4095));
        Assert.Null(Read(0, 768, 0, 0, 32, 4096));
        Assert.Null(Read(uint.MaxValue, uint.MaxValue, 0, 0, 32, uint.MaxValue));
    }

    [Fact]
    public void What_is_no_framebuffer_is_not_painted_on()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllBytes(file, new byte[100]);
        Assert.False(Framebuffer.TryOpen(file, out _));
        Assert.False(Framebuffer.TryOpen(Path.Combine(_folder, "none"), out _));
        Assert.False(Framebuffer.TryOpen("/dev/null", out _));
        Assert.Equal(new byte[100], File.ReadAllBytes(file));
    }

    private static FramebufferGeometry? Read(uint width, uint height, uint left,
        uint top, uint bits, uint stride, uint type = 0, uint visual = 2)
    {
        byte[] variable = new byte[FramebufferGeometry.VariableLength];
        byte[] fixedPart = new byte[FramebufferGeometry.FixedLength];
        foreach ((int at, uint value) in new[] { (0, width), (4, height), (8, width),
            (12, 2 * (height / 2)), (16, left), (20, top), (24, bits) })
            BinaryPrimitives.WriteUInt32LittleEndian(variable.AsSpan(at), value);
        foreach ((int at, uint value) in new[] { (28, type), (36, visual), (48, stride) })
            BinaryPrimitives.WriteUInt32LittleEndian(fixedPart.AsSpan(at), value);
        return FramebufferGeometry.Of(variable, fixedPart);
    }

    private byte[] Paint(FramebufferGeometry geometry, Action<Framebuffer> paint)
    {
        string path = Path.Combine(_folder, Path.GetRandomFileName());
        byte[] blank = new byte[geometry.Offset + ((long)geometry.Stride * geometry.Height)];
        Array.Fill(blank, Before);
        File.WriteAllBytes(path, blank);
        using (SafeFileHandle device = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
        using (var framebuffer = new Framebuffer(device, geometry))
            paint(framebuffer);
        byte[] memory = File.ReadAllBytes(path);
        Assert.Equal(blank.Length, memory.Length);
        return memory;
    }

    private static byte[] Pixel(byte[] memory, FramebufferGeometry geometry, int row, int column) =>
        memory.AsSpan((int)geometry.Offset + (row * geometry.Stride) + (column * geometry.BytesPerPixel), geometry.BytesPerPixel).ToArray();

    private static Picture Seen(byte[] memory, FramebufferGeometry geometry)
    {
        var picture = new Picture(geometry.Width, geometry.Height);
        for (int row = 0; row < geometry.Height; row++)
            for (int column = 0; column < geometry.Width; column++)
                picture.Fill(column, row, 1, 1, Pixel(memory, geometry, row, column)[0]);
        return picture;
    }
}
