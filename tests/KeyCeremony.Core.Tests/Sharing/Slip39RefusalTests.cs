using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>What people do wrong, and whether the answer helps them.</summary>
public class Slip39RefusalTests
{
    [Fact]
    public void A_card_of_another_set_is_refused_and_named()
    {
        using ShareSet ours = Cards.Deal(2, 3, seed: 1);
        using ShareSet theirs = Cards.Deal(2, 3, seed: 2);
        Refusal refusal = Cards.CombineRefused(ours.Shares[0], theirs.Shares[2]);
        Assert.Equal(ShareRules.OtherSetId, refusal.Rule);
        Assert.Contains("card 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_card_twice_is_refused()
    {
        using ShareSet set = Cards.Deal(2, 3);
        Assert.Equal(ShareRules.SameCardTwiceId, Cards.CombineRefused(set.Shares[1], set.Shares[1]).Rule);
    }

    [Fact]
    public void Two_cards_with_one_number_are_told_from_one_card_twice()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using Share twin = Cards.Forge(set.Shares[1]);
        Assert.Equal(ShareRules.SameNumberId, Cards.CombineRefused(set.Shares[1], twin).Rule);
    }

    [Fact]
    public void Too_few_cards_says_how_many_are_missing()
    {
        using ShareSet set = Cards.Deal(3, 5);
        Refusal refusal = Cards.CombineRefused(set.Shares[0], set.Shares[4]);
        Assert.Equal((ShareRules.TooFewCardsId, "2 of 3 cards are here.", "one card more needed."),
            (refusal.Rule, refusal.Message, refusal.Remedy));
        Assert.Equal(ShareRules.TooFewCardsId, Cards.CombineRefused().Rule);
    }

    [Fact]
    public void A_group_short_of_cards_is_named()
    {
        using SecretBytes secret = Cards.Secret(16);
        using ShareSet set = Slip39.Split(secret, Cards.Plan(2, new Group(2, 3), new Group(3, 5)), Cards.Seeded(1));
        Refusal refusal = Cards.CombineRefused(set.Groups[0][0], set.Groups[0][2], set.Groups[1][1]);
        Assert.Equal((ShareRules.TooFewCardsId, "1 of 3 cards of group 2 are here."), (refusal.Rule, refusal.Message));

        refusal = Cards.CombineRefused([.. set.Groups[0], .. set.Groups[1][..3]]);
        Assert.Equal((ShareRules.TooManyCardsId, "3 cards of group 1 were given where exactly 2 are used."),
            (refusal.Rule, refusal.Message));
        Assert.Equal(ShareRules.TooFewGroupsId, Cards.CombineRefused([.. set.Groups[0]]).Rule);
    }

    [Fact]
    public void A_third_group_where_two_are_used_is_refused()
    {
        using SecretBytes secret = Cards.Secret(16);
        using ShareSet set = Slip39.Split(secret, Cards.Plan(2, new Group(1, 1), new Group(1, 1), new Group(1, 1)), Cards.Seeded(1));
        Assert.Equal(ShareRules.TooManyGroupsId, Cards.CombineRefused([.. set.Shares]).Rule);
    }

    [Fact]
    public void A_card_that_claims_another_threshold_is_refused()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using Share liar = Cards.Claim(set.Shares[2], header => header with { MemberThreshold = 3 });
        Assert.Equal(ShareRules.OtherThresholdId, Cards.CombineRefused(set.Shares[0], liar).Rule);
    }

    [Fact]
    public void A_forged_card_with_a_good_checksum_is_refused_at_the_quorum()
    {
        using ShareSet set = Cards.Deal(3, 5);
        using Share forged = Cards.Forge(set.Shares[2]);
        using Share typed = Cards.Read(Cards.Text(forged));
        Assert.Equal(ShareRules.ForgedId, Cards.CombineRefused(set.Shares[0], set.Shares[1], typed).Rule);
    }

