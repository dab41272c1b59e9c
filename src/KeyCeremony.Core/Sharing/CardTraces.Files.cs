using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Sharing;

/// <remarks>
/// Here: notations that are looked for in files, codes and names alone. What an answer may hold is a rule of the journal and stays as it
/// was.
/// </remarks>
public static partial class CardTraces
{
    private const string Base36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Base45 = Base36 + " $%*+-./:";
    private const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    // A share in the widest of these is a number of 330 bits, each a digit of its own.
    private const int MostDigits = 360;

    // Of a text in words of another list; a card in them has two lines.
    private const int MostOtherWords = 4096;

    private const int MostFilling = 7; // bits, to whole bytes or digits

    /// <summary>
    /// The same for what is or becomes a file: also letters and digits of other scripts, spelt letters, positions in hex, octal or binary,
    /// a share as one number, in base 45 or 58, in PGP words and as bytes; and a card within what is encoded, dumped or packed, also twice.
    /// </summary>
    public static bool AreInFile(ReadOnlySpan<byte> text) => AreInFile(text, MaxDepth);

    private static bool AreInFile(ReadOnlySpan<byte> text, int depth)
    {
        if (Are(text) || IsPacked(text))
            return true;
        byte[] folded = Fold(text[..Math.Min(text.Length, MaxLooked)]);
        try
        {
            return depth > 0 && text.Length >= Lengths[0] && HoldsWrapped(text[..Math.Min(text.Length, MaxLooked)], folded, depth)
                || IsLongEnough(folded) && (!text.SequenceEqual(folded) && Are(folded) || HoldsSpelt(folded) || HoldsInRadix(folded, 16)
                || HoldsInRadix(folded, 8) || HoldsInRadix(folded, 2) || HoldsBetween(folded)
                || HoldsNumber(folded) || HoldsPgpWords(folded));
        }
        finally
        {
            Array.Clear(folded);
        }
    }

    // A word of the list that stands before each of the card's, "Wort 1: ...", is none of them.
    private static bool HoldsBetween(ReadOnlySpan<byte> text)
    {
        var marks = new List<int>();
        FindWords(text, marks);
        HashSet<int> often = [.. marks.Where(m => m >= 0).GroupBy(m => m).Where(same => same.Count() >= Lengths[0] / 2).Select(g => g.Key)];
        bool holds = often.Count > 0 && Holds([.. marks.Where(m => m >= 0 && !often.Contains(m)).Select(m => (ushort)m)]);
        CollectionsMarshal.AsSpan(marks).Clear();
        return holds;
    }

    // Letters and digits of whatever script that are ASCII's, or look like them; what cannot be seen is left out, all else is a blank.
    private static byte[] Fold(ReadOnlySpan<byte> text)
    {
        byte[] folded = new byte[text.Length];
        int length = 0;
        bool isWide = text.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || text.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
        bool isBigEndian = isWide && text[0] == 0xFE;
        while (!text.IsEmpty)
        {
            Rune rune;
            int taken;
            if (!isWide)
                _ = Rune.DecodeFromUtf8(text, out rune, out taken);
            else
            {
                taken = Math.Min(2, text.Length);
                int unit = taken < 2 ? ' ' : isBigEndian ? (text[0] << 8) | text[1] : (text[1] << 8) | text[0];
                rune = Rune.IsValid(unit) ? new Rune(unit) : new Rune(' ');
            }
            text = text[taken..];
            if (Plain(rune) is { } plain)
                folded[length++] = plain;
        }
        Array.Clear(folded, length, folded.Length - length);
        return folded[..length];
    }

