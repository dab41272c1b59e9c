using System.Collections.Immutable;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>An entry whose hold became a revocation.</summary>
public sealed record ChangedRevocation(Revocation Before, Revocation After);

/// <summary>An entry that leaves the CRL.</summary>
public sealed record RemovedRevocation(Revocation Entry, Removal Removal);

/// <summary>What the new CRL changes against the previous one. Samples are the first <see cref="MostSamples"/> by serial.</summary>
/// <param name="Added">Entries that were not on the previous CRL.</param>
/// <param name="Changed">Holds that became revocations.</param>
/// <param name="Removed">Entries taken off, every one for a given cause.</param>
/// <param name="Unchanged">Entries carried over.</param>
/// <param name="AlreadyThere">Additions that stood on the previous CRL with the same facts; they are among the unchanged.</param>
/// <param name="OutsideShard">Additions that belong into another shard.</param>
/// <param name="ByReason">Of the new CRL.</param>
public sealed record CrlDifference(
    long Added,
    long Changed,
    long Removed,
    long Unchanged,
    long AlreadyThere,
    long OutsideShard,
    ImmutableArray<ReasonCount> ByReason,
    ImmutableArray<Revocation> AddedSamples,
    ImmutableArray<ChangedRevocation> ChangedSamples,
    ImmutableArray<RemovedRevocation> RemovedSamples)
{
    public const int MostSamples = 20;

    /// <summary>Entries of the new CRL.</summary>
    public long Count => Added + Changed + Unchanged;

    /// <summary>For the screen: counts, then the samples, and how many more there are of each.</summary>
    public IReadOnlyList<TextLine> Describe() =>
    [
        new("entries", Count.ToString()),
        new("added", Added.ToString()),
        new("hold became revocation", Changed.ToString()),
        new("removed", Removed.ToString()),
        new("carried over", Unchanged.ToString()),
        .. AlreadyThere > 0 ? [new TextLine("given again, already there", AlreadyThere.ToString())] : Array.Empty<TextLine>(),
        .. OutsideShard > 0 ? [new TextLine("left to other shards", OutsideShard.ToString())] : Array.Empty<TextLine>(),
        .. ByReason.Select(one => new TextLine($"reason {RevocationReasons.NameOf(one.Reason)}", one.Count.ToString())),
        .. Samples("+", AddedSamples.Select(entry => entry.ToString()), Added),
        .. Samples("*", ChangedSamples.Select(change => $"{change.After}, was {change.Before}"), Changed),
        .. Samples("-", RemovedSamples.Select(removed => $"{removed.Entry}, {CauseOf(removed.Removal)}"), Removed),
    ];

    private static IEnumerable<TextLine> Samples(string sign, IEnumerable<string> samples, long count)
    {
        var lines = samples.Select(sample => new TextLine(sign, sample)).ToList();
        return lines.Count == count ? lines : lines.Append(new TextLine(sign, $"and {count - lines.Count} more"));
    }

    private static string CauseOf(Removal removal) =>
        removal.Cause == RemovalCause.HoldReleased ? "hold released" : $"expired {removal.NotAfter:yyyy-MM-dd HH:mm:ss} UTC";
}
