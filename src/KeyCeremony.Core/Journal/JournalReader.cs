using System.Collections.Immutable;

namespace KeyCeremony.Core.Journal;

/// <summary>Reads a chain of entries strictly, e.g. a bundle's <c>journal.jsonl</c>.</summary>
public static class JournalReader
{
    /// <summary>A ledger never holds more: thirty years of quarterly ceremonies stay far below.</summary>
    public const int MaxEntries = 1_000_000;

    /// <returns>The entries, or JOURNAL-01 … JOURNAL-07 with the first line that is wrong.</returns>
    public static (ImmutableArray<Entry> Entries, Refusal? Refusal) Read(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        var chain = new ChainReader();
        foreach (ReadOnlyMemory<byte> line in lines)
        {
            if (!chain.TryRead(line.Span, out Entry? entry, out Refusal? refusal))
                return ([], refusal);
            chain.Add(entry);
        }
        return (chain.Entries, null);
    }

    /// <summary>Splits <c>journal.jsonl</c>: each line ends with one LF, nothing follows the last.</summary>
    public static (ImmutableArray<Entry> Entries, Refusal? Refusal) ReadLines(ReadOnlyMemory<byte> file)
    {
        if (file.Length > 0 && file.Span[^1] != (byte)'\n')
            return ([], ChainReader.Refused(ChainReader.NotExact, "the last line has no end."));
        return Read(Lines(file));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(ReadOnlyMemory<byte> file)
    {
        while (!file.IsEmpty)
        {
            int end = file.Span.IndexOf((byte)'\n');
            yield return file[..end];
            file = file[(end + 1)..];
        }
    }
}
