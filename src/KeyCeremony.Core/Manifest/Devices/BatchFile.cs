using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>What the factory writes about a batch: <c>batch.yaml</c>, strictly read. docs/formats/device-list.md.</summary>
public sealed record BatchFile
{
    /// <summary>The statement that becomes of it has at most 96 KiB.</summary>
    public const int MaxBytes = YamlFile.MaxBytes;

    // batch > hardware > criticalParts > part > substitution > value
    private static readonly YamlFile Form = new(BuildRules.Form.Id, "a batch", Depth: 6, "Name fewer critical parts.", "the manifest");

    public required string BatchId { get; init; }

    public required string Environment { get; init; }

    public required string Site { get; init; }

    public required string Line { get; init; }

    public required string Operator { get; init; }

    /// <summary>UTC, whole seconds.</summary>
    public required DateTimeOffset StartedOn { get; init; }

    /// <summary>UTC, whole seconds.</summary>
    public required DateTimeOffset FinishedOn { get; init; }

    public required BatchProduct Product { get; init; }

    public required ImmutableArray<BatchFileImage> Firmware { get; init; }

    /// <summary>The hardware BOM, beside batch.yaml.</summary>
    public required string Hbom { get; init; }

    public required ImmutableArray<BatchPart> CriticalParts { get; init; }

    /// <summary>The issuing CA's certificate, beside batch.yaml.</summary>
    public required string IssuingCa { get; init; }

    public required BatchYield Yield { get; init; }

    public required string? PrevManifest { get; init; }

    /// <summary>Every field that is wrong is told: BUILD-01. What the texts may be is for the statement's own rules.</summary>
    /// <param name="name">Of the file, for the errors.</param>
    public static bool TryRead(ReadOnlySpan<byte> yaml, string name, [NotNullWhen(true)] out BatchFile? batch,
        out ImmutableArray<ScriptError> errors) => Form.TryRead(yaml, name, Read, out batch, out errors);

    private static BatchFile Read(BlockFields f)
    {
        BlockFields? hardware = f.Map("hardware", "hardware");
        var batch = new BatchFile
        {
            BatchId = f.Name("batchId"),
            Environment = f.OneOf("environment", [.. Environments.All]),
            Site = f.Text("site"),
            Line = f.Text("line"),
            Operator = f.Text("operator"),
            StartedOn = Time(f, "startedOn"),
            FinishedOn = Time(f, "finishedOn"),
            Product = ReadProduct(f.Map("product", "a product")),
            Firmware = [.. f.Maps("firmware", "a firmware image", BatchStatement.MaxFirmware).Select(ReadImage)],
            Hbom = hardware?.Text("hbom") ?? "",
            CriticalParts = hardware is null
                ? []
                : [.. hardware.OptionalMaps("criticalParts", "a critical part", BatchStatement.MaxParts).Select(ReadPart)],
            IssuingCa = f.Text("issuingCA"),
            Yield = ReadYield(f.Map("yield", "a yield")),
            PrevManifest = f.OptionalText("prevManifest"),
        };
        hardware?.Finish();
        return batch;
    }

    private static DateTimeOffset Time(BlockFields f, string name)
    {
        string text = f.Text(name);
        if (!BatchJson.TryReadTime(text, out DateTimeOffset time) && text.Length > 0)
            f.Wrong(f.LineOf(name), name, "a time like 2026-11-22T06:00:00Z");
        return time;
    }

    private static BatchProduct ReadProduct(BlockFields? f)
    {
        if (f is null)
            return new("", "", "", "");
        var product = new BatchProduct(f.Text("vid"), f.Text("pid"), f.Text("sku"), f.Text("hwRev"));
        f.Finish();
        return product;
    }

    private static BatchFileImage ReadImage(BlockFields f)
    {
        var image = new BatchFileImage(f.Text("component"), f.Text("version"), f.Text("file"),
            f.OptionalText("sha256"), (uint)f.LongNumber("securityCounter", uint.MaxValue), f.Text("signingKeyId"));
        f.Finish();
        return image;
    }

    private static BatchPart ReadPart(BlockFields f)
    {
        BlockFields? substitution = f.OptionalMap("substitution", "a substitution");
        var part = new BatchPart(f.Text("mpn"), f.Text("supplier"), f.Text("lot"), f.Text("dateCode"),
            substitution is null ? null : new BatchSubstitution(substitution.Text("replaces"), substitution.Text("revalidation")));
        substitution?.Finish();
        f.Finish();
        return part;
    }

    private static BatchYield ReadYield(BlockFields? f)
    {
        if (f is null)
            return new(0, 0, 0);
        var read = new BatchYield(f.LongNumber("built", BatchStatement.MaxDevices),
            f.LongNumber("scrapped", BatchStatement.MaxDevices), f.LongNumber("reworked", BatchStatement.MaxDevices));
        f.Finish();
        return read;
    }
}

/// <param name="File">The image, beside batch.yaml.</param>
/// <param name="Sha256">What it must have; null: whatever it has.</param>
public sealed record BatchFileImage(string Component, string Version, string File,
    string? Sha256, uint SecurityCounter, string SigningKeyId);
