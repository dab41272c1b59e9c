using System.Security.Cryptography;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// The lines of a text of any size, through one buffer, as <see cref="TextForm"/> reads them; the last one may lack its end. A line
/// over the limit is refused.
/// </summary>
internal sealed class TextLines(Stream text, int maxLine = TextLines.MaxLine) : IDisposable
{
    /// <summary>A serial, two dates, a reason and a long subject in an index.txt stay below.</summary>
    public const int MaxLine = 4096;

    private const int BufferBytes = 256 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly BackgroundHash _hash = new(HashAlgorithmName.SHA256);
    private int _at;
    private int _end;
    private bool _begun;
    private bool _allRead;

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
        return line.Length <= maxLine ? true : throw TooLong(Number);
    }

    /// <summary>Of the whole text; after the last line.</summary>
    public byte[] Sha256() => _hash.Finish()[0];

    public void Dispose() => _hash.Dispose();

    private void Begin()
    {
        _begun = true;
        while (_end < TextForm.EnoughToTell && !_allRead)
            Fill();
        if (TextForm.Unread(_buffer.AsSpan(0, _end)) is { } unread)
        {
            Number = 1;
            throw new TextFault(unread);
        }
        _at = TextForm.MarkLength(_buffer.AsSpan(0, _end));
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
        int read = text.Read(_buffer, _end, _buffer.Length - _end);
        _hash.Append(_buffer.AsSpan(_end, read));
        _end += read;
        _allRead = read == 0;
    }

    private TextFault TooLong(int number) => new($"Line {number} has more than {maxLine} bytes.", isTooLong: true);
}
