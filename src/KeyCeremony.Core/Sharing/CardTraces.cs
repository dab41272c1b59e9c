using System.Buffers;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Numerics;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Finds a share card in a text that is about to become a file or a record, in whatever notation: words whole, cut to four letters, in
/// capitals, numbered, run together; list positions from 0 or from 1; the share in hex, base32 or base64; any of these encoded once
/// more. What stands between is passed over. Told by the words themselves or by the share's own checksum, so that certificates, lists
/// of serials and English are none. <c>docs/formats/share-card.md</c>, "Found in other texts".
/// </summary>
/// <remarks>Not found: fewer than twelve words, a share under a cipher or in a picture.</remarks>
public static partial class CardTraces
{
    /// <summary>Bytes that are looked at: a card is short, and stands at the beginning of what holds it or in a small file.</summary>
    public const int MaxLooked = 1024 * 1024;

    // Different words of the list in a piece of text: a card has little else, or one more word a word ("Word 1: academic"). What this
    // repository holds of prose and source has at most 11 in 24, and 16 in 40 where it lists words.
    private static readonly (int Piece, int Enough)[] Dense = [(24, 13), (40, 17)];

    private const int AllWords = 4;     // a text of nothing else is part of a card
    private const int MaxDepth = 2;
    private const int BitsPerWord = 10;
    private const int LeastCode = 34;   // the shorter share in base64
    private const int MostCode = 120;   // the longer one in hex, with what fills it up, is shorter
    private const int Longest = Slip39.MaxWords * WordList.MaxLetters;

    private static readonly int[] Lengths = [20, 33];

    // By the first four letters, which identify a word.
    private static readonly FrozenDictionary<string, ushort>.AlternateLookup<ReadOnlySpan<char>> Positions = Enumerable
        .Range(0, WordList.Count)
        .ToFrozenDictionary(i => WordList.Words[i][..WordList.EnoughLetters], i => (ushort)i, StringComparer.Ordinal)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether something of a card is in it. Nothing of it is kept.</summary>
    public static bool Are(ReadOnlySpan<byte> text) =>
        IsLongEnough(text) && Look(text[..Math.Min(text.Length, MaxLooked)], MaxDepth);

    // Four words have sixteen letters, a card in numbers twenty digits at least: most names of files have less, and cost nothing.
    private static bool IsLongEnough(ReadOnlySpan<byte> text)
    {
        const int leastLetters = AllWords * WordList.EnoughLetters, leastSigns = 20;
        if (text.Length > 2 * MostCode)
            return true;
        (int letters, int signs) = (0, 0);
        foreach (byte b in text)
        {
            letters += char.IsAsciiLetter((char)b) ? 1 : 0;
            signs += char.IsAsciiLetterOrDigit((char)b) ? 1 : 0;
        }
        return letters >= leastLetters || signs >= leastSigns;
    }

    private static bool Look(ReadOnlySpan<byte> text, int depth)
    {
        byte[] plain = Plain(text);
        var marks = new List<int>();
        try
        {
            FindWords(plain, marks);
            return IsDense(marks) || Holds([.. marks.Where(m => m >= 0).Select(m => (ushort)m)])
                || HoldsNumbers(plain) || HoldsCoded(plain, depth);
        }
        finally
        {
            Array.Clear(plain);
            CollectionsMarshal.AsSpan(marks).Clear();
        }
    }

    // Lower case; what UTF-16 has between its letters is left out.
    private static byte[] Plain(ReadOnlySpan<byte> text)
    {
        byte[] plain = new byte[text.Length];
        int length = 0;
        foreach (byte b in text)
            if (b != 0)
                plain[length++] = b;
        return plain[..length];
    }

    /// <summary>For each word of the text its position in the list, or -1.</summary>
    private static void FindWords(ReadOnlySpan<byte> text, List<int> marks)
    {
        Span<char> run = stackalloc char[Longest];
        for (int at = 0; at < text.Length;)
        {
            if (!char.IsAsciiLetter((char)text[at]))
            {
                at++;
                continue;
            }
            int length = 0;
            for (; at < text.Length && char.IsAsciiLetter((char)text[at]); at++)
                if (length < run.Length)
                    run[length++] = char.ToLowerInvariant((char)text[at]);
            Mark(run[..length], marks);
        }
        run.Clear();
    }

    private static void Mark(ReadOnlySpan<char> run, List<int> marks)
    {
        if (TryWord(run, out ushort word))
            marks.Add(word);
        else if (run.Length < 3 * WordList.EnoughLetters || !TryCut(run, marks))
            marks.Add(-1);
    }

