using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Sharing;

/// <summary><paramref name="Threshold"/> of <paramref name="Count"/> cards, both 1 to 16.</summary>
public sealed record Group(int Threshold, int Count)
{
    /// <summary><c>2 of 3</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Threshold} of {Count}");
}

/// <summary>
/// How a secret is dealt: how many groups are needed, and how many cards of each. Cards are numbered from 1 through all groups, in the
/// order in which they are dealt.
/// </summary>
public sealed partial class GroupPlan
{
    /// <summary>Groups in a plan and cards in a group: the format has four bits for either. SLIP-0039.</summary>
    public const int MaxGroups = 16;

    /// <inheritdoc cref="MaxGroups"/>
    public const int MaxCards = 16;

    private GroupPlan(int groupThreshold, ImmutableArray<Group> groups)
    {
        GroupThreshold = groupThreshold;
        Groups = groups;
    }

    /// <summary>How many groups are needed.</summary>
    public int GroupThreshold { get; }

    /// <summary>What <see cref="Told"/> is told of it: of the groups, where there are any; else of the cards.</summary>
    public int Threshold => HasGroups ? GroupThreshold : Groups[0].Threshold;

    public ImmutableArray<Group> Groups { get; }

    /// <summary>Of all groups.</summary>
    public int Cards => Groups.Sum(group => group.Count);

    /// <summary>With fewer cards nothing opens, whichever they are.</summary>
    public int Fewest => Groups.Select(group => group.Threshold).Order().Take(GroupThreshold).Sum();

    public bool HasGroups => Groups.Length > 1;

    /// <summary>How many different quorums there are, none with a card more than it takes.</summary>
    public long Quorums
    {
        get
        {
            // By how many groups were taken: the ways to take so many of those that were looked at.
            long[] ways = new long[GroupThreshold + 1];
            ways[0] = 1;
            foreach (Group group in Groups)
                for (int taken = GroupThreshold; taken > 0; taken--)
                    ways[taken] = checked(ways[taken] + (ways[taken - 1] * Sharing.Quorums.Count(group.Count, group.Threshold)));
            return ways[GroupThreshold];
        }
    }

    /// <summary>One group, the common case: <paramref name="threshold"/> of <paramref name="count"/> cards.</summary>
    public static bool TryCreate(
        int threshold, int count, [NotNullWhen(true)] out GroupPlan? plan, [NotNullWhen(false)] out Refusal? refusal) =>
        TryCreate(1, [new Group(threshold, count)], out plan, out refusal);

    /// <summary>Refuses with QUORUM-01 to QUORUM-03 what SLIP-39 cannot deal.</summary>
    public static bool TryCreate(
        int groupThreshold,
        ReadOnlySpan<Group> groups,
        [NotNullWhen(true)] out GroupPlan? plan,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = Check(groupThreshold, groups);
        plan = refusal is null ? new GroupPlan(groupThreshold, [.. groups]) : null;
        return plan is not null;
    }

    /// <summary>
    /// Reads <c>2 of 3</c>, and <c>2 of (2 of 3, 2 of 3, 3 of 5)</c> for groups. What is asked is the form; whether SLIP-39 can deal it,
    /// <see cref="TryCreate(int, ReadOnlySpan{Group}, out GroupPlan?, out Refusal?)"/> says.
    /// </summary>
    public static GroupPlan? Read(string text)
    {
        Match match = Written().Match(text);
        if (!match.Success)
            return null;
        int threshold = Number(match.Groups["needed"].Value);
        CaptureCollection needed = match.Groups["k"].Captures, dealt = match.Groups["n"].Captures;
        return needed.Count == 0
            ? new GroupPlan(1, [new Sharing.Group(threshold, Number(match.Groups["count"].Value))])
            : new GroupPlan(threshold, [.. needed.Zip(dealt, (k, n) => new Sharing.Group(Number(k.Value), Number(n.Value)))]);
    }

    /// <summary>As a journal tells it, whether SLIP-39 could deal it or not.</summary>
    /// <param name="threshold">As <see cref="Threshold"/>.</param>
    /// <param name="groups">As <see cref="GroupsInWords"/>; null: one group.</param>
    public static GroupPlan Told(int threshold, int cards, string? groups) =>
        groups is not null && Read(string.Create(CultureInfo.InvariantCulture, $"{threshold} of ({groups})")) is { } plan
            ? plan : new GroupPlan(1, [new Group(threshold, cards)]);

