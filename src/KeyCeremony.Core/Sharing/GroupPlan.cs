using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Sharing;

/// <summary><paramref name="Threshold"/> of <paramref name="Count"/> cards, both 1 to 16.</summary>
public sealed record Group(int Threshold, int Count);

/// <summary>How a secret is dealt: how many groups are needed, and how many cards of each. Always legal in SLIP-39.</summary>
public sealed class GroupPlan
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

    public ImmutableArray<Group> Groups { get; }

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
}
