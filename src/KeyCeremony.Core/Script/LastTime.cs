using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Script;

/// <summary>What a ledger says before a ceremony: in which bags things lie since the last one.</summary>
/// <param name="Ceremony">The last one that sealed a bag; empty: none did.</param>
/// <param name="Seq">The last entry that was read.</param>
/// <param name="Bags">Content to the number of the bag it lies in; what was taken out and not sealed again is not there.</param>
public sealed record LastTime(
    string LedgerId, string Environment, string Ceremony, long Seq, ImmutableSortedDictionary<string, string> Bags)
{
    /// <param name="entries">From the first one.</param>
    public static LastTime Of(ImmutableArray<Entry> entries)
    {
        var ledger = (LedgerCreated)entries[0].Body;
        ImmutableSortedDictionary<string, string>.Builder bags =
            ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        string ceremony = "";
        foreach (Entry entry in entries)
            switch (entry.Body)
            {
                case BagSealed sealing:
                    bags[sealing.Content] = sealing.Number;
                    ceremony = entry.Ceremony;
                    break;
                case BagOpened opened:
                    bags.Remove(opened.Content);
                    break;
            }
        return new LastTime(ledger.LedgerId, ledger.Environment, ceremony, entries[^1].Seq, bags.ToImmutable());
    }
}