    /// <summary><c>2 of 3, 2 of 3, 3 of 5</c>; null: there is one group.</summary>
    public string? GroupsInWords => HasGroups ? string.Join(", ", Groups) : null;

    /// <summary>1-based; 0: the plan has no such card.</summary>
    public int NumberOf(ShareHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return header.GroupIndex < Groups.Length && header.MemberIndex < Groups[header.GroupIndex].Count
            ? Groups.Take(header.GroupIndex).Sum(group => group.Count) + header.MemberIndex + 1 : 0;
    }

    /// <param name="card">1-based.</param>
    /// <returns>1-based.</returns>
    public int GroupOf(int card)
    {
        int group = 0;
        for (int left = card; group < Groups.Length && left > 0; group++)
            left -= Groups[group].Count;
        return group;
    }

    /// <summary><c>card 5</c>; where there are groups, <c>card 5 (group 2)</c>.</summary>
    public string Card(int card) => string.Create(CultureInfo.InvariantCulture,
        $"card {card}{(HasGroups ? $" (group {GroupOf(card)})" : "")}");

    /// <summary>Whether these cards give the secret.</summary>
    public bool Opens(IEnumerable<int> cards)
    {
        int[] held = Held(cards);
        return Groups.Where((group, i) => held[i] >= group.Threshold).Count() >= GroupThreshold;
    }

    /// <summary>Whether one card more brings a quorum nearer: its group is not complete.</summary>
    public bool Advances(int card, IEnumerable<int> before) => Held(before)[GroupOf(card) - 1] < Groups[GroupOf(card) - 1].Threshold;

    /// <summary>How many of these cards are of each group.</summary>
    public int[] Held(IEnumerable<int> cards)
    {
        int[] held = new int[Groups.Length];
        foreach (int card in cards.Distinct())
            if (card >= 1 && card <= Cards)
                held[GroupOf(card) - 1]++;
        return held;
    }

    /// <summary>How many of these cards must go, the right ones first, before the rest opens nothing; 0: it opens nothing.</summary>
    public int ToClose(IEnumerable<int> cards)
    {
        int[] held = Held(cards);
        int[] surplus = [.. Groups.Select((group, i) => held[i] - group.Threshold + 1).Where(left => left > 0).Order()];
        return surplus.Take(Math.Max(0, surplus.Length - GroupThreshold + 1)).Sum();
    }

    /// <summary><c>2 of 3</c>, or <c>2 of (2 of 3, 2 of 3, 3 of 5)</c>: what <see cref="Read"/> reads.</summary>
    public override string ToString() => HasGroups
        ? string.Create(CultureInfo.InvariantCulture, $"{GroupThreshold} of ({GroupsInWords})")
        : Groups[0].ToString();

    /// <summary>As it is printed: <c>2 of 3 groups (2 of 3, 2 of 3, 3 of 5)</c>, or <c>2 of 3</c>.</summary>
    public string Title => HasGroups
        ? string.Create(CultureInfo.InvariantCulture, $"{GroupThreshold} of {Groups.Length} groups ({GroupsInWords})")
        : Groups[0].ToString();

    /// <summary>The same in front of "open it": of one group its threshold alone, <c>2</c>.</summary>
    public string InWords => HasGroups ? Title : Groups[0].Threshold.ToString(CultureInfo.InvariantCulture);

    private static Refusal? Check(int groupThreshold, ReadOnlySpan<Group> groups)
    {
        if (groups.Length is 0 or > MaxGroups || groupThreshold < 1 || groupThreshold > groups.Length)
            return ShareRules.PlanGroups(groupThreshold, groups.Length);
        for (int i = 0; i < groups.Length; i++)
        {
            (int threshold, int count) = groups[i];
            if (count is < 1 or > MaxCards || threshold < 1 || threshold > count)
                return ShareRules.PlanCards(i + 1, threshold, count);
            if (threshold == 1 && count > 1)
                return ShareRules.PlanCopies(i + 1, count);
        }

        return null;
    }

    private static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<needed>[1-9]|1[0-6]) of (?:(?<count>[1-9]|1[0-6])|\((?<k>[1-9]|1[0-6]) of (?<n>[1-9]|1[0-6])"
        + @"(?:, (?<k>[1-9]|1[0-6]) of (?<n>[1-9]|1[0-6])){1,15}\))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Written();
}
