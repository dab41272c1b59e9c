using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>What opens a set that is dealt in groups: the plan's answers beside every choice of cards, and beside SLIP-39 itself.</summary>
public sealed class GroupPlanTests
{
    private static readonly Arbitrary<GroupPlan> Plans = (
        from groups in (from count in Gen.Choose(1, 3)
                        from threshold in Gen.Choose(1, count)
                        select new Group(count > 1 ? Math.Max(2, threshold) : 1, count)).ListOf(4)
        from taken in Gen.Choose(1, 4)
        from needed in Gen.Choose(1, taken)
        select Cards.Plan(needed, [.. groups.Take(taken)])).ToArbitrary();

    [Fact]
    public void What_opens_is_what_SLIP_39_combines() => Prop.ForAll(Plans, plan =>
    {
        using SecretBytes secret = Cards.Secret(16);
        using ShareSet set = Slip39.Split(secret, plan, Cards.Seeded(3));
        foreach (int[] cards in Choices(plan))
        {
            Share[] held = [.. cards.Select(card => set.Shares[card - 1])];
            bool combined = Slip39.TryCombine(Slip39.Enough(held), [], out SecretBytes? again, out _);
            using (again)
                Assert.Equal(plan.Opens(cards), combined && again!.ConstantTimeEquals(secret));
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(12));

    [Fact]
    public void Fewest_quorums_and_what_closes_are_what_counting_says() => Prop.ForAll(Plans, plan =>
    {
        int[][] opening = [.. Choices(plan).Where(plan.Opens)];
        Assert.Equal(opening.Min(cards => cards.Length), plan.Fewest);
        Assert.Equal(opening.Count(cards => cards.All(card => !plan.Opens(cards.Where(c => c != card)))), plan.Quorums);
        foreach (int[] cards in Choices(plan))
        {
            int closes = Subsets(cards).Where(gone => !plan.Opens(cards.Except(gone))).Min(gone => gone.Length);
            Assert.Equal(closes, plan.ToClose(cards));
        }
        foreach (int card in Enumerable.Range(1, plan.Cards))
            Assert.Equal(1, plan.Held([card])[plan.GroupOf(card) - 1]);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(12));

    [Fact]
    public void Cards_are_numbered_through_the_groups_as_they_are_dealt()
    {
        GroupPlan plan = Cards.Plan(2, new Group(2, 3), new Group(2, 3), new Group(1, 1));
        using ShareSet set = Slip39.Split(Cards.Secret(16), plan, Cards.Seeded(5));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], set.Shares.Select(share => plan.NumberOf(share.Header)));
        Assert.Equal([1, 1, 1, 2, 2, 2, 3], Enumerable.Range(1, 7).Select(plan.GroupOf));
        Assert.Equal(("card 5 (group 2)", "2 of 3 groups (2 of 3, 2 of 3, 1 of 1)"), (plan.Card(5), plan.InWords));
        // A card of a plan with more groups, or more cards in one.
        Assert.Equal(0, plan.NumberOf(set.Shares[0].Header with { GroupIndex = 3 }));
        Assert.Equal(0, plan.NumberOf(set.Shares[6].Header with { MemberIndex = 1 }));
        Assert.True(plan.Advances(2, [1, 7]));
        Assert.False(plan.Advances(3, [1, 2]));
    }

    [Theory]
    [InlineData("2 of 3", "2")]
    [InlineData("2 of (2 of 3, 2 of 3, 1 of 1)", "2 of 3 groups (2 of 3, 2 of 3, 1 of 1)")]
    [InlineData("1 of (16 of 16, 2 of 2)", "1 of 2 groups (16 of 16, 2 of 2)")]
    public void A_plan_is_written_and_read(string text, string words)
    {
        GroupPlan plan = GroupPlan.Read(text)!;
        Assert.Equal((text, words), (plan.ToString(), plan.InWords));
        var told = GroupPlan.Told(plan.HasGroups ? plan.GroupThreshold : plan.Fewest, plan.Cards, plan.GroupsInWords);
        Assert.Equal(text, told.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2 of 17")]
    [InlineData("0 of 3")]
    [InlineData("2 of (2 of 3)")]
    [InlineData("2 of (2 of 3,2 of 3)")]
    [InlineData("2 of (2 of 3, 2 of 3")]
    [InlineData("2 of 3, 2 of 3")]
    [InlineData("2 of (2 of 3, 2 of 3)\n")]
    public void Anything_else_is_no_plan(string text) => Assert.Null(GroupPlan.Read(text));

    private static IEnumerable<int[]> Choices(GroupPlan plan) => Subsets([.. Enumerable.Range(1, plan.Cards)]);

    private static IEnumerable<int[]> Subsets(int[] cards) => Enumerable.Range(0, 1 << cards.Length)
        .OrderBy(subset => BitOperations.PopCount((uint)subset))
        .Select(subset => cards.Where((_, i) => (subset >> i & 1) == 1).ToArray());
}
