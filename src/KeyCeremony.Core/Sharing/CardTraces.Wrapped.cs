using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using System.Numerics;

namespace KeyCeremony.Core.Sharing;

/// <remarks>
/// Here: a share as bytes, and what is a file within a text or within another file: the bytes of a dump, of base64, base64url or base32,
/// of uuencode, base 85 or bytewords, of gzip, zlib or a zip archive. Looked for in what <see cref="AreInFile(ReadOnlySpan{byte})"/>
/// looks for.
/// </remarks>
public static partial class CardTraces
{
    private const string Base32Hex = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private const int ZipHeader = 30; // APPNOTE.TXT 4.3.7
    private const int MostEntries = 32; // of an archive, or streams of a PDF: a spreadsheet keeps its texts behind its sheets

    // A card is short. What unfolds to more than this is looked at as far as this, whoever packed it.
    private const int MostInflated = 32 * 1024;

    // Pieces of a text that are decoded and looked at by themselves.
    private const int MostPieces = 512;

    private static readonly int[] DumpRadices = [16, 10, 8];

    // Ten bits a word, filled up to whole bytes; or two bytes a word, either way round.
    private static bool IsPacked(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> bare = file.TrimEnd("\r\n"u8);
        return HoldsPacked(file) || bare.Length < file.Length && HoldsPacked(bare) || HoldsPairs16(file);
    }

    private static bool HoldsPacked(ReadOnlySpan<byte> file)
    {
        int bits = 8 * file.Length;
        return Array.Exists(Lengths, length => bits - (BitsPerWord * length) is >= 0 and <= MostFilling)
            && HoldsBits((new BigInteger(file, isUnsigned: true, isBigEndian: true), bits));
    }

    private static bool HoldsPairs16(ReadOnlySpan<byte> file)
    {
        if (Array.IndexOf(Lengths, file.Length / 2) < 0 || file.Length % 2 != 0)
            return false;
        ushort[] big = new ushort[file.Length / 2], little = new ushort[file.Length / 2];
        for (int i = 0; i < big.Length; i++)
        {
            big[i] = (ushort)((file[2 * i] << 8) | file[(2 * i) + 1]);
            little[i] = (ushort)((file[(2 * i) + 1] << 8) | file[2 * i]);
        }
        return HoldsPositions(big) || HoldsPositions(little);
    }

    /// <param name="text">Its letters and digits folded to ASCII.</param>
    private static bool HoldsWrapped(ReadOnlySpan<byte> file, ReadOnlySpan<byte> text, int depth)
    {
        foreach (byte[] inner in Unpacked(file.ToArray()).Concat(Dumped(text.ToArray())).Concat(Decoded(text.ToArray()))
            .Concat(Armoured(text.ToArray())).Take(MostPieces))
        {
            bool holds = AreInFile(inner, depth - 1);
            Array.Clear(inner);
            if (holds)
                return true;
        }
        return false;
    }

    private static IEnumerable<byte[]> Unpacked(byte[] file)
    {
        if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            yield return Inflated(new GZipStream(new MemoryStream(file), CompressionMode.Decompress));
        else if (file is [0x78, ..] && ((file[0] << 8) | file.ElementAtOrDefault(1)) % 31 == 0) // RFC 1950 2.2
            yield return Inflated(new ZLibStream(new MemoryStream(file), CompressionMode.Decompress));
        if (file.AsSpan().StartsWith("%PDF-"u8))
            foreach (int from in StreamsOfPdf(file))
                yield return Inflated(new ZLibStream(new MemoryStream(file, from, file.Length - from), CompressionMode.Decompress));
        // Of an archive the local headers are read: a name may be a card, too, and stands there in clear.
        int entries = 0;
        for (int at = 0; entries < MostEntries && at + ZipHeader <= file.Length
            && file.AsSpan(at).IndexOf("PK\x3\x4"u8) is >= 0 and var next; entries++)
        {
            at += next;
            if (at + ZipHeader > file.Length)
                yield break;
            bool isDeflated = file[at + 8] == 8;
            int from = at + ZipHeader + file[at + 26] + (file[at + 27] << 8) + file[at + 28] + (file[at + 29] << 8);
            at += ZipHeader;
            if (isDeflated && from < file.Length)
                yield return Inflated(new DeflateStream(new MemoryStream(file, from, file.Length - from), CompressionMode.Decompress));
        }
    }

    // FlateDecode: ISO 32000-1 7.3.8, 7.4.4. Whatever else stands behind the word does not inflate.
    private static IEnumerable<int> StreamsOfPdf(byte[] file)
    {
        int streams = 0;
        for (int at = 0; streams < MostEntries && file.AsSpan(at).IndexOf("stream"u8) is >= 0 and var next; streams++)
        {
            at += next + "stream".Length;
            while (at < file.Length && file[at] is (byte)'\r' or (byte)'\n')
                at++;
            if (at < file.Length && file[at] == 0x78)
                yield return at;
        }
    }

