using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Every combination of threshold cards must give the same encrypted secret. A forged card with a valid checksum is
/// seen here and, where there is a card to spare, named.
/// </summary>
internal static class Subsets
{
    /// <summary>The one encrypted secret. <see cref="CardFit.CheckSubsets"/> has passed.</summary>
    public static bool TryCompare(
        IReadOnlyList<Share> shares,
        Action<SubsetProgress>? progress,
        [NotNullWhen(true)] out SecretBytes? encrypted,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        ShareHeader set = shares[0].Header;
        Share[][] groups = [.. shares.GroupBy(share => share.Header.GroupIndex).Select(group => group.ToArray())];
        var count = new Counting(progress, groups.Sum(group => Quorums.Count(group.Length, group[0].Header.MemberThreshold))
            + (set.GroupCount > 1 ? Quorums.Count(groups.Length, set.GroupThreshold) : 0));
        var secrets = new List<Point>();
        (encrypted, refusal) = (null, null);
        try
        {
            foreach (Share[] group in groups)
            {
                ShareHeader header = group[0].Header;
                Point[] points = [.. group.Select(share => new Point((byte)share.Header.MemberIndex, share.Value))];
                if (!TryCompare(points, header.MemberThreshold, count, out SecretBytes? secret, out int culprit))
                {
                    refusal = culprit < 0 ? ShareRules.Forged(CardFit.Where(header)) : ShareRules.ForgedCard(group[culprit].Header.Card);
                    return false;
                }
                secrets.Add(new Point((byte)header.GroupIndex, secret));
            }
            if (set.GroupCount == 1)
            {
                encrypted = SecretBytes.Copy(secrets[0].Y.Span);
                return true;
            }
            if (!TryCompare(secrets, set.GroupThreshold, count, out encrypted, out _))
                refusal = ShareRules.Forged("");
            return refusal is null;
        }
        finally
        {
            foreach (Point secret in secrets)
                secret.Y.Dispose();
        }
    }

    /// <param name="culprit">Without this point all others agree; -1: nobody is named.</param>
    private static bool TryCompare(IReadOnlyList<Point> points, int threshold, Counting count, [NotNullWhen(true)] out SecretBytes? secret,
        out int culprit)
    {
        List<int> subsets = Choose(points.Count, threshold);
        var agreed = new List<Candidate>();
        foreach (int subset in subsets)
        {
            Sort(Shamir.Recover([.. points.Where((_, i) => Has(subset, i))]), subset, agreed);
            count.One();
        }

        bool unanimous = agreed.Count == 1 && agreed[0].Members.Count == subsets.Count;
        secret = unanimous ? agreed[0].Secret : null;
        culprit = unanimous ? -1 : Accused(points.Count, subsets, agreed);
        foreach (Candidate candidate in unanimous ? [] : agreed)
            candidate.Secret.Dispose();
        return unanimous;
    }

    // Bit i of a subset: card i takes part.
    private static List<int> Choose(int count, int threshold) =>
        [.. Enumerable.Range(1, (1 << count) - 1).Where(subset => BitOperations.PopCount((uint)subset) == threshold)];

    private static void Sort(SecretBytes? secret, int subset, List<Candidate> agreed)
    {
        if (secret is null)
            return;
        if (agreed.Find(candidate => candidate.Secret.ConstantTimeEquals(secret)) is not { } known)
        {
            agreed.Add(new Candidate(secret, [subset]));
            return;
        }

        known.Members.Add(subset);
        secret.Dispose();
    }

    // One secret is agreed on by exactly the combinations without one certain card: that card is the culprit.
    // With fewer cards to spare, or several culprits, nobody is named.
    private static int Accused(int points, List<int> subsets, List<Candidate> agreed)
    {
        if (agreed.Count == 1)
            for (int i = 0; i < points; i++)
                if (agreed[0].Members.SequenceEqual(subsets.Where(subset => !Has(subset, i))))
                    return i;
        return -1;
    }

    private static bool Has(int subset, int card) => ((subset >> card) & 1) == 1;

    private sealed record Candidate(SecretBytes Secret, List<int> Members);

    private sealed class Counting(Action<SubsetProgress>? progress, long total)
    {
        private int _done;

        public void One() => progress?.Invoke(new SubsetProgress(++_done, (int)total));
    }
}
