using System.Collections.Immutable;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Verifier.Register;

/// <summary>What the cells of a column are; any of them may be null, where there is nothing to say.</summary>
public enum ColumnKind
{
    /// <summary>string</summary>
    Text,

    /// <summary>long</summary>
    Number,

    /// <summary>DateTimeOffset</summary>
    Time,

    /// <summary>bool</summary>
    Flag,
}

/// <param name="Name">In queries, CSV and JSON. It never gets another meaning: docs/formats/register.md.</param>
/// <param name="Heading">For people.</param>
public sealed record RegisterColumn(string Name, string Heading, ColumnKind Kind);

/// <param name="Cells">One for each column, of its kind or null. What a query answers may hold lists as well.</param>
public sealed record RegisterRow(ImmutableArray<object?> Cells);

/// <summary>One kind of thing that ledgers know of. Every row names its ledger and the entry that it comes from.</summary>
public sealed class RegisterTable
{
    private static readonly ImmutableArray<RegisterColumn> First =
    [
        new("ledger", "Ledger", ColumnKind.Text),
        new("environment", "Environment", ColumnKind.Text),
    ];

    private static readonly ImmutableArray<RegisterColumn> Last =
    [
        new("ceremony", "Ceremony", ColumnKind.Text),
        new("seq", "Entry", ColumnKind.Number),
        new("recorded", "Recorded (UTC)", ColumnKind.Time),
    ];

    // The tables are made by this class's constructor: not before somebody asks.
    private static readonly Lazy<ImmutableArray<RegisterTable>> Every = new(() =>
    [
        RegisterTables.Ledgers, RegisterTables.Ceremonies, RegisterTables.Certificates, RegisterTables.Serials, RegisterTables.Keys,
            RegisterTables.Sets,
        RegisterTables.Cards, RegisterTables.Bags, RegisterTables.Crls, RegisterTables.Batches, RegisterTables.Firmware,
            RegisterTables.Releases, RegisterTables.Builders, RegisterTables.Copies, RegisterTables.People,
            RegisterTables.Exceptions,
    ]);

    private readonly Func<LedgerFacts, IEnumerable<Found>> _find;

    internal RegisterTable(string name, string title, string brief, ImmutableArray<RegisterColumn> columns, Func<LedgerFacts,
        IEnumerable<Found>> find)
    {
        (Name, Title, _find) = (name, title, find);
        Columns = [.. First, .. columns, .. Last];
        Brief = [.. brief.Split(' ').Select(b => Columns.Single(c => c.Name == b))];
    }

    /// <summary>All of them, in the order in which people are shown them.</summary>
    public static ImmutableArray<RegisterTable> All => Every.Value;

    /// <summary>In queries and on the command line.</summary>
    public string Name { get; }

    /// <summary>For people.</summary>
    public string Title { get; }

    public ImmutableArray<RegisterColumn> Columns { get; }

    /// <summary>Those that are shown where nobody chose.</summary>
    public ImmutableArray<RegisterColumn> Brief { get; }

    /// <summary>Null when there is no table of this name.</summary>
    public static RegisterTable? Named(string name) => All.FirstOrDefault(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Null when there is no column of this name.</summary>
    public RegisterColumn? Column(string name) => Columns.FirstOrDefault(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    internal ImmutableArray<RegisterRow> Of(LedgerFacts ledger) =>
    [
        .. _find(ledger).Select(found => new RegisterRow([ledger.Id, ledger.Environment, .. found.Cells, found.Entry.Ceremony,
            found.Entry.Seq, found.Entry.Utc])),
    ];
}

/// <param name="Entry">The entry that the row comes from.</param>
/// <param name="Cells">Of the table's own columns.</param>
internal sealed record Found(Entry Entry, params object?[] Cells);
