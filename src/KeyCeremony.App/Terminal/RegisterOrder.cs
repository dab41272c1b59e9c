using System.Collections.Immutable;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Terminal;

/// <summary>The rows of a kind in another order than the ledger's.</summary>
internal static class RegisterOrder
{
    /// <summary>Rows with the same cell, and those without one at the end, stay as they stood.</summary>
    /// <param name="column">Null: as they stand.</param>
    public static RegisterAnswer Of(RegisterAnswer answer, RegisterColumn? column, bool turned)
    {
        int at = column is null ? -1 : answer.Columns.IndexOf(column);
        if (at < 0)
            return answer;
        ImmutableArray<RegisterRow> filled = [.. answer.Rows.Where(row => row.Cells[at] is not null)];
        IEnumerable<RegisterRow> sorted = turned ? filled.OrderDescending(Comparing(at)) : filled.Order(Comparing(at));
        return answer with { Rows = [.. sorted, .. answer.Rows.Where(row => row.Cells[at] is null)] };
    }

    private static Comparer<RegisterRow> Comparing(int at) =>
        Comparer<RegisterRow>.Create((a, b) => Compare(a.Cells[at]!, b.Cells[at]!));

    private static int Compare(object a, object b) => (a, b) switch
    {
        (long x, long y) => x.CompareTo(y),
        (DateTimeOffset x, DateTimeOffset y) => x.CompareTo(y),
        (bool x, bool y) => x.CompareTo(y),
        _ => string.Compare(RegisterAnswer.Stored(a), RegisterAnswer.Stored(b), StringComparison.OrdinalIgnoreCase),
    };
}
