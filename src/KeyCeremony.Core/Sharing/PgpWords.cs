using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Bytes as words to be read aloud and compared: digests, never shares. Words of two and of three syllables alternate,
/// so a word left out, said twice or swapped is heard.
/// </summary>
public static class PgpWords
{
    /// <summary>A SHA-512 digest.</summary>
    public const int MaxWords = 64;

    /// <summary>Of the longest word.</summary>
    internal const int MaxLetters = 11;

    /// <summary>One word a byte, between single spaces, spelled as in the list (some begin with a capital).</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => string.Join(' ', Words(bytes));

    /// <summary>One word a byte.</summary>
    public static ImmutableArray<string> Words(ReadOnlySpan<byte> bytes)
    {
        ImmutableArray<string>.Builder words = ImmutableArray.CreateBuilder<string>(bytes.Length);
        for (int i = 0; i < bytes.Length; i++)
            words.Add(ListFor(i)[bytes[i]]);
        return words.MoveToImmutable();
    }

    /// <summary>
    /// Reads words between blanks, in any case. Refuses with PGPWORD-01 an unknown word, with PGPWORD-02 one of the
    /// other list, with PGPWORD-03 more than <see cref="MaxWords"/>.
    /// </summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = null;
        string[] words = text.Split((char[]?)null, MaxWords + 1, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > MaxWords)
        {
            refusal = ShareRules.TooManyPgpWords();
            return false;
        }

        byte[] read = new byte[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            int position = Find(ListFor(i), words[i]);
            if (position < 0)
            {
                refusal = Find(ListFor(i + 1), words[i]) < 0 ? ShareRules.NotAPgpWord(i + 1) : ShareRules.PgpWordOutOfTurn(i + 1);
                return false;
            }

            read[i] = (byte)position;
        }

        bytes = read;
        refusal = null;
        return true;
    }

    /// <summary>The byte that a word of either list stands for; null for another word.</summary>
    internal static byte? ByteOf(ReadOnlySpan<char> word)
    {
        foreach (ImmutableArray<string> list in new[] { PgpWordList.Even, PgpWordList.Odd })
            for (int i = 0; i < list.Length; i++)
                if (word.Equals(list[i], StringComparison.OrdinalIgnoreCase))
                    return (byte)i;
        return null;
    }

    private static ImmutableArray<string> ListFor(int place) => place % 2 == 0 ? PgpWordList.Even : PgpWordList.Odd;

    private static int Find(ImmutableArray<string> list, string word)
    {
        for (int i = 0; i < list.Length; i++)
            if (list[i].Equals(word, StringComparison.OrdinalIgnoreCase))
                return i;
        return -1;
    }
}
