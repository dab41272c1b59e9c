using System.Buffers;
using System.Buffers.Text;

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
/// The DER within PEM, decoded line by line. RFC 7468: nothing before the first line, nothing after the last, lines of
/// base64 of at most 76 characters.
/// </summary>
internal sealed class PemBody(Stream pem) : ForwardStream
{
    private const int MaxLine = 76;

    private readonly TextLines _lines = new(pem);
    private readonly byte[] _decoded = new byte[MaxLine];
    private int _given;
    private int _held;
    private bool _begun;
    private bool _padded;
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
        if (!_lines.TryNext(out ReadOnlySpan<byte> line))
            throw new CrlSyntaxException("The PEM ends without its last line.");
        if (!_begun)
            _begun = line.SequenceEqual("-----BEGIN X509 CRL-----"u8) ? true : throw new CrlSyntaxException("The PEM is no X509 CRL.");
        else if (line.SequenceEqual("-----END X509 CRL-----"u8))
            _ended = _lines.TryNext(out _) ? throw new CrlSyntaxException("There is text after the PEM.") : true;
        else if (_padded || line.IsEmpty || line.Length > MaxLine || line.ContainsAny((byte)' ', (byte)'\t')
            || Base64.DecodeFromUtf8(line, _decoded, out int read, out _held) != OperationStatus.Done || read != line.Length)
            throw new CrlSyntaxException($"Line {_lines.Number} of the PEM is not base64.");
        else
            _padded = line[^1] == (byte)'=';
    }
}
