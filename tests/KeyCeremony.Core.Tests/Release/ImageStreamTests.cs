using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Memory does not grow with an image: a root file system has gigabytes.</summary>
public sealed class ImageStreamTests
{
    /// <summary>Buffers, hashes, and what is told.</summary>
    private const long MaxAllocated = 2 * 1024 * 1024;

    [Theory]
    [InlineData("raw", 0)]
    [InlineData("cms", 0)]
    [InlineData("rauc-plain", 1)]
    [InlineData("efi", 2)]
    public void An_image_is_read_in_pieces(string format, int kind)
    {
        const long length = 48L * 1024 * 1024;
        byte[] head = kind switch
        {
            1 => ImageBytes.Squashfs((ulong)length)[..96],
            2 => ImageBytes.Changed(ImageBytes.Efi(), ImageBytes.ChecksumAt, 0, 0, 0, 0),
            _ => [],
        };
        using var image = new Endless(head, length);
        ImageFormat.Of(format).TryRead(new MemoryStream([1]), 1, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.True(ImageFormat.Of(format).TryRead(image, length, out ImageFacts? facts, out Refusal? refusal), refusal?.ToString());

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(length, facts.Size);
        Assert.True(allocated < MaxAllocated, $"{allocated} bytes");
        Assert.Equal(length, image.Given);
    }

    /// <summary>So many bytes that are nowhere, behind a head; read forwards and once.</summary>
    private sealed class Endless(byte[] head, long length) : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, length - Given);
            for (int i = 0; i < count; i++)
                buffer[i] = Given + i < head.Length ? head[(int)Given + i] : (byte)0;
            Given += count;
            return count;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
