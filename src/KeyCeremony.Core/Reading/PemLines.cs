using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace KeyCeremony.Core.Reading;

/// <summary>What is wrong with a PEM file, and what becomes of it.</summary>
/// <param name="Sentence">With the line and the cause.</param>
/// <param name="Remedy">That fits this cause.</param>
internal sealed record PemFault(string Sentence, string Remedy);

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

    private const string AsWritten = "Send the file as the tool wrote it.";
    private const string WholeAgain = "A part of the block is missing: send the whole file again, as the tool wrote it.";
    private const string FileItself = "Send the file itself, as an attachment or on a stick; nothing is copied out of a mail or a page.";
    private const string OwnLine = "Give each line of dashes a line of its own, with the base64 between them, or send the file as the tool "
        + "wrote it.";

    private const int Quantum = 4; // characters of base64 for three bytes

    private static readonly SearchValues<byte> Base64Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    private readonly TextKind _kind = new();
    private byte[] _joined = [];
    private int _carried;
    private string? _label;
    private int _begunAt;
    private bool _isEmpty;
    private bool _isPadded;
    private PemFault? _behindText;

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
    public PemFault? Take(int number, ReadOnlySpan<byte> line, Span<byte> decoded, out int written)
    {
        written = 0;
        HasEnded = false;
        line = line.Trim(" \t"u8);
        if (line.Length > MaxLine)
            return new($"Line {number} has more than {MaxLine} bytes.",
                "Have the tool break the base64 into lines, or send the file in DER.");
        if (line.IsEmpty)
            return null;
        return _label is null ? TakeOutside(number, line) : TakeInside(number, line, decoded, out written);
    }

    /// <summary>After the last line: what is wrong, or null.</summary>
    public PemFault? Finish() =>
        _label is not null ? new($"The block that line {_begunAt} begins has no line -----END {_label}-----.", WholeAgain)
        : Blocks > 0 ? null
        : _behindText ?? _kind.Say(labels[0]);

    private PemFault? TakeOutside(int number, ReadOnlySpan<byte> line)
    {
        if (line.StartsWith(End))
            return _behindText ?? new($"Line {number} ends a block that no line begins.", WholeAgain);
        if (!line.StartsWith(Begin))
        {
            if (line.StartsWith("{\\rtf"u8))
                return new($"Line {number} begins rich text (RTF).", "Have it saved as plain text, or send the file as the tool wrote it.");
            if (line.IndexOf(Begin) is > 0 and var begin)
                _behindText ??= TextKind.Escaped(number, line, begin) ?? Behind(number);
            _kind.Take(number, line, labels[0]);
            LinesAround++;
            return alone ? new($"Line {number} stands outside the block.", "Make the file again as its format says: nothing stands around.")
                : null;
        }
        ReadOnlySpan<byte> named = line[Begin.Length..];
        int end = named.IndexOf(Dashes);
        if (end >= 0 && end + Dashes.Length < named.Length)
            return TextKind.Escaped(number, line, 0)
                ?? new($"Line {number} goes on behind -----BEGIN {Shown(named[..end])}-----; the base64 begins on a line of its own.",
                    OwnLine);
        if (end < 0)
            return new($"Line {number} begins with -----BEGIN and does not end with -----.", OwnLine);
        string label = Shown(line[Begin.Length..^Dashes.Length]);
        IsPrivateKey = label.EndsWith("PRIVATE KEY", StringComparison.Ordinal);
        if (IsPrivateKey)
            return new($"Line {number} begins a private key.", "Send what is public alone.");
        if (!labels.Contains(label))
            return new($"Line {number} begins a block '{label}' where '{labels[0]}' is read."
                + (label is "PKCS7" or "CMS" ? " It is a bundle; what is read here is sent alone." : ""), OtherLabel(label));
        if (++Blocks > most)
            return most == 1
                ? new($"Line {number} begins a second block; one is read.", $"Send each {labels[0]} in a file of its own.")
                : new($"Line {number} begins block {Blocks}; {most} are read.", $"Send at most {most} in one file, the nearest first.");
        (_label, _begunAt, _isEmpty, _isPadded, _carried) = (label, number, true, false, 0);
        return null;
    }

    private static PemFault Behind(int number) =>
        new($"In line {number} something stands in front of -----BEGIN, as when a mail is quoted or a page is copied.", FileItself);

    private string OtherLabel(string label) => label switch
    {
        "EC PARAMETERS" or "DSA PARAMETERS" or "DH PARAMETERS" =>
            "openssl writes them in front of a key: send the file without that block, or have the tool leave it out (-noout).",
        "PKCS7" or "CMS" when labels[0] == "CERTIFICATE REQUEST" =>
            "If a request lies in it, have that taken out (openssl cms -verify -noverify -inform PEM -in FILE -out NEW); of certreq, "
            + "RequestType = PKCS10 makes one that lies alone.",
        "CERTIFICATE" when labels[0] == "CERTIFICATE REQUEST" =>
            DerKind.CertificateForRequest,
        "PUBLIC KEY" when labels[0] == "CERTIFICATE REQUEST" =>
            DerKind.PublicKeyForRequest,
        "PKCS7" or "CMS" => "Have what is asked for taken out of it (openssl pkcs7 -print_certs), and send that.",
        "X509 CERTIFICATE" or "X.509 CERTIFICATE" when labels[0] == "CERTIFICATE" =>
            "It is an old name of the same (RFC 7468 5.1): write CERTIFICATE in both lines of dashes.",
        "TRUSTED CERTIFICATE" => "openssl adds its own trust to such a block: have it written plain (openssl x509 -in FILE -out NEW).",
        _ => $"Look whether it is the right file. A block '{labels[0]}' is sent alone.",
    };

    private PemFault? TakeInside(int number, ReadOnlySpan<byte> line, Span<byte> decoded, out int written)
    {
        written = 0;
        if (line.StartsWith(Begin))
            return new($"Line {number} begins a block before the one that line {_begunAt} begins has ended.", WholeAgain);
        if (line.StartsWith(Dashes))
            return TakeEnd(number, line);
        if (_isPadded)
            return new($"Line {number} goes on behind the end of the base64.", AsWritten);
        if (line.IndexOfAnyExcept(Base64Characters) is >= 0 and var at)
            return line.IndexOf(": "u8) is > 0
                ? new($"Line {number} is a header within the block, which is not read.", "Have the tool write the block without headers.")
                : new($"Line {number} is not base64: {Named(line[at])} stands in column {at + 1}.", FileItself);
        _isEmpty = false;
        return Decode(line, decoded, out written) ? null
            : new($"Line {number} is not exact base64: its last characters do not fit.", AsWritten);
    }

    private PemFault? TakeEnd(int number, ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith(End) || !line.EndsWith(Dashes) || Shown(line[End.Length..^Dashes.Length]) != _label)
            return new($"Line {number} is not -----END {_label}-----, which would end the block that line {_begunAt} begins.", OwnLine);
        if (_isEmpty)
            return new($"The block that line {_begunAt} begins is empty.", WholeAgain);
        if (_carried > 0)
            return new($"Line {number} ends the block, whose base64 is not complete.", WholeAgain);
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
