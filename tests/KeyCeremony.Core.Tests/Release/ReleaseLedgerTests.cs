using KeyCeremony.Core.Release;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>What a ledger asks of a release, without a room.</summary>
public sealed class ReleaseLedgerTests : IDisposable
{
    private const string Key = "the key", Other = "another key";

    private readonly Releases _release = new Releases().Fill();

    public void Dispose() => _release.Dispose();

    private ReleaseRequest Request => Releases.Read(_release.Yaml());

    [Fact]
    public void The_first_release_of_a_component_may_have_any_counter_and_version()
    {
        var ledger = new ReleaseLedger("production", []);
        Assert.Empty(ledger.Check(Request, "LOCK-1", "application", Key));
        Assert.Null(ledger.NotNext(Request));
        Assert.Null(ledger.Floor("LOCK-1", "application"));
    }

    [Theory]
    [InlineData(17u, null, null)]
    [InlineData(18u, null, null)]
    [InlineData(19u, null, "FIRMWARE-04")]
    [InlineData(17u, 18L, null)]
    [InlineData(17u, 19L, "FIRMWARE-04")]
    public void A_counter_is_not_lower_than_what_was_signed_or_asked_for(uint counter, long? floor, string? rule)
    {
        var ledger = new ReleaseLedger("production", [new(Request with { SecurityCounter = counter }, Key, floor, "0002")]);
        Assert.Equal(rule is null ? [] : [rule], ledger.Check(Request, "LOCK-1", "application", Key).Select(r => r.Rule));
    }

    /// <summary>A later release with a lower counter does not let the next one go below the highest.</summary>
    [Fact]
    public void The_highest_counter_counts_and_not_the_last()
    {
        var ledger = new ReleaseLedger("production",
            [new(Request with { SecurityCounter = 30 }, Key, null, "0002"), new(Request with { SecurityCounter = 5 }, Key, null, "0003")]);
        Assert.Equal(30, ledger.Floor("LOCK-1", "application"));
    }

    [Fact]
    public void The_counter_of_another_component_does_not_count()
    {
        var ledger = new ReleaseLedger("production",
            [new(Request with { Component = "boot loader", SecurityCounter = 30 }, Other, null, "0002")]);
        Assert.Empty(ledger.Check(Request, "LOCK-1", "application", Key));
        Assert.Equal(["FIRMWARE-03"], ledger.Check(Request, "LOCK-1", "application", Other).Select(r => r.Rule));
    }

    [Fact]
    public void Everything_that_is_wrong_is_said()
    {
        var ledger = new ReleaseLedger("staging", [new(Request with { SecurityCounter = 30 }, Key, null, "0002")]);
        Assert.Equal(["FIRMWARE-01", "FIRMWARE-02", "FIRMWARE-03"],
            ledger.Check(Request, "LOCK-2", "application", Key).Select(r => r.Rule));
    }

    [Theory]
    [InlineData("1.15.0", "1.14.9", 1)]
    [InlineData("1.15.0+7", "1.15.0+6", 1)]
    [InlineData("1.15.0+7", "1.15.0", 1)]
    [InlineData("1.15.1", "1.15.0+7", 1)]
    [InlineData("1.15.0", "1.15", 0)]
    [InlineData("1.10.0", "1.9.0", 1)]
    [InlineData("1.9.0", "1.10.0", -1)]
    [InlineData("1.15.0-rc1", "1.14.0", null)]
    [InlineData("2026-11", "1.14.0", null)]
    [InlineData("1..2", "1.14.0", null)]
    [InlineData("", "1.14.0", null)]
    [InlineData("1.2.3.4.5.6.7.8.9", "1.14.0", null)]
    [InlineData("99999999999.0.0", "1.14.0", null)]
    [InlineData("1.0.0+1+2", "1.14.0", null)]
    public void Versions_of_numbers_are_compared_and_others_are_not(string one, string other, int? expected)
    {
        Assert.Equal(expected, ReleaseVersions.Compare(one, other) is { } found ? Math.Sign(found) : null);
        Assert.Equal(-expected, ReleaseVersions.Compare(other, one) is { } turned ? Math.Sign(turned) : null);
    }
}
