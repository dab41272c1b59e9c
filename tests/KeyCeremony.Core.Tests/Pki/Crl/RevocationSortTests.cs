using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class RevocationSortTests
{
    // Small numbers, so that they repeat; and long ones that begin alike.
    private static readonly Gen<Revocation> Entries =
        from small in Gen.Choose(1, 300)
        from prefix in Gen.Elements("", "70ffffffffffffffffff", "0123456789abcdef")
        select CrlRoom.Entry($"{prefix}{small:x4}", day: small % 300);

    [Fact]
    public void A_serial_with_two_kinds_of_facts_is_refused()
    {
        using var sort = new RevocationSort(() => new MemoryStream(), memoryEntries: 2);
        foreach (Revocation entry in new[] { CrlRoom.Entry("05"), CrlRoom.Entry("01"),
            CrlRoom.Entry("03"), CrlRoom.Entry("05", RevocationReason.KeyCompromise) })
            sort.Add(entry);
        Assert.False(sort.TryFinish(out SortedRevocations? sorted, out Refusal? refusal));
        Assert.Null(sorted);
        Assert.Equal("REVOKE-03", refusal.Rule);
        Assert.Contains("keyCompromise", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(RevocationSort.DefaultMemoryEntries)]
    public void Any_list_comes_out_in_order_and_once(int memoryEntries) =>
        Prop.ForAll(Entries.ListOf().ToArbitrary(), list =>
        {
            using SortedRevocations sorted = CrlRoom.Sorted(memoryEntries, list);
            var expected = list.DistinctBy(entry => entry.Serial).OrderBy(entry => entry.Serial).ToList();
            Assert.Equal(expected, sorted.Entries());
            Assert.Equal(expected, sorted.Entries()); // again and again
            Assert.Equal(expected.Count, sorted.Count);
            Assert.Equal(list.Count - expected.Count, sorted.Duplicates);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1000, false)]
    [InlineData(100_000, true)]
    [InlineData(100_000, false)]
    public void Many_entries_come_out_in_order(int memoryEntries, bool inOrder)
    {
        const int count = 60_000;
        IEnumerable<Revocation> list = Enumerable.Range(1, count)
            .Select(i => CrlRoom.Entry($"{(inOrder ? i : unchecked((uint)i * 2654435761)):x8}"));
        using SortedRevocations sorted = CrlRoom.Sorted(memoryEntries, list);
        Assert.Equal(count, sorted.Count);
        var last = default(RevokedSerial);
        foreach (Revocation entry in sorted.Entries())
        {
            Assert.True(entry.Serial > last);
            last = entry.Serial;
        }
    }

    /// <summary>Serials that crowd together, at one end or in the middle, and serials that stand many times.</summary>
    [Theory]
    [InlineData("1", 1, 30_000)]
    [InlineData("7fffffffffffffffffffffffffffffffff", 1, 30_000)]
    [InlineData("80", 3, 20_000)]
    [InlineData("80", 50_000, 10)]
    [InlineData("0123456789abcdef01", 12_000, 4)]
    public void Serials_that_crowd_together_come_out_in_order_and_once(string prefix, int times, int different)
    {
        IEnumerable<Revocation> list = Enumerable.Range(0, times * different)
            .Select(i => i % different)
            .Select(i => i == 7 ? CrlRoom.Entry("05") : CrlRoom.Entry($"{prefix}{unchecked((ushort)(i * 40_503)):x4}", day: i % 300));
        using SortedRevocations sorted = CrlRoom.Sorted(list);
        var expected = list.DistinctBy(entry => entry.Serial).OrderBy(entry => entry.Serial).ToList();
        Assert.Equal(expected, sorted.Entries());
        Assert.Equal(times * different - expected.Count, sorted.Duplicates);
    }

    [Fact]
    public void A_serial_with_two_kinds_of_facts_is_refused_in_the_same_words_in_whatever_order_it_is_given()
    {
        Revocation[] list = [.. Enumerable.Range(0, 20_000).Select(i => CrlRoom.Entry("05", day: i % 2))];
        Assert.Equal(Conflict(list), Conflict(list.Reverse()));
        Assert.Equal(Conflict(list[..2]), Conflict(list[..2].Reverse()));

        static string Conflict(IEnumerable<Revocation> entries)
        {
            using var sort = new RevocationSort(() => new MemoryStream());
            foreach (Revocation entry in entries)
                sort.Add(entry);
            Assert.False(sort.TryFinish(out _, out Refusal? refusal));
            return refusal.Message;
        }
    }

    [Fact]
    public void Few_entries_need_no_scratch()
    {
        using var sort = new RevocationSort(() => throw new InvalidOperationException("a scratch stream"));
        for (int i = 50_000; i > 0; i--)
            sort.Add(CrlRoom.Entry($"{i:x8}"));
        Assert.True(sort.TryFinish(out SortedRevocations? sorted, out _));
        Assert.Equal(50_000, sorted.Count);
    }

    [Fact]
    public void Nothing_is_added_to_a_finished_list()
    {
        using var sort = new RevocationSort(() => new MemoryStream());
        Assert.True(sort.TryFinish(out _, out _));
        Assert.Throws<InvalidOperationException>(() => sort.Add(CrlRoom.Entry("01")));
    }

    [Fact]
    public void The_scratch_streams_are_disposed_with_the_list()
    {
        var streams = new List<MemoryStream>();
        using var sort = new RevocationSort(() => { streams.Add(new MemoryStream()); return streams[^1]; }, memoryEntries: 2);
        for (int i = 9; i > 0; i--)
            sort.Add(CrlRoom.Entry($"{i:x2}"));
        Assert.True(sort.TryFinish(out SortedRevocations? sorted, out _));
        Assert.Equal(9, sorted.Entries().Count());
        sorted.Dispose();
        Assert.NotEmpty(streams);
        Assert.All(streams, stream => Assert.False(stream.CanRead));
    }
}
