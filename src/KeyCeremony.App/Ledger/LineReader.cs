namespace KeyCeremony.App.Ledger;

/// <summary>Lines of a bounded length, with little memory whatever the file holds.</summary>
/// <param name="maxLength">Of a line with its LF.</param>
internal sealed class LineReader(Stream stream, int maxLength)
{
    private readonly byte[] _buffer = new byte[maxLength];
    private int _from, _filled;

    /// <summary>The first byte behind the line that was returned last.</summary>
    public long Position { get; private set; }

    /// <returns>
    /// The next line without its LF, valid until the next call; null when the file ends before an LF, or the line is too long.
    /// </returns>
    public ReadOnlyMemory<byte>? Next()
    {
        for (int searched = 0; ;)
        {
            int end = _buffer.AsSpan(_from + searched, _filled - _from - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_from, searched + end);
                _from += line.Length + 1;
                Position += line.Length + 1;
                return line;
            }
            searched = _filled - _from;
            if (!FillUp())
                return null;
        }
    }

    private bool FillUp()
    {
        _buffer.AsSpan(_from, _filled - _from).CopyTo(_buffer);
        (_from, _filled) = (0, _filled - _from);
        int read = _filled == _buffer.Length ? 0 : stream.Read(_buffer.AsSpan(_filled));
        _filled += read;
        return read > 0;
    }
}