    [Fact]
    public void A_forged_card_is_named_once_a_card_is_to_spare()
    {
        using ShareSet set = Cards.Deal(3, 5);
        Share[] cards = [.. set.Shares];
        cards[3] = Cards.Forge(cards[3]);
        Assert.False(Slip39.TryCombineSubsets(cards, default, null, out _, out Refusal? refusal));
        Assert.Equal(ShareRules.ForgedCardId, refusal.Rule);
        Assert.StartsWith("Every combination with card 4 fails", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_forged_cards_are_refused_and_nobody_is_accused()
    {
        using ShareSet set = Cards.Deal(2, 5);
        Share[] cards = [.. set.Shares];
        cards[0] = Cards.Forge(cards[0]);
        cards[4] = Cards.Forge(cards[4]);
        Assert.False(Slip39.TryCombineSubsets(cards, default, null, out _, out Refusal? refusal));
        Assert.Equal(ShareRules.ForgedId, refusal.Rule);
    }

    // Two dealings under one identifier: every card is genuine, every digest holds, the secrets differ.
    [Fact]
    public void Two_dealings_under_one_identifier_do_not_pass_the_comparison()
    {
        using SecretBytes first = Cards.Secret(32, 1);
        using SecretBytes second = Cards.Secret(32, 2);
        var settings = new SplitSettings(Identifier: 4711);
        using ShareSet ours = Slip39.Split(first, Cards.Plan(2, 4), Cards.Seeded(1), settings);
        using ShareSet theirs = Slip39.Split(second, Cards.Plan(2, 4), Cards.Seeded(2), settings);
        Share[] cards = [ours.Shares[0], ours.Shares[1], theirs.Shares[2], theirs.Shares[3]];
        Assert.False(Slip39.TryCombineSubsets(cards, default, null, out _, out Refusal? refusal));
        Assert.Equal(ShareRules.ForgedId, refusal.Rule);
    }

    [Fact]
    public void Every_combination_is_compared_and_counted()
    {
        using ShareSet set = Cards.Deal(3, 5);
        using SecretBytes secret = Cards.Secret(32);
        var seen = new List<SubsetProgress>();
        Assert.True(Slip39.TryCombineSubsets(set.Shares, default, seen.Add, out SecretBytes? combined, out Refusal? refusal),
            refusal?.ToString());
        using (combined)
            Assert.Equal(Cards.Hex(secret), Cards.Hex(combined));
        Assert.Equal(Enumerable.Range(1, 10).Select(done => new SubsetProgress(done, 10)), seen);
    }

    [Fact]
    public void The_largest_group_can_be_compared_completely()
    {
        using ShareSet set = Cards.Deal(8, 16, length: 16);
        var last = default(SubsetProgress);
        Assert.True(Slip39.TryCombineSubsets(set.Shares, default, progress => last = progress, out SecretBytes? combined, out _));
        combined.Dispose();
        Assert.Equal(new SubsetProgress(Slip39.MaxSubsets, Slip39.MaxSubsets), last);
    }

    [Fact]
    public void Every_group_and_every_choice_of_groups_is_compared()
    {
        using SecretBytes secret = Cards.Secret(16);
        using ShareSet set = Slip39.Split(secret, Cards.Plan(2, new Group(2, 3), new Group(3, 4), new Group(1, 1)), Cards.Seeded(1));
        var last = default(SubsetProgress);
        Assert.True(Slip39.TryCombineSubsets(set.Shares, default, done => last = done, out SecretBytes? combined, out _));
        using (combined)
            Assert.True(combined.ConstantTimeEquals(secret));
        // 3 of the first group, 4 of the second, 1 of the third, and 3 pairs of groups.
        Assert.Equal(new SubsetProgress(11, 11), last);
        Assert.Equal(ShareRules.TooFewCardsId, SubsetsRefused([.. set.Groups[0], set.Groups[1][0]]));
        Assert.Equal(ShareRules.TooFewGroupsId, SubsetsRefused(set.Groups[0]));
    }

    [Fact]
    public void A_forged_card_of_a_group_is_named_and_a_forged_group_is_found()
    {
        using SecretBytes secret = Cards.Secret(16), other = Cards.Secret(16, 99);
        GroupPlan plan = Cards.Plan(2, new Group(2, 3), new Group(2, 4), new Group(1, 1));
        var settings = new SplitSettings(Identifier: 77);
        using ShareSet set = Slip39.Split(secret, plan, Cards.Seeded(1), settings);
        using ShareSet fake = Slip39.Split(other, plan, Cards.Seeded(2), settings);
        Assert.False(Slip39.TryCombineSubsets([.. set.Groups[0], .. set.Groups[1][..3], fake.Groups[1][3], .. set.Groups[2]], default, null,
            out _, out Refusal? refusal));
        Assert.Equal(ShareRules.ForgedCardId, refusal.Rule);
        Assert.Contains("card (member 4 of group 2)", refusal.Message, StringComparison.Ordinal);
        // Each group agrees with itself, and the groups do not with one another.
        Assert.Equal(ShareRules.ForgedId, SubsetsRefused([.. set.Groups[0], .. set.Groups[1], .. fake.Groups[2]]));
    }

    private static string SubsetsRefused(IReadOnlyList<Share> shares)
    {
        Assert.False(Slip39.TryCombineSubsets(shares, default, null, out _, out Refusal? refusal));
        return refusal.Rule;
    }

    [Fact]
    public void Another_passphrase_gives_another_secret_and_the_check_value_says_so()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using SecretBytes secret = Cards.Secret(32);
        string recorded = KeyCheckValue.Of(secret);
        Assert.True(Slip39.TryCombine(set.Shares[..2], "wrong"u8, out SecretBytes? other, out _));
        using (other)
        {
            Assert.False(KeyCheckValue.TryMatch(other, recorded, out Refusal? refusal));
            Assert.Equal(ShareRules.RecordedCheckValueId, refusal.Rule);
        }
    }

    [Fact]
    public void A_passphrase_beyond_ascii_or_without_end_is_refused()
    {
        using ShareSet set = Cards.Deal(2, 3);
        Assert.False(Slip39.TryCombine(set.Shares[..2], Encoding.UTF8.GetBytes("Grüße"), out _, out Refusal? refusal));
        Assert.Equal(ShareRules.PassphraseId, refusal.Rule);
        Assert.False(Slip39.TryCombine(set.Shares[..2], new byte[5000], out _, out refusal));
        Assert.Equal(ShareRules.PassphraseId, refusal.Rule);
        Assert.False(Slip39.TryCombineSubsets(set.Shares, "\n"u8, null, out _, out refusal));
        Assert.Equal(ShareRules.PassphraseId, refusal.Rule);
    }

    [Theory]
    [InlineData("acadmic", 1)]
    [InlineData("academic acid acnee", 3)]
    [InlineData("acade", 1)] // whole words only: completion is for fingers, not for files
    [InlineData("äcademic", 1)]
    public void An_unknown_word_is_pointed_at_by_its_number(string words, int number)
    {
        Refusal refusal = Cards.ReadRefused(words);
        Assert.Equal((ShareRules.UnknownWordId, $"Word {number} is not in the word list."), (refusal.Rule, refusal.Message));
        Assert.DoesNotContain(words.Split(' ')[^1], refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Words_are_read_in_any_case_and_spacing()
    {
        using ShareSet set = Cards.Deal(2, 3);
        string text = Cards.Text(set.Shares[0]);
        using Share shouted = Cards.Read("\n " + text.ToUpperInvariant().Replace(" ", " \t\r\n", StringComparison.Ordinal) + " ");
        Assert.True(set.Shares[0].Indices.SequenceEqual(shouted.Indices));
    }

    [Theory]
    [InlineData("")]
    [InlineData("academic")]
    public void Too_few_words_are_refused(string words) =>
        Assert.Equal(ShareRules.WrongLengthId, Cards.ReadRefused(words).Rule);

    [Fact]
    public void Too_many_words_are_refused() =>
        Assert.Equal(ShareRules.WrongLengthId, Cards.ReadRefused(string.Join(' ', Enumerable.Repeat("acid", Slip39.MaxWords + 1))).Rule);

    [Fact]
    public void An_index_beyond_the_list_is_refused() =>
        Assert.True(!Slip39.TryParse([.. Enumerable.Repeat((ushort)1024, 20)], out _, out Refusal? refusal)
            && refusal.Rule == ShareRules.UnknownWordId);

    [Theory]
    [InlineData("")]
    [InlineData("0000000")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000000000000001024")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000000000000000000x")]
    public void A_code_that_is_no_share_is_refused(string digits)
    {
        Assert.False(Slip39.TryParseNumeric(Encoding.ASCII.GetBytes(digits), out _, out Refusal? refusal));
        Assert.Equal(ShareRules.NumericId, refusal.Rule);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(66)]
    public void A_secret_the_standard_cannot_deal_is_a_mistake_in_the_program(int length)
    {
        using SecretBytes secret = Cards.Secret(length);
        Assert.Throws<ArgumentException>(() => Slip39.Split(secret, Cards.Plan(2, 3), Cards.Seeded(1)));
    }

    [Theory]
    [InlineData(0, 3, "QUORUM-02")]
    [InlineData(4, 3, "QUORUM-02")]
    [InlineData(2, 17, "QUORUM-02")]
    [InlineData(1, 2, "QUORUM-03")]
    public void A_plan_that_cannot_be_dealt_is_refused(int threshold, int count, string rule)
    {
        Assert.False(GroupPlan.TryCreate(threshold, count, out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 17)]
    public void A_plan_of_impossible_groups_is_refused(int threshold, int count)
    {
        Group[] groups = Enumerable.Repeat(new Group(2, 3), count).ToArray();
        Assert.False(GroupPlan.TryCreate(threshold, groups, out _, out Refusal? refusal));
        Assert.Equal(ShareRules.PlanGroupsId, refusal.Rule);
    }

    [Fact]
    public void The_set_has_our_parameters_unless_told_otherwise()
    {
        using ShareSet set = Cards.Deal(3, 5);
        Assert.All(set.Shares, share => Assert.Equal(33, share.WordCount));
        Assert.All(set.Shares, share => Assert.Equal((true, 0), (share.Header.Extendable, share.Header.IterationExponent)));
        Assert.Equal(["card 1", "card 2", "card 3", "card 4", "card 5"], set.Shares.Select(share => share.ToString()));
        Assert.Equal((20, 33, Slip39.MaxWords), (Slip39.WordCount(16), Slip39.WordCount(32), Slip39.WordCount(Slip39.MaxSecretLength)));
    }
}
