using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// The lines of a text of any size, through one buffer. A line ends with LF or CR LF; the last one may lack it. A line
/// over <see cref="MaxLine"/> bytes is refused: REVOKE-02.
/// </summary>
internal sealed class TextLines(Stream text) : IDisposable
{
    /// <summary>A serial, two dates, a reason and a long subject in an index.txt stay below.</summary>
    public const int MaxLine = 4096;

    private const int BufferBytes = 256 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly BackgroundHash _hash = new(HashAlgorithmName.SHA256);
    private int _at;
    private int _end;
    private bool _allRead;

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

    /// <summary>Of the whole text; after the last line.</summary>
    public byte[] Sha256() => _hash.Finish()[0];

    public void Dispose() => _hash.Dispose();

    private void Fill()
    {
        if (_at > 0)
        {
            _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
            (_at, _end) = (0, _end - _at);
        }
        if (_end == _buffer.Length)
            throw new CrlSyntaxException(CrlRules.Limits, $"Line {++Number} has more than {MaxLine} bytes.");
        int read = text.Read(_buffer, _end, _buffer.Length - _end);
        _hash.Append(_buffer.AsSpan(_end, read));
        _end += read;
        _allRead = read == 0;
    }
}
