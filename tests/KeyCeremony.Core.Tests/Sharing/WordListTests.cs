using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

public class WordListTests
{
    [Fact]
    public void It_is_the_standards_list()
    {
        if (TestFiles.Vector("slip39-words.txt") is { } path)
            Assert.Equal(File.ReadAllLines(path), WordList.Words);
    }

    [Fact]
    public void Four_letters_identify_every_word_and_three_do_not()
    {
        Assert.Equal(WordList.Count, WordList.Words.Length);
        Assert.Equal(WordList.Count, WordList.Words.Select(word => word[..WordList.EnoughLetters]).Distinct().Count());
        Assert.True(WordList.Words.Select(word => word[..(WordList.EnoughLetters - 1)]).Distinct().Count() < WordList.Count);
        Assert.Equal(WordList.MaxLetters, WordList.Words.Max(word => word.Length));
    }

    [Fact]
    public void Completions_are_exactly_the_words_that_begin_so()
    {
        IEnumerable<string> prefixes =
            WordList.Words.SelectMany(word => Enumerable.Range(0, word.Length + 1).Select(letters => word[..letters]));
        foreach (string? prefix in prefixes.Append("zzz").Append("aaa").Append("acidx").Distinct())
        {
            (int start, int length) = WordList.Completions(Encoding.ASCII.GetBytes(prefix)).GetOffsetAndLength(WordList.Count);
            IEnumerable<string> expected = WordList.Words.Where(word => word.StartsWith(prefix, StringComparison.Ordinal));
            Assert.Equal(expected, WordList.Words.Skip(start).Take(length));
        }
    }

    [Fact]
    public void The_ascii_form_is_the_same_word() =>
        Assert.All(Enumerable.Range(0, WordList.Count), i => Assert.Equal(WordList.Words[i], Encoding.ASCII.GetString(WordList.Utf8(i))));
}
