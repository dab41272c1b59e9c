using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Paper;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Commands;

/// <summary>
/// The numbers of last time's bags for the binder, from a bundle or a record stick. The chain is checked and nothing else: who
/// made it is asked by <c>verify</c>, and each number is compared in the room before its bag is cut.
/// </summary>
internal static class BagNumbers
{
    public static bool TryOfBundle(string folder, [NotNullWhen(true)] out LastTime? last, [NotNullWhen(false)] out Refusal? refusal)
    {
        last = null;
        if (!BundleFolder.TryRead(folder, out BundleContent? content, out string? flaw))
        {
            refusal = PrintRules.NoNumbers(folder, flaw);
            return false;
        }
        if (!content.Files.TryGetValue(BundleFiles.JournalPath, out ReadOnlyMemory<byte> journal))
        {
            refusal = PrintRules.NoNumbers(folder, $"{BundleFiles.JournalPath} is missing.");
            return false;
        }
        (ImmutableArray<Entry> entries, refusal) = JournalReader.ReadLines(journal);
        return refusal is null && Take(folder, entries, out last, out refusal);
    }

    /// <summary>Reads only; the stick may be write-protected.</summary>
    public static bool TryOfStick(string folder, [NotNullWhen(true)] out LastTime? last, [NotNullWhen(false)] out Refusal? refusal)
    {
        last = null;
        if (!RecordStick.Holds(folder))
        {
            refusal = PrintRules.NoNumbers(folder, "it holds no ledger.");
            return false;
        }
        using FileStream file = File.OpenRead(RecordStick.PathIn(folder));
        var journal = StickJournal.Read(file);
        if (journal.Rest > 0)
        {
            refusal = PrintRules.NoNumbers(folder, $"its ledger is whole up to entry {journal.Entries.Length} only: {journal.Flaw}.");
            return false;
        }
        return Take(folder, journal.Entries, out last, out refusal);
    }

    private static bool Take(
        string source, ImmutableArray<Entry> entries, [NotNullWhen(true)] out LastTime? last, [NotNullWhen(false)] out Refusal? refusal)
    {
        last = entries.IsEmpty ? null : LastTime.Of(entries);
        refusal = last is null ? PrintRules.NoNumbers(source, "it holds no entry.") : null;
        return last is not null;
    }
}
