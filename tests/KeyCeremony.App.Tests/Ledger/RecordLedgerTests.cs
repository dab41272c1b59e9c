using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ledger;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;

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
        Assert.All(LedgerRules.All, r => Assert.Contains($" | {r.Remedy} |", page, StringComparison.Ordinal));
    }

    [Fact]
    public void One_directory_twice_is_refused() => Refused("LEDGER-01", [A, Path.Combine(_root, ".", "a")]);

    [Fact]
    public void A_missing_directory_is_refused() => Refused("LEDGER-01", [A, Path.Combine(_root, "none")]);

    [Fact]
    public void Production_on_one_device_is_refused()
    {
        Assert.False(RecordLedger.TryCreate([A, B], Noon, new LedgerCreated(new string('1', 32), "production", "test"),
            out _, out Refusal? refusal));
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
    public void A_database_of_the_first_program_is_neither_opened_nor_passed_over()
    {
        File.WriteAllText(Path.Combine(A, "keyceremony.ledger"), "SQLite format 3");
        Assert.Contains("ledger convert", Refused("LEDGER-09", [A, B]).Remedy, StringComparison.Ordinal);
        Assert.False(RecordLedger.NoneOn([A, B]));
        Assert.False(RecordLedger.TryCreate([A, B], Noon, Born(), out _, out Refusal? refusal));
        Assert.Equal("LEDGER-09", refusal.Rule);
        Assert.Equal("LEDGER-09", RecordLedger.Copy(A, B)?.Rule);
        Assert.Empty(Directory.GetFiles(B));
    }

    /// <summary>What the handbook tells people to do with <c>cut</c>.</summary>
    [Fact]
    public void A_line_is_the_hash_a_space_and_the_bundle_s_line()
    {
        CreatedWith(3);
        string[] lines = File.ReadAllLines(PathOf(A));
        Assert.Equal(Read(A).Select(e => e.ToString()), lines.Select(l => l[65..]));
        Assert.Equal(Read(A).Select(e => e.HashHex), lines.Select(l => l[..64]));
        Assert.EndsWith("\n", File.ReadAllText(PathOf(A)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_foreign_file_is_refused_and_left_as_it_is()
    {
        CreatedWith(20);
        foreach (string content in new[] { string.Concat(Enumerable.Repeat("hello\n", 2000)), new string('x', 2 * RecordLine.MaxLength) })
        {
            File.WriteAllText(PathOf(B), content);
            Refused("LEDGER-10", [A, B]);
            Assert.Equal(content, File.ReadAllText(PathOf(B)));
        }
    }

    [Theory]
    [InlineData(3, 5, "hash")]
    [InlineData(3, 64, "space")]
    [InlineData(3, 66, "JOURNAL-01")]
    [InlineData(3, 90, "its hash")]
    public void A_changed_line_is_refused(int line, int at, string flaw)
    {
        CreatedWith(20);
        Change(A, lines => lines[line - 1] = lines[line - 1][..at] + (char)(lines[line - 1][at] ^ 1) + lines[line - 1][(at + 1)..]);
        string message = Refused("LEDGER-10", [A, B]).Message;
        Assert.Contains($"line {line}: ", message, StringComparison.Ordinal);
        Assert.Contains(flaw, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_taken_out_doubled_or_lengthened_is_refused()
    {
        CreatedWith(20);
        byte[] good = File.ReadAllBytes(PathOf(A));
        foreach (Action<List<string>> change in new Action<List<string>>[] { l => l.RemoveAt(2),
            l => l.Insert(2, l[2]), l => l[2] += " ", l => l.Reverse(3, 2) })
        {
            File.WriteAllBytes(PathOf(A), good);
            Change(A, change);
            Refused("LEDGER-10", [A, B]);
        }
    }

    /// <summary>Who writes the chain anew from there on is found by the other stick, and by the head in the HSM.</summary>
    [Fact]
    public void A_chain_written_anew_tells_another_story()
    {
        CreatedWith(5);
        Entry? last = null;
        string forged = "";
        foreach (Entry e in Read(A))
        {
            last = Entry.Following(last, e.Ceremony, e.Utc, e.Step, e.Seq == 3 ? new StepDone() : e.Body);
            forged += $"{last.HashHex} {last}\n";
        }
        File.WriteAllText(PathOf(A), forged);
        Refused("LEDGER-14", [A, B]);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void A_torn_line_is_taken_away_kept_beside_and_reported(string name)
    {
        CreatedWith(9);
        string stick = Stick(name);
        byte[] good = File.ReadAllBytes(PathOf(stick));
        for (int more = 1; more < 900; more += 90)
        {
            string rest = new('7', more);
            File.AppendAllText(PathOf(stick), rest);
            using (RecordLedger ledger = Opened())
            {
                Finding finding = Assert.Single(ledger.Findings);
                Assert.Equal(("LEDGER-08", "warning", 10L), (finding.Id, finding.Result, ledger.Last.Seq));
                Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(rest))),
                    finding.Text, StringComparison.Ordinal);
            }
            Assert.Contains(Directory.GetFiles(stick), f => File.ReadAllText(f) == rest);
            Assert.Equal(good, File.ReadAllBytes(PathOf(stick)));
        }
    }

    [Fact]
    public void Two_torn_sticks_are_refused_also_with_catching_up()
    {
        CreatedWith(3);
        File.AppendAllText(PathOf(A), "x");
        File.AppendAllText(PathOf(B), "x");
        Refused("LEDGER-08", [A, B]);
        Assert.False(RecordLedger.TryOpen([A, B], null, allowCatchUp: true, out _, out _));
        Assert.Equal("x", File.ReadAllText(PathOf(A))[^1..]);
    }

    /// <summary>The power goes while an old stick is brought up to date.</summary>
    [Fact]
    public void A_torn_stick_that_is_far_behind_is_brought_up_to_date_on_request()
    {
        CreatedWith(30);
        Shorten(B, 20);
        File.AppendAllText(PathOf(B), "half a line");
        Assert.Contains("after entry 11 with 11 bytes of a line; the other stick ends with entry 31",
            Refused("LEDGER-08", [A, B]).Message, StringComparison.Ordinal);
        Assert.True(RecordLedger.TryOpen([A, B], null, allowCatchUp: true, out RecordLedger? ledger, out Refusal? refusal),
            refusal?.ToString());
        using (ledger)
            Assert.Equal(["LEDGER-08 warning", "LEDGER-13 fail"], ledger.Findings.Select(f => $"{f.Id} {f.Result}"));
        Assert.Equal(File.ReadAllBytes(PathOf(A)), File.ReadAllBytes(PathOf(B)));
    }

    [Fact]
    public void A_torn_stick_whose_partner_is_lost_can_be_copied_and_a_damaged_one_cannot()
    {
        CreatedWith(9);
        File.AppendAllText(PathOf(A), "half a line");
        File.Delete(PathOf(B));
        Assert.Null(RecordLedger.Copy(A, B));
        Assert.Equal(10, Read(B).Length);
        byte[] damaged = File.ReadAllBytes(PathOf(B));
        damaged[2000] ^= 1;
        File.WriteAllBytes(PathOf(B), damaged);
        Assert.Equal("LEDGER-10", RecordLedger.Copy(B, Stick("c"))?.Rule);
        Assert.Empty(Directory.GetFiles(Stick("c")));
    }

    [Fact]
    public void What_another_program_appended_meanwhile_is_not_written_over()
    {
        using (RecordLedger ledger = Created())
        {
            // A program that does not ask for the lock.
            Assert.True(Run("sh", "-c", $"printf x >> {PathOf(B)}"));
            Assert.Equal(B, Assert.Throws<RecordStickException>(() => Fill(ledger, 1)).Stick);
        }
        Assert.EndsWith("\nx", File.ReadAllText(PathOf(B)), StringComparison.Ordinal);
    }

    [Fact]
    public void Sticks_of_two_ledgers_are_refused()
    {
        CreatedWith(1);
        string c = Stick("c"), d = Stick("d");
        Assert.True(RecordLedger.TryCreate([c, d], Noon, new LedgerCreated(new string('2', 32), "rehearsal", "test"),
            out RecordLedger? other, out _));
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
        Assert.Equal("LEDGER-18",
            Assert.Throws<ClockWentBackException>(() => ledger.Append("", Noon.AddMilliseconds(-1), "", new StepDone())).Refusal.Rule);
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
    public void A_full_and_a_read_only_stick_are_named_with_the_system_s_error()
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
                Assert.Equal((small, "ENOSPC"), (full.Stick, full.Code));
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
        for (int at = 0; at < good.Length; at += 31)
        {
            byte[] damaged = [.. good];
            damaged[at] ^= 0x41;
            Unchanged(damaged, head, $"byte {at}");
        }
        for (int page = 0; page < good.Length; page += 4096)
        {
            byte[] damaged = [.. good];
            Array.Clear(damaged, page, Math.Min(4096, damaged.Length - page));
            Unchanged(damaged, head, $"page at {page}");
            Unchanged(good[..page], head, $"cut at {page}");
        }
    }

    internal static string Root()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "KeyCeremony.sln")))
            root = Path.GetDirectoryName(root)!;
        return root;
    }

    private static LedgerCreated Born() => new(new string('1', 32), "rehearsal", "test");

    private string Stick(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    private static string PathOf(string stick) => Path.Combine(stick, "keyceremony.journal");

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
            ledger.Append("0001-x", Noon.AddSeconds(ledger.Last.Seq), "step",
                new Answered($"question {i}", "operator", "Otto", new string('a', 700)));
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

    private static ImmutableArray<Entry> Read(string stick)
    {
        using RecordStick? opened = RecordStick.Open(stick).Stick;
        return opened!.ReadWhole().Journal!.Entries;
    }

    private static void Shorten(string stick, int entries) => Change(stick, lines => lines.RemoveRange(lines.Count - entries, entries));

    private static void Change(string stick, Action<List<string>> change)
    {
        List<string> lines = [.. File.ReadAllLines(PathOf(stick))];
        change(lines);
        File.WriteAllText(PathOf(stick), string.Concat(lines.Select(l => l + "\n")));
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
