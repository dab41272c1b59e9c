using KeyCeremony.Pkcs11.Hosting;
using KeyCeremony.Pkcs11.Native;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>The wire's reader believes nothing: what is not exactly a frame ends in the fault that it was given, and in nothing else.</summary>
public sealed unsafe class FrameTests : IDisposable
{
    private readonly LockedPages pages = new(Frame.MaxBytes);
    private readonly FrameWriter writer;
    private readonly FrameReader reader;

    public FrameTests()
    {
        writer = new FrameWriter(pages);
        reader = new FrameReader(pages, () => new FaultException());
    }

    public void Dispose() => pages.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(65536)]
    public void A_value_comes_back_begins_where_a_structure_may_and_ends_with_a_zero(int length)
    {
        byte[] value = [.. Enumerable.Range(0, length).Select(i => (byte)(i % 255 + 1))];
        fixed (byte* bytes = value)
        {
            writer.Begin(1, 2).Bytes(bytes, (nuint)length).Number(3);
        }

        Assert.Equal((1UL, 2UL), reader.Begin(writer.Length));
        byte* read = reader.Bytes(out nuint count);

        Assert.Equal(value, new ReadOnlySpan<byte>(read, (int)count).ToArray());
        Assert.Equal(0, (nint)read % sizeof(ulong));
        Assert.Equal(0, read[length]);
        Assert.Equal((nuint)3, reader.Number());
        Assert.Equal((nuint)2, reader.End());
    }

    [Fact]
    public void A_frame_that_was_cut_anywhere_or_goes_on_is_refused()
    {
        int whole = WriteOne();
        for (int length = 0; length < whole; length++)
        {
            Assert.Throws<FaultException>(() => ReadOne(length));
        }

        ReadOne(whole);
        Assert.Throws<FaultException>(() => ReadOne(whole + Frame.Unit));
    }

    [Fact]
    public void A_length_that_is_longer_than_the_frame_is_refused()
    {
        foreach (ulong length in new[] { 25UL, 1UL << 31, 1UL << 32, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 7 })
        {
            writer.Begin(1, 2).Number(length).Number(0).Number(0).Number(0);
            reader.Begin(writer.Length);
            Assert.Throws<FaultException>(() => reader.Bytes(out _));
        }
    }

    [Fact]
    public void More_attributes_than_a_template_has_are_refused()
    {
        writer.Begin(1, 2).Number(Frame.MaxAttributes + 1);
        reader.Begin(writer.Length);
        CK_ATTRIBUTE* template = stackalloc CK_ATTRIBUTE[Frame.MaxAttributes];
        nint room = (nint)template;
        Assert.Throws<FaultException>(() => reader.Attributes((CK_ATTRIBUTE*)room));
    }

    [Fact]
    public void Bytes_behind_a_value_that_are_not_zero_are_refused()
    {
        writer.Begin(1, 2).Number(3).Number(0xFF00_0000_0102_0304);
        reader.Begin(writer.Length);
        Assert.Throws<FaultException>(() => reader.Bytes(out _));
    }

    [Fact]
    public void Noise_is_refused_or_read_and_nothing_else_happens()
    {
        var random = new Random(26);
        byte* left = stackalloc byte[64];
        nint room = (nint)left;
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int length = WriteOne();
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                pages.Start[random.Next(length)] = (byte)random.Next(256);
            }

            try
            {
                reader.Begin(length);
                reader.Claimed((void*)room, 16);
                reader.Into((void*)room, 5);
                reader.End();
            }
            catch (FaultException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 20_000);
    }

    private int WriteOne()
    {
        byte* bytes = stackalloc byte[16];
        new Span<byte>(bytes, 16).Fill(0xA5);
        return writer.Begin(1, 0).Claimed(bytes, 11, 16).Bytes(bytes, 5).Length;
    }

    private void ReadOne(int length)
    {
        byte* left = stackalloc byte[64];
        reader.Begin(length);
        Assert.Equal((nuint)11, reader.Claimed(left, 16));
        reader.Into(left, 5).End();
    }

    private sealed class FaultException : Exception;
}