    // Whole, or as many of its letters as identify it.
    private static bool TryWord(ReadOnlySpan<char> run, out ushort word)
    {
        word = 0;
        return run.Length is >= WordList.EnoughLetters and <= WordList.MaxLetters
            && Positions.TryGetValue(run[..WordList.EnoughLetters], out word)
            && WordList.Words[word].AsSpan().StartsWith(run);
    }

    // Words run together: where the last of them begins, for each end that words can have.
    private static bool TryCut(ReadOnlySpan<char> run, List<int> marks)
    {
        Span<int> begins = stackalloc int[Longest + 1];
        begins = begins[..(run.Length + 1)];
        begins.Fill(-1);
        begins[0] = 0;
        for (int end = WordList.EnoughLetters; end <= run.Length; end++)
            for (int length = Math.Min(end, WordList.MaxLetters); length >= WordList.EnoughLetters && begins[end] < 0; length--)
                if (begins[end - length] >= 0 && TryWord(run[(end - length)..end], out _))
                    begins[end] = end - length;
        if (begins[^1] < 0)
            return false;
        int first = marks.Count;
        for (int end = run.Length; end > 0; end = begins[end])
        {
            _ = TryWord(run[begins[end]..end], out ushort word);
            marks.Insert(first, word);
        }
        return true;
    }

    private static bool IsDense(List<int> marks)
    {
        if (marks.Count >= AllWords && marks.TrueForAll(m => m >= 0))
            return true;
        return Array.Exists(Dense, dense => IsDense(marks, dense.Piece, dense.Enough));
    }

    private static bool IsDense(List<int> marks, int piece, int enough)
    {
        int different = 0;
        int[] times = new int[WordList.Count];
        for (int i = 0; i < marks.Count; i++)
        {
            if (i >= piece && marks[i - piece] is >= 0 and var gone && --times[gone] == 0)
                different--;
            if (marks[i] is >= 0 and var come && ++times[come] == 1)
                different++;
            if (different >= enough)
                return true;
        }
        return false;
    }

    // Any run of so many words that has the checksum of a share: of foreign words one in 2^29 has it.
    private static bool Holds(ReadOnlySpan<ushort> words)
    {
        foreach (int length in Lengths)
            for (int at = 0; at + length <= words.Length; at++)
                if (IsShare(words.Slice(at, length)))
                    return true;
        return false;
    }

    private static bool IsShare(ReadOnlySpan<ushort> words) =>
        words.ContainsAnyExcept(words[0]) && (Rs1024.Holds(words, extendable: true) || Rs1024.Holds(words, extendable: false));