    // What comes out before it breaks is looked at.
    private static byte[] Inflated(Stream packed)
    {
        using (packed)
        {
            byte[] whole = new byte[MostInflated];
            int length = 0;
            for (int read = 1; read > 0 && length < whole.Length; length += read)
                read = Read(packed, whole.AsSpan(length));
            byte[] inner = whole[..length];
            Array.Clear(whole);
            return inner;
        }
    }

    private static int Read(Stream packed, Span<byte> next)
    {
        try
        {
            return packed.Read(next);
        }
        catch (Exception e) when (e is InvalidDataException or IOException) // the second: a preset dictionary (RFC 1950 2.2, FDICT)
        {
            return 0;
        }
    }

    // xxd, hexdump, od, an array of a program, escapes of a text: a byte or two a number, whatever stands between.
    private static IEnumerable<byte[]> Dumped(byte[] text)
    {
        int digits = text.Count(b => char.IsAsciiDigit((char)b)), letters = text.Count(b => char.IsAsciiLetter((char)b));
        foreach (int radix in DumpRadices.Where(radix => radix == 16 || digits > letters))
        {
            (byte[] one, byte[] other) = Dumped(text, radix);
            if (IsMostlyText(one) || IsWorthLooking(one))
                yield return one;
            if (!one.AsSpan().SequenceEqual(other) && (IsMostlyText(other) || IsWorthLooking(other)))
                yield return other;
        }
    }

    /// <summary>As it stands, and with the two bytes of each number turned round.</summary>
    private static (byte[] AsIs, byte[] Turned) Dumped(byte[] text, int radix)
    {
        List<byte> asIs = [], turned = [];
        int ofByte = radix == 16 ? 2 : 3;
        foreach (Range line in Lines(text))
        {
            int end = text[line].AsSpan().IndexOf((byte)'|') is >= 0 and var bar ? line.Start.Value + bar : line.End.Value;
            bool isFirst = true;
            for (int at = line.Start.Value; at < end;)
            {
                int to = at;
                while (to < end && char.IsAsciiLetterOrDigit((char)text[to]))
                    to++;
                ReadOnlySpan<byte> number = text.AsSpan(at, to - at);
                // An offset stands in front of a dump's line; letters that the bytes would be stand behind two blanks.
                bool isOffset = isFirst && number.Length > ofByte && (number.Length > 4 || to < end && text[to] == ':');
                if (to > at && !isOffset)
                    Take(number, radix, ofByte, asIs, turned);
                isFirst &= to == at;
                at = Math.Max(to, at + 1);
                if (to + 1 < end && text[to] == ' ' && text[to + 1] == ' ' && asIs.Count > 0 && radix == 16 && !isOffset
                    && !IsNumber(text.AsSpan(to..end).TrimStart((byte)' '), ofByte))
                    break;
            }
        }
        return ([.. asIs], [.. turned]);
    }

    private static IEnumerable<Range> Lines(byte[] text)
    {
        for (int at = 0; at < text.Length;)
        {
            int end = Array.IndexOf(text, (byte)'\n', at);
            end = end < 0 ? text.Length : end;
            yield return at..end;
            at = end + 1;
        }
    }

    private static bool IsNumber(ReadOnlySpan<byte> text, int ofByte)
    {
        int length = 0;
        while (length < text.Length && HexDigit(text[length]) >= 0)
            length++;
        return length == ofByte && (length == text.Length || text[length] == ' ');
    }

    private static void Take(ReadOnlySpan<byte> number, int radix, int ofByte, List<byte> asIs, List<byte> turned)
    {
        if (radix == 16 && number.Length > 2 && (number[0] is (byte)'x' or (byte)'u' || number[0] == '0' && (number[1] | 0x20) == 'x'))
            number = number[(number[0] == '0' ? 2 : 1)..];
        if (radix == 16 && number.Length == 4
            && Number(number[..2], 16) is var high and <= 0xFF && Number(number[2..], 16) is var low and <= 0xFF)
        {
            asIs.AddRange([(byte)high, (byte)low]);
            turned.AddRange([(byte)low, (byte)high]);
        }
        else if (number.Length >= 1 && number.Length <= ofByte && Number(number, radix) is var value and <= 0xFF)
        {
            asIs.Add((byte)value);
            turned.Add((byte)value);
        }
    }

