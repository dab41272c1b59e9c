using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Terminal;
using KeyCeremony.Verifier;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>The register from the menu: kinds, the rows of one, filtered by typing, and a row whole.</summary>
internal static class LookUpErrand
{
    public static MenuLine Line(MenuTable table) => MenuLine.Of(new MenuEntry(StartMenu.Looking, MenuWords.LookUp,
        ["Certificates, keys, cards, bags, lists, batches, people, exceptions: what the ledger on the record sticks knows.",
            "Nothing is changed. The ledger is led again first, so it takes a moment."],
        table.Records.Any(RecordStick.Holds) ? null : MenuRules.NoLedger()), () =>
        {
            string[] sources = [.. table.Records.Where(RecordStick.Holds)];
            RegisterSources read = table.Front.Work(MenuWords.LookUp, "The ledger is read and led again.",
                _ => RegisterSources.Read(sources, new VerifyOptions(), CancellationToken.None));
            if (read.Refusals.FirstOrDefault().Refusal is { } refusal)
                table.Tell(MenuWords.LookUp, refusal);
            else
                Kinds(table.Front, read.Ledgers.Single());
        });

    private static void Kinds(Front front, LedgerRegister ledger)
    {
        int marked = 0;
        string title = $"{ledger.Environment} ledger {ledger.Id}, {ledger.Last.Seq} entries, {ledger.Proof}";
        while (true)
        {
            int at = marked;
            if (front.Choose(display => new Menu(display, title,
                [.. RegisterTable.All.Select(t => Kind(t, RegisterAnswer.Of(t, [ledger]).Rows.Length))])
            { Selected = at })
                is not { } index)
                return;
            marked = index;
            Rows(front, title, RegisterTable.All[index], ledger);
        }
    }

    private static MenuEntry Kind(RegisterTable table, int rows) => new("What the ledger knows",
        $"{table.Title}: {rows}", [$"Columns: {string.Join(", ", table.Columns.Select(c => c.Heading))}."]);

    private static void Rows(Front front, string title, RegisterTable table, LedgerRegister ledger)
    {
        var answer = RegisterAnswer.Of(table, [ledger]);
        if (answer.Rows.IsEmpty)
        {
            front.Tell(title, [$"{table.Title}: nothing."], "Back");
            return;
        }
        ImmutableArray<MenuEntry> entries = [.. Entries(answer, table)];
        int marked = 0;
        while (true)
        {
            int at = marked;
            if (front.Choose(display => new Menu(display, title, entries) { Selected = at }) is not { } index)
                return;
            marked = index;
            front.Tell($"{table.Title}, row {index + 1} of {entries.Length}", Whole(answer, answer.Rows[index]), "Back to the rows");
        }
    }

    /// <summary>Each row by the columns that the table is shown with; below the list stand all its cells, and they are searched.</summary>
    public static IEnumerable<MenuEntry> Entries(RegisterAnswer answer, RegisterTable table)
    {
        RegisterAnswer brief = answer.Showing(RegisterAnswer.Brief(table, severalLedgers: false));
        return answer.Rows.Zip(brief.Rows, (whole, row) => new MenuEntry(table.Title,
            string.Join(RegisterAnswer.Between, row.Cells.Select(RegisterAnswer.Shown).Where(text => text.Length > 0)),
            [string.Join("; ", Whole(answer, whole))]));
    }

    private static ImmutableArray<string> Whole(RegisterAnswer answer, RegisterRow row) =>
        [.. answer.Columns.Zip(row.Cells, (column, cell) => (column.Heading, Text: RegisterAnswer.Shown(cell)))
            .Where(c => c.Text.Length > 0).Select(c => $"{c.Heading}: {c.Text}")];
}
