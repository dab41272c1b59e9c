using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier;

/// <summary>Whether every share was dealt, read back, combined and presented as it must: VERIFY-21 to VERIFY-24.</summary>
internal static class ShareChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.ShareSets, Sets),
        (VerifyRules.ReadBack, ReadBack),
        (VerifyRules.Combined, Combined),
        (VerifyRules.Presented, Presented),
    ];

    private const int MaxShares = 16;

    private static IEnumerable<string> Sets(JournalFacts journal)
    {
        foreach ((Entry _, SharesMade made) in journal.All<SharesMade>())
        {
            int count = made.Custodians.Length;
            if (count is < 1 or > MaxShares || made.Threshold < 1 || made.Threshold > count || (made.Threshold == 1 && count > 1))
                yield return $"{made.Set}: {made.Threshold} of {count} is not possible.";
            if (made.Digests.Length != count || made.Digests.Distinct().Count() != count || made.Digests.Any(d => d.Length != 64 || !d.All(char.IsAsciiHexDigitLower)))
                yield return $"{made.Set}: there is not one SHA-256 for each of {count} shares.";
            if (made.Custodians.Select(c => c.Trim().ToUpperInvariant()).Distinct().Count() != count)
                yield return $"{made.Set}: a custodian holds two shares.";
        }
        foreach (IGrouping<string, (Entry, SharesMade Body)> twice in journal.All<SharesMade>().GroupBy(m => m.Body.Set).Where(g => g.Count() > 1))
            yield return $"{twice.Key} was dealt {twice.Count()} times.";
    }

    private static IEnumerable<string> ReadBack(JournalFacts journal)
    {
        foreach ((Entry entry, SharesMade made) in InUse(journal))
            for (int i = 0; i < made.Custodians.Length && i < made.Digests.Length; i++)
                if (!journal.All<ShareReadBack>().Any(r => r.Entry.Seq > entry.Seq && r.Entry.Ceremony == entry.Ceremony && r.Body.Set == made.Set
                    && r.Body.Share == i + 1 && r.Body.Custodian == made.Custodians[i] && r.Body.Digest == made.Digests[i]))
                    yield return $"{made.Set}: share {i + 1} was not read back by {made.Custodians[i]}.";
        foreach ((Entry entry, ShareReadBack back) in journal.All<ShareReadBack>())
            if (!IsDealt(journal, back.Set, back.Share, back.Custodian, back.Digest))
                yield return $"Entry {entry.Seq}: what {back.Custodian} read back is not share {back.Share} of {back.Set}.";
    }

    private static IEnumerable<string> Combined(JournalFacts journal)
    {
        foreach ((Entry entry, SharesMade made) in InUse(journal))
        {
            (Entry Entry, SubsetsCombined Body) combined = journal.All<SubsetsCombined>().LastOrDefault(c => c.Body.Set == made.Set);
            if (combined.Body is null)
                yield return $"{made.Set}: no quorum was combined.";
            else if (combined.Body.KeyCheck != made.KeyCheck)
                yield return $"{made.Set}: the quorums gave another secret than was dealt.";
            else if (combined.Body.Subsets != Quorums(made.Threshold, made.Custodians.Length))
                yield return $"{made.Set}: {combined.Body.Subsets} of {Quorums(made.Threshold, made.Custodians.Length)} quorums were combined.";
            else if (journal.All<ShareReadBack>().Any(r => r.Body.Set == made.Set && r.Entry.Seq > combined.Entry.Seq))
                yield return $"{made.Set}: a share was read back only after the quorums were combined.";
        }
    }

    private static IEnumerable<string> Presented(JournalFacts journal)
    {
        foreach ((Entry entry, SharePresented share) in journal.All<SharePresented>())
            if (!IsDealt(journal, share.Set, share.Share, share.Custodian, share.Digest))
                yield return $"Entry {entry.Seq}: {share.Custodian} presented a share that was not dealt.";
        foreach ((Entry entry, SecretRebuilt rebuilt) in journal.All<SecretRebuilt>())
        {
            if (journal.Set(rebuilt.Set) is not { Body: var made })
            {
                yield return $"Entry {entry.Seq}: a secret of the unknown set {rebuilt.Set} was rebuilt.";
                continue;
            }
            int presented = journal.All<SharePresented>().Where(p => p.Entry.Seq < entry.Seq && p.Entry.Ceremony == entry.Ceremony && p.Body.Set == rebuilt.Set)
                .Select(p => p.Body.Share).Distinct().Count();
            if (presented < made.Threshold)
                yield return $"Entry {entry.Seq}: the secret of {rebuilt.Set} was rebuilt from {presented} shares; {made.Threshold} are needed.";
            if (rebuilt.KeyCheck != made.KeyCheck)
                yield return $"Entry {entry.Seq}: another secret than that of {rebuilt.Set} was rebuilt.";
        }
    }

    /// <summary>Sets that were not voided, of ceremonies that were not aborted.</summary>
    private static IEnumerable<(Entry, SharesMade)> InUse(JournalFacts journal)
    {
        var voided = journal.All<ShareSetVoided>().Select(v => v.Body.Set).ToHashSet();
        var aborted = journal.Ceremonies.Where(r => r.Aborted).Select(r => r.Id).ToHashSet();
        return journal.All<SharesMade>().Where(m => !voided.Contains(m.Body.Set) && !aborted.Contains(m.Entry.Ceremony));
    }

    private static bool IsDealt(JournalFacts journal, string set, int share, string custodian, string digest) =>
        journal.Set(set) is { Body: var made } && share >= 1 && share <= made.Custodians.Length && share <= made.Digests.Length
        && made.Custodians[share - 1] == custodian && made.Digests[share - 1] == digest;

    private static long Quorums(int threshold, int count)
    {
        // More shares than a set can have are a flaw already, and their quorums no number.
        if (count > MaxShares)
            return -1;
        long quorums = 1;
        for (int i = 1; i <= threshold && threshold <= count; i++)
            quorums = quorums * (count - threshold + i) / i;
        return quorums;
    }
}
