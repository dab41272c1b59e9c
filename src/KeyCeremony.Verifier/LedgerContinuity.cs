using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier;

/// <summary>Whether several bundles tell one story: VERIFY-32.</summary>
internal static class LedgerContinuity
{
    public static VerifyCheck Check(IReadOnlyList<(string Bundle, ImmutableArray<Entry> Entries)> journals)
    {
        ImmutableArray<string>.Builder flaws = ImmutableArray.CreateBuilder<string>();
        var notes = new List<string>();
        (string Bundle, ImmutableArray<Entry> Entries)[] inOrder = [.. journals.OrderBy(j => j.Entries.Length)];
        for (int i = 1; i < inOrder.Length; i++)
        {
            (string earlier, ImmutableArray<Entry> first) = inOrder[i - 1];
            (string later, ImmutableArray<Entry> second) = inOrder[i];
            if (((LedgerCreated)first[0].Body).LedgerId != ((LedgerCreated)second[0].Body).LedgerId)
            {
                flaws.Add($"{earlier} and {later} are of different ledgers.");
                continue;
            }
            int common = 0;
            while (common < first.Length && first[common].Hash.SequenceEqual(second[common].Hash))
                common++;
            if (common < first.Length)
                flaws.Add(second[common].Body is LedgerRestored restored
                    ? $"{later} leaves {earlier} after entry {common}: the ledger was restored there from an "
                        + $"older bundle (entry {restored.Seq}), so {first.Length - common} entries of {earlier} are in no later journal."
                    : $"{later} and {earlier} differ from entry {common + 1} on.");
            else if (second.Skip(first.Length).FirstOrDefault(e => e.Body is LedgerRestored) is { } entry)
                notes.Add($"the ledger was restored from a bundle in entry {entry.Seq}.");
        }
        return new VerifyCheck(VerifyRules.Continuity, flaws.ToImmutable(), string.Join(" ", notes));
    }
}
