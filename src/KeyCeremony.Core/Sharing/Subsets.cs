using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Every combination of threshold cards must give the same encrypted secret. A forged card with a valid checksum is
/// seen here and, where there is a card to spare, named.
/// </summary>
internal static class Subsets
{
    /// <summary>The one encrypted secret. <see cref="CardFit.CheckOneGroup"/> has passed.</summary>
    public static bool TryCompare(
        IReadOnlyList<Share> shares,
        Action<SubsetProgress>? progress,
        [NotNullWhen(true)] out SecretBytes? encrypted,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        int threshold = shares[0].Header.MemberThreshold;
        List<int> subsets = Choose(shares.Count, threshold);
        var agreed = new List<Candidate>();
        for (int i = 0; i < subsets.Count; i++)
        {
            Sort(Shamir.Recover(Points(shares, subsets[i])), subsets[i], agreed);
            progress?.Invoke(new SubsetProgress(i + 1, subsets.Count));
        }

        bool unanimous = agreed.Count == 1 && agreed[0].Members.Count == subsets.Count;
        encrypted = unanimous ? agreed[0].Secret : null;
        refusal = unanimous ? null : Accuse(shares, subsets, agreed);
        foreach (Candidate candidate in unanimous ? [] : agreed)
            candidate.Secret.Dispose();
        return unanimous;
    }

    // Bit i of a subset: card i takes part.
    private static List<int> Choose(int count, int threshold) =>
        [.. Enumerable.Range(1, (1 << count) - 1).Where(subset => BitOperations.PopCount((uint)subset) == threshold)];

    private static Point[] Points(IReadOnlyList<Share> shares, int subset) =>
        [.. shares.Where((_, i) => Has(subset, i)).Select(share => new Point((byte)share.Header.MemberIndex, share.Value))];

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
    private static Refusal Accuse(IReadOnlyList<Share> shares, List<int> subsets, List<Candidate> agreed)
    {
        if (agreed.Count == 1)
            for (int i = 0; i < shares.Count; i++)
                if (agreed[0].Members.SequenceEqual(subsets.Where(subset => !Has(subset, i))))
                    return ShareRules.ForgedCard(shares[i].Header.Card);
        return ShareRules.Forged("");
    }

    private static bool Has(int subset, int card) => ((subset >> card) & 1) == 1;

    private sealed record Candidate(SecretBytes Secret, List<int> Members);
}
