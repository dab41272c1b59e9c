using System.Collections.Immutable;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier;

/// <summary>Whether several bundles tell one story: VERIFY-32.</summary>
internal static class LedgerContinuity
{
    /// <param name="contents">Of the bundles, in the order of their journals.</param>
    public static VerifyCheck Check(IReadOnlyList<(string Bundle, ImmutableArray<Entry> Entries)> journals,
        IReadOnlyList<BundleContent> contents)
    {
        ImmutableArray<string>.Builder flaws = ImmutableArray.CreateBuilder<string>();
        var notes = new List<string>();
        (string Bundle, ImmutableArray<Entry> Entries, BundleContent Content)[] inOrder =
            [.. journals.Zip(contents).Select(b => (b.First.Bundle, b.First.Entries, b.Second)).OrderBy(j => j.Entries.Length)];
        for (int i = 1; i < inOrder.Length; i++)
        {
            (string earlier, ImmutableArray<Entry> first, BundleContent signed) = inOrder[i - 1];
            (string later, ImmutableArray<Entry> second, _) = inOrder[i];
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
            else if (second.Length > common && !IsKnown(second[common].Body, signed.Files))
                flaws.Add($"{later} tells in entry {common + 1} of another record than the one that {earlier} is: "
                    + "the transcript key has signed two.");
            else if (second.Skip(first.Length).FirstOrDefault(e => e.Body is LedgerRestored) is { } entry)
                notes.Add($"the ledger was restored from a bundle in entry {entry.Seq}.");
        }
        return new VerifyCheck(VerifyRules.Continuity, flaws.ToImmutable(), string.Join(" ", notes));
    }

    /// <summary>Whether the entry behind a bundle's last one holds what was signed in that bundle.</summary>
    private static bool IsKnown(EntryBody next, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> files)
    {
        (string? statement, string? cms, string? cosignature) = next switch
        {
            CheckpointSigned c => (c.Statement, c.Cms, c.Cosignature),
            LedgerRestored r => (r.Statement, r.Cms, r.Cosignature),
            _ => ("", "", null),
        };
        // A ledger that the first program restored: VERIFY-11 says so.
        return next is LedgerRestored { Statement: null }
            || Is(BundleFiles.StatementPath, statement) && Is(BundleFiles.CmsPath, cms) && Is(BundleFiles.CosignaturePath, cosignature);

        bool Is(string path, string? base64) => files.TryGetValue(path, out ReadOnlyMemory<byte> file)
            ? base64 is not null && ExactBase64.Read(base64) is { } bytes && bytes.AsSpan().SequenceEqual(file.Span)
            : base64 is null;
    }
}
