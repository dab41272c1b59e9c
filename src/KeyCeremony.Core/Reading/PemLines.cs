using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// PEM line by line, as other people's tools write it: the only reader of PEM there is. RFC 7468, and wider where its text
/// cannot mean two things: lines of any length, blanks at their ends, empty lines, text in front of a block and behind it. Refused
/// by line and cause: a block of another label, one block too many, a private key, base64 that is not exact.
/// </summary>
/// <param name="labels">Those that are taken; the first one is named where none is found.</param>
/// <param name="most">Blocks.</param>
/// <param name="alone">Text around is refused: what is signed over is this file as it stands.</param>
internal sealed class PemLines(IReadOnlyList<string> labels, int most = 1, bool alone = false)
{
    /// <summary>Tools that do not break lines write a whole request, certificate or small list in one.</summary>
    public const int MaxLine = 64 * 1024;

    private const int Quantum = 4; // characters of base64 for three bytes
    private const int EnoughForBase64 = 16;

    private static readonly SearchValues<byte> Base64Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private byte[] _joined = [];
    private int _carried;
    private string? _label;
    private int _begunAt;
    private bool _isEmpty;
    private bool _isPadded;
    private bool _isBare;
    private bool _isHex;
    private int _behindText;

    /// <summary>Begun so far.</summary>
    public int Blocks { get; private set; }

    /// <summary>Whether the line taken last was the last one of a block.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Lines around the blocks that are not empty: not looked at.</summary>
    public int LinesAround { get; private set; }

    /// <summary>Whether what is wrong is a private key.</summary>
    public bool IsPrivateKey { get; private set; }

    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> End => "-----END "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>What is wrong, or null.</summary>
    /// <param name="number">Of the line, from 1.</param>
    /// <param name="decoded">At least as long as the line and three bytes more.</param>
    /// <param name="written">Bytes of DER that this line ends.</param>
    public string? Take(int number, ReadOnlySpan<byte> line, Span<byte> decoded, out int written)
    {
        written = 0;
        HasEnded = false;
        line = line.Trim(" \t"u8);
        if (line.Length > MaxLine)
            return $"Line {number} has more than {MaxLine} bytes.";
        if (line.IsEmpty)
            return null;
        return _label is null ? TakeOutside(number, line) : TakeInside(number, line, decoded, out written);
    }

    /// <summary>After the last line: what is wrong, or null.</summary>
    public string? Finish() =>
        _label is not null ? $"The block that line {_begunAt} begins has no line -----END {_label}-----."
        : Blocks > 0 ? null
        : _behindText > 0 ? Behind()
        : _isHex ? $"Line 1 is hexadecimal digits; {labels[0]} is read as PEM or in DER."
        : _isBare ? $"Line 1 is base64 without the line -----BEGIN {labels[0]}----- above it."
        : $"No line is -----BEGIN {labels[0]}-----.";

    private string? TakeOutside(int number, ReadOnlySpan<byte> line)
    {
        if (line.StartsWith(End))
            return _behindText > 0 ? Behind() : $"Line {number} ends a block that no line begins.";
        if (!line.StartsWith(Begin))
        {
            if (_behindText == 0 && line.IndexOf(Begin) > 0)
                _behindText = number;
            _isHex |= number == 1 && line.Length >= EnoughForBase64 && !line.ContainsAnyExcept(HexDigits);
            _isBare |= number == 1 && line.Length >= EnoughForBase64 && !line.ContainsAnyExcept(Base64Characters);
            LinesAround++;
            return alone ? $"Line {number} stands outside the block." : null;
        }
        ReadOnlySpan<byte> named = line[Begin.Length..];
        int end = named.IndexOf(Dashes);
        if (end >= 0 && end + Dashes.Length < named.Length)
            return $"Line {number} goes on behind -----BEGIN {Shown(named[..end])}-----; the base64 begins on a line of its own.";
        if (end < 0)
            return $"Line {number} begins with -----BEGIN and does not end with -----.";
        string label = Shown(line[Begin.Length..^Dashes.Length]);
        IsPrivateKey = label.EndsWith("PRIVATE KEY", StringComparison.Ordinal);
        if (IsPrivateKey)
            return $"Line {number} begins a private key.";
        if (!labels.Contains(label))
            return $"Line {number} begins a block '{label}' where '{labels[0]}' is read."
                + (label is "PKCS7" or "CMS" ? " It is a bundle; what is read here is sent alone." : "");
        if (++Blocks > most)
            return most == 1 ? $"Line {number} begins a second block; one is read."
                : $"Line {number} begins block {Blocks}; {most} are read.";
        (_label, _begunAt, _isEmpty, _isPadded, _carried) = (label, number, true, false, 0);
        return null;
    }

