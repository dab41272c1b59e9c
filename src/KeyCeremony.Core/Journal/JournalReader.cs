using System.Collections.Immutable;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Journal;

/// <summary>Reads a chain of entries strictly: from the ledger's rows or a bundle's <c>journal.jsonl</c>.</summary>
public static class JournalReader
{
    /// <summary>A ledger never holds more: thirty years of quarterly ceremonies stay far below.</summary>
    public const int MaxEntries = 1_000_000;

    /// <returns>The entries, or JOURNAL-01 … JOURNAL-07 with the first line that is wrong.</returns>
    public static (ImmutableArray<Entry> Entries, Refusal? Refusal) Read(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        var entries = ImmutableArray.CreateBuilder<Entry>();
        var opened = new HashSet<string>(StringComparer.Ordinal);
        foreach (ReadOnlyMemory<byte> line in lines)
        {
            if (entries.Count == MaxEntries)
                return Refused("JOURNAL-05", $"there are more than {MaxEntries} entries.");
            Entry? previous = entries.Count == 0 ? null : entries[^1];
            Entry? entry = Entry.Read(line.Span, previous?.Hash ?? Entry.Genesis);
            if (entry is null)
                return Refused("JOURNAL-01", $"line {entries.Count + 1} is not an entry in its exact form.");
            if (entry.Seq != entries.Count + 1)
                return Refused("JOURNAL-02", $"line {entries.Count + 1} carries sequence number {entry.Seq}.");
            if (previous is not null && entry.Utc < previous.Utc)
                return Refused("JOURNAL-03", $"entry {entry.Seq} is dated before entry {previous.Seq}.");
            if ((previous is null) != (entry.Body is LedgerCreated))
                return Refused("JOURNAL-04", $"entry {entry.Seq} is {(previous is null ? "not" : "a second")} ledger-created.");
            if (entry.Body is LedgerCreated created && !IsLedger(created))
                return Refused("JOURNAL-06", "entry 1 names no ledger of 32 lower-case hexadecimal digits, or no environment.");
            if (entry.Body is CeremonyOpened && !opened.Add(entry.Ceremony))
                return Refused("JOURNAL-07", $"entry {entry.Seq} opens a ceremony that was opened before.");
            entries.Add(entry);
        }
        return (entries.ToImmutable(), null);
    }

    /// <summary>Splits <c>journal.jsonl</c>: each line ends with one LF, nothing follows the last.</summary>
    public static (ImmutableArray<Entry> Entries, Refusal? Refusal) ReadLines(ReadOnlyMemory<byte> file)
    {
        if (file.Length > 0 && file.Span[^1] != (byte)'\n')
            return Refused("JOURNAL-01", "the last line has no end.");
        return Read(Lines(file));
    }

    private static bool IsLedger(LedgerCreated created) =>
        created.LedgerId.Length == 32 && created.LedgerId.All(char.IsAsciiHexDigitLower) && Environments.All.Contains(created.Environment);

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> file)
    {
        while (!file.IsEmpty)
        {
            int end = file.Span.IndexOf((byte)'\n');
            yield return file[..end];
            file = file[(end + 1)..];
        }
    }

    private static (ImmutableArray<Entry>, Refusal) Refused(string rule, string what) =>
        ([], new Refusal(rule, $"The journal cannot be taken: {what}", "Use the other record stick or the last bundle."));
}
