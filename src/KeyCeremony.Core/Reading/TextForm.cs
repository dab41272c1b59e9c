using System.Buffers;

namespace KeyCeremony.Core.Reading;

/// <summary>A text that cannot be read on: the sentence names the line and the cause.</summary>
internal sealed class TextFault(string sentence, bool isTooLong = false) : Exception
{
    public string Sentence => sentence;

    /// <summary>A limit is passed; else the text is written in another way than those that are read.</summary>
    public bool IsTooLong => isTooLong;

    /// <summary>That fits the cause.</summary>
    public string Remedy { get; init; } = "Send the file as the tool wrote it.";
}

/// <summary>
/// How a text from other people's tools is written. Read are ASCII and UTF-8, with a byte-order mark or without, and lines that end
/// with LF or CR LF, also both in one file. UTF-16 and a carriage return alone are refused by name, at every door alike.
/// </summary>
internal static class TextForm
{
    /// <summary>So many bytes at the beginning tell how a file is written.</summary>
    public const int EnoughToTell = 512;

    /// <summary>Of either case.</summary>
    public static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Except(['\t', '\n', '\r']).Select(c => (byte)c), 0x7F]);

    private const string OtherEnds = "Save it with lines that end with LF or CR LF, and send that.";

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The bytes of the byte-order mark of UTF-8: 3, or 0 where there is none.</summary>
    public static int MarkLength(ReadOnlySpan<byte> start) => start.StartsWith(Mark) ? Mark.Length : 0;

    /// <summary>Why the text is not read, or null.</summary>
    /// <param name="start">Its first bytes.</param>
    public static string? Unread(ReadOnlySpan<byte> start) => start.Length < 2 ? null
        : Wide(start) is { } encoding ? $"Line 1 is {encoding}, as some Windows programs save text; UTF-8 and ASCII are read."
        : BinaryFile.Of(start)?.Sentence;

    // UTF-32 begins as UTF-16 does, and goes on with nothing.
    private static string? Wide(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) || start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF])
            || (start.Length > 3 && (start[0] == 0 || start[3] == 0) && (start[1] | start[2]) == 0
                && (start[0] | start[3]) is >= 0x20 and < 0x7F && !IsDer(start)) ? "UTF-32"
        : start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            || (start[0] == 0 && start[1] is >= 0x20 and < 0x7F)
            || (start[1] == 0 && start[0] is >= 0x20 and < 0x7F && !IsDer(start)) ? "UTF-16"
        : null;

    // Of what Unread names.
    private static string RemedyOf(ReadOnlySpan<byte> start) => BinaryFile.Of(start)?.Remedy
        ?? "Save it as UTF-8 (Windows: Save as, encoding UTF-8; PowerShell: -Encoding ascii), or send the file in DER.";

    /// <summary>Takes the carriage return off a line's end; false when another one is left, which ends no line.</summary>
    public static bool TryTrimReturn(ref ReadOnlySpan<byte> line)
    {
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        return !line.Contains((byte)'\r');
    }

    public static string LoneReturn(long line) => $"Line {line} holds a carriage return that no line feed follows.";

    /// <summary>Whether DER begins so: a SEQUENCE and its length. No text of more than one letter does.</summary>
    public static bool IsDer(ReadOnlySpan<byte> start) =>
        start.Length > 1 && start[0] == 0x30 && (start[1] is >= 0x80 or < 0x20);

    /// <summary>Whether the first bytes are those of a text, in whatever encoding, and not of DER or another binary file.</summary>
    public static bool IsText(ReadOnlySpan<byte> start)
    {
        start = start[..Math.Min(start.Length, EnoughToTell)];
        return !start.IsEmpty && !IsDer(start)
            && (Unread(start) is not null || start.IndexOf("-----BEGIN "u8) >= 0 || !start.ContainsAny(Controls));
    }

    /// <summary>The next line of a text in memory; false at its end.</summary>
    /// <exception cref="TextFault">Before the first line UTF-16; a carriage return alone.</exception>
    public static bool TryNext(ref ReadOnlySpan<byte> rest, ref int number, out ReadOnlySpan<byte> line)
    {
        if (number == 0)
            rest = Unread(rest) is { } unread ? throw new TextFault(unread) { Remedy = RemedyOf(rest) } : rest[MarkLength(rest)..];
        line = default;
        if (rest.IsEmpty)
            return false;
        number++;
        int end = rest.IndexOf((byte)'\n');
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return TryTrimReturn(ref line) ? true : throw new TextFault(LoneReturn(number)) { Remedy = OtherEnds };
    }
}
