using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.GoldenBundles;
using KeyCeremony.Verifier.Register;

namespace KeyCeremony.Verifier.Tests.Register;

/// <summary>What the register says of the golden ledgers, next to what verify says of the same bundles.</summary>
public sealed class RegisterTablesTests : IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("register").FullName;

    public static TheoryData<string> Ledgers => [.. GoldenBundle.All.Select(b => b.Ledger).Distinct()];

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [MemberData(nameof(Ledgers))]
    public void Every_cell_is_of_the_kind_of_its_column_and_every_row_names_its_entry(string name)
    {
        LedgerRegister ledger = Whole(name);
        foreach (RegisterTable table in RegisterTable.All)
            foreach (RegisterRow row in ledger.Rows(table))
            {
                Assert.Equal(table.Columns.Length, row.Cells.Length);
                foreach ((RegisterColumn column, object? cell) in table.Columns.Zip(row.Cells))
                    Assert.True(cell is null || column.Kind switch
                    {
                        ColumnKind.Number => cell is long,
                        ColumnKind.Time => cell is DateTimeOffset,
                        ColumnKind.Flag => cell is bool,
                        _ => cell is string,
                    }, $"{table.Name}.{column.Name} is {cell?.GetType().Name}");
                Assert.InRange((long)Cell(table, row, "seq")!, 1, ledger.Last.Seq);
            }
    }

    /// <summary>verify counts and names them on its own.</summary>
    [Theory]
    [MemberData(nameof(GoldenBundleTests.Last), MemberType = typeof(GoldenBundleTests))]
    public void The_numbers_are_those_of_verify(string name)
    {
        GoldenBundle golden = GoldenBundle.All.Single(b => b.Name == name);
        string bundle = GoldenArchive.Unpack(golden.Archive, _place);
        ImmutableArray<string> summary = BundleVerify.Run([bundle], golden.Options).Bundles.Single().Summary;
        LedgerRegister ledger = Journal(bundle, golden.Options);

        RegisterTable certificates = RegisterTable.Named("certificates")!, crls = RegisterTable.Named("crls")!,
            batches = RegisterTable.Named("batches")!;
        Assert.Equal(summary.Where(l => l.StartsWith("certificate ", StringComparison.Ordinal)).Select(l => l["certificate ".Length..]),
            Signed().Select(r => (string)Cell(certificates, r, "name")!));
        Assert.Equal(summary.Count(l => l.StartsWith("DEAD: ", StringComparison.Ordinal)), Signed().Count(r => (string)Cell(certificates,
            r, "state")! == "dead"));
        Assert.Equal(summary.Where(l => l.StartsWith("revocation list ", StringComparison.Ordinal)).Order(),
            ledger.Rows(crls).Where(r => (bool)Cell(crls, r, "newest")!).Select(r =>
                $"revocation list {Cell(crls, r, "list")}, number {Cell(crls, r, "number")}, SHA-256 {Cell(crls, r, "sha256")}").Order());
        Assert.All(summary.Where(l => l.StartsWith("batch manifest ", StringComparison.Ordinal)), line =>
            Assert.Contains(line, ledger.Rows(batches).Select(r =>
                $"batch manifest {Cell(batches, r, "batch")}, SHA-256 of its statement {Cell(batches, r, "statementSha256")}")));
        // A bundle's summary counts those of its own ceremony; the register has all of the ledger.
        RegisterTable raised = RegisterTable.Named("exceptions")!;
        int exceptions = ledger.Rows(raised).Count(r => (string)Cell(raised, r, "ceremony")! == ledger.Last.Ceremony);
        string each = exceptions == 1 ? "1 exception: read it in report.pdf" : $"{exceptions} exceptions: read them in report.pdf";
        Assert.Contains(exceptions == 0 ? "no exceptions" : each, summary);
        Assert.Contains($"head {ledger.Last.HashHex}", summary);
        Assert.Contains($"{ledger.Environment} ledger {ledger.LedgerId}", summary);

        IEnumerable<RegisterRow> Signed() => ledger.Rows(certificates).Where(r => (string?)Cell(certificates, r, "source") != "imported");
    }

    [Theory]
    [InlineData("format-1/authority", "dead")]
    [InlineData("format-2/authority", "dead")]
    public void A_year_of_an_authority_is_found_again(string name, string aborted)
    {
        LedgerRegister ledger = Whole(name);
        Assert.Equal([aborted], Column("ceremonies", "state", ("ceremony", "0004-crl-signing")));
        Assert.Equal(["revoked"], Column("certificates", "state", ("name", "tls-t1")));
        Assert.Equal(["good"], Column("certificates", "state", ("name", "root")));
        Assert.Equal(["not ours"], Column("certificates", "state", ("name", "other-ca")));
        string serial = Column("certificates", "serial", ("name", "tls-t1")).Single();
        Assert.Equal(["issued", "typed", "listed"], Column("serials", "what", ("serial", serial)));
        Assert.Equal(["BAG-01"], Column("exceptions", "rule", ("number", "1"), ("ceremony", "0006-crl-signing")));
        Assert.Equal(["locked"], Column("keys", "state", ("key", "root")));
        Assert.Equal(["3", "5"], Column("batches", "devices", ("state", "signed")));
        Assert.Equal(["opened, not known"], Column("bags", "state", ("number", "KC-9001")).Distinct().Take(1));
        // Three cards of each set, each with its own bag that is sealed now.
        Assert.Equal(3 * ledger.Rows(RegisterTable.Named("sets")!).Length, ledger.Rows(RegisterTable.Named("cards")!).Length);
        Assert.All(Column("cards", "bag"), bag => Assert.Equal("sealed", Assert.Single(Column("bags", "state", ("number", bag)))));
        Assert.Equal(Column("cards", "bag").Count, Column("cards", "bag").Distinct().Count());

        List<string> Column(string table, string column, params (string Name, string Value)[] where) => Values(ledger, table, column,
            where);
    }

    [Fact]
    public void A_key_that_came_back_from_its_backup_is_in_the_new_hsm()
    {
        LedgerRegister ledger = Whole("format-2/recovered");
        Assert.NotEqual("", Values(ledger, "keys", "hsm", ("key", "root")).Single());
        Assert.Equal(["locked"], Values(ledger, "keys", "state", ("key", "root")));
        Assert.Equal(ledger.Rows(RegisterTable.Named("ceremonies")!).Length, Values(ledger, "ceremonies", "state", ("state",
            "closed")).Count);
    }

    [Fact]
    public void Words_find_rows_wherever_they_stand()
    {
        LedgerRegister ledger = Whole("format-2/authority");
        var people = RegisterAnswer.Of(RegisterTable.Named("people")!, [ledger]);
        Assert.Single(people.Having("WILMA witness 0001").Rows);
        Assert.Equal(people.Rows.Length, people.Having("  ").Rows.Length);
        Assert.Empty(people.Having("wilma operator").Rows);
        var overview = RegisterAnswer.Overview([ledger], "tls-t1");
        Assert.Equal(RegisterTable.All.Length, overview.Rows.Length);
        Assert.Equal(1L, overview.Rows.Single(r => (string?)r.Cells[1] == "certificates").Cells[3]);
    }

    [Fact]
    public void A_bundle_is_believed_as_far_as_its_journal_verifies()
    {
        foreach (string format in GoldenArchive.Formats(GoldenArchive.Forged))
            foreach (string[] line in GoldenArchive.Expected(format, 5))
            {
                string bundle = GoldenArchive.Unpack(Path.Combine(format, line[0] + GoldenArchive.Ending),
                    Directory.CreateDirectory(Path.Combine(_place, Path.GetFileName(format))).FullName);
                (BundleVerdict verdict, _) = BundleVerify.Journal(bundle, VerifyOptions.Trusting(line[3])!);
                Assert.True(verdict.Checks.Any(c => !c.Passed && c.Rule.Id == line[2]), $"{format} {line[0]}: {line[4]}");
            }
    }

    private LedgerRegister Whole(string ledger)
    {
        GoldenBundle last = GoldenBundle.All.Last(b => b.Ledger == ledger);
        return Journal(GoldenArchive.Unpack(last.Archive, _place), last.Options);
    }

    private static LedgerRegister Journal(string bundle, VerifyOptions options)
    {
        (BundleVerdict verdict, ImmutableArray<Entry> entries) = BundleVerify.Journal(bundle, options);
        Assert.All(verdict.Checks, c => Assert.True(c.Passed, $"{c.Rule.Id}: {string.Join(" ", c.Flaws)}"));
        return LedgerRegister.Of(entries, "verified", [bundle]);
    }

    private static List<string> Values(LedgerRegister ledger, string table, string column, params (string Name, string Value)[] where)
    {
        RegisterTable asked = RegisterTable.Named(table)!;
        return [.. ledger.Rows(asked).Where(r => where.All(w => RegisterAnswer.Stored(Cell(asked, r, w.Name)) == w.Value)).Select(r =>
            RegisterAnswer.Stored(Cell(asked, r, column)))];
    }

    private static object? Cell(RegisterTable table, RegisterRow row, string column) =>
        row.Cells[table.Columns.IndexOf(table.Column(column)!)];
}
