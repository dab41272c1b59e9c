using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// The lines of a text of any size, through one buffer, as <see cref="TextForm"/> reads them; the last one may lack its end. A line
/// over the limit is refused.
/// </summary>
internal sealed class TextLines
{
    /// <summary>A serial, two dates, a reason and a long subject in an index.txt stay below.</summary>
    public const int MaxLine = 4096;

    private const int BufferBytes = 256 * 1024;

    private readonly Stream _text;
    private readonly int _maxLine;
    private readonly byte[] _buffer;
    private int _at;
    private int _end;
    private bool _begun;
    private bool _allRead;

    public TextLines(Stream text, int maxLine = MaxLine)
    {
        _text = text;
        _maxLine = maxLine;
        _buffer = new byte[BufferBytes];
    }

    /// <summary>A part of a text that was cut between two lines.</summary>
    public TextLines(TextBlock block)
    {
        _text = Stream.Null;
        _maxLine = MaxLine;
        (_buffer, _at, _end, _allRead, Number) = (block.Bytes, block.Start, block.End, true, block.LinesBefore);
        // How the text is written is told by its beginning.
        _begun = block.LinesBefore > 0;
    }

    /// <summary>Where the next line begins in a block.</summary>
    public int At => _at;

    /// <summary>Of the line given last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The line is valid until the next call.</summary>
    /// <exception cref="TextFault">The text is UTF-16, holds a carriage return alone, or a line is too long.</exception>
    public bool TryNext(out ReadOnlySpan<byte> line)
    {
        line = default;
        if (!_begun)
            Begin();
        int length;
        while ((length = _buffer.AsSpan(_at, _end - _at).IndexOf((byte)'\n')) < 0 && !_allRead)
            Fill();
        if (length < 0 && _at == _end)
            return false;
        Number++;
        line = _buffer.AsSpan(_at, length < 0 ? _end - _at : length);
        _at += length < 0 ? line.Length : length + 1;
        if (!TextForm.TryTrimReturn(ref line))
            throw new TextFault(TextForm.LoneReturn(Number));
        return line.Length <= _maxLine ? true : throw TooLong(Number);
    }

    private void Begin()
    {
        _begun = true;
        while (_end - _at < TextForm.EnoughToTell && !_allRead)
            Fill();
        if (TextForm.Unread(_buffer.AsSpan(_at, _end - _at)) is { } unread)
        {
            Number = 1;
            throw new TextFault(unread);
        }
        _at += TextForm.MarkLength(_buffer.AsSpan(_at, _end - _at));
    }

    private void Fill()
    {
        if (_at > 0)
        {
            _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
            (_at, _end) = (0, _end - _at);
        }
        if (_end == _buffer.Length)
            throw TooLong(++Number);
        int read = _text.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _allRead = read == 0;
    }

    private TextFault TooLong(int number) => new($"Line {number} has more than {_maxLine} bytes.", isTooLong: true);
}