    private static byte? Plain(Rune rune) => rune.Value switch
    {
        0 => null,
        < 0x80 => (byte)rune.Value,
        >= 0xFF01 and <= 0xFF5E => (byte)(rune.Value - 0xFEE0),             // full width
        >= 0x24B6 and <= 0x24CF => (byte)(rune.Value - 0x24B6 + 'A'),       // circled
        >= 0x24D0 and <= 0x24E9 => (byte)(rune.Value - 0x24D0 + 'a'),
        >= 0x1F130 and <= 0x1F149 => (byte)(rune.Value - 0x1F130 + 'A'),    // squared
        >= 0x1D400 and <= 0x1D6A3 => Mathematical((rune.Value - 0x1D400) % 52),
        _ => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => null,
            UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter => LookAlikes.InAscii(rune) ?? (byte)' ',
            UnicodeCategory.DecimalDigitNumber => (byte)('0' + (int)Rune.GetNumericValue(rune)),
            _ => (byte)' ',
        },
    };

    private static byte Mathematical(int at) => (byte)(at < 26 ? 'A' + at : 'a' + at - 26);

    // Every letter of a short text, whatever stands between: "a c a d e m i c".
    private static bool HoldsSpelt(ReadOnlySpan<byte> text)
    {
        Span<char> run = stackalloc char[Longest];
        int length = 0;
        foreach (byte b in text)
        {
            if (!char.IsAsciiLetter((char)b))
                continue;
            if (length == Longest)
                return false;
            run[length++] = char.ToLowerInvariant((char)b);
        }
        var marks = new List<int>();
        bool holds = length >= AllWords * WordList.EnoughLetters && TryCut(run[..length], marks) && marks.Count >= AllWords;
        run.Clear();
        marks.Clear();
        return holds;
    }

    // Positions in another radix, each a word of the text; 0x and the like in front.
    private static bool HoldsInRadix(ReadOnlySpan<byte> text, int radix)
    {
        var numbers = new List<ushort>();
        for (int at = 0; at < text.Length;)
        {
            int end = at;
            while (end < text.Length && char.IsAsciiLetterOrDigit((char)text[end]))
                end++;
            if (end > at)
                numbers.Add(Number(text[at..end], radix));
            at = end + 1;
        }
        ushort[] all = [.. numbers];
        return HoldsPositions(all) || HoldsPositions([.. all.Where((_, i) => i % 2 == 0)])
            || HoldsPositions([.. all.Where((_, i) => i % 2 == 1)]);
    }

    private static ushort Number(ReadOnlySpan<byte> digits, int radix)
    {
        if (digits.Length > 2 && digits[0] == '0' && (digits[1] | 0x20) is 'x' or 'o' or 'b' && !(radix == 16 && (digits[1] | 0x20) == 'b'))
            digits = digits[2..];
        int value = 0;
        foreach (byte b in digits)
            value = HexDigit(b) is >= 0 and var digit && digit < radix && value < ushort.MaxValue
                ? Math.Min((value * radix) + digit, ushort.MaxValue) : ushort.MaxValue;
        return (ushort)value;
    }

    // All that the text has of digits is one number.
    private static bool HoldsNumber(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> whole = text.Trim(" \t\r\n"u8), run = whole.Length > 4 * MostDigits ? default : Compact(whole);
        return HoldsAt(run, 2, Base36) || HoldsAt(run, 8, Base36) || HoldsAt(run, 10, Base36) || HoldsAt(run, 36, Base36)
            || HoldsAt(run, 32, Base32Hex) || HoldsAt(run, 32, Crockford) || HoldsAt(run, 58, Base58) || HoldsPairs(whole);
    }

    private static bool HoldsAt(ReadOnlySpan<byte> run, int radix, string digits)
    {
        if (run.Length is < LeastCode or > MostDigits)
            return false;
        BigInteger value = BigInteger.Zero;
        foreach (byte b in run)
        {
            int digit = digits.IndexOf((char)b, radix == 58 ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
            if (digit < 0 || digit >= radix)
                return false;
            value = (value * radix) + digit;
        }
        return HoldsValue(value);
    }

    // RFC 9285: three characters for two bytes, as in the alphanumeric mode of a QR code.
    private static bool HoldsPairs(ReadOnlySpan<byte> text)
    {
        if (text.Length is < LeastCode or > MostCode || text.Length % 3 == 1)
            return false;
        BigInteger value = BigInteger.Zero;
        for (int at = 0; at < text.Length; at += 3)
        {
            int pair = 0, count = Math.Min(3, text.Length - at);
            for (int i = count - 1; i >= 0; i--)
            {
                int digit = Base45.IndexOf((char)text[at + i], StringComparison.OrdinalIgnoreCase);
                if (digit < 0)
                    return false;
                pair = (pair * 45) + digit;
            }
            value = (value << (count == 3 ? 16 : 8)) | pair;
        }
        return HoldsValue(value);
    }

    private static bool HoldsValue(BigInteger value) =>
        Array.Exists(Lengths, length => value.GetBitLength() <= (BitsPerWord * length) + MostFilling
            && HoldsBits((value, (BitsPerWord * length) + MostFilling)));

    // A byte a word, as this program says digests.
    private static bool HoldsPgpWords(ReadOnlySpan<byte> text)
    {
        if (text.Length > MostOtherWords)
            return false;
        var bytes = new List<byte>();
        Span<char> word = stackalloc char[PgpWords.MaxLetters];
        for (int at = 0; at < text.Length;)
        {
            int end = at;
            for (; end < text.Length && char.IsAsciiLetter((char)text[end]); end++)
                if (end - at < word.Length)
                    word[end - at] = (char)text[end];
            if (end - at is > 0 and <= PgpWords.MaxLetters && PgpWords.ByteOf(word[..(end - at)]) is { } value)
                bytes.Add(value);
            at = end + 1;
        }
        word.Clear();
        byte[] all = [.. bytes];
        foreach (int length in Lengths)
        {
            int count = ((BitsPerWord * length) + MostFilling) / 8;
            for (int at = 0; at + count <= all.Length; at++)
                if (HoldsBits((new BigInteger(all.AsSpan(at, count), isUnsigned: true, isBigEndian: true), 8 * count)))
                    return true;
        }
        return false;
    }
}
