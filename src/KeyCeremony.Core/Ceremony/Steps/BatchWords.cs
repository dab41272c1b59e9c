using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// A batch on the screen. First what the officers must see: how many of what, with which firmware, which parts are not the
/// designed ones, what nobody could compare. Then what was compared, then every field, then the hash.
/// </summary>
internal static class BatchWords
{
    /// <summary>A longer value stands on a line of its own: a hash fills one.</summary>
    private const int MaxBeside = 48;

    public static string Title(BatchStatement batch) => $"Batch {batch.BatchId}: {Devices(batch)}";

    public static string Devices(BatchStatement batch) =>
        batch.Devices.TreeSize == 1 ? "1 device" : $"{BatchText.Count(batch.Devices.TreeSize)} devices";

    public static ImmutableArray<string> Lines(BatchStatement batch, BatchPreviewed preview) =>
    [
        Title(batch), $"{batch.Product.Sku}, revision {batch.Product.HwRev}, vendor {batch.Product.Vid}, product {batch.Product.Pid}",
        .. LookClosely(batch, preview),
        .. batch.Firmware.Select(f => $"Firmware {f.Component} {f.Version}, security counter {f.SecurityCounter}"),
        .. Substituted(batch).Select(p => $"SUBSTITUTED {p.Substitution!.Replaces} by {p.Mpn}, revalidated: {p.Substitution.Revalidation}"),
        "", .. Appliance.Lines([.. preview.Findings.OrderBy(f => f.Result == "pass")]),
        "", .. batch.Describe().SelectMany(Line),
        "", .. Evidence.Hash("SHA-256 of what is signed", preview.StatementSha256),
    ];

    /// <summary>Where many components push it out of sight, their number still stands on top.</summary>
    private static IEnumerable<string> LookClosely(BatchStatement batch, BatchPreviewed preview)
    {
        int unlike = BatchFindings.Unlike(preview).Count(), unknown = preview.Findings.Count(f => f.Result != "pass") - unlike,
            substituted = Substituted(batch).Count();
        if (unlike + unknown + substituted > 0)
            yield return $"Look closely: {(unlike > 0 ? $"{unlike} WARNING, " : "")}{unknown} UNKNOWN, {substituted} SUBSTITUTED";
    }

    private static IEnumerable<BatchPart> Substituted(BatchStatement batch) =>
        batch.Hardware.CriticalParts.Where(p => p.Substitution is not null);

    private static IEnumerable<string> Line(TextLine line) =>
        line.Value.Length > MaxBeside ? [line.Label, $"  {line.Value}"] : [$"{line.Label}: {line.Value}"];
}
