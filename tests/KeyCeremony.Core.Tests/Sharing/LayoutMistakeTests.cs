using System.Text;
using KeyCeremony.Core.Sharing;
using Xunit.Abstractions;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>A keyboard that is printed for one layout and set to another: what is said of it, and of how many words.</summary>
public sealed class LayoutMistakeTests(ITestOutputHelper output)
{
    private enum Fate
    {
        /// <summary>None of its letters lies elsewhere, or none that was needed.</summary>
        Taken,

        /// <summary>Other letters, and they are another word's.</summary>
        AnotherWord,

        /// <summary>SHARE-02: the letters begin several words.</summary>
        Several,
        Hinted,
        Plain,
    }

    /// <summary>Printed, set, whether the program knows what is set; then of 1024 words: taken, another word's, several, with a hint,
    /// without.</summary>
    public static TheoryData<string, string, bool, string> Shares => new()
    {
        { "QWERTZ", "QWERTY", true, "864 0 0 160 0" },
        { "QWERTZ", "QWERTY", false, "864 0 0 160 0" },
        { "QWERTY", "QWERTZ", true, "864 0 0 160 0" },
        { "AZERTY", "QWERTY", true, "376 0 0 648 0" },
        { "AZERTY", "QWERTY", false, "376 0 0 648 0" },
        { "QWERTY", "AZERTY", true, "376 0 0 648 0" },
        { "AZERTY", "QWERTZ", true, "316 0 0 708 0" },
        { "QWERTZ", "AZERTY", true, "316 0 0 708 0" },
        { "QZERTY", "QWERTY", true, "748 0 0 276 0" },
        { "Dvorak", "QWERTY", true, "1 0 0 858 165" },
        { "QWERTY", "Dvorak", true, "1 1 0 703 319" },
        { "Colemak", "QWERTY", true, "1 1 0 915 107" },
    };

    [Theory]
    [MemberData(nameof(Shares))]
    public void So_many_words_are_recognised_as_a_wrong_layout(string printed, string set, bool known, string counts)
    {
        LetterKeys caps = Of(printed), given = Of(set);
        Fate[] fates = [.. WordList.Words.Select(word => Typed(word, caps, given, known ? given : null))];
        string counted = string.Join(' ', Enum.GetValues<Fate>().Select(fate => fates.Count(f => f == fate)));
        output.WriteLine($"{printed} printed, {set} set, known {known}: {counted}");
        Assert.Equal(counts, counted);
    }

    /// <summary>
    /// One letter of the first four is another one: the price of the hint is that it also comes for slips that no layout explains. It asks,
    /// it does not correct.
    /// </summary>
    [Theory]
    [InlineData("QWERTY", 5)]
    [InlineData("QWERTZ", 5)]
    [InlineData("AZERTY", 5)]
    [InlineData(null, 8)]
    public void A_slip_of_the_finger_is_seldom_taken_for_it(string? set, int mostPercent)
    {
        (int refused, int hinted) = (0, 0);
        foreach (string word in WordList.Words.Where((_, i) => i % 8 == 0))
            for (int at = 0; at < WordList.EnoughLetters; at++)
                foreach (char slip in "abcdefghijklmnopqrstuvwxyz".Where(letter => letter != word[at]))
                {
                    using var entry = WordEntry.Any(20);
                    entry.Letters = set is null ? null : Of(set);
                    Refusal? first = null;
                    for (int i = 0; i < word.Length && first is null; i++)
                        first = entry.Type(i == at ? slip : word[i]);
                    refused += first is null ? 0 : 1;
                    hinted += first is not null && IsHint(first) ? 1 : 0;
                }
        output.WriteLine($"{set}: {hinted} of {refused}");
        Assert.InRange(100.0 * hinted / refused, 1, mostPercent);
    }

