using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

public sealed class CrlMergeTests
{
    private static readonly DateTimeOffset PreviousUpdate = CrlRoom.Now.AddDays(-30);

    [Fact]
    public void An_entry_of_the_previous_CRL_is_not_changed()
    {
        Refusal refusal = Refused([CrlRoom.Entry("01", RevocationReason.Superseded)],
            [CrlRoom.Entry("01", RevocationReason.KeyCompromise)]);
        Assert.Equal("REVOKE-04", refusal.Rule);
        Assert.Equal("REVOKE-04", Refused([CrlRoom.Entry("01", day: 1)], [CrlRoom.Entry("01", day: 2)]).Rule);
        Assert.Equal("REVOKE-04", Refused([CrlRoom.Entry("01")], [CrlRoom.Entry("01", invalidity: CrlRoom.Start)]).Rule);
        Assert.Equal("REVOKE-04", Refused([CrlRoom.Entry("01", RevocationReason.CertificateHold)],
            [CrlRoom.Entry("01", RevocationReason.CertificateHold, day: 1)]).Rule);
    }

    [Theory]
    [InlineData("02", RemovalCause.HoldReleased, null)] // is no hold
    [InlineData("09", RemovalCause.HoldReleased, null)] // is not there
    [InlineData("02", RemovalCause.Expired, 0)] // expired at the very moment of the previous CRL
    [InlineData("02", RemovalCause.Expired, null)] // when did it expire?
    public void A_removal_without_its_ground_is_refused(string serial, RemovalCause cause, int? daysAfterPrevious)
    {
        var removal = new Removal(CrlRoom.Serial(serial), cause, daysAfterPrevious is { } days ? PreviousUpdate.AddDays(days) : null);
        Assert.Equal("REVOKE-05", Refused([CrlRoom.Entry("01"), CrlRoom.Entry("02")], [], removal).Rule);
    }

    [Fact]
    public void A_removal_given_twice_or_with_an_addition_is_refused()
    {
        var removal = new Removal(CrlRoom.Serial("01"), RemovalCause.HoldReleased);
        Revocation hold = CrlRoom.Entry("01", RevocationReason.CertificateHold);
        Assert.Equal("REVOKE-05", Refused([hold], [], removal, removal).Rule);
        Assert.Equal("REVOKE-05", Refused([hold], [CrlRoom.Entry("01")], removal).Rule);
        Assert.Equal("REVOKE-05", Refused([], [CrlRoom.Entry("01")], removal).Rule);
    }

    [Fact]
    public void Nothing_expires_off_a_first_CRL() =>
        Assert.False(CrlMerge.TryMerge(CrlRoom.Sorted(CrlRoom.Entry("01")), previousThisUpdate: null, SortedRevocations.Empty,
            [new Removal(CrlRoom.Serial("01"), RemovalCause.Expired, CrlRoom.Start)], shard: null, out _, out _));

    [Fact]
    public void An_entry_of_another_shard_is_refused_and_an_addition_left_out()
    {
        var shard = new SerialShard(1, 2);
        Assert.False(CrlMerge.TryMerge(CrlRoom.Sorted(CrlRoom.Entry("02")), PreviousUpdate,
            SortedRevocations.Empty, [], shard, out _, out Refusal? refusal));
        Assert.Equal("REVOKE-06", refusal.Rule);
        MergedRevocations merged = CrlRoom.MergedIn(shard, CrlRoom.Entry("01"), CrlRoom.Entry("02"), CrlRoom.Entry("03"));
        Assert.Equal((2L, 1L), (merged.Difference.Added, merged.Difference.OutsideShard));
        Assert.Equal(["01", "03"], Entries(merged).Select(entry => entry.Serial.ToString()));
    }

    [Fact]
    public void The_difference_says_what_happened()
    {
        Revocation[] previous = [CrlRoom.Entry("01"), CrlRoom.Entry("02", RevocationReason.CertificateHold),
            CrlRoom.Entry("03", RevocationReason.CertificateHold), CrlRoom.Entry("04")];
        Revocation[] additions = [CrlRoom.Entry("01"), CrlRoom.Entry("02", RevocationReason.KeyCompromise, day: 5),
            CrlRoom.Entry("05", reason: null)];
        MergedRevocations merged = Merged(previous, additions, new(CrlRoom.Serial("03"), RemovalCause.HoldReleased),
            new(CrlRoom.Serial("04"), RemovalCause.Expired, PreviousUpdate.AddSeconds(-1)));
        Assert.Equal([previous[0], additions[1], additions[2]], Entries(merged));
        CrlDifference difference = merged.Difference;
        Assert.Equal((1L, 1L, 2L, 1L, 1L, 3L),
            (difference.Added, difference.Changed, difference.Removed, difference.Unchanged, difference.AlreadyThere, difference.Count));
        Assert.Equal([new(null, 1), new(RevocationReason.KeyCompromise, 1), new(RevocationReason.Superseded, 1)],
            difference.ByReason.ToArray());
        string lines = string.Join('\n', difference.Describe());
        Assert.Contains("-: 03, 2026-01-01 00:00:00 UTC, certificateHold, hold released", lines, StringComparison.Ordinal);
        Assert.Contains("*: 02, 2026-01-06 00:00:00 UTC, keyCompromise, was 02, 2026-01-01 00:00:00 UTC, certificateHold",
            lines, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_difference_shows_samples_and_says_how_many_more()
    {
        CrlDifference difference = CrlRoom.Merged(Enumerable.Range(1, 100).Select(i => CrlRoom.Entry($"{i:x2}"))).Difference;
        Assert.Equal(CrlDifference.MostSamples, difference.AddedSamples.Length);
        Assert.Contains(difference.Describe(), line => line.ToString() == "+: and 80 more");
    }

    /// <summary>The law of the house: without a removal, what was on the list stays on it.</summary>
    [Fact]
    public void Nothing_ever_leaves_silently()
    {
        Gen<List<Revocation>> entries = Gen.Choose(1, 400)
            .Select(i => CrlRoom.Entry($"{i:x4}", (RevocationReason)((i % 6) + 1), i % 300)).ListOf();
        Prop.ForAll(Gen.Two(entries).ToArbitrary(), pair =>
        {
            var previous = pair.Item1.DistinctBy(entry => entry.Serial).ToList();
            MergedRevocations merged = Merged(previous, pair.Item2);
            Assert.Equal(previous.Concat(pair.Item2).DistinctBy(entry => entry.Serial).OrderBy(entry => entry.Serial), Entries(merged));
        }).QuickCheckThrowOnFailure();
    }

    private static MergedRevocations Merged(IEnumerable<Revocation> previous, IEnumerable<Revocation> additions,
        params Removal[] removals) =>
        CrlMerge.TryMerge(CrlRoom.Sorted(3, previous), PreviousUpdate, CrlRoom.Sorted(3, additions),
            removals, shard: null, out MergedRevocations? merged, out Refusal? refusal)
            ? merged : throw new ArgumentException(refusal.ToString());

    private static Refusal Refused(IEnumerable<Revocation> previous, IEnumerable<Revocation> additions, params Removal[] removals)
    {
        Assert.False(CrlMerge.TryMerge(CrlRoom.Sorted(previous), PreviousUpdate,
            CrlRoom.Sorted(additions), removals, shard: null, out MergedRevocations? merged, out Refusal? refusal));
        Assert.Null(merged);
        return refusal;
    }

    private static List<Revocation> Entries(MergedRevocations merged) => [.. merged.Batches().SelectMany(batch => batch.ToArray())];
}
