using System.Buffers;
using System.Security.Cryptography;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>Whole lines of a text: <see cref="Bytes"/> from <see cref="Start"/> to <see cref="End"/>.</summary>
/// <param name="LinesBefore">How many lines of the text stand before it.</param>
internal sealed record TextBlock(byte[] Bytes, int Start, int End, int LinesBefore)
{
    /// <summary>A line that does not fit is longer than any line may be.</summary>
    public const int MaxBytes = 512 * 1024;
}

/// <summary>What is in a row; false when it cannot be taken, which the rows were told.</summary>
/// <param name="isRevoked">Rows of an index.txt may say that a certificate is valid.</param>
internal delegate bool RowParser(RowReader rows, ReadOnlySpan<byte> row, out bool isRevoked, out Revocation revocation);

/// <summary>
/// The rows of a text of any size. It is cut into blocks of whole lines; two of them are read side by side while the next is fetched, and
/// what they hold comes out in the order of the text, as if they had been read one after the other.
/// </summary>
internal sealed class RowBlocks(Stream text) : IDisposable
{
    private const int BlocksUnderway = 3;

    // In an index.txt: R, a date of thirteen bytes, a digit of the serial, five tabs.
    private const int ShortestRevocation = 20;

    private readonly BackgroundHash _hash = new(HashAlgorithmName.SHA256);
    private readonly List<RowError> _errors = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(TextBlock.MaxBytes);
    private int _filled;
    private int _linesBefore;
    private bool _allRead;
    private bool _isBroken;
    private TextBlock? _first;
    private RoundedNumbers _rounded;

    public IReadOnlyList<RowError> Errors => _errors;

    public long Rows { get; private set; }

    public long Revoked { get; private set; }

    /// <summary>As <see cref="RowReader.AreDigitsOnly"/>, of the whole text.</summary>
    public bool AreDigitsOnly { get; private set; } = true;

    /// <summary>As <see cref="RowReader.Unclear"/>, of the whole text.</summary>
    public string? Unclear { get; private set; }

    /// <summary>After the last row: a column of serials that a spreadsheet rounded is told at its first long one.</summary>
    public void RefuseRounded()
    {
        if (_errors.Count == 0 && _rounded.IsCertain)
            _errors.Add(new RowError(_rounded.FirstLine, 1, CrlRules.Rows.Refuse(
                $"Every long serial of the file ends with zeros behind its {RoundedNumbers.Kept}th digit: a spreadsheet has rounded them, "
                    + "and what was there is lost.",
                "Format the column as text where the list is made, or have the serials written in hex (0x...), and bring it again.")));
    }

    /// <summary>Takes the first line away. False, and nothing more is read, when it is not one of these headers in any case.</summary>
    public bool TakeHeader(out byte separator, out int fields, params string[] forms)
    {
        _first = Cut();
        var rows = new RowReader(_first ?? new TextBlock([], 0, 0, 0));
        bool isOne = rows.TryReadHeader(out separator, out fields, forms);
        _first = _first is null ? null : _first with { Start = rows.At, LinesBefore = rows.Number };
        _errors.AddRange(rows.Errors);
        _isBroken = !isOne;
        return isOne;
    }

    /// <summary>Every row to its end, or to the first line that is too long, or to the last error that is told.</summary>
    public void Read(RowParser parse, RevocationSort sort)
    {
        var underway = new Queue<Task<ParsedBlock>>();
        for (TextBlock? block = _first ?? Cut(); block is not null && !IsOver; block = Cut())
        {
            TextBlock one = block;
            // One block alone is not worth another thread.
            underway.Enqueue(_allRead && underway.Count == 0 ? Task.FromResult(Parse(one, parse)) : Task.Run(() => Parse(one, parse)));
            if (underway.Count == BlocksUnderway)
                Take(underway.Dequeue(), sort);
        }
        while (!IsOver && underway.TryDequeue(out Task<ParsedBlock>? next))
            Take(next, sort);
    }

    /// <summary>Of the whole text, when it was read without an error.</summary>
    public byte[] Sha256() => _hash.Finish()[0];

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private bool IsOver => _isBroken || _errors.Count >= RevocationFile.MostErrors;

    /// <summary>The next whole lines; null at the end. The text's last line may lack its end.</summary>
    private TextBlock? Cut()
    {
        while (!_allRead && _filled < TextBlock.MaxBytes)
        {
            int read = text.Read(_buffer, _filled, TextBlock.MaxBytes - _filled);
            _hash.Append(_buffer.AsSpan(_filled, read));
            _filled += read;
            _allRead = read == 0;
        }
        if (_filled == 0)
            return null;
        int end = _allRead ? _filled : _buffer.AsSpan(0, _filled).LastIndexOf((byte)'\n') + 1;
        // No end of a line: whoever reads it finds that it is too long, and stops.
        end = end == 0 ? _filled : end;
        var block = new TextBlock(_buffer, 0, end, _linesBefore);
        _linesBefore += _buffer.AsSpan(0, end).Count((byte)'\n');
        byte[] next = ArrayPool<byte>.Shared.Rent(TextBlock.MaxBytes);
        _buffer.AsSpan(end, _filled - end).CopyTo(next);
        (_buffer, _filled) = (next, _filled - end);
        return block;
    }

    private static ParsedBlock Parse(TextBlock block, RowParser parse)
    {
        var rows = new RowReader(block);
        Revocation[] revocations = ArrayPool<Revocation>.Shared.Rent(((block.End - block.Start) / ShortestRevocation) + 1);
        (int all, int revoked) = (0, 0);
        while (!rows.IsFull && rows.TryNext(out ReadOnlySpan<byte> row))
        {
            all++;
            if (parse(rows, row, out bool isRevoked, out Revocation revocation) && isRevoked)
                revocations[revoked++] = revocation;
        }
        return new ParsedBlock(block, all, revocations, revoked, rows);
    }

    private void Take(Task<ParsedBlock> parsed, RevocationSort sort)
    {
        ParsedBlock block = parsed.GetAwaiter().GetResult();
        foreach (ref readonly Revocation revocation in block.Revocations.AsSpan(0, block.Revoked))
            sort.Add(revocation);
        Rows += block.Rows;
        Revoked += block.Revoked;
        _errors.AddRange(block.Seen.Errors.Take(RevocationFile.MostErrors - _errors.Count));
        _isBroken = block.Seen.IsBroken;
        AreDigitsOnly &= block.Seen.AreDigitsOnly;
        Unclear ??= block.Seen.Unclear;
        _rounded = _rounded.With(block.Seen.Rounded);
        ArrayPool<Revocation>.Shared.Return(block.Revocations);
        ArrayPool<byte>.Shared.Return(block.Text.Bytes);
    }

    private sealed record ParsedBlock(TextBlock Text, int Rows, Revocation[] Revocations, int Revoked, RowReader Seen);
}
