using System.Security.Cryptography;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Whole rows of a list, as many as fit.</summary>
internal sealed class ListChunk
{
    /// <summary>Some thousand rows: work for milliseconds, and in the processor's cache when a thread takes it over.</summary>
    public const int Capacity = 512 * 1024;

    public byte[] Buffer { get; } = new byte[Capacity];

    public int Length { get; set; }

    /// <summary>From 0, without gaps.</summary>
    public long Number { get; set; }

    /// <summary>Of its first row; the list's first row is 0.</summary>
    public long FirstRow { get; set; }

    /// <summary>Of its first row; the list's first line is 1.</summary>
    public long FirstLine { get; set; }

    public int Rows { get; set; }

    public ReadOnlySpan<byte> Text => Buffer.AsSpan(0, Length);
}

/// <summary>One of several parts of a list that are built apart.</summary>
/// <param name="Index">From 1.</param>
public sealed record ListPart(int Index, int Count)
{
    /// <summary>More parts than this only cost time: each reads what is in front of it.</summary>
    public const int MaxCount = 1024;

    public static ListPart Whole { get; } = new(1, 1);

    public bool IsWhole => Count == 1;

    public override string ToString() => $"{Index}/{Count}";
}

/// <summary>
/// Cuts a list into chunks of whole rows and hashes it. A part of a list has the rows whose first byte lies in its share of
/// the bytes; the rows in front of them are only counted.
/// </summary>
internal sealed class DeviceListReader(Stream list) : IDisposable
{
    /// <summary>A certificate of the largest size that is read, in base64, and the other fields.</summary>
    public const int MaxRow = 32 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _ahead = new byte[ListChunk.Capacity];
    private int _aheadLength;
    private long _chunks;
    private long _line = 1;
    private long _to = long.MaxValue;
    private bool _over;

    /// <summary>Where the next row begins, in bytes.</summary>
    public long Offset { get; private set; }

    /// <summary>The next row's number, from 0.</summary>
    public long Row { get; private set; }

    /// <summary>The first line of a CSV without its end; empty for JSON lines. Null when no line comes to an end.</summary>
    public byte[]? Header { get; private set; }

    /// <summary>Why the list is not read at all: a sentence with the line, or null.</summary>
    public string? Unread { get; private set; }

    public bool IsJson => Header is [];

    /// <summary>Reads the header and goes to the part's first row.</summary>
    public void Start(ListPart part)
    {
        FillAhead();
        Span<byte> start = _ahead.AsSpan(0, _aheadLength);
        int mark = TextForm.MarkLength(start);
        Unread = TextForm.Unread(start);
        if (Unread is not null)
            _over = true;
        else if (start[mark..].StartsWith("{"u8))
        {
            Header = [];
            Skip(mark);
        }
        else if (start.IndexOf((byte)'\n') is >= 0 and < MaxRow and var end)
        {
            Header = start[mark..(start[..end].EndsWith("\r"u8) ? end - 1 : end)].ToArray();
            Skip(end + 1);
            _line = 2;
        }
        else
        {
            _over = true;
            Unread = start.Contains((byte)'\r') ? TextForm.LoneReturn(1) : null;
        }
        if (!part.IsWhole && !_over)
            GoTo(part);
    }

    /// <summary>False at the end of the part.</summary>
    public bool TryNext(ListChunk chunk)
    {
        if (_over || Offset >= _to)
            return false;
        _ahead.AsSpan(0, _aheadLength).CopyTo(chunk.Buffer);
        int length = _aheadLength + ReadFully(chunk.Buffer.AsSpan(_aheadLength));
        if (length == 0)
            return false;
        Span<byte> text = chunk.Buffer.AsSpan(0, length);
        chunk.Length = CutBehindLastRow(text);
        _aheadLength = length - chunk.Length;
        text[chunk.Length..].CopyTo(_ahead);
        Describe(chunk);
        return true;
    }

    /// <summary>Of the header and the rows of the part: of a whole list, its SHA-256. After the last chunk.</summary>
    public byte[] Sha256() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();

    // What follows the header is the rows' bytes, shared out; a row belongs where it begins.
    private void GoTo(ListPart part)
    {
        (long body, long header) = (list.Length - Offset, Offset);
        long from = header + (long)((Int128)body * (part.Index - 1) / part.Count);
        _to = header + (long)((Int128)body * part.Index / part.Count);
        while (Offset < from && !_over)
        {
            FillAhead();
            Span<byte> ahead = _ahead.AsSpan(0, _aheadLength);
            // The first row at or behind `from` begins behind the first line feed at or behind the byte before.
            int before = (int)Math.Min(from - 1 - Offset, ahead.Length);
            int end = ahead[before..].IndexOf((byte)'\n');
            int passed = end >= 0 ? before + end + 1 : ahead.LastIndexOf((byte)'\n') + 1;
            // Behind the beginning of the last row, which has no line feed, no row begins any more.
            _over = passed == 0;
            passed = _over ? ahead.Length : passed;
            CountRows(ahead[..passed]);
            Advance(passed);
        }
    }

    private void FillAhead() => _aheadLength += ReadFully(_ahead.AsSpan(_aheadLength));

    private int ReadFully(Span<byte> buffer) => list.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);

    private void Skip(int length)
    {
        _hash.AppendData(_ahead.AsSpan(0, length));
        Advance(length);
    }

    private void Advance(int length)
    {
        _aheadLength -= length;
        _ahead.AsSpan(length, _aheadLength).CopyTo(_ahead);
        Offset += length;
    }

    // The last one may lack its line feed.
    private int CountRows(ReadOnlySpan<byte> text)
    {
        int rows = text.Count((byte)'\n') + (text.EndsWith("\n"u8) ? 0 : 1);
        Row += rows;
        _line += rows;
        return rows;
    }

    // At the end of the list the last row may lack its line feed. A row that fills the buffer is cut, and its reader refuses it.
    private int CutBehindLastRow(ReadOnlySpan<byte> text)
    {
        if (_to - Offset <= text.Length && text[(int)(_to - 1 - Offset)..].IndexOf((byte)'\n') is >= 0 and var end)
            return (int)(_to - Offset) + end;
        if (text.Length < ListChunk.Capacity)
            return text.Length;
        int cut = text.LastIndexOf((byte)'\n') + 1;
        _over = cut == 0;
        return _over ? text.Length : cut;
    }

    private void Describe(ListChunk chunk)
    {
        _hash.AppendData(chunk.Text);
        (chunk.Number, chunk.FirstRow, chunk.FirstLine) = (_chunks++, Row, _line);
        chunk.Rows = CountRows(chunk.Text);
        Offset += chunk.Length;
    }
}
