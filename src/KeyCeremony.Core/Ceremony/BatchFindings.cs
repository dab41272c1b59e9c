using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What a preview says about a batch: written when it is compared, and asked for again by whoever replays.</summary>
public static class BatchFindings
{
    /// <summary>What was asked of the ledger and agreed.</summary>
    public static ImmutableArray<Finding> Asked(BatchLedger ledger, BatchStatement batch) =>
    [
        new(CeremonyRules.OtherEnvironment, FindingResults.Pass, $"The batch belongs to {batch.Environment}, as this ledger does."),
        new(CeremonyRules.BatchUsed, FindingResults.Pass, $"None of the {ledger.Before.Length} manifests before has this batch id."),
        new(CeremonyRules.UnknownIssuingCa, FindingResults.Pass,
            $"The devices' certificates come from the CA \"{ledger.NameOf(batch.IssuingCa)}\", which is not revoked."),
        new(CeremonyRules.OtherPredecessor, FindingResults.Pass,
            batch.PrevManifest is null ? "It is the first manifest of this product." : "It names the product's last manifest."),
        new(CeremonyRules.CounterWentBack, FindingResults.Pass, "No security counter is lower than in an earlier batch of this product."),
        .. ledger.IsPrepared ? [new Finding(CeremonyRules.DevicesUsed, FindingResults.Pass,
            $"None of the {ledger.Before.Length} manifests before has this device list or this tree.")] : ImmutableArray<Finding>.Empty,
    ];

    /// <summary>Whether every image is the release that the batch says; nothing is asked of a ledger that has released nothing.</summary>
    public static ImmutableArray<Finding> Released(ReleaseLedger ledger, BatchStatement batch) => ledger.Before.IsEmpty ? []
        : [.. FirmwareLineage.Of(ledger, batch).Select(image => new Finding(CeremonyRules.FirmwareReleased,
            image.IsFaulty ? FindingResults.Warning : image.IsByHash ? FindingResults.Pass : FindingResults.Unknown, image.InWords()))];

    /// <summary>The exceptions that a batch makes, in words.</summary>
    public static IEnumerable<string> Unlike(BatchPreviewed preview) =>
        preview.Findings.Where(f => f is { Id: CeremonyRules.FirmwareReleased, Result: FindingResults.Warning })
            .Select(f => Unlike(preview.BatchId, f.Text));

    /// <summary>The same of the ledger as it stands now.</summary>
    public static IEnumerable<string> Unlike(ReleaseLedger ledger, BatchStatement batch) =>
        FirmwareLineage.Of(ledger, batch).Where(image => image.IsFaulty).Select(image => Unlike(batch.BatchId, image.InWords()));

    public static string Unlike(string batchId, string inWords) => $"Batch {batchId}: {inWords}";

    public static Finding Counted(long devices) =>
        new(CeremonyRules.OtherDevices, FindingResults.Pass,
            $"{devices:N0} devices were counted and hashed again: they give the named root.");

    /// <param name="missing">The list or the salts.</param>
    public static Finding NotCounted(string missing) =>
        new(CeremonyRules.OtherDevices, FindingResults.Unknown,
            $"The devices were not counted and hashed again: {missing} is not on the stick.");

    public static Finding Compared(string subject) =>
        new(CeremonyRules.NotCompared, FindingResults.Pass, $"{subject} is on the stick and has the named hash.");

    public static Finding NotCompared(string subject) =>
        new(CeremonyRules.NotCompared, FindingResults.Unknown, $"{subject} is not on the stick: its hash was not compared.");

    /// <summary>Beside the list of a batch.</summary>
    public static string SaltsOf(string batchId) => $"{batchId}.salts";
}
