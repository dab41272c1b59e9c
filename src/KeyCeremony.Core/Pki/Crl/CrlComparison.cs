using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// How the entries of two CRLs differ, whatever the reason; <see cref="CrlMerge"/> is what judges. Samples are the first by serial.
/// </summary>
/// <param name="Added">Only on the later one.</param>
/// <param name="Gone">Only on the earlier one.</param>
/// <param name="Changed">On both, with different facts.</param>
/// <param name="Same">On both alike.</param>
public sealed record CrlComparison(
    long Added,
    long Gone,
    long Changed,
    long Same,
    ImmutableArray<Revocation> AddedSamples,
    ImmutableArray<Revocation> GoneSamples,
    ImmutableArray<ChangedRevocation> ChangedSamples)
{
    /// <summary>
    /// Of two CRLs as their files are, DER or PEM, of any size. Refused as by <see cref="CrlReader"/> and <see cref="RevocationSort"/>.
    /// </summary>
    /// <param name="newScratch">Makes an empty stream for what does not fit into memory.</param>
    public static bool TryOf(Stream earlier, Stream later, Func<Stream> newScratch, [NotNullWhen(true)] out CrlComparison? comparison,
        [NotNullWhen(true)] out CrlFacts? earlierFacts, [NotNullWhen(false)] out Refusal? refusal)
    {
        comparison = null;
        if (!TrySort(earlier, newScratch, out SortedRevocations? before, out earlierFacts, out refusal))
            return false;
        using (before)
        {
            if (!TrySort(later, newScratch, out SortedRevocations? after, out _, out refusal))
                return false;
            using (after)
                comparison = Of(before, after);
        }
        return true;
    }

    public static CrlComparison Of(SortedRevocations earlier, SortedRevocations later)
    {
        (long added, long gone, long changed, long same) = (0L, 0L, 0L, 0L);
        (List<Revocation>? addedSamples, List<Revocation>? goneSamples, List<ChangedRevocation>? changedSamples) = (new List<Revocation>(),
            new List<Revocation>(), new List<ChangedRevocation>());
        foreach (RevocationPair pair in SideBySide.Pairs(earlier, later))
        {
            if (!pair.HasOld)
                Sample(ref added, addedSamples, pair.New);
            else if (!pair.HasNew)
                Sample(ref gone, goneSamples, pair.Old);
            else if (!pair.Old.HasFactsOf(pair.New))
                Sample(ref changed, changedSamples, new ChangedRevocation(pair.Old, pair.New));
            else
                same++;
        }
        return new CrlComparison(added, gone, changed, same, [.. addedSamples], [.. goneSamples], [.. changedSamples]);
    }

    public IReadOnlyList<TextLine> Describe() =>
    [
        new("only here", Added.ToString()),
        new("only in the other", Gone.ToString()),
        new("changed", Changed.ToString()),
        new("the same", Same.ToString()),
        .. AddedSamples.Select(entry => new TextLine("+", entry.ToString())),
        .. GoneSamples.Select(entry => new TextLine("-", entry.ToString())),
        .. ChangedSamples.Select(change => new TextLine("*", $"{change.After}, was {change.Before}")),
    ];

    private static bool TrySort(Stream crl, Func<Stream> newScratch, [NotNullWhen(true)] out SortedRevocations? sorted,
        [NotNullWhen(true)] out CrlFacts? facts, [NotNullWhen(false)] out Refusal? refusal)
    {
        sorted = null;
        using var sort = new RevocationSort(newScratch);
        return CrlReader.TryRead(crl, sort.Add, out facts, out refusal) && sort.TryFinish(out sorted, out refusal);
    }

    private static void Sample<T>(ref long count, List<T> samples, T one)
    {
        count++;
        if (samples.Count < CrlDifference.MostSamples)
            samples.Add(one);
    }
}
