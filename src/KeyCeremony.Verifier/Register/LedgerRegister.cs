using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier.Register;

/// <summary>
/// What one ledger knows, kind by kind. It decides nothing and is kept nowhere: whoever asks builds it anew, from a journal
/// that was proven and replayed.
/// </summary>
public sealed class LedgerRegister
{
    private readonly LedgerFacts _facts;
    private readonly Dictionary<RegisterTable, ImmutableArray<RegisterRow>> _rows = [];

    private LedgerRegister(LedgerFacts facts) => _facts = facts;

    /// <summary>The ledger's number, 32 hexadecimal digits.</summary>
    public string LedgerId => _facts.World.LedgerId;

    /// <summary>What rows call it: the first eight of them.</summary>
    public string Id => _facts.Id;

    public string Environment => _facts.Environment;

    /// <summary>The last entry.</summary>
    public Entry Last => _facts.Journal.Entries[^1];

    /// <summary>How its journal was proven, in a word.</summary>
    public string Proof => _facts.Proof;

    /// <summary>Where it stands.</summary>
    public IReadOnlyList<string> Sources => _facts.Sources;

    /// <param name="entries">Proven and replayed.</param>
    public static LedgerRegister Of(ImmutableArray<Entry> entries, string proof, IReadOnlyList<string> sources) =>
        new(new LedgerFacts(entries, proof, sources));

    /// <summary>What has to be done by a day, in the order of the days.</summary>
    public ImmutableArray<DueItem> Due(DueWanted wanted) => DueList.Of(_facts, wanted);

    /// <summary>In the order of the ledger.</summary>
    public ImmutableArray<RegisterRow> Rows(RegisterTable table)
    {
        if (!_rows.TryGetValue(table, out ImmutableArray<RegisterRow> rows))
            _rows.Add(table, rows = table.Of(_facts));
        return rows;
    }
}
