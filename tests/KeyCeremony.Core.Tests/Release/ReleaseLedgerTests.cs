using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;

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
    [InlineData("raw", "efi-variable", false, true)]
    [InlineData("efi-variable", "raw", false, true)]
    [InlineData("mcuboot", "efi", true, true)]
    [InlineData("efi", "raw", true, true)]
    [InlineData("efi", "efi-variable", true, false)]
    [InlineData("raw", "mcuboot", true, false)]
    [InlineData("raw", "efi", false, false)]
    [InlineData("efi-variable", "cms", false, false)]
    public void A_key_signs_for_firmware_or_digests_alone(string before, string now, bool isRsa, bool isRefused)
    {
        ReleaseRequest first = Of(before), next = Of(now);
        var ledger = new ReleaseLedger("production", [new(first, Key, null, "0002")]);
        Assert.Equal(isRefused ? "FIRMWARE-14" : null, ledger.CheckUse(next, Key, isRsa)?.Rule);
        Assert.Null(ledger.CheckUse(next, Other, isRsa));
        Assert.Equal(isRefused ? "FIRMWARE-14" : null, new ReleaseLedger("production", [])
            .CheckUse(next with { Images = [.. next.Images, .. first.Images] }, Key, isRsa)?.Rule);
    }

    [Theory]
    [InlineData(0, 1, "db", null)]
    [InlineData(0, 0, "db", "FIRMWARE-15")]
    [InlineData(1, 0, "db", "FIRMWARE-15")]
    [InlineData(1, 0, "dbx", null)]
    [InlineData(0, 31, "db", null)]
    [InlineData(0, 32, "db", "FIRMWARE-15")]
    public void The_time_of_a_variable_goes_forwards_and_not_far_ahead(int before, int now, string variable, string? rule)
    {
        var ledger = new ReleaseLedger("production",
            [new(Request, Key, null, "0002") { Updates = [Update("db", before)] }, new(Request, Key, null, "0003")]);
        Assert.Equal(rule is null ? [] : [rule], ledger.CheckUpdates(Request, [Update(variable, now)], Day).Select(r => r.Rule));
        Assert.Equal(now > 31 ? ["FIRMWARE-15"] : Array.Empty<string>(),
            ledger.CheckUpdates(Request with { Component = "boot loader" }, [Update(variable, now)], Day).Select(r => r.Rule));
    }

    [Fact]
    public void A_variable_is_set_once_in_a_release() => Assert.Equal(["FIRMWARE-15"], new ReleaseLedger("production", [])
        .CheckUpdates(Request, [Update("db", 1), Update("dbx", 1), Update("db", 2)], Day).Select(r => r.Rule));

    /// <summary>What was added stands on what was set before it.</summary>
    [Fact]
    public void What_an_update_changes_is_said_in_words()
    {
        EfiUpdate set = Update("dbx", 1, "one", "two"), added = Update("dbx", 2, "three") with { IsAdded = true };
        var ledger = new ReleaseLedger("production",
            [new(Request, Key, null, "0002") { Updates = [set] }, new(Request, Key, null, "0003") { Updates = [added, Update("db", 9)] }]);

        Assert.Equal(["last update of KEK: none in this ledger"], Said(Update("KEK", 3)));
        Assert.Equal(["last update of dbx: 2026-11-24 10:00:00 UTC", "  time: 2026-11-24 10:00:00 UTC -> 2026-11-25 10:00:00 UTC",
            "  NEW in it: hash four", "  GONE from it: hash one", "  GONE from it: hash three", "  as before: 1 of 2"],
            Said(Update("dbx", 3, "two", "four")));
        Assert.Equal(["  NEW in it: hash four", "  as before: 3 of 4"],
            Said(Update("dbx", 3, "two", "four") with { IsAdded = true }).Skip(2));

        IEnumerable<string> Said(EfiUpdate update) => ledger.Difference(Request, update).Select(line => line.ToString());
    }

    private static readonly DateTimeOffset Day = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private static EfiUpdate Update(string variable, int days, params string[] hashes) =>
        new(variable, false, Day.AddDays(days), [.. hashes.Select(hash => new EfiEntry("hash", hash, ""))]);

    private ReleaseRequest Of(string format) =>
        Request with { Images = [Request.Images[0] with { Format = format }] };

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
