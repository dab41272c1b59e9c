namespace KeyCeremony.Core.Sharing;

/// <summary>Whether cards fit together by what they say openly, before any secret is touched.</summary>
internal static class CardFit
{
    /// <summary>Exactly as many groups, and of each exactly as many cards, as the set asks for.</summary>
    public static Refusal? Check(IReadOnlyList<Share> shares)
    {
        if (CheckFit(shares) is { } misfit)
            return misfit;

        ShareHeader set = shares[0].Header;
        var groups = shares.GroupBy(share => share.Header.GroupIndex).ToList();
        if (groups.Count < set.GroupThreshold)
            return ShareRules.TooFewGroups(groups.Count, set.GroupThreshold);
        if (groups.Count > set.GroupThreshold)
            return ShareRules.TooManyGroups(groups.Count, set.GroupThreshold);
        return groups.Select(CheckCount).FirstOrDefault(refusal => refusal is not null);
    }

    /// <summary>As many groups as the set asks for, or more, and of each its threshold or more.</summary>
    public static Refusal? CheckSubsets(IReadOnlyList<Share> shares)
    {
        if (CheckFit(shares) is { } misfit)
            return misfit;

        var groups = shares.GroupBy(share => share.Header.GroupIndex).ToList();
        return groups.Count < shares[0].Header.GroupThreshold
            ? ShareRules.TooFewGroups(groups.Count, shares[0].Header.GroupThreshold)
            : groups.Where(group => group.Count() < group.First().Header.MemberThreshold).Select(CheckCount).FirstOrDefault();
    }

    /// <summary><c> of group 2</c>, or nothing where there is one group.</summary>
    public static string Where(ShareHeader header) => header.GroupCount == 1 ? "" : $" of group {header.GroupIndex + 1}";

    private static Refusal? CheckFit(IReadOnlyList<Share> shares)
    {
        if (shares.Count == 0)
            return ShareRules.TooFewCards("", 0, 1);
        for (int i = 1; i < shares.Count; i++)
        {
            if (OtherSet(shares[0], shares[i]) is { } differs)
                return ShareRules.OtherSet(shares[i].Header.Card, differs);
            for (int j = 0; j < i; j++)
                if (CheckPair(shares[j], shares[i]) is { } clash)
                    return clash;
        }

        return null;
    }

    private static string? OtherSet(Share first, Share other)
    {
        (ShareHeader? a, ShareHeader? b) = (first.Header, other.Header);
        if (a.Identifier != b.Identifier)
            return "its identifier, told by the first two words, differs";
        if (a.Extendable != b.Extendable || a.IterationExponent != b.IterationExponent)
            return "its encryption parameters differ";
        if (a.GroupThreshold != b.GroupThreshold || a.GroupCount != b.GroupCount)
            return $"it speaks of {b.GroupThreshold} of {b.GroupCount} groups where "
                + $"the first card speaks of {a.GroupThreshold} of {a.GroupCount}";
        return first.WordCount == other.WordCount ? null : "it has another number of words";
    }

    private static Refusal? CheckPair(Share earlier, Share later)
    {
        (ShareHeader? a, ShareHeader? b) = (earlier.Header, later.Header);
        if (a.GroupIndex != b.GroupIndex)
            return null;
        if (a.MemberThreshold != b.MemberThreshold)
            return ShareRules.OtherThreshold(b.Card, b.MemberThreshold, a.MemberThreshold);
        if (a.MemberIndex != b.MemberIndex)
            return null;
        return earlier.Value.ConstantTimeEquals(later.Value)
            ? ShareRules.SameCardTwice(b.Card)
            : ShareRules.SameNumber(b.Card);
    }

    private static Refusal? CheckCount(IGrouping<int, Share> group)
    {
        ShareHeader header = group.First().Header;
        (int given, int needed) = (group.Count(), header.MemberThreshold);
        if (given < needed)
            return ShareRules.TooFewCards(Where(header), given, needed);
        return given > needed ? ShareRules.TooManyCards(Where(header), given, needed) : null;
    }
}