    private string Behind() =>
        $"In line {_behindText} something stands in front of -----BEGIN, as when a mail is quoted or a page is copied.";

    private string? TakeInside(int number, ReadOnlySpan<byte> line, Span<byte> decoded, out int written)
    {
        written = 0;
        if (line.StartsWith(Begin))
            return $"Line {number} begins a block before the one that line {_begunAt} begins has ended.";
        if (line.StartsWith(Dashes))
            return TakeEnd(number, line);
        if (_isPadded)
            return $"Line {number} goes on behind the end of the base64.";
        if (line.IndexOfAnyExcept(Base64Characters) is >= 0 and var at)
            return line.IndexOf(": "u8) is > 0 ? $"Line {number} is a header within the block, which is not read."
                : $"Line {number} is not base64: {Named(line[at])} stands in column {at + 1}.";
        _isEmpty = false;
        return Decode(line, decoded, out written) ? null : $"Line {number} is not exact base64: its last characters do not fit.";
    }

    private string? TakeEnd(int number, ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith(End) || !line.EndsWith(Dashes) || Shown(line[End.Length..^Dashes.Length]) != _label)
            return $"Line {number} is not -----END {_label}-----, which would end the block that line {_begunAt} begins.";
        if (_isEmpty)
            return $"The block that line {_begunAt} begins is empty.";
        if (_carried > 0)
            return $"Line {number} ends the block, whose base64 is not complete.";
        _label = null;
        HasEnded = true;
        return null;
    }

    // A line may end between the four characters that belong together: what is left over goes before the next one.
    private bool Decode(ReadOnlySpan<byte> line, Span<byte> decoded, out int written)
    {
        if (_joined.Length < _carried + line.Length)
            Array.Resize(ref _joined, Math.Max(128, _carried + line.Length));
        line.CopyTo(_joined.AsSpan(_carried));
        int length = _carried + line.Length, whole = length - (length % Quantum);
        _carried = length - whole;
        ReadOnlySpan<byte> text = _joined.AsSpan(0, whole);
        _isPadded = text.EndsWith("="u8);
        bool isExact = Base64.DecodeFromUtf8(text, decoded, out _, out written) == OperationStatus.Done
            && (!_isPadded || IsExact(text[^Quantum..], decoded[..written]));
        _joined.AsSpan(whole, _carried).CopyTo(_joined);
        return isExact && !(_isPadded && _carried > 0);
    }

    // Bits that base64 leaves over must be zero: one block, one text.
    private static bool IsExact(ReadOnlySpan<byte> last, ReadOnlySpan<byte> decoded)
    {
        Span<byte> again = stackalloc byte[Quantum];
        int bytes = last[^2] == '=' ? 1 : 2;
        Base64.EncodeToUtf8(decoded[^bytes..], again, out _, out _);
        return last.SequenceEqual(again);
    }

    private static string Named(byte found) => found is (byte)' ' or (byte)'\t' ? "a blank"
        : found is > 0x20 and < 0x7F ? $"'{(char)found}'" : $"the byte {found:X2}";

    private static string Shown(ReadOnlySpan<byte> label) => string.Concat(Encoding.Latin1.GetString(label[..Math.Min(label.Length, 60)])
        .Select(c => c is >= ' ' and <= '~' ? c : '?'));
}
