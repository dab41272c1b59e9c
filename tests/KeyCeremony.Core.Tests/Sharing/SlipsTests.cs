using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>A checksum that does not hold points at words by their numbers, and puts none right.</summary>
public class SlipsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(21)]
    [InlineData(33)]
    public void The_one_word_that_is_wrong_is_named(int number)
    {
        using ShareSet set = Cards.Deal(2, 3);
        string[] words = Cards.Text(set.Shares[1]).Split(' ');
        words[number - 1] = words[number - 1] == "acid" ? "acne" : "acid";
        using var entry = WordEntry.Any(33);
        Type(entry, words);

        Assert.False(entry.TryFinish(out _, out Refusal? refusal));

        Assert.Equal(ShareRules.ChecksumId, refusal.Rule);
        Assert.Equal([number], entry.Doubted.ToArray());
        Assert.Contains($"Look at word {number} first", refusal.Remedy, StringComparison.Ordinal);
        // As it was typed, to be corrected; the last one, where the entry stands already, by the next key.
        ReadOnlySpan<byte> stands = number == entry.WordCount ? entry.Word(number) : entry.Partial;
        Assert.Equal((number, words[number - 1]), (entry.Current, Encoding.ASCII.GetString(stands)));
        SaysNoWord(refusal, Cards.Text(set.Shares[1]).Split(' '));
    }

    [Fact]
    public void Of_two_wrong_words_those_are_named_that_a_neighbouring_key_makes_another_word()
    {
        using ShareSet set = Cards.Deal(2, 3);
        string[] words = Cards.Text(set.Shares[0]).Split(' ');
        // "hand" and "hang.." differ by d and g, two keys apart; "cage" and "cave" are other letters; "grin" and "grim" none of the list.
        (words[9], words[19]) = ("mama", "zero");
        (words[10], words[20]) = ("lips", "lily");
        using var entry = WordEntry.Any(33);
        Type(entry, words);

        Assert.False(entry.TryFinish(out _, out Refusal? refusal));

        Assert.NotEmpty(entry.Doubted);
        Assert.Equal(Enumerable.Range(1, 33).Where(n => HasNeighbour(words[n - 1])), entry.Doubted);
        Assert.EndsWith($"{string.Join(", ", entry.Doubted)}.", refusal.Remedy, StringComparison.Ordinal);
        SaysNoWord(refusal, words);
    }

    [Fact]
    public void What_is_typed_next_takes_the_finger_away()
    {
        using ShareSet set = Cards.Deal(2, 3);
        string[] words = Cards.Text(set.Shares[0]).Split(' ');
        string right = words[20];
        words[20] = right == "acid" ? "acne" : "acid";
        using var entry = WordEntry.Any(33);
        Type(entry, words);
        Assert.False(entry.TryFinish(out _, out _));
        entry.GoTo(21);
        Assert.Equal([21], entry.Doubted.ToArray());

        foreach (char letter in right)
            Assert.Null(entry.Type(letter));

        Assert.Empty(entry.Doubted);
        Assert.Null(entry.Accept());
        Assert.True(entry.TryFinish(out Share? share, out _));
        share.Dispose();
    }

    /// <summary>The keyboard as anybody sees it: a key has those left and right of it, and those it touches above and below.</summary>
    private static bool HasNeighbour(string word) => WordList.Words.Any(other =>
    {
        int[] at = [.. Enumerable.Range(0, 4).Where(i => word[i] != other[i])];
        return at is [var only] && Beside[word[only]].Contains(other[only], StringComparison.Ordinal);
    });

    private static readonly Dictionary<char, string> Beside = new()
    {
        ['q'] = "wa",
        ['w'] = "qeas",
        ['e'] = "wrsd",
        ['r'] = "etdf",
        ['t'] = "ryfg",
        ['y'] = "tugh",
        ['u'] = "yihj",
        ['i'] = "uojk",
        ['o'] = "ipkl",
        ['p'] = "ol",
        ['a'] = "qwsz",
        ['s'] = "weadzx",
        ['d'] = "ersfxc",
        ['f'] = "rtdgcv",
        ['g'] = "tyfhvb",
        ['h'] = "yugjbn",
        ['j'] = "uihknm",
        ['k'] = "iojlm",
        ['l'] = "opk",
        ['z'] = "asx",
        ['x'] = "sdzc",
        ['c'] = "dfxv",
        ['v'] = "fgcb",
        ['b'] = "ghvn",
        ['n'] = "hjbm",
        ['m'] = "jkn",
    };

    private static void SaysNoWord(Refusal refusal, string[] words)
    {
        string[] said = [.. $"{refusal.Message} {refusal.Remedy}".Split(' ', ',', '.', ':')];
        // "word" and "makes" are ours; what a card says is compared whole.
        Assert.DoesNotContain(words, word => said.Contains(word));
    }

    private static void Type(WordEntry entry, string[] words)
    {
        foreach (string word in words)
        {
            foreach (char letter in word)
                Assert.Null(entry.Type(letter));
            Assert.Null(entry.Accept());
        }
    }
}
