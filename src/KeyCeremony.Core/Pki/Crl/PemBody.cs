using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>A stream to be read once, forward.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public abstract override int Read(Span<byte> buffer);

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A stream whose first bytes were already taken to look at them. The rest is left open.</summary>
internal sealed class PrefixedStream(byte[] taken, Stream rest) : ForwardStream
{
    private int _given;

    public override int Read(Span<byte> buffer)
    {
        if (_given == taken.Length)
            return rest.Read(buffer);
        int count = Math.Min(buffer.Length, taken.Length - _given);
        taken.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}

/// <summary>
/// The DER within PEM, decoded line by line as <see cref="PemLines"/> reads it.
/// </summary>
internal sealed class PemBody(Stream pem) : ForwardStream
{
    private static readonly string[] Labels = ["X509 CRL"];

    private readonly TextLines _text = new(pem, PemLines.MaxLine);
    private readonly PemLines _lines = new(Labels);
    private readonly byte[] _decoded = new byte[PemLines.MaxLine + 3];
    private int _given;
    private int _held;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        while (_given == _held && !_ended)
            DecodeLine();
        int count = Math.Min(buffer.Length, _held - _given);
        _decoded.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    private void DecodeLine()
    {
        (_given, _held) = (0, 0);
        try
        {
            _ended = !_text.TryNext(out ReadOnlySpan<byte> line);
            PemFault? wrong = _ended ? _lines.Finish() : _lines.Take(_text.Number, line, _decoded, out _held);
            if (wrong is not null)
                throw CrlSyntaxException.OfTheFile(wrong.Sentence);
        }
        catch (TextFault fault)
        {
            throw CrlSyntaxException.OfTheFile(fault.Sentence);
        }
    }
}
