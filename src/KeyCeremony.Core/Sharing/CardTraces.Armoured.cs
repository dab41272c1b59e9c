using System.Buffers.Binary;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.Core.Sharing;

/// <remarks>
/// Here: what mails and programs carry bytes in besides base64: uuencode, Ascii85, Z85 and the base 85 of git, bytewords as UR has them.
/// </remarks>
public static partial class CardTraces
{
    private const string Ascii85 = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu";
    private const string Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    private const string Git85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

    private const int Group85 = 5;      // characters for four bytes
    private const int Least85 = 31;     // the shorter share
    private const int MostOfUuLine = 45;

    private const int LettersOfByteword = 4;
    private const int MostBytewords = 1024; // a card's words in bytewords have three hundred
    private const int MostBefore = 4;       // words of a text in front that could be bytewords
    private const int MostCborHead = 32;

    private static IEnumerable<byte[]> Armoured(byte[] text)
    {
        if (Uudecoded(text) is { Length: > 0 } lines && IsWorthLooking(lines))
            yield return lines;
        foreach (byte[] inner in InBytewords(text))
            yield return inner;
        foreach (byte[] run in Runs85(text))
            foreach (string digits in new[] { Ascii85, Z85, Git85 })
                if (Decoded85(run, digits) is { Length: > 0 } inner && IsWorthLooking(inner))
                    yield return inner;
    }

    // BCR-2020-012: two letters a byte, or its whole word, with a checksum behind them; what they carry is mostly a string of CBOR.
    private static IEnumerable<byte[]> InBytewords(byte[] text)
    {
        foreach (string letters in RunsOfBytewords(text))
            if (Bytewords.TryRead(letters, out byte[]? bytes, out _))
                foreach (byte[] inner in WithinCbor(bytes))
                    if (IsWorthLooking(inner))
                        yield return inner;
    }

    private static IEnumerable<string> RunsOfBytewords(byte[] text)
    {
        var words = new System.Text.StringBuilder();
        for (int at = 0; at <= text.Length; at++)
        {
            int from = at;
            while (at < text.Length && char.IsAsciiLetter((char)text[at]))
                at++;
            if (at - from == LettersOfByteword && words.Length < Bytewords.LettersPerByte * MostBytewords)
                words.Append((char)text[from]).Append((char)text[at - 1]);
            if (at - from is not (0 or LettersOfByteword) || at == text.Length)
            {
                for (int before = 0; before <= MostBefore && Bytewords.LettersPerByte * before < words.Length; before++)
                    yield return words.ToString(Bytewords.LettersPerByte * before, words.Length - (Bytewords.LettersPerByte * before));
                words.Clear();
            }
            if (at - from >= LeastCode)
                yield return System.Text.Encoding.ASCII.GetString(text, from, at - from);
        }
    }

    /// <summary>All of it, and the string that it ends with.</summary>
    private static IEnumerable<byte[]> WithinCbor(byte[] bytes)
    {
        yield return bytes;
        for (int at = 0; at < Math.Min(MostCborHead, bytes.Length - 1); at++)
        {
            // RFC 8949 3.1: a byte string is of the major type 2, a text of 3.
            int kind = bytes[at] >> 5, length = bytes[at] & 0x1F, head = length switch { < 24 => 1, 24 => 2, 25 => 3, _ => 0 };
            if (kind is not (2 or 3) || head == 0 || at + head >= bytes.Length)
                continue;
            length = head switch { 1 => length, 2 => bytes[at + 1], _ => (bytes[at + 1] << 8) | bytes[at + 2] };
            if (length == bytes.Length - at - head)
                yield return bytes[(at + head)..];
        }
    }

    // POSIX uuencode: a character for the length, then four for three bytes; blanks at a line's end are often lost.
    private static byte[] Uudecoded(byte[] text)
    {
        List<byte> decoded = [];
        foreach (Range range in Lines(text))
        {
            ReadOnlySpan<byte> line = text.AsSpan(range).TrimEnd((byte)'\r');
            if (line.Length < 2 || UuValue(line[0]) is not (> 0 and <= MostOfUuLine and var length))
                continue;
            int signs = (length + 2) / 3 * 4;
            ReadOnlySpan<byte> body = line[1..].TrimEnd((byte)' ');
            // One more sign at the end is a checksum of some programs.
            if (body.Length > signs + 1 || body.Length + 4 < signs || body.ContainsAnyExceptInRange((byte)' ', (byte)'`'))
                continue;
            int from = decoded.Count;
            for (int at = 0; at < signs; at += 4)
            {
                int value = 0;
                for (int i = 0; i < 4; i++)
                    value = (value << 6) | (at + i < body.Length ? UuValue(body[at + i]) : 0);
                decoded.AddRange([(byte)(value >> 16), (byte)((value >> 8) & 0xFF), (byte)(value & 0xFF)]);
            }
            decoded.RemoveRange(from + length, decoded.Count - from - length);
        }
        return [.. decoded];
    }

    private static int UuValue(byte sign) => sign is >= (byte)' ' and <= (byte)'`' ? (sign - ' ') & 0x3F : -1;

    // Between <~ and ~>, each piece without a blank, and all there is.
    private static IEnumerable<byte[]> Runs85(byte[] text)
    {
        byte[] all = Bare(text);
        yield return all;
        if (text.AsSpan().IndexOf("<~"u8) is >= 0 and var begin)
        {
            byte[] behind = text[(begin + 2)..];
            yield return Bare(behind.AsSpan().IndexOf("~>"u8) is >= 0 and var end ? behind[..end] : behind);
        }
        for (int at = 0; at < text.Length; at++)
        {
            int from = at;
            while (at < text.Length && text[at] > ' ')
                at++;
            if (at - from >= Least85 && at - from < all.Length)
                yield return text[from..at];
        }
    }

    private static byte[] Bare(byte[] text) => [.. text.Where(b => b > ' ')];

    private static byte[] Decoded85(byte[] run, string digits)
    {
        if (run.Length < Least85)
            return [];
        List<byte> decoded = [];
        uint value = 0;
        int count = 0;
        foreach (byte sign in run)
        {
            if (sign == 'z' && count == 0 && ReferenceEquals(digits, Ascii85))
            {
                decoded.AddRange([0, 0, 0, 0]);
                continue;
            }
            if (digits.IndexOf((char)sign) is not (>= 0 and var digit) || !TryAdd(ref value, digit))
                return [];
            if (++count < Group85)
                continue;
            decoded.AddRange(BytesOf(value));
            (value, count) = (0, 0);
        }
        if (count < 2)
            return [.. decoded];
        for (int filling = count; filling < Group85; filling++)
            if (!TryAdd(ref value, digits.Length - 1))
                return [];
        return [.. decoded, .. BytesOf(value)[..(count - 1)]];
    }

    private static byte[] BytesOf(uint value)
    {
        byte[] four = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, value);
        return four;
    }

    private static bool TryAdd(ref uint value, int digit)
    {
        ulong next = (value * 85UL) + (uint)digit;
        value = unchecked((uint)next);
        return next <= uint.MaxValue;
    }
}