    // Base64 with either pair of signs and with or without what fills it up, base32: each run, and all there is.
    private static IEnumerable<byte[]> Decoded(byte[] text)
    {
        List<byte[]> runs = [[.. text.Where(IsUrlCode)]];
        for (int at = 0; at < text.Length; at++)
        {
            int end = at;
            while (end < text.Length && IsUrlCode(text[end]))
                end++;
            if (end - at >= LeastCode && end - at < runs[0].Length)
                runs.Add(text[at..end]);
            at = end;
        }
        foreach (byte[] run in runs.Concat(RunsOverLines(text)))
            foreach (byte[] inner in new[] { Base64Of(run), Base32Of(run) })
                if (IsWorthLooking(inner))
                    yield return inner;
    }

    // A block of lines between other text, as PEM has it and mails; line feeds also as a string of a program has them.
    private static IEnumerable<byte[]> RunsOverLines(byte[] text)
    {
        List<byte> run = [];
        bool hasLines = false;
        for (int at = 0; at <= text.Length; at++)
        {
            int taken = at < text.Length ? LineEnd(text.AsSpan(at)) : 0;
            if (taken > 0)
            {
                hasLines |= run.Count > 0;
                at += taken - 1;
                continue;
            }
            bool isDashes = at < text.Length && text[at] == '-'
                && (at > 0 && text[at - 1] == '-' || at + 1 < text.Length && text[at + 1] == '-');
            if (at < text.Length && !isDashes && IsUrlCode(text[at]))
            {
                run.Add(text[at]);
                continue;
            }
            if (hasLines && run.Count >= LeastCode)
                yield return [.. run];
            run.Clear();
            hasLines = false;
        }
    }

    // With what a block is indented by; 0: none.
    private static int LineEnd(ReadOnlySpan<byte> text)
    {
        int taken = 0;
        while (taken < text.Length)
            if (text[taken] is (byte)'\r' or (byte)'\n')
                taken++;
            else if (text[taken] == '\\' && taken + 1 < text.Length && text[taken + 1] is (byte)'r' or (byte)'n')
                taken += 2;
            else if (taken > 0 && text[taken] is (byte)' ' or (byte)'\t')
                taken++;
            else
                break;
        return taken;
    }

    private static bool IsUrlCode(byte b) => IsCode(b) || b is (byte)'-' or (byte)'_';

    // A text, something packed, or as long as a share is: of a list's hashes none.
    private static bool IsWorthLooking(ReadOnlySpan<byte> inner) => !inner.IsEmpty && (LooksLikeText(inner) || IsWide(inner)
        || IsPacked(inner) || inner.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) || inner[0] == 0x78 || inner.StartsWith("PK"u8));

    // UTF-16 and UTF-32 of ASCII: of two or four bytes one is not zero.
    private static bool IsWide(ReadOnlySpan<byte> inner)
    {
        int zeros = inner.Count((byte)0);
        return 3L * zeros >= inner.Length && inner.Length - zeros >= LeastCode / 2
            && zeros + CountOfText(inner) + 2 >= inner.Length;
    }

    private static int CountOfText(ReadOnlySpan<byte> inner)
    {
        int text = 0;
        foreach (byte b in inner)
            text += b is >= (byte)'\t' and <= (byte)'~' ? 1 : 0;
        return text;
    }

    // The letters beside a dump may look like one more number.
    private static bool IsMostlyText(byte[] inner)
    {
        int text = inner.Count(b => b is >= (byte)'\t' and <= (byte)'~');
        return inner.Length >= LeastCode / 2 && 10L * text >= 9L * inner.Length;
    }

    private static byte[] Base64Of(ReadOnlySpan<byte> run)
    {
        ReadOnlySpan<byte> bare = run.TrimEnd((byte)'=');
        byte[] whole = new byte[(bare.Length + 3) / 4 * 4];
        whole.AsSpan().Fill((byte)'=');
        bare.CopyTo(whole);
        whole.AsSpan().Replace((byte)'-', (byte)'+');
        whole.AsSpan().Replace((byte)'_', (byte)'/');
        byte[] decoded = new byte[whole.Length];
        return Base64.DecodeFromUtf8(whole, decoded, out _, out int written) == OperationStatus.Done ? decoded[..written] : [];
    }

    // RFC 4648 6.
    private static byte[] Base32Of(ReadOnlySpan<byte> run)
    {
        ReadOnlySpan<byte> bare = run.TrimEnd((byte)'=');
        byte[] decoded = new byte[bare.Length * 5 / 8];
        int bits = 0, held = 0, length = 0;
        foreach (byte b in bare)
        {
            if (Base32Digit(b) is not (>= 0 and var digit))
                return [];
            held = (held << 5) | digit;
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            decoded[length++] = (byte)(held >> bits);
            held &= (1 << bits) - 1;
        }
        return decoded;
    }
}