    // Positions as numbers with something between, from 0 or from 1, also each behind its own number; or digits without anything, four
    // a word, as in the code of a card.
    private static bool HoldsNumbers(ReadOnlySpan<byte> text)
    {
        var numbers = new List<ushort>();
        var digits = new List<byte>();
        for (int at = 0; at < text.Length;)
        {
            if (!char.IsAsciiDigit((char)text[at]))
            {
                at++;
                continue;
            }
            int value = 0, length = 0;
            for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, length++)
            {
                value = Math.Min((10 * value) + (text[at] - '0'), ushort.MaxValue);
                digits.Add((byte)(text[at] - '0'));
            }
            numbers.Add((ushort)(length <= NumericForm.DigitsPerWord ? value : ushort.MaxValue));
        }
        ushort[] all = [.. numbers];
        return HoldsPositions(all) || HoldsPositions([.. all.Where((_, i) => i % 2 == 0)])
            || HoldsPositions([.. all.Where((_, i) => i % 2 == 1)]) || HoldsDigits([.. digits]);
    }

    private static bool HoldsPositions(ReadOnlySpan<ushort> numbers)
    {
        Span<ushort> words = stackalloc ushort[Lengths[^1]];
        foreach (int length in Lengths)
            for (int at = 0; at + length <= numbers.Length; at++)
            {
                ReadOnlySpan<ushort> piece = numbers.Slice(at, length);
                if (piece.ContainsAnyExceptInRange((ushort)0, (ushort)WordList.Count))
                    continue;
                if (!piece.Contains((ushort)WordList.Count) && IsShare(piece))
                    return true;
                if (piece.Contains((ushort)0))
                    continue;
                for (int i = 0; i < length; i++)
                    words[i] = (ushort)(piece[i] - 1);
                if (IsShare(words[..length]))
                    return true;
            }
        return false;
    }

    private static bool HoldsDigits(ReadOnlySpan<byte> digits)
    {
        for (int shift = 0; shift < NumericForm.DigitsPerWord; shift++)
        {
            var numbers = new List<ushort>();
            for (int at = shift; at + NumericForm.DigitsPerWord <= digits.Length; at += NumericForm.DigitsPerWord)
                numbers.Add((ushort)((1000 * digits[at]) + (100 * digits[at + 1]) + (10 * digits[at + 2]) + digits[at + 3]));
            if (HoldsPositions([.. numbers]))
                return true;
        }
        return false;
    }

    // A share is 200 or 330 bits. As hex, base32 or base64 it is one run, or all there is; and what a text encodes may be a card's words.
    private static bool HoldsCoded(ReadOnlySpan<byte> text, int depth)
    {
        if (HoldsCodedRun(Compact(text), depth))
            return true;
        for (int at = 0; at < text.Length; at++)
        {
            int end = at;
            while (end < text.Length && IsCode(text[end]))
                end++;
            if (end - at >= LeastCode && HoldsCodedRun(text[at..end], depth))
                return true;
            at = end;
        }
        return false;
    }

    private static byte[] Compact(ReadOnlySpan<byte> text)
    {
        int length = 0;
        byte[] compact = new byte[text.Length];
        foreach (byte b in text)
            if (IsCode(b))
                compact[length++] = b;
        return compact[..length];
    }

    private static bool IsCode(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'+' or (byte)'/' or (byte)'=';

    private static bool HoldsCodedRun(ReadOnlySpan<byte> run, int depth)
    {
        ReadOnlySpan<byte> bare = run.TrimEnd("="u8);
        if (bare.Length is >= LeastCode and <= MostCode && (HoldsBits(Bits(bare, 4, HexDigit)) || HoldsBits(Bits(bare, 5, Base32Digit))
            || HoldsBits(Bits(bare, 6, Base64Digit))))
            return true;
        if (depth == 0)
            return false;
        byte[] decoded = new byte[run.Length];
        if (run.Length % 2 == 0 && Convert.FromHexString(run, decoded, out _, out int written) == OperationStatus.Done
            && LooksLikeText(decoded.AsSpan(0, written)) && Look(decoded.AsSpan(0, written), depth - 1))
            return true;
        return Base64.DecodeFromUtf8(run, decoded, out _, out written) == OperationStatus.Done
            && LooksLikeText(decoded.AsSpan(0, written)) && Look(decoded.AsSpan(0, written), depth - 1);
    }

    private static bool LooksLikeText(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'\t', (byte)'~');

    private static (BigInteger Value, int Count) Bits(ReadOnlySpan<byte> run, int bits, Func<byte, int> digit)
    {
        BigInteger value = BigInteger.Zero;
        foreach (byte b in run)
        {
            if (digit(b) is not (>= 0 and var d))
                return (BigInteger.Zero, 0);
            value = (value << bits) | d;
        }
        return (value, bits * run.Length);
    }

    // What fills up to whole bytes or digits stands in front or behind.
    private static bool HoldsBits((BigInteger Value, int Count) bits)
    {
        Span<ushort> words = stackalloc ushort[Lengths[^1]];
        foreach (int length in Lengths)
        {
            int filling = bits.Count - (BitsPerWord * length);
            if (filling is < 0 or > 7)
                continue;
            for (int behind = 0; behind <= filling; behind++)
            {
                BigInteger share = bits.Value >> behind;
                for (int i = 0; i < length; i++)
                    words[i] = (ushort)(int)((share >> (BitsPerWord * (length - 1 - i))) & 0x3FF);
                if (IsShare(words[..length]))
                    return true;
            }
        }
        return false;
    }

    private static int HexDigit(byte b) => char.IsAsciiHexDigit((char)b) ? Convert.ToInt32(((char)b).ToString(), 16) : -1;

    private static int Base32Digit(byte b) => char.ToUpperInvariant((char)b) switch
    {
        >= 'A' and <= 'Z' and var c => c - 'A',
        >= '2' and <= '7' and var c => c - '2' + 26,
        _ => -1,
    };

    private static int Base64Digit(byte b) => (char)b switch
    {
        >= 'A' and <= 'Z' and var c => c - 'A',
        >= 'a' and <= 'z' and var c => c - 'a' + 26,
        >= '0' and <= '9' and var c => c - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
