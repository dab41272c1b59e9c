using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Tests.Manifest;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Which release of a ledger an image of a batch is, and what speaks against it, without a room.</summary>
public sealed class FirmwareLineageTests : IDisposable
{
    private static readonly string Key = Batches.Hex("release key"), Other = Batches.Hex("another release key");

    private readonly Releases _release = new Releases().Fill();

    public void Dispose() => _release.Dispose();

    private ReleaseRequest Request => Releases.Read(_release.Yaml());

    private KnownRelease Release => new(Request, Key, null, "0002-release-signing");

    /// <summary>As the release is.</summary>
    private BatchFirmware Image => new(Request.Component, Request.Version, Request.Images[0].Sha256, Request.SecurityCounter, "fw-key-2");

    [Fact]
    public void An_image_is_found_by_its_hash_and_agrees()
    {
        FirmwareLineage image = Of(Image, Release);

        Assert.Equal((true, false, "0002-release-signing"), (image.IsByHash, image.IsFaulty, image.Release?.Ceremony));
        Assert.Equal("application 1.15.0+7 is the release application 1.15.0+7 of LOCK-1 that 0002-release-signing signed, and agrees "
            + "with it.", image.InWords());
    }

    [Fact]
    public void An_image_with_its_signature_is_found_by_the_key_that_the_batch_names()
    {
        FirmwareLineage image = Of(Image with { Sha256 = Batches.Hex("signed"), SigningKeyId = Key }, Release);

        Assert.Equal((false, false, "0002-release-signing"), (image.IsByHash, image.IsFaulty, image.Release?.Ceremony));
        Assert.Contains("was not compared", image.InWords(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_of_another_maker_s_key_is_no_release_and_that_is_no_fault()
    {
        FirmwareLineage image = Of(Image with { Sha256 = Batches.Hex("other") }, Release);

        Assert.Equal((null, false), (image.Release, image.IsFaulty));
        Assert.Equal("application 1.15.0+7 is not a release of this ledger.", image.InWords());
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "another component", "its component is application, and boot loader in the batch" },
        { "another version", "its version is 1.15.0+7, and 1.15.1 in the batch" },
        { "a lower counter", "its security counter is 18, and 17 in the batch" },
        { "a higher counter", "its security counter is 18, and 19 in the batch" },
        { "another environment", "it belongs to production, and the batch to staging" },
        { "another key", "the batch names another release key than the one that signed it" },
        { "withdrawn", "it is WITHDRAWN, and the security counter is at least 19 since" },
        { "dead", "0002-release-signing was aborted, and what it signed is dead" },
        { "below a later release", "its security counter is 18, and this component's is at least 30" },
        { "by key, another counter", "its security counter is 18, and 17 in the batch" },
        { "by key, no such version", "it names the key of application of LOCK-1, which has signed no version 1.16.0 in this ledger" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_does_not_agree_is_said_alone(string what, string says)
    {
        KnownRelease later = Release with { Request = Request with { Version = "1.16.1", SecurityCounter = 30, Images = [] } };
        KnownRelease ofOther = Release with { Key = Other, Request = Request with { Component = "boot loader", Images = [] } };
        FirmwareLineage image = what switch
        {
            "another component" => Of(Image with { Component = "boot loader" }, Release),
            "another version" => Of(Image with { Version = "1.15.1" }, Release),
            "a lower counter" => Of(Image with { SecurityCounter = 17 }, Release),
            "a higher counter" => Of(Image with { SecurityCounter = 19 }, Release),
            "another environment" => Of(Image, "staging", Release),
            "another key" => Of(Image with { SigningKeyId = Other }, Release, ofOther),
            "withdrawn" => Of(Image, Release with { Floor = 19 }),
            "dead" => Of(Image, Release with { IsDead = true }),
            "below a later release" => Of(Image, Release, later),
            "by key, another counter" => Of(Image with { Sha256 = Batches.Hex("x"), SigningKeyId = Key, SecurityCounter = 17 }, Release),
            _ => Of(Image with { Sha256 = Batches.Hex("x"), SigningKeyId = Key, Version = "1.16.0" }, Release),
        };

        Assert.Equal(says, Assert.Single(image.Faults));
        Assert.Contains(says, image.InWords(), StringComparison.Ordinal);
    }

    /// <summary>The same file may have been released as two versions: the one that the batch means is not the withdrawn one.</summary>
    [Fact]
    public void Of_two_releases_of_one_image_the_one_that_fits_is_meant()
    {
        KnownRelease again = Release with { Request = Request with { Version = "1.16.0", SecurityCounter = 19 } };

        Assert.Empty(Of(Image with { Version = "1.16.0", SecurityCounter = 19 }, Release with { Floor = 19 }, again).Faults);
        Assert.NotEmpty(Of(Image, Release with { Floor = 19 }, again).Faults);
    }

    [Fact]
    public void A_ledger_that_released_nothing_asks_nothing_and_another_one_asks_of_every_image()
    {
        BatchStatement batch = Batches.Draft() with { Environment = "production" };
        Assert.Empty(BatchFindings.Released(new ReleaseLedger("production", []), batch));

        batch = batch with { Firmware = [batch.Firmware[0], Image, Image with { Component = "other", Version = "9" }] };
        Assert.Equal([FindingResults.Unknown, FindingResults.Pass, FindingResults.Warning],
            BatchFindings.Released(new ReleaseLedger("production", [Release]), batch).Select(f => f.Result));
    }

    private static FirmwareLineage Of(BatchFirmware image, params ImmutableArray<KnownRelease> releases) =>
        Of(image, "production", releases);

    private static FirmwareLineage Of(BatchFirmware image, string environment, params ImmutableArray<KnownRelease> releases) =>
        Assert.Single(FirmwareLineage.Of(new ReleaseLedger("production", releases),
            Batches.Draft() with { Environment = environment, Firmware = [image] }));
}
