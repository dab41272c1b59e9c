namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// The lines of a text of any size, through one buffer. A line ends with LF or CR LF; the last one may lack it. A line
/// over <see cref="MaxLine"/> bytes is refused: REVOKE-02.
/// </summary>
internal sealed class TextLines
{
    /// <summary>A serial, two dates, a reason and a long subject in an index.txt stay below.</summary>
    public const int MaxLine = 4096;

    private const int BufferBytes = 256 * 1024;

    private readonly Stream _text;
    private readonly byte[] _buffer;
    private int _at;
    private int _end;
    private bool _allRead;

    public TextLines(Stream text)
    {
        _text = text;
        _buffer = new byte[BufferBytes];
    }

    /// <summary>A part of a text that was cut between two lines.</summary>
    public TextLines(TextBlock block)
    {
        _text = Stream.Null;
        (_buffer, _at, _end, _allRead, Number) = (block.Bytes, block.Start, block.End, true, block.LinesBefore);
    }

    /// <summary>Where the next line begins in a block.</summary>
    public int At => _at;

    /// <summary>Of the line given last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The line is valid until the next call.</summary>
    public bool TryNext(out ReadOnlySpan<byte> line)
    {
        line = default;
        int length;
        while ((length = _buffer.AsSpan(_at, _end - _at).IndexOf((byte)'\n')) < 0 && !_allRead)
            Fill();
        if (length < 0 && _at == _end)
            return false;
        Number++;
        line = _buffer.AsSpan(_at, length < 0 ? _end - _at : length);
        _at += length < 0 ? line.Length : length + 1;
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        return line.Length <= MaxLine ? true
            : throw new CrlSyntaxException(CrlRules.Limits, $"Line {Number} has more than {MaxLine} bytes.");
    }

    private void Fill()
    {
        if (_at > 0)
        {
            _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
            (_at, _end) = (0, _end - _at);
        }
        if (_end == _buffer.Length)
            throw new CrlSyntaxException(CrlRules.Limits, $"Line {++Number} has more than {MaxLine} bytes.");
        int read = _text.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _allRead = read == 0;
    }
}
