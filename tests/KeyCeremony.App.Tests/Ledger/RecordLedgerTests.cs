using System.Diagnostics;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using Microsoft.Data.Sqlite;

namespace KeyCeremony.App.Tests.Ledger;

public sealed class RecordLedgerTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private readonly string _root = Directory.CreateTempSubdirectory("ledger").FullName;

    private string A => Stick("a");

    private string B => Stick("b");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_was_appended_is_there_after_reopening()
    {
        string head;
        using (RecordLedger ledger = Created())
        {
            Fill(ledger, 5);
            head = ledger.Last.HashHex;
        }
        using RecordLedger again = Opened();
        Assert.Equal((6, head, "rehearsal"), ((int)again.Last.Seq, again.Last.HashHex, again.Environment));
        Assert.Empty(again.Findings);
        Assert.All(again.Inspect().Findings, f => Assert.Equal("pass", f.Result));
    }

    [Fact]
    public void Every_rule_has_its_own_id_and_stands_in_the_documentation()
    {
        Assert.Equal(LedgerRules.All.Count, LedgerRules.All.Select(r => r.Id).Distinct().Count());
        string page = File.ReadAllText(Path.Combine(Root(), "docs/formats/journal.md"));
        Assert.All(LedgerRules.All, r => Assert.Contains($"| {r.Id} | {r.Text} |", page, StringComparison.Ordinal));
        Assert.All(LedgerSchema.Objects, o => Assert.Contains(o.Name, page, StringComparison.Ordinal));
    }

    [Fact]
    public void One_directory_twice_is_refused() => Refused("LEDGER-01", [A, Path.Combine(_root, ".", "a")]);

    [Fact]
    public void A_missing_directory_is_refused() => Refused("LEDGER-01", [A, Path.Combine(_root, "none")]);

    [Fact]
    public void Production_on_one_device_is_refused()
    {
        Assert.False(RecordLedger.TryCreate([A, B], Noon, new LedgerCreated("0001", "production", "test"), out _, out Refusal? refusal));
        Assert.Equal("LEDGER-02", refusal.Rule);
        Assert.Empty(Directory.GetFiles(A));
    }

    /// <summary>Some file systems (FUSE, tmpfs, overlay) have a number and no disk in /sys/dev/block.</summary>
    [Fact]
    public void A_file_system_without_a_disk_is_known_by_its_number() => Assert.Equal("0:0", BlockDevice.Of("0:0"));

    [Fact]
    public void An_existing_ledger_is_never_overwritten()
    {
        Created().Dispose();
        byte[] before = File.ReadAllBytes(PathOf(A));
        Assert.False(RecordLedger.TryCreate([A, B], Noon, Born(), out _, out Refusal? refusal));
        Assert.Equal("LEDGER-03", refusal.Rule);
        Assert.Equal("LEDGER-03", RecordLedger.Copy(B, A)?.Rule);
        Assert.Equal(before, File.ReadAllBytes(PathOf(A)));
    }

    [Fact]
    public void Two_empty_sticks_are_refused() => Refused("LEDGER-04", [A, B]);

    [Fact]
    public void An_empty_second_stick_is_refused_and_copying_is_the_way_out()
    {
        CreatedWith(3);
        File.Delete(PathOf(B));
        Assert.Contains("ledger copy", Refused("LEDGER-05", [A, B]).Remedy, StringComparison.Ordinal);
        File.WriteAllBytes(PathOf(B), []);
        Refused("LEDGER-05", [A, B]);
        File.Delete(PathOf(B));
        Assert.Null(RecordLedger.Copy(A, B));
        using RecordLedger ledger = Opened();
        Assert.Equal(4, ledger.Last.Seq);
    }

    [Fact]
    public void A_creation_that_lost_power_between_the_sticks_is_finished()
    {
        CreatedWith(0);
        File.Delete(PathOf(B));
        File.WriteAllText(PathOf(B) + ".new", "half a file");
        using RecordLedger ledger = Opened();
        Assert.Equal("LEDGER-13", Assert.Single(ledger.Findings).Id);
        Assert.Equal(1, ledger.Last.Seq);
    }

    [Fact]
    public void A_ledger_that_another_program_has_open_is_refused()
    {
        using RecordLedger first = Created();
        Refused("LEDGER-06", [A, B]);
    }

    [Fact]
    public void A_directory_in_the_file_s_place_is_refused()
    {
        CreatedWith(1);
        File.Delete(PathOf(B));
        Directory.CreateDirectory(PathOf(B));
        Refused("LEDGER-06", [A, B]);
    }

    [Fact]
    public void Another_database_is_refused()
    {
        CreatedWith(1);
        File.Delete(PathOf(B));
        Sql(PathOf(B), "CREATE TABLE t (x)");
        Refused("LEDGER-07", [A, B]);
        File.WriteAllText(PathOf(B), new string('x', 8192));
        Refused("LEDGER-07", [A, B]);
    }

    [Theory]
    [InlineData("DROP TRIGGER journal_no_update")]
    [InlineData("DROP VIEW bags")]
    [InlineData("CREATE TABLE more (x)")]
    [InlineData("CREATE TRIGGER journal_lie AFTER INSERT ON journal BEGIN SELECT 1; END")]
    public void A_changed_schema_is_refused(string sql)
    {
        CreatedWith(1);
        Sql(PathOf(A), sql);
        Refused("LEDGER-08", [A, B]);
    }

    [Theory]
    [InlineData("UPDATE journal SET step = 'other' WHERE seq = 2")]
    [InlineData("UPDATE journal SET utc = '2026-11-22T12:00:01.0000000+00:00' WHERE seq = 2")]
    [InlineData("UPDATE journal SET kind = 'step-done' WHERE seq = 2")]
    [InlineData("UPDATE journal SET hash = zeroblob(32) WHERE seq = 2")]
    [InlineData("UPDATE journal SET previous = zeroblob(32) WHERE seq = 3")]
    public void A_column_that_says_something_else_than_its_entry_is_refused(string sql)
    {
        CreatedWith(3);
        Behind(PathOf(A), sql);
        Assert.Contains("row", Refused("LEDGER-09", [A, B]).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE FROM journal WHERE seq = 2")]
    [InlineData("UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), '\"seq\":2', '\"seq\":7') AS BLOB) WHERE seq = 2")]
    [InlineData("UPDATE journal SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB) WHERE seq = 2")]
    [InlineData("DELETE FROM journal")]
    public void A_broken_chain_is_refused(string sql)
    {
        CreatedWith(3);
        Behind(PathOf(B), sql);
        Refused("LEDGER-10", [A, B]);
    }

    [Theory]
    [InlineData("UPDATE journal SET step = 'x'")]
    [InlineData("DELETE FROM journal WHERE seq = 2")]
    [InlineData("INSERT OR REPLACE INTO journal SELECT seq, ceremony, utc, step, kind, body, previous, hash FROM journal WHERE seq = 2")]
    [InlineData("INSERT INTO journal SELECT 9, ceremony, utc, step, kind, body, previous, hash FROM journal WHERE seq = 2")]
    public void The_database_itself_aborts_what_is_not_an_append(string sql)
    {
        CreatedWith(3);
        SqliteException aborted = Assert.Throws<SqliteException>(() => Sql(PathOf(A), "PRAGMA recursive_triggers = ON; " + sql));
        Assert.Equal(19, aborted.SqliteErrorCode);
    }

    [Fact]
    public void Sticks_of_two_ledgers_are_refused()
    {
        CreatedWith(1);
        string c = Stick("c"), d = Stick("d");
        Assert.True(RecordLedger.TryCreate([c, d], Noon, new LedgerCreated("0002", "rehearsal", "test"), out RecordLedger? other, out _));
        other.Dispose();
        Refused("LEDGER-11", [A, d]);
    }

    [Fact]
    public void Another_environment_is_refused()
    {
        CreatedWith(1);
        Assert.False(RecordLedger.TryOpen([A, B], "staging", false, out _, out Refusal? refusal));
        Assert.Equal("LEDGER-12", refusal.Rule);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stick_one_entry_behind_is_caught_up_and_reported(bool first)
    {
        CreatedWith(4);
        Shorten(first ? A : B, 1);
        using (RecordLedger ledger = Opened())
        {
            Finding finding = Assert.Single(ledger.Findings);
            Assert.Equal(("LEDGER-13", "warning"), (finding.Id, finding.Result));
            Assert.Equal(5, ledger.Last.Seq);
        }
        using RecordLedger again = Opened();
        Assert.Empty(again.Findings);
    }

    [Fact]
    public void A_stick_further_behind_is_refused_unless_catching_up_is_allowed()
    {
        CreatedWith(4);
        Shorten(B, 3);
        Assert.Contains("3 entries", Refused("LEDGER-13", [A, B]).Message, StringComparison.Ordinal);
        Assert.True(RecordLedger.TryOpen([A, B], null, allowCatchUp: true, out RecordLedger? ledger, out _));
        Assert.Equal("fail", Assert.Single(ledger.Findings).Result);
        ledger.Dispose();
        Opened().Dispose();
    }

    [Fact]
    public void Two_stories_are_refused_also_with_catching_up()
    {
        CreatedWith(3);
        string c = Stick("c"), d = Stick("d");
        File.Copy(PathOf(A), PathOf(c));
        File.Copy(PathOf(A), PathOf(d));
        Append([A, B], 1, "one story");
        Append([c, d], 2, "another");
        Assert.False(RecordLedger.TryOpen([A, c], null, allowCatchUp: true, out _, out Refusal? refusal));
        Assert.Equal("LEDGER-14", refusal.Rule);
    }

    [Fact]
    public void The_hsm_s_head_finds_a_rolled_back_and_a_foreign_ledger()
    {
        using RecordLedger ledger = Created();
        Fill(ledger, 3);
        Assert.Null(ledger.CheckAgainstHead(0, ""));
        Assert.Null(ledger.CheckAgainstHead(2, ledger.Entries[1].HashHex));
        Assert.Equal("LEDGER-15", ledger.CheckAgainstHead(5, ledger.Last.HashHex)?.Rule);
        Assert.Equal("LEDGER-16", ledger.CheckAgainstHead(4, ledger.Entries[1].HashHex)?.Rule);
        Assert.Equal("LEDGER-16", ledger.CheckAgainstHead(-1, ledger.Last.HashHex)?.Rule);
    }

    [Fact]
    public void A_clock_that_went_back_writes_nothing()
    {
        using RecordLedger ledger = Created();
        Assert.Equal("LEDGER-18", Assert.Throws<ClockWentBackException>(() => ledger.Append("", Noon.AddMilliseconds(-1), "", new StepDone())).Refusal.Rule);
        Assert.Single(ledger.Entries);
        Assert.Equal(2, ledger.Append("", Noon, "", new StepDone()).Seq);
    }

    [Fact]
    public void An_entry_that_would_not_read_back_is_not_written()
    {
        using RecordLedger ledger = Created();
        Assert.Throws<ArgumentException>(() => ledger.Append("", Noon, "", new Failed("x", "y", "z", new string('x', Entry.MaxBytes))));
        Assert.Equal(2, ledger.Append("", Noon, "", new StepDone()).Seq);
    }

    [Fact]
    public void A_stick_that_vanishes_is_named_and_the_ledger_goes_on_after_reopening()
    {
        using (RecordLedger ledger = Created())
        {
            Fill(ledger, 2);
            File.Move(PathOf(B), PathOf(B) + ".away");
            RecordStickException gone = Assert.Throws<RecordStickException>(() => Fill(ledger, 1));
            Assert.Equal(B, gone.Stick);
            Assert.Throws<InvalidOperationException>(() => Fill(ledger, 1));
        }
        File.Move(PathOf(B) + ".away", PathOf(B));
        using RecordLedger again = Opened();
        Assert.Equal(4, again.Last.Seq);
        Assert.Equal("warning", Assert.Single(again.Findings).Result);
    }

    /// <summary>Needs root to mount; elsewhere it proves nothing and says nothing.</summary>
    [Fact]
    public void A_full_and_a_read_only_stick_are_named_with_sqlite_s_error()
    {
        string small = Stick("small");
        if (!Run("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", small))
            return;
        try
        {
            Assert.True(RecordLedger.TryCreate([A, small], Noon, Born(), out RecordLedger? ledger, out _));
            using (ledger)
            {
                RecordStickException full = Assert.Throws<RecordStickException>(() => Fill(ledger, 500));
                Assert.Equal((small, "SQLITE_FULL"), (full.Stick, full.Code));
            }
            Assert.True(Run("mount", "-o", "remount,ro", small));
            Refused("LEDGER-06", [A, small]);
            Assert.True(Run("mount", "-o", "remount,rw,size=4m", small));
            Assert.True(RecordLedger.TryOpen([A, small], null, false, out RecordLedger? again, out Refusal? refusal), refusal?.ToString());
            using (again)
                Fill(again, 1);
        }
        finally
        {
            Run("umount", small);
        }
    }

    [Fact]
    public void Damage_anywhere_is_refused_or_changes_nothing()
    {
        CreatedWith(12);
        byte[] good = File.ReadAllBytes(PathOf(A));
        string head;
        using (RecordLedger ledger = Opened())
            head = ledger.Last.HashHex;
        // Every byte of the header and of each page's own header, and a walk through all others.
        for (int at = 0; at < good.Length; at += at % 4096 < 32 ? 1 : 53)
        {
            byte[] damaged = [.. good];
            damaged[at] ^= 0x41;
            Unchanged(damaged, head, $"byte {at}");
        }
        for (int page = 0; page < good.Length; page += 4096)
        {
            byte[] damaged = [.. good];
            Array.Clear(damaged, page, 4096);
            Unchanged(damaged, head, $"page at {page}");
            Unchanged(good[..page], head, $"cut at {page}");
        }
    }

    [Fact]
    public void The_views_answer_what_an_auditor_asks()
    {
        using (RecordLedger ledger = Created())
        {
            ledger.Append("0001-x", Noon, "", new CeremonyOpened("x", 1, "aa", "text", "test"));
            ledger.Append("0001-x", Noon, "s", new KeyGenerated("root", "ca", "ec-p384", "01", "P1", "AAAA", true));
            ledger.Append("0001-x", Noon, "s", new CertificateSigned("root", "root", "AAAA", "bb", "ok"));
            ledger.Append("0001-x", Noon, "s", new BagSealed("hsm", "B1"));
            ledger.Append("0001-x", Noon, "s", new ExceptionRaised(1, "ROOM-01", "the door was open"));
            ledger.Append("0001-x", Noon, "s", new ExceptionSignedOff(1, "Wanda", "closed again"));
            ledger.Append("0001-x", Noon, "s", new SharesMade("0001-backup-1", "backup", 256, 2, 1, ["a", "b", "c"], ["d", "e", "f"], "00", ["hsm"]));
            ledger.Append("0001-x", Noon, "s", new CeremonyClosed());
        }
        Assert.Equal("root|ca|ec-p384", Ask("SELECT key, purpose, algorithm FROM keys"));
        Assert.Equal("root|bb", Ask("SELECT certificate, sha256 FROM certificates"));
        Assert.Equal("sealed|hsm|B1", Ask("SELECT what, content, number FROM bags"));
        Assert.Equal("1|ROOM-01|Wanda|closed again", Ask("SELECT number, rule, signed_off_by, remark FROM exceptions"));
        Assert.Equal("0001-backup-1|2|3", Ask("SELECT share_set, threshold, shares FROM share_sets"));
        Assert.Equal("x|1|ceremony-closed", Ask("SELECT name, version, ended FROM ceremonies"));
        Assert.Equal("9", Ask("SELECT count(*) FROM entries"));
    }

    internal static string Root()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "KeyCeremony.sln")))
            root = Path.GetDirectoryName(root)!;
        return root;
    }

    private static LedgerCreated Born() => new("0001", "rehearsal", "test");

    private string Stick(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    private static string PathOf(string stick) => Path.Combine(stick, "keyceremony.ledger");

    private RecordLedger Created()
    {
        Assert.True(RecordLedger.TryCreate([A, B], Noon, Born(), out RecordLedger? ledger, out Refusal? refusal), refusal?.ToString());
        return ledger;
    }

    private void CreatedWith(int entries)
    {
        using RecordLedger ledger = Created();
        Fill(ledger, entries);
    }

    private RecordLedger Opened()
    {
        Assert.True(RecordLedger.TryOpen([A, B], "rehearsal", false, out RecordLedger? ledger, out Refusal? refusal), refusal?.ToString());
        return ledger;
    }

    private static void Append(string[] sticks, int entries, string what)
    {
        Assert.True(RecordLedger.TryOpen(sticks, null, false, out RecordLedger? ledger, out Refusal? refusal), refusal?.ToString());
        using (ledger)
            for (int i = 0; i < entries; i++)
                ledger.Append("0001-x", Noon.AddHours(1), "step", new Answered("q", "operator", "Otto", what));
    }

    private static void Fill(RecordLedger ledger, int entries)
    {
        for (int i = 0; i < entries; i++)
            ledger.Append("0001-x", Noon.AddSeconds(ledger.Last.Seq), "step", new Answered($"question {i}", "operator", "Otto", new string('a', 700)));
    }

    private static Refusal Refused(string rule, string[] sticks)
    {
        Assert.False(RecordLedger.TryOpen(sticks, null, false, out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
        return refusal;
    }

    private void Unchanged(byte[] file, string head, string what)
    {
        string damaged = Stick("damaged"), good = Stick("good");
        File.Copy(PathOf(A), PathOf(good), overwrite: true);
        File.WriteAllBytes(PathOf(damaged), file);
        if (RecordLedger.TryOpen([damaged, good], null, false, out RecordLedger? ledger, out _))
            using (ledger)
                Assert.True(ledger.Last.HashHex == head, what);
        foreach (string left in Directory.GetFiles(damaged))
            File.Delete(left);
    }

    /// <summary>What somebody with <c>sqlite3</c> and patience can do: take the triggers away and put them back.</summary>
    private static void Behind(string path, string sql)
    {
        string triggers = string.Join(";", LedgerSchema.Objects.Where(o => o.Type == "trigger").Select(o => $"DROP TRIGGER {o.Name}"));
        Sql(path, $"PRAGMA writable_schema = ON; BEGIN; {triggers}; {sql}; DELETE FROM sqlite_schema WHERE type = 'view'; COMMIT");
        Sql(path, string.Join(";", LedgerSchema.Objects.Where(o => o.Type is "trigger" or "view").Select(o => o.Sql)));
    }

    private static void Shorten(string stick, int entries) =>
        Behind(PathOf(stick), $"DELETE FROM journal WHERE seq > (SELECT max(seq) FROM journal) - {entries}");

    private string Ask(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={PathOf(A)};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader row = command.ExecuteReader();
        Assert.True(row.Read());
        return string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => row.GetValue(i)));
    }

    private static void Sql(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process? process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
