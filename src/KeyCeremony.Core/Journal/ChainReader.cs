using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Journal;

/// <summary>Takes the entries of a journal one after the other; each has to follow the last one that was added.</summary>
public sealed class ChainReader
{
    /// <summary>A line is an entry in its exact form, with an LF behind it.</summary>
    internal const string NotExact = "JOURNAL-01";

    private readonly ImmutableArray<Entry>.Builder _entries = ImmutableArray.CreateBuilder<Entry>();
    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    public ImmutableArray<Entry> Entries => _entries.ToImmutable();

    private Entry? Last => Count == 0 ? null : _entries[^1];

    /// <summary>Reads a line and adds nothing: who keeps more of an entry than its bytes compares that first.</summary>
    /// <param name="line">Without its LF.</param>
    /// <param name="refusal">JOURNAL-01 … JOURNAL-07, with the line's number.</param>
    public bool TryRead(ReadOnlySpan<byte> line, [NotNullWhen(true)] out Entry? entry, [NotNullWhen(false)] out Refusal? refusal)
    {
        entry = Count < JournalReader.MaxEntries ? Entry.Read(line, Last?.Hash ?? Entry.Genesis) : null;
        refusal = Count == JournalReader.MaxEntries ? Refused("JOURNAL-05", $"there are more than {JournalReader.MaxEntries} entries.")
            : entry is null ? Refused(NotExact, $"line {Count + 1} is not an entry in its exact form.")
            : RefuseFollowing(entry);
        return refusal is null;
    }

    /// <param name="entry">What <see cref="TryRead"/> read last.</param>
    public void Add(Entry entry)
    {
        _entries.Add(entry);
        if (entry.Body is CeremonyOpened)
            _opened.Add(entry.Ceremony);
    }

    internal static Refusal Refused(string rule, string what) =>
        new(rule, $"The journal cannot be taken: {what}", "Use the other record stick or the last bundle.");

    private Refusal? RefuseFollowing(Entry entry)
    {
        if (entry.Seq != Count + 1)
            return Refused("JOURNAL-02", $"line {Count + 1} carries sequence number {entry.Seq}.");
        if (Last is not null && entry.Utc < Last.Utc)
            return Refused("JOURNAL-03", $"entry {entry.Seq} is dated before entry {Last.Seq}.");
        if ((Last is null) != (entry.Body is LedgerCreated))
            return Refused("JOURNAL-04", $"entry {entry.Seq} is {(Last is null ? "not" : "a second")} ledger-created.");
        if (entry.Body is LedgerCreated created && !IsLedger(created))
            return Refused("JOURNAL-06", "entry 1 names no ledger of 32 lower-case hexadecimal digits, or no environment.");
        return entry.Body is CeremonyOpened && _opened.Contains(entry.Ceremony)
            ? Refused("JOURNAL-07", $"entry {entry.Seq} opens a ceremony that was opened before.")
            : null;
    }

    private static bool IsLedger(LedgerCreated created) =>
        created.LedgerId.Length == 32 && created.LedgerId.All(char.IsAsciiHexDigitLower) && Environments.All.Contains(created.Environment);
}