    [Fact]
    public void The_hint_names_the_keys_and_neither_a_letter_that_was_typed_nor_the_word()
    {
        using var entry = WordEntry.Any(20);
        entry.Letters = LetterKeys.Qwerty;
        Refusal? refusal = TypeAll(entry, "zea"); // year, typed on a German keyboard
        Assert.Equal(ShareRules.UnknownWordId, refusal?.Rule);
        Assert.Equal("Word 1 is not in the word list. On QWERTZ keys, where y and z are exchanged, it would begin one; QWERTY is set.",
            refusal?.Message);
        Assert.Contains("F12", refusal!.Remedy, StringComparison.Ordinal);
        Assert.Equal("zea", Encoding.ASCII.GetString(entry.Partial)); // never corrected
        Assert.Equal(0, entry.Filled);
        // Other words, other letters: the same sentence.
        using var other = WordEntry.Any(20);
        other.Letters = LetterKeys.Qwerty;
        Assert.Equal(refusal.Message, TypeAll(other, "busz")!.Message);
    }

    [Fact]
    public void A_sign_where_the_letter_is_elsewhere_is_a_hint_too()
    {
        using var entry = WordEntry.Any(20);
        entry.Letters = LetterKeys.Qwerty;
        Refusal? refusal = TypeAll(entry, ";"); // m on a French keyboard
        Assert.Equal(ShareRules.NotALetterId, refusal?.Rule);
        Assert.Contains("On AZERTY keys, where a and q are exchanged, w and z are exchanged, m lies elsewhere, it would begin one;",
            refusal!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("keys", TypeAll(entry, "!")!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slip_of_the_finger_is_no_layout()
    {
        using var entry = WordEntry.Any(20);
        entry.Letters = LetterKeys.Qwerty;
        Assert.Equal("Word 1 is not in the word list.", TypeAll(entry, "acx")?.Message);
    }

    [Fact]
    public void Differences_are_said_in_words_of_the_keys()
    {
        Assert.Equal("y and z are exchanged", new LayoutMistake(LetterKeys.Qwertz, LetterKeys.Qwerty).Difference());
        Assert.Equal("a and q are exchanged, m, w, y and z lie elsewhere",
            new LayoutMistake(LetterKeys.Qwertz, LetterKeys.Azerty).Difference());
        Assert.Equal("most letters lie elsewhere", new LayoutMistake(LetterKeys.Qwerty, LetterKeys.Dvorak).Difference());
        Assert.All(LetterKeys.All, keys => Assert.Equal(33, keys.Keys.Length));
        Assert.All(LetterKeys.All, keys => Assert.Equal(26, keys.Keys.Count(char.IsAsciiLetterLower)));
        Assert.All(LetterKeys.All, keys => Assert.All("abcdefghijklmnopqrstuvwxyz", letter => Assert.Contains(letter, keys.Keys)));
    }

    /// <summary>Types a word by the caps of the keys until something is refused; then its space.</summary>
    private static Fate Typed(string word, LetterKeys printed, LetterKeys set, LetterKeys? known)
    {
        using var entry = WordEntry.Any(20);
        entry.Letters = known;
        bool refused = false, hinted = false;
        foreach (char cap in word)
            if (entry.Type(set.FromCap(cap, printed)) is { } refusal)
                (refused, hinted) = (true, hinted || IsHint(refusal));
        if (entry.Accept() is { } last)
            (refused, hinted) = (refused || last.Rule != ShareRules.AmbiguousWordId, hinted || IsHint(last));
        else if (!refused)
            return Encoding.ASCII.GetString(entry.Word(1)) == word ? Fate.Taken : Fate.AnotherWord;
        return hinted ? Fate.Hinted : refused ? Fate.Plain : Fate.Several;
    }

    private static bool IsHint(Refusal refusal) => refusal.Message.EndsWith(" is set.", StringComparison.Ordinal);

    private static LetterKeys Of(string name) => LetterKeys.All.Single(keys => keys.Name == name);

    private static Refusal? TypeAll(WordEntry entry, string text)
    {
        Refusal? last = null;
        foreach (char key in text)
            last = entry.Type(key);
        return last;
    }
}
