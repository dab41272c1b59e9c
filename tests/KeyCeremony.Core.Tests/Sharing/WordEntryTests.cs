using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

public class WordEntryTests
{
    [Fact]
    public void A_card_typed_with_four_letters_a_word_is_read_back()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using var entry = WordEntry.ReadBack(set.Shares[1]);
        foreach (string word in Cards.Text(set.Shares[1]).Split(' '))
            Assert.Null(TypeAll(entry, word[..4] + " "));

        Assert.True(entry.IsComplete);
        Assert.True(entry.TryFinish(out Share? share, out Refusal? refusal), refusal?.ToString());
        using (share)
            Assert.True(share.Indices.SequenceEqual(set.Shares[1].Indices));
    }

    [Fact]
    public void Whole_words_in_capitals_are_the_same_words()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using var entry = WordEntry.Any(33);
        Assert.Null(TypeAll(entry, Cards.Text(set.Shares[2]).ToUpperInvariant() + " "));
        Assert.True(entry.TryFinish(out Share? share, out _));
        using (share)
            Assert.Equal(set.Shares[2].Header, share.Header);
    }

    [Fact]
    public void A_letter_that_leaves_no_word_is_shown_and_refused_at_once()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "acid ac"));
        Refusal? refusal = entry.Type('x');
        Assert.Equal((ShareRules.UnknownWordId, "Word 2 is not in the word list."), (refusal?.Rule, refusal?.Message));
        Assert.Equal("acx", Partial(entry));
        Assert.Equal(ShareRules.UnknownWordId, entry.Accept()?.Rule);
        Assert.Equal((2, 1), (entry.Current, entry.Filled));

        entry.Backspace();
        Assert.Null(TypeAll(entry, "ne "));
        Assert.Equal((3, 2), (entry.Current, entry.Filled));
    }

    [Fact]
    public void A_word_is_never_corrected_by_guessing()
    {
        using var entry = WordEntry.Any(20);
        Refusal? refusal = TypeAll(entry, "academix");
        Assert.Equal(ShareRules.UnknownWordId, refusal?.Rule);
        Assert.Equal(ShareRules.UnknownWordId, entry.Accept()?.Rule);
        Assert.Equal(0, entry.Filled);
    }

    [Fact]
    public void A_beginning_of_several_words_is_not_accepted()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "ac"));
        Assert.Equal(ShareRules.AmbiguousWordId, entry.Accept()?.Rule);
        Assert.Equal("ac", Partial(entry));
    }

    [Fact]
    public void A_shorter_beginning_of_one_word_is_accepted()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "zer "));
        Assert.Equal("zero", Encoding.ASCII.GetString(entry.Word(1)));
    }

    [Theory]
    [InlineData('1')]
    [InlineData('-')]
    [InlineData('é')]
    [InlineData('\u212A')] // the Kelvin sign, whose lower case is k
    public void Only_letters_are_taken(char key)
    {
        using var entry = WordEntry.Any(20);
        Assert.Equal(ShareRules.NotALetterId, entry.Type(key)?.Rule);
        Assert.Equal(0, entry.Partial.Length);
    }

    [Fact]
    public void A_ninth_letter_is_refused()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "academic"));
        Assert.Equal(ShareRules.NotALetterId, entry.Type('s')?.Rule);
    }

    [Fact]
    public void A_space_too_many_does_nothing()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "  acid  acne "));
        Assert.Equal((3, 2), (entry.Current, entry.Filled));
    }

    [Fact]
    public void Read_back_points_at_a_word_that_was_not_dealt_and_waits_there()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using var entry = WordEntry.ReadBack(set.Shares[0]);
        string[] words = Cards.Text(set.Shares[0]).Split(' ');
        Assert.Null(TypeAll(entry, string.Join(' ', words[..6]) + " "));

        string wrong = words[6] == "acid" ? "acne" : "acid";
        Refusal? refusal = TypeAll(entry, wrong + " ");
        Assert.Equal((ShareRules.NotTheDealtWordId, 7), (refusal?.Rule, entry.Current));
        Assert.Equal([true, false, null], new[] { entry.Matches(6), entry.Matches(7), entry.Matches(8) });
        Assert.DoesNotContain(words[6], refusal!.ToString().Split(' ', '.', ':', ','));

        Assert.Null(TypeAll(entry, string.Join(' ', words[6..]) + " "));
        Assert.True(entry.TryFinish(out Share? share, out _));
        share.Dispose();
    }

    [Fact]
    public void A_wrong_word_that_was_left_standing_is_named_at_the_end()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using var entry = WordEntry.ReadBack(set.Shares[0]);
        string[] words = Cards.Text(set.Shares[0]).Split(' ');
        _ = TypeAll(entry, string.Join(' ', words) + " ");
        foreach (int number in new[] { 9, 12 })
        {
            entry.GoTo(number);
            Clear(entry);
            _ = TypeAll(entry, words[number - 1] == "acid" ? "acne " : "acid ");
        }

        Assert.False(entry.TryFinish(out _, out Refusal? refusal));
        Assert.Equal((ShareRules.NotTheDealtWordId, "Words 9, 12 are not the words that were dealt."), (refusal.Rule, refusal.Message));
    }

    [Fact]
    public void A_card_of_another_set_is_refused_at_its_first_words()
    {
        using ShareSet ours = Cards.Deal(2, 3, seed: 1);
        using ShareSet theirs = Cards.Deal(2, 3, seed: 2);
        using var entry = WordEntry.OfSet(33, ours.Shares[0].Header);
        Assert.Equal(ShareRules.OtherSetId, TypeAll(entry, Cards.Text(theirs.Shares[1]).Split(' ')[0] + " ")?.Rule);

        Clear(entry);
        Assert.Null(TypeAll(entry, Cards.Text(ours.Shares[1]) + " "));
        Assert.True(entry.TryFinish(out Share? share, out _));
        share.Dispose();
    }

    /// <summary>On a day on which cards are replaced both lie on the table: the refusal says which one was taken up.</summary>
    [Fact]
    public void A_card_of_a_set_that_is_known_is_called_by_its_name()
    {
        using ShareSet ours = Cards.Deal(2, 3, seed: 1);
        using ShareSet theirs = Cards.Deal(2, 3, seed: 2);
        ImmutableSortedDictionary<string, ShareHeader> known =
            ImmutableSortedDictionary<string, ShareHeader>.Empty.Add("0002-backup-1", theirs.Shares[0].Header);
        using var entry = WordEntry.OfSet(33, ours.Shares[0].Header, known);
        Refusal? refusal = TypeAll(entry, Cards.Text(theirs.Shares[1]).Split(' ')[0] + " ");
        Assert.Equal((ShareRules.OtherSetId, "Word 1 is the one of the cards of 0002-backup-1; another set is asked for."),
            (refusal?.Rule, refusal?.Message));

        Clear(entry);
        string neither = new[] { "acid", "academic", "acne" }.First(w => !Cards.Text(ours.Shares[0]).StartsWith(w, StringComparison.Ordinal)
            && !Cards.Text(theirs.Shares[0]).StartsWith(w, StringComparison.Ordinal));
        refusal = TypeAll(entry, neither + " ");
        Assert.Equal(ShareRules.OtherSetId, refusal?.Rule);
        Assert.DoesNotContain("0002-backup-1", refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_dealt_card_the_checksum_speaks_at_the_end()
    {
        using ShareSet set = Cards.Deal(2, 3);
        string[] words = Cards.Text(set.Shares[0]).Split(' ');
        words[20] = words[20] == "acid" ? "acne" : "acid";
        using var entry = WordEntry.Any(33);
        Assert.Null(TypeAll(entry, string.Join(' ', words) + " "));
        Assert.Null(entry.Matches(21));
        Assert.False(entry.TryFinish(out _, out Refusal? refusal));
        Assert.Equal(ShareRules.ChecksumId, refusal.Rule);
    }

    /// <summary>What the sentence points at is what is typed next: at a checksum, dealt words, missing ones.</summary>
    [Fact]
    public void The_word_that_is_pointed_at_is_typed_next()
    {
        using ShareSet set = Cards.Deal(2, 3);
        string[] words = Cards.Text(set.Shares[0]).Split(' '), wrong = [.. words];
        wrong[20] = words[20] == "acid" ? "acne" : "acid";
        using var entry = WordEntry.Any(33);
        Assert.Null(TypeAll(entry, string.Join(' ', wrong) + " "));
        Assert.False(entry.TryFinish(out _, out Refusal? refusal));
        Assert.Equal((ShareRules.ChecksumId, entry.Doubted[0]), (refusal.Rule, entry.Current));
        Assert.Equal(wrong[entry.Current - 1], Partial(entry));
        entry.GoTo(21);
        Assert.Null(TypeAll(entry, words[20] + " "));
        if (!entry.IsComplete) // The word that was pointed at first was left without being typed.
            Assert.Null(TypeAll(entry, words[entry.Current - 1] + " "));
        Assert.True(entry.TryFinish(out Share? share, out _));
        share.Dispose();

        using var back = WordEntry.ReadBack(set.Shares[0]);
        _ = TypeAll(back, string.Join(' ', words) + " ");
        back.GoTo(9);
        Clear(back);
        _ = TypeAll(back, words[8] == "acid" ? "acne " : "acid ");
        back.GoTo(12);
        Assert.Null(back.Accept());
        Assert.False(back.TryFinish(out _, out refusal));
        Assert.Equal((ShareRules.NotTheDealtWordId, 9), (refusal.Rule, back.Current));

        using var missing = WordEntry.Any(20);
        Assert.Null(TypeAll(missing, "acid acne "));
        missing.GoTo(7);
        Assert.False(missing.TryFinish(out _, out refusal));
        Assert.Equal((ShareRules.MissingWordsId, 3), (refusal.Rule, missing.Current));
    }

    [Fact]
    public void Missing_words_are_counted_and_the_first_is_named()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "acid acne "));
        Assert.False(entry.IsComplete);
        Assert.False(entry.TryFinish(out _, out Refusal? refusal));
        Assert.Equal((ShareRules.MissingWordsId, "18 words are missing, the first is word 3."), (refusal.Rule, refusal.Message));
    }

    [Fact]
    public void Going_back_opens_a_word_and_accepting_returns_to_the_first_gap()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "acid acne academic "));
        entry.GoTo(2);
        Assert.Equal(("acne", 2, 2), (Partial(entry), entry.Current, entry.Filled));
        Clear(entry);
        Assert.Null(TypeAll(entry, "zero "));
        Assert.Equal(4, entry.Current);
        Assert.Equal("zero", Encoding.ASCII.GetString(entry.Word(2)));
    }

    [Fact]
    public void The_first_letter_in_a_word_that_was_opened_again_begins_it_anew()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "acid acquire academic "));
        entry.GoTo(2);
        Assert.Null(TypeAll(entry, "zero "));
        Assert.Equal("zero", Encoding.ASCII.GetString(entry.Word(2)));

        entry.GoTo(1);
        entry.Backspace(); // Whoever takes a letter away means the others to stay.
        Assert.Null(entry.Type('d'));
        Assert.Equal("acid", Partial(entry));
        Assert.Null(entry.Accept());
        Assert.Equal("acid", Encoding.ASCII.GetString(entry.Word(1)));
    }

    [Fact]
    public void Backspace_at_the_start_of_a_word_opens_the_one_before()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "acid acne "));
        entry.Backspace();
        Assert.Equal(("acne", 2), (Partial(entry), entry.Current));
        entry.Backspace();
        Assert.Equal("acn", Partial(entry));
        Clear(entry);
        entry.Backspace();
        entry.Backspace();
        Assert.Equal(("aci", 1), (Partial(entry), entry.Current));
    }

    [Fact]
    public void Typing_on_after_the_last_word_replaces_it()
    {
        using var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, string.Concat(Enumerable.Repeat("acid ", 20))));
        Assert.True(entry.IsComplete);
        Assert.Null(entry.Type('z'));
        Assert.False(entry.IsComplete);
        Assert.Equal((20, 19), (entry.Current, entry.Filled));
    }

    [Fact]
    public void It_prints_how_far_it_is_and_forgets_everything_when_disposed()
    {
        var entry = WordEntry.Any(20);
        Assert.Null(TypeAll(entry, "acid acne ze"));
        Assert.Equal("2 of 20 words", entry.ToString());
        entry.Dispose();
        Assert.Throws<ObjectDisposedException>(() => entry.Word(1).Length);
        Assert.Throws<ObjectDisposedException>(() => entry.Partial.Length);
    }

    private static Refusal? TypeAll(WordEntry entry, string keys)
    {
        Refusal? last = null;
        foreach (char key in keys)
            last = entry.Type(key);
        return last;
    }

    private static void Clear(WordEntry entry)
    {
        if (entry.Partial.IsEmpty)
            entry.Backspace();
        while (!entry.Partial.IsEmpty)
            entry.Backspace();
    }

    private static string Partial(WordEntry entry) => Encoding.ASCII.GetString(entry.Partial);
}
