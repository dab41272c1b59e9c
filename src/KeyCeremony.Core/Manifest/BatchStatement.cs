using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest;

/// <summary>
/// What is said about one production batch of devices, and what is signed: an in-toto statement whose bytes are
/// docs/formats/batch-manifest.md's <c>.statement.json</c>. Without <see cref="CeremonyTranscriptHash"/> it is a draft
/// from the factory; the ceremony writes the final one.
/// </summary>
public sealed record BatchStatement
{
    /// <summary>It has to fit an entry of the journal; 64 firmware images and 200 parts of ordinary names take some 60 KiB.</summary>
    public const int MaxBytes = 96 * 1024;

    /// <summary>Components that are flashed one by one.</summary>
    public const int MaxFirmware = 64;

    /// <summary>Critical parts are the few that decide about safety and security, not the whole bill of materials.</summary>
    public const int MaxParts = 200;

    /// <summary>Characters of a text.</summary>
    public const int MaxText = 128;

    /// <summary>No line builds more in one batch; a path never has more than 30 hashes.</summary>
    public const long MaxDevices = 1_000_000_000;

    /// <summary>The device list, the firmware images in their order, the hardware BOM.</summary>
    public required ImmutableArray<BatchSubject> Subjects { get; init; }

    /// <summary>A name of the script grammar; file names are made of it.</summary>
    public required string BatchId { get; init; }

    /// <summary><c>rehearsal</c>, <c>development</c>, <c>staging</c> or <c>production</c>.</summary>
    public required string Environment { get; init; }

    public required string Site { get; init; }

    public required string Line { get; init; }

    public required string Operator { get; init; }

    /// <summary>UTC, whole seconds.</summary>
    public required DateTimeOffset StartedOn { get; init; }

    /// <summary>UTC, whole seconds; not before <see cref="StartedOn"/>.</summary>
    public required DateTimeOffset FinishedOn { get; init; }

    public required BatchProduct Product { get; init; }

    public required ImmutableArray<BatchFirmware> Firmware { get; init; }

    public required BatchHardware Hardware { get; init; }

    public required BatchIssuingCa IssuingCa { get; init; }

    public required BatchDevices Devices { get; init; }

    public required BatchYield Yield { get; init; }

    /// <summary>SHA-256 of the signed statement of the product's batch before; null: the first, or left to the ceremony.</summary>
    public string? PrevManifest { get; init; }

    /// <summary>SHA-256 that binds the statement to the ceremony it was signed in; null in a draft.</summary>
    public string? CeremonyTranscriptHash { get; init; }

    public bool IsDraft => CeremonyTranscriptHash is null;

    /// <summary>Only a statement for which <see cref="Check"/> finds nothing. Else refused: BATCH-01 to BATCH-14.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out BatchStatement? statement,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        statement = null;
        if (!BatchJson.TryRead(json, out BatchStatement? read, out refusal) || (refusal = read.Check()) is not null)
            return false;
        statement = read;
        return true;
    }

    /// <summary>The exact bytes that are signed: UTF-8 JSON, fields in their order, no blank, one line feed at the end.</summary>
    public byte[] Write() => BatchJson.Write(this);

    /// <summary>SHA-256 of <see cref="Write"/>, lower-case hex: what the next batch's <see cref="PrevManifest"/> says.</summary>
    public string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Write()));

    /// <summary>The first broken rule of BATCH-01 to BATCH-14, or null. For a statement that was put together and not read.</summary>
    public Refusal? Check() => BatchChecks.Check(this);

    /// <summary>In words: for the screen, the report and <c>manifest inspect</c>. Every field has its line.</summary>
    public IReadOnlyList<TextLine> Describe() => BatchText.Describe(this);
}

/// <summary>A file that the statement is about.</summary>
/// <param name="Name">File name without a folder.</param>
/// <param name="Sha256">Of its bytes, lower-case hex.</param>
public sealed record BatchSubject(string Name, string Sha256);

/// <param name="Vid">Vendor, four upper-case hex digits.</param>
/// <param name="Pid">Product, four upper-case hex digits.</param>
public sealed record BatchProduct(string Vid, string Pid, string Sku, string HwRev);

/// <param name="Sha256">Of the image, lower-case hex.</param>
/// <param name="SecurityCounter">Anti-rollback counter: never lower than in an earlier batch of the product.</param>
/// <param name="SigningKeyId">How the firmware's own process names the key that signed the image.</param>
public sealed record BatchFirmware(string Component, string Version, string Sha256, uint SecurityCounter, string SigningKeyId);

/// <param name="HbomDigest">SHA-256 of the hardware BOM (CycloneDX), lower-case hex.</param>
public sealed record BatchHardware(string HbomDigest, ImmutableArray<BatchPart> CriticalParts);

/// <param name="Mpn">The manufacturer's part number of what was mounted.</param>
/// <param name="DateCode">YYWW or YYYY-MM-DD.</param>
/// <param name="Substitution">Null when it is the part that was designed in.</param>
public sealed record BatchPart(string Mpn, string Supplier, string Lot, string DateCode, BatchSubstitution? Substitution = null);

/// <param name="Replaces">Part number of the part that was designed in.</param>
/// <param name="Revalidation">Where it is written that the product was validated with the substitute.</param>
public sealed record BatchSubstitution(string Replaces, string Revalidation);

/// <summary>The authority that issued the devices' certificates; both hashes lower-case hex.</summary>
public sealed record BatchIssuingCa(string CertSha256, string SpkiSha256);

/// <summary>The tree of the devices, hashed with <see cref="TreeHash"/>.</summary>
/// <param name="Root">Lower-case hex.</param>
public sealed record BatchDevices(long TreeSize, string Root);

/// <param name="Built">Good devices, as many as the tree has leaves.</param>
/// <param name="Reworked">Of the built.</param>
public sealed record BatchYield(long Built, long Scrapped, long Reworked);
