using System.Collections.Immutable;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Where a card was mistyped, when its checksum does not hold: numbers of words, never words. A person looks at the card and types what
/// stands there; a word put right by arithmetic would pass for what the card says.
/// </summary>
internal static class Slips
{
    private static readonly string[] Rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    /// <summary>
    /// The words in whose place one other word of the list makes the checksum hold. The checksum finds any three wrong words, so when a
    /// single one is wrong this names it, and by chance another one in thirty thousand cards.
    /// </summary>
    /// <param name="words">Secret; changed while it is tried, and as before afterwards.</param>
    public static ImmutableArray<int> Fitting(Span<ushort> words)
    {
        ImmutableArray<int>.Builder numbers = ImmutableArray.CreateBuilder<int>();
        for (int i = 0; i < words.Length; i++)
            if (HasFitting(words, i))
                numbers.Add(i + 1);
        return numbers.ToImmutable();
    }

    /// <summary>The words that are another one when a single key of their four letters is the one beside it.</summary>
    public static ImmutableArray<int> Near(ReadOnlySpan<ushort> words)
    {
        ImmutableArray<int>.Builder numbers = ImmutableArray.CreateBuilder<int>();
        for (int i = 0; i < words.Length; i++)
            if (HasNear(words[i]))
                numbers.Add(i + 1);
        return numbers.ToImmutable();
    }

    private static bool HasFitting(Span<ushort> words, int at)
    {
        ushort typed = words[at];
        bool fits = false;
        for (int other = 0; other < WordList.Count; other++)
        {
            words[at] = (ushort)other;
            fits |= ShareCodec.Holds(words);
        }
        words[at] = typed;
        return fits;
    }

    private static bool HasNear(ushort word)
    {
        bool near = false;
        for (int other = 0; other < WordList.Count; other++)
            near |= AreNear(WordList.Utf8(word), WordList.Utf8(other));
        return near;
    }

    private static bool AreNear(ReadOnlySpan<byte> word, ReadOnlySpan<byte> other)
    {
        int different = 0;
        bool beside = true;
        for (int i = 0; i < WordList.EnoughLetters; i++)
            if (word[i] != other[i])
            {
                different++;
                beside &= AreBeside((char)word[i], (char)other[i]);
            }
        return different == 1 && beside;
    }

    /// <summary>A row of a keyboard stands a quarter, the next one half a key further right than the one above it.</summary>
    private static bool AreBeside(char a, char b)
    {
        (int row, int column) = PlaceOf(a);
        (int otherRow, int otherColumn) = PlaceOf(b);
        return Math.Abs(row - otherRow) <= 1 && Math.Abs(column - otherColumn) <= 4;
    }

    /// <summary>In quarters of a key from the left.</summary>
    private static (int Row, int Column) PlaceOf(char letter)
    {
        int row = Array.FindIndex(Rows, keys => keys.Contains(letter, StringComparison.Ordinal));
        return (row, (4 * Rows[row].IndexOf(letter, StringComparison.Ordinal)) + (row == 2 ? 3 : row));
    }
}
