using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>Laws that hold for every secret, plan and choice of cards.</summary>
public class Slip39LawTests
{
    /// <param name="Seed">Fixes secret, dealing and the choice of cards.</param>
    public sealed record Dealing(int Length, int Threshold, int Count, int Seed);

    private static readonly Arbitrary<Dealing> Dealings = (
        from half in Gen.Choose(8, 32)
        from count in Gen.Choose(2, 16)
        from threshold in Gen.Choose(2, count)
        from seed in Gen.Choose(0, int.MaxValue - 2000)
        select new Dealing(2 * half, threshold, count, seed)).ToArbitrary();

    private static readonly Arbitrary<Dealing> TwoGroups = (
        from count in Gen.Choose(2, 5)
        from threshold in Gen.Choose(2, count)
        from seed in Gen.Choose(0, int.MaxValue - 2000)
        select new Dealing(32, threshold, count, seed)).ToArbitrary();

    [Fact]
    public void Any_threshold_of_the_cards_gives_the_secret_back() => Check(Dealings, 60, dealing =>
    {
        using ShareSet set = Deal(dealing);
        using SecretBytes secret = Cards.Secret(dealing.Length, dealing.Seed);
        return Cards.Combine(Pick(set.Shares, dealing.Threshold, dealing.Seed)) == Cards.Hex(secret);
    });

    [Fact]
    public void Fewer_cards_are_refused() => Check(Dealings, 60, dealing =>
    {
        using ShareSet set = Deal(dealing);
        Share[] few = Pick(set.Shares, dealing.Threshold - 1, dealing.Seed);
        return Cards.CombineRefused(few).Rule == ShareRules.TooFewCardsId;
    });

    [Fact]
    public void More_cards_are_refused() => Check(Dealings, 40, dealing =>
    {
        if (dealing.Threshold == dealing.Count)
            return true;
        using ShareSet set = Deal(dealing);
        Share[] many = Pick(set.Shares, dealing.Threshold + 1, dealing.Seed);
        return Cards.CombineRefused(many).Rule == ShareRules.TooManyCardsId;
    });

    [Fact]
    public void Cards_survive_words_and_digits() => Check(Dealings, 40, dealing =>
    {
        using ShareSet set = Deal(dealing);
        return set.Shares.All(share =>
        {
            using Share words = Cards.Read(Cards.Text(share));
            byte[] digits = new byte[share.NumericLength];
            share.WriteNumeric(digits);
            return Slip39.TryParseNumeric(digits, out Share? numeric, out _)
                && words.Header == share.Header
                && words.Value.ConstantTimeEquals(share.Value)
                && numeric.Indices.SequenceEqual(share.Indices);
        });
    });

    [Fact]
    public void A_change_of_up_to_three_words_is_refused() => Check(Dealings, 60, dealing =>
    {
        using ShareSet set = Deal(dealing);
        var random = new Random(dealing.Seed);
        ushort[] indices = set.Shares[random.Next(dealing.Count)].Indices.ToArray();
        foreach (int place in Enumerable.Range(0, indices.Length).OrderBy(_ => random.Next()).Take(random.Next(1, 4)))
            indices[place] = (ushort)((indices[place] + random.Next(1, WordList.Count)) % WordList.Count);
        return !Slip39.TryParse(indices, out _, out Refusal? refusal) && refusal.Rule == ShareRules.ChecksumId;
    });

    [Fact]
    public void A_card_left_a_word_short_or_with_two_swapped_is_refused() => Check(Dealings, 60, dealing =>
    {
        using ShareSet set = Deal(dealing);
        ushort[] indices = set.Shares[0].Indices.ToArray();
        int place = new Random(dealing.Seed).Next(indices.Length - 1);
        ushort[] shorter = indices.Where((_, i) => i != place).ToArray();
        ushort[] swapped = indices.ToArray();
        (swapped[place], swapped[place + 1]) = (swapped[place + 1], swapped[place]);
        return !Slip39.TryParse(shorter, out _, out _)
            && (indices[place] == indices[place + 1] || !Slip39.TryParse(swapped, out _, out _));
    });

    [Fact]
    public void Any_two_of_three_groups_give_the_secret_back() => Check(TwoGroups, 30, dealing =>
    {
        using SecretBytes secret = Cards.Secret(dealing.Length, dealing.Seed);
        var group = new Group(dealing.Threshold, dealing.Count);
        using ShareSet set = Slip39.Split(secret, Cards.Plan(2, group, new Group(1, 1), group), Cards.Seeded(dealing.Seed));

        var random = new Random(dealing.Seed);
        IEnumerable<System.Collections.Immutable.ImmutableArray<Share>> chosen = Enumerable.Range(0, 3)
            .OrderBy(_ => random.Next()).Take(2).Select(i => set.Groups[i]);
        Share[] cards = chosen.SelectMany(cards => Pick(cards, cards[0].Header.MemberThreshold, dealing.Seed)).ToArray();
        return Cards.Combine(cards) == Cards.Hex(secret)
            && Cards.CombineRefused(cards[..^cards[^1].Header.MemberThreshold]).Rule == ShareRules.TooFewGroupsId;
    });

    [Fact]
    public void A_forged_card_is_refused_in_every_quorum_and_named_where_one_is_to_spare() => Check(Dealings, 40, dealing =>
    {
        if (dealing.Count > 10)
            return true; // 8 of 16 has 12,870 combinations: one run of it stands in its own test.
        using ShareSet set = Deal(dealing);
        int liar = new Random(dealing.Seed).Next(dealing.Count);
        Share[] cards = [.. set.Shares];
        cards[liar] = Cards.Forge(cards[liar]);
        bool refused = !Slip39.TryCombineSubsets(cards, default, null, out _, out Refusal? refusal);
        return refused && refusal!.Rule == (dealing.Count > dealing.Threshold ? ShareRules.ForgedCardId : ShareRules.ForgedId)
            && (refusal.Rule == ShareRules.ForgedId || refusal.Message.Contains(cards[liar].Header.Card, StringComparison.Ordinal));
    });

    private static ShareSet Deal(Dealing dealing) => Cards.Deal(dealing.Threshold, dealing.Count, dealing.Length, dealing.Seed);

    private static Share[] Pick(IEnumerable<Share> shares, int count, int seed)
    {
        var random = new Random(seed);
        return [.. shares.OrderBy(_ => random.Next()).Take(count)];
    }

    private static void Check(Arbitrary<Dealing> dealings, int runs, Func<Dealing, bool> law) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs), Prop.ForAll(dealings, law));
}
