using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Tests.Journal;
using Files = System.Collections.Immutable.ImmutableSortedDictionary<string, System.ReadOnlyMemory<byte>>;

namespace KeyCeremony.Verifier.Tests;

/// <summary>Whoever made a bundle, its verification ends with a report that names a rule.</summary>
public sealed class HostileBundleTests(PlayedCeremony played) : IClassFixture<PlayedCeremony>
{
    private static readonly string Id = new('0', 32);
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private ImmutableArray<Entry> Journal =>
        played.Room.Entries[..(int)played.Room.Entries.Select(e => e.Body).OfType<CheckpointSigned>().Last().Seq];

    /// <summary>
    /// The first entry of each kind with one value spoilt: most lines are no entries, and the rest is signed anew and judged to the end.
    /// </summary>
    [Fact]
    public void A_journal_with_one_value_spoilt_is_judged_by_a_rule_at_every_stage()
    {
        int judged = 0;
        foreach (Entry first in Journal.GroupBy(e => e.Body.GetType()).Select(g => g.First()).Where(e => e.Body is not CeremonyOpened))
            foreach (EntryBody spoilt in JournalMutants.Of(first.ToString(), JournalMutants.WellFormed)
                .Select(m => Entry.Read(Encoding.UTF8.GetBytes(m), Entry.Genesis)?.Body).OfType<EntryBody>()
                .Where(b => !b.Equals(first.Body)).DistinctBy(b => b.ToString()))
            {
                // The bytes that are no Base64 cannot even be composed; a forger leaves the files as they were.
                Files files = Signed([.. Journal.Select(e => e.Seq == first.Seq ? e with { Body = spoilt } : e)]);
                AssertJudged(BundleVerify.Check("b", files, new VerifyOptions()).Verdict, spoilt.ToString());
                judged++;
            }
        Assert.True(judged > 200, $"only {judged} spoilt entries reached the verification");
    }

