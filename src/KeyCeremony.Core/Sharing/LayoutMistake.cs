using System.Collections.Immutable;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Letters that begin no word, and would begin one were the keys printed for another layout than the one that is set. It names the layouts
/// and their keys, never a letter or a word that was typed, and nothing is corrected by it: a guess would pass for what the card says.
/// </summary>
/// <param name="Set">The layout that gave the letters.</param>
/// <param name="Printed">The one that would explain them.</param>
public sealed record LayoutMistake(LetterKeys Set, LetterKeys Printed)
{
    /// <summary>Beyond so many keys nobody counts them.</summary>
    private const int MostNamed = 6;

    /// <summary>
    /// Letters that it takes where most keys differ: fewer become the beginning of some word too often, whatever was mistyped.
    /// </summary>
    private const int EnoughLetters = 4;

    /// <summary>The likely mistake, or null.</summary>
    /// <param name="letters">What was typed of the word, lower-case ASCII.</param>
    /// <param name="then">A sign typed behind it that is no letter; U+0000: none.</param>
    /// <param name="set">The layout that is set; null: it is not known here, so every pair is tried.</param>
    public static LayoutMistake? Find(ReadOnlySpan<byte> letters, char then, LetterKeys? set)
    {
        int typed = letters.Length + (then == 0 ? 0 : 1);
        foreach (LetterKeys given in LetterKeys.All)
            if (set is null || set == given)
                foreach (LetterKeys printed in LetterKeys.All)
                    if (given != printed && (typed >= EnoughLetters || Moved(given, printed).Length <= MostNamed)
                        && Explains(letters, then, given, printed))
                        return new LayoutMistake(given, printed);
        return null;
    }

    /// <summary>Which keys differ: "y and z are exchanged".</summary>
    public string Difference()
    {
        ImmutableArray<char> moved = Moved(Set, Printed);
        if (moved.Length > MostNamed)
            return "most letters lie elsewhere";
        ImmutableArray<(char One, char Other)> exchanged = [.. moved.Select(letter => (One: letter, Other: Set.FromCap(letter, Printed)))
            .Where(pair => pair.Other > pair.One && moved.Contains(pair.Other) && Set.FromCap(pair.Other, Printed) == pair.One)];
        char[] alone = [.. moved.Where(letter => exchanged.All(pair => pair.One != letter && pair.Other != letter))];
        string[] parts = [.. exchanged.Select(pair => $"{pair.One} and {pair.Other} are exchanged"),
            .. alone.Length == 0 ? (string[])[]
                : [alone.Length == 1 ? $"{alone[0]} lies elsewhere"
                    : $"{string.Join(", ", alone[..^1])} and {alone[^1]} lie elsewhere"]];
        return string.Join(", ", parts);
    }

    private static ImmutableArray<char> Moved(LetterKeys set, LetterKeys printed) =>
        [.. "abcdefghijklmnopqrstuvwxyz".Where(letter => set.FromCap(letter, printed) != letter)];

    private static bool Explains(ReadOnlySpan<byte> letters, char then, LetterKeys given, LetterKeys printed)
    {
        Span<byte> meant = stackalloc byte[WordList.MaxLetters + 1];
        int length = 0;
        bool differs = false;
        foreach (byte letter in letters)
        {
            if (given.OnCap((char)letter, printed) is not { } cap)
                return false;
            differs |= cap != letter;
            meant[length++] = (byte)cap;
        }
        if (then != 0)
        {
            if (given.OnCap(then, printed) is not { } cap)
                return false;
            differs = true;
            meant[length++] = (byte)cap;
        }
        Range words = WordList.Completions(meant[..length]);
        bool explains = differs && length <= WordList.MaxLetters && words.End.Value > words.Start.Value;
        meant.Clear();
        return explains;
    }
}
