using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Verifier;

/// <summary>Whether the lists of several bundles hold what the ones before held: VERIFY-38.</summary>
internal static class ListContinuity
{
    public static VerifyCheck Check(IReadOnlyList<(string Bundle, ImmutableArray<Entry> Entries)> journals,
        IReadOnlyList<BundleContent> contents)
    {
        ImmutableArray<string>.Builder flaws = ImmutableArray.CreateBuilder<string>();
        int compared = 0;
        // Every list of every bundle, in the order in which they were signed.
        var known = new SortedDictionary<(string Series, long Number), (BundleContent Content, BundleList List, CrlPreviewed Preview)>();
        for (int i = 0; i < journals.Count; i++)
        {
            var journal = new JournalFacts(journals[i].Entries);
            foreach (CrlSigned signed in BundleList.Newest(journal.Entries))
                if (contents[i].Lists.FirstOrDefault(l => l.Sha256 == signed.Sha256) is { } list
                    && long.TryParse(signed.Number, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                    && journal.PreviewOf(signed) is { Body: var preview })
                    known[(signed.Crl, number)] = (contents[i], list, preview);
        }
        foreach (((string series, long number), (BundleContent content, BundleList list, CrlPreviewed preview)) in known)
        {
            if (!known.TryGetValue((series, number - 1), out (BundleContent Content, BundleList List, CrlPreviewed Preview) before))
                continue;
            compared++;
            if (Compare(before.Content, before.List, content, list) is not { } found)
                flaws.Add($"The lists {series} {number - 1} and {number} cannot be compared.");
            else if (found != (preview.Added, preview.Changed, preview.Removed))
                flaws.Add($"From the list {series} {number - 1} to {number}, {found.Added} were added, {found.Changed} "
                    + $"changed and {found.Removed} left; the journal says {preview.Added}, {preview.Changed} and {preview.Removed}.");
        }
        return new VerifyCheck(VerifyRules.ListContents, flaws.ToImmutable(), compared == 0
            ? "no two lists of one series that follow each other are in these bundles"
            : $"{compared} pairs of lists were compared, entry by entry");
    }

    /// <summary>Null when a list cannot be read a second time.</summary>
    private static (long Added, long Changed, long Removed)? Compare(BundleContent earlierBundle,
        BundleList earlierList, BundleContent laterBundle, BundleList laterList)
    {
        using FileStream earlier = earlierBundle.Open(earlierList), later = laterBundle.Open(laterList);
        return CrlComparison.TryOf(earlier, later, ScratchFiles.New, out CrlComparison? found, out _, out _)
            ? (found.Added, found.Changed, found.Gone)
            : null;
    }
}