    [Fact]
    public void A_line_that_is_no_entry_ends_in_a_flaw_with_its_rule()
    {
        foreach (string line in JournalMutants.Of(Journal[3].ToString())
            .Where(m => Entry.Read(Encoding.UTF8.GetBytes(m), Entry.Genesis) is null))
        {
            byte[] journal = [.. Journal.SelectMany(e => Encoding.UTF8.GetBytes(e.Seq == 4 ? line : e.ToString()).Append((byte)'\n'))];
            BundleVerdict verdict = BundleVerify.Check("b", Unsigned(played.Files.SetItem(BundleFiles.JournalPath, journal), Journal),
                new VerifyOptions()).Verdict;
            Assert.Equal(VerifyRules.Chain, verdict.Checks[^1].Rule);
            Assert.StartsWith("JOURNAL-0", verdict.Checks[^1].Flaws[0], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("4f1c22aa000000000000000000000001\nok   VERIFY-10 The root is the one whose SHA-256 was given by --trust.\n\u202e")]
    [InlineData("4f1c22aa000000000000000000000001\u2028certificate root")]
    public void A_ledger_s_number_writes_no_line_of_the_report(string id)
    {
        Files files = Signed([.. Journal.Select(e => e.Body is LedgerCreated l ? e with { Body = l with { LedgerId = id } } : e)]);
        BundleVerdict verdict = BundleVerify.Check("b\u202e\nok   VERIFY-10", files, new VerifyOptions()).Verdict;
        string text = new VerifyReport([verdict], [], new VerifyOptions()).Text;

        Assert.False(verdict.Passed);
        Assert.DoesNotContain(text.Split('\n'), l => l.StartsWith("ok   VERIFY-10", StringComparison.Ordinal));
        Assert.All(text.Split('\n'), l => Assert.True(KeyCeremony.Core.PlainText.Is(l), l));
    }

    /// <summary>
    /// 32,000 openings took 75 seconds and, entry by entry compared, a thousand million looks. Work is counted in what it allocates.
    /// </summary>
    [Fact]
    public void Thirty_thousand_ceremonies_of_nonsense_take_twice_as_much_as_fifteen_thousand()
    {
        _ = Allocated(1000);
        long half = Allocated(15_000), whole = Allocated(30_000);

        Assert.True(whole < 2.5 * half, $"{half:N0} and {whole:N0} bytes");
        Assert.True(whole < 2_000_000_000, $"{whole:N0} bytes");
    }

    [Fact]
    public void Lookups_of_a_journal_of_nonsense_walk_no_list()
    {
        ImmutableArray<Entry> entries = Nonsense(Enumerable.Range(0, 30_000)
            .Select(i => (EntryBody)new CertificatePreviewed("a", "", "", "", "", "", "", [], [])));
        var journal = new JournalFacts(entries);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (Entry entry in entries.Skip(2))
            if (journal.PreviewOf("a", entry.Seq)?.Entry.Seq != entry.Seq - 1)
                Assert.Fail($"not the one before {entry.Seq}");

        Assert.Null(journal.PreviewOf("a", 2));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
    }

    private static long Allocated(int ceremonies)
    {
        ImmutableArray<Entry> entries = Nonsense(Enumerable.Range(0, ceremonies)
            .Select(i => (EntryBody)new CeremonyOpened("", 1, "", "", "")));
        byte[] journal = [.. entries.SelectMany(e => e.Bytes.Append((byte)'\n'))];
        Files files = Unsigned(Files.Empty.Add(BundleFiles.JournalPath, journal)
            .Add(BundleFiles.ScriptPath, Array.Empty<byte>()).Add(BundleFiles.ReportPath, "%PDF"u8.ToArray())
            .Add(BundleFiles.CmsPath, new byte[] { 0x30, 0 }), entries);
        long before = GC.GetAllocatedBytesForCurrentThread();
        BundleVerdict verdict = BundleVerify.Check("b", files, new VerifyOptions()).Verdict;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        AssertJudged(verdict, "nonsense");
        foreach ((VerifyRule _, Func<JournalFacts, IEnumerable<string>> check) in CeremonyChecks.All.Concat(KeyChecks.All)
            .Concat(ManifestChecks.All))
            _ = check(new JournalFacts(entries)).Take(BundleVerify.MaxFlaws).Count();
        return allocated;
    }

    private static ImmutableArray<Entry> Nonsense(IEnumerable<EntryBody> bodies)
    {
        ImmutableArray<Entry>.Builder entries = ImmutableArray.CreateBuilder<Entry>();
        entries.Add(Entry.Following(null, "", Noon, "", new LedgerCreated(Id, "production", "")));
        foreach (EntryBody body in bodies)
            entries.Add(Entry.Following(entries[^1], $"c{entries.Count.ToString(CultureInfo.InvariantCulture)}", Noon, "", body));
        return entries.ToImmutable();
    }

    private Files Signed(ImmutableArray<Entry> entries)
    {
        try
        {
            return played.Room.Forge(_ => entries);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            ImmutableArray<Entry> chained = [];
            foreach (Entry entry in entries)
                chained = chained.Add(Entry.Following(chained.IsEmpty ? null : chained[^1],
                    entry.Ceremony, entry.Utc, entry.Step, entry.Body));
            byte[] journal = [.. chained.SelectMany(x => x.Bytes.Append((byte)'\n'))];
            return Unsigned(played.Files.SetItem(BundleFiles.JournalPath, journal), chained);
        }
    }

    /// <summary>With a statement and sums that fit, so that the journal itself is what is judged.</summary>
    private static Files Unsigned(Files files, ImmutableArray<Entry> entries)
    {
        Entry opening = entries.Last(e => e.Body is CeremonyOpened);
        var created = (LedgerCreated)entries[0].Body;
        Files covered = files.RemoveRange([BundleFiles.SumsPath, BundleFiles.StatementPath, BundleFiles.CmsPath]);
        var statement = new CheckpointStatement(created.LedgerId, created.Environment,
            opening.Ceremony, ((CeremonyOpened)opening.Body).ScriptSha256, entries[^1].Seq, entries[^1].HashHex,
            entries[^1].Utc, covered.ToImmutableSortedDictionary(f => f.Key, f => BundleFiles.Sha256(f.Value), StringComparer.Ordinal));
        Files stated = files.Remove(BundleFiles.SumsPath).SetItem(BundleFiles.StatementPath, statement.Write());
        return stated.Add(BundleFiles.SumsPath, BundleFiles.Sums(stated, []));
    }

    /// <summary>By a rule, and not because a check broke: that is a net, and what falls into it is mended.</summary>
    private static void AssertJudged(BundleVerdict verdict, string what)
    {
        Assert.NotEmpty(verdict.Checks);
        Assert.DoesNotContain(verdict.Checks.SelectMany(c => c.Flaws), f => f.StartsWith(BundleVerify.Broke, StringComparison.Ordinal));
        Assert.True(verdict.Passed || verdict.Checks.Any(c => !c.Passed && c.Rule.Id.StartsWith("VERIFY-", StringComparison.Ordinal)),
            what);
        Assert.NotEmpty(new VerifyReport([verdict], [], new VerifyOptions()).Text);
    }
}
