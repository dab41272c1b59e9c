using System.Globalization;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest;

/// <summary>A statement in words, complete: every field has its line.</summary>
internal static class BatchText
{
    public static IReadOnlyList<TextLine> Describe(BatchStatement s) =>
    [
        new("batch", s.BatchId),
        new("environment", s.Environment),
        new("state",
            s.IsDraft ? "draft of the factory, not bound to a ceremony" : $"final, bound to the ceremony {s.CeremonyTranscriptHash}"),
        new("manifest before", s.PrevManifest ?? (s.IsDraft ? "none named: the ceremony looks" : "none: the product's first")),
        new("product", $"vendor {s.Product.Vid}, product {s.Product.Pid}"),
        new("model", $"{s.Product.Sku}, hardware revision {s.Product.HwRev}"),
        new("built at", $"{s.Site}, line {s.Line}"),
        new("built by", s.Operator),
        new("started", Time(s.StartedOn)),
        new("finished", Time(s.FinishedOn)),
        new("devices", Count(s.Devices.TreeSize)),
        new("devices' root", s.Devices.Root),
        new("hashed as", TreeHash.Algorithm),
        new("yield", $"{Count(s.Yield.Built)} built, {Count(s.Yield.Reworked)} of them reworked; {Count(s.Yield.Scrapped)} scrapped"),
        new("issuing CA certificate", s.IssuingCa.CertSha256),
        new("issuing CA key", s.IssuingCa.SpkiSha256),
        .. s.Firmware.SelectMany(Firmware),
        .. s.Hardware.CriticalParts.SelectMany(Part),
        .. s.Hardware.CriticalParts.IsEmpty ? [new TextLine("critical parts", "none named")] : Array.Empty<TextLine>(),
        .. s.Subjects.SelectMany((subject, i) => Subject(s, subject, i)),
    ];

    /// <summary>With a blank between thousands.</summary>
    public static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');

    private static IEnumerable<TextLine> Firmware(BatchFirmware image) =>
    [
        new($"firmware {image.Component}",
            $"version {image.Version}, security counter {image.SecurityCounter}, signed with {image.SigningKeyId}"),
        new($"firmware {image.Component} SHA-256", image.Sha256),
    ];

    private static IEnumerable<TextLine> Part(BatchPart part)
    {
        yield return new($"part {part.Mpn}", $"{part.Supplier}, lot {part.Lot}, date code {part.DateCode}");
        if (part.Substitution is { } substitution)
            yield return new($"part {part.Mpn} SUBSTITUTES", $"{substitution.Replaces}, revalidated: {substitution.Revalidation}");
    }

    private static IEnumerable<TextLine> Subject(BatchStatement s, BatchSubject subject, int place)
    {
        string what = place == 0 ? "device list" : place == s.Subjects.Length - 1 ? "hardware BOM" : "firmware file";
        return [new(what, subject.Name), new($"{what} SHA-256", subject.Sha256)];
    }

    private static string Time(DateTimeOffset time) => $"{time:yyyy-MM-dd HH:mm:ss} UTC";
}
