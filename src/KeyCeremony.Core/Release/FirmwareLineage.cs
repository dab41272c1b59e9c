using System.Collections.Immutable;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Release;

/// <summary>
/// A firmware image that a batch of devices names, and which release of the ledger it is: by the hash of the image; or, where what was
/// attached to the image changed its hash, by the release key that the batch names and the version.
/// </summary>
/// <param name="Release">Null: none of this ledger.</param>
/// <param name="IsByHash">The release has an image of this hash.</param>
/// <param name="Faults">Why devices should not have it as the batch says; empty: nothing speaks against it.</param>
public sealed record FirmwareLineage(BatchFirmware Firmware, KnownRelease? Release, bool IsByHash, ImmutableArray<string> Faults)
{
    /// <summary>Of every image of the batch, in its order.</summary>
    public static IEnumerable<FirmwareLineage> Of(ReleaseLedger ledger, BatchStatement batch) =>
        batch.Firmware.Select(firmware => Of(ledger, batch.Environment, firmware));

    /// <summary>The batch contradicts the release, or what was released must not be shipped.</summary>
    public bool IsFaulty => !Faults.IsEmpty;

    /// <summary>One line for the room, the report and the verifier.</summary>
    public string InWords()
    {
        string image = $"{Firmware.Component} {Firmware.Version}";
        return (Release, IsFaulty) switch
        {
            (null, false) => $"{image} is not a release of this ledger.",
            (null, true) => $"{image}: {Why}.",
            ({ } one, true) => $"{image} is {Title(one)}: {Why}.",
            ({ } one, false) when IsByHash => $"{image} is {Title(one)}, and agrees with it.",
            ({ } one, false) => $"{image} names the key of {Title(one)}, and agrees with it; its hash, that of the signed image, was not "
                + "compared.",
        };
    }

    /// <summary>The release of the ledger that is meant, whether or not the batch agrees.</summary>
    public bool IsOf(ReleaseRequest request) => ReferenceEquals(Release?.Request, request);

    private string Why => string.Join("; ", Faults);

    private static FirmwareLineage Of(ReleaseLedger ledger, string environment, BatchFirmware firmware)
    {
        ImmutableArray<KnownRelease> same =
            [.. ledger.Before.Where(one => one.Request.Images.Any(image => image.Sha256 == firmware.Sha256))];
        if (!same.IsEmpty)
            return Nearest(ledger, environment, firmware, same, byHash: true);
        ImmutableArray<KnownRelease> ofKey = [.. ledger.Before.Where(one => one.Key == firmware.SigningKeyId)];
        if (ofKey is not [.., var last])
            return new FirmwareLineage(firmware, null, IsByHash: false, []);
        ImmutableArray<KnownRelease> ofVersion = [.. ofKey.Where(one => one.Request.Version == firmware.Version)];
        return ofVersion.IsEmpty
            ? new FirmwareLineage(firmware, null, IsByHash: false, [$"it names the key of {last.Request.Component} of "
                + $"{last.Request.Product}, which has signed no version {firmware.Version} in this ledger"])
            : Nearest(ledger, environment, firmware, ofVersion, byHash: false);
    }

    /// <summary>An image may have been released more than once: the one that fits best is meant, of several the last.</summary>
    private static FirmwareLineage Nearest(ReleaseLedger ledger, string environment, BatchFirmware firmware,
        ImmutableArray<KnownRelease> releases, bool byHash) => releases.Reverse()
        .Select(one => new FirmwareLineage(firmware, one, byHash, [.. FaultsOf(ledger, environment, firmware, one)]))
        .MinBy(lineage => lineage.Faults.Length)!;

    private static IEnumerable<string> FaultsOf(ReleaseLedger ledger, string environment, BatchFirmware firmware, KnownRelease release)
    {
        ReleaseRequest request = release.Request;
        if (release.Floor is { } asked)
            yield return $"it is WITHDRAWN, and the security counter is at least {asked} since";
        if (release.IsDead)
            yield return $"{release.Ceremony} was aborted, and what it signed is dead";
        if (request.Component != firmware.Component)
            yield return $"its component is {request.Component}, and {firmware.Component} in the batch";
        if (request.Version != firmware.Version)
            yield return $"its version is {request.Version}, and {firmware.Version} in the batch";
        if (request.SecurityCounter != firmware.SecurityCounter)
            yield return $"its security counter is {request.SecurityCounter}, and {firmware.SecurityCounter} in the batch";
        if (request.Environment != environment)
            yield return $"it belongs to {request.Environment}, and the batch to {environment}";
        if (release.Key != firmware.SigningKeyId && ledger.Before.Any(other => other.Key == firmware.SigningKeyId))
            yield return "the batch names another release key than the one that signed it";
        if (release.Floor is null && ledger.Floor(request.Product, request.Component) is { } floor && request.SecurityCounter < floor)
            yield return $"its security counter is {request.SecurityCounter}, and this component's is at least {floor}";
    }

    private static string Title(KnownRelease release) => $"the release {release.Request.Component} {release.Request.Version} of "
        + $"{release.Request.Product} that {release.Ceremony} signed";
}
