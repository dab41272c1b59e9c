using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyCeremony.Core.Manifest;

/// <summary>
/// A statement's bytes. Reading accepts only the bytes that writing the result gives again, so one statement has one
/// form; what its values may be is for <see cref="BatchChecks"/>.
/// </summary>
internal static class BatchJson
{
    private const string PredicateType = "urn:keyceremony:device-batch:v1";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static byte[] Write(BatchStatement statement) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(ToDocument(statement), BatchJsonContext.Strict.StatementDocument), (byte)'\n'];

    /// <summary>Else refused: BATCH-01, BATCH-02, BATCH-06, BATCH-12.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out BatchStatement? statement,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        statement = null;
        if (json.Length > BatchStatement.MaxBytes)
            refusal = NotAStatement($"{json.Length} bytes are too many.");
        else if ((refusal = Parse(json, out StatementDocument? document) ?? CheckKind(document!)
            ?? FromDocument(document!, out statement)) is null)
            refusal = CheckForm(json, Write(statement!));
        if (refusal is not null)
            statement = null;
        return statement is not null;
    }

    /// <summary>How the files of a batch are read and written.</summary>
    internal static JsonSerializerOptions Strict(int depth) => new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Text stands as it is; only the quotation mark and the backslash are escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = depth,
    };

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static Refusal? Parse(ReadOnlySpan<byte> json, out StatementDocument? document)
    {
        document = null;
        try
        {
            document = JsonSerializer.Deserialize(json, BatchJsonContext.Strict.StatementDocument);
            return document is null ? NotAStatement("It is null.") : HoldsNull(document) ? NotAStatement("A list holds null.") : null;
        }
        catch (JsonException e)
        {
            return NotAStatement(JsonFaults.InWords(e));
        }
    }

    // The serializer honours nullability of properties, not of list elements.
    private static bool HoldsNull(StatementDocument document) =>
        document.Subject.Any(subject => subject is null)
        || document.Predicate.Firmware.Any(image => image is null)
        || document.Predicate.Hardware.CriticalParts.Any(part => part is null);

    private static Refusal? CheckKind(StatementDocument document)
    {
        if (document.Type != Dsse.StatementType)
            return BatchRules.Kind.Refuse($"The _type is not {Dsse.StatementType}.",
                "Give a statement that 'keyceremony manifest build' wrote.");
        if (document.PredicateType != PredicateType)
            return BatchRules.Kind.Refuse($"The predicateType is not {PredicateType}.",
                "Give a statement about a device batch, or use the version of the program that wrote it.");
        return document.Predicate.Devices.Alg == TreeHash.Algorithm ? null
            : BatchRules.Kind.Refuse($"The devices are not hashed as {TreeHash.Algorithm}.",
                "Use the version of the program that wrote the statement.");
    }

    private static Refusal? CheckForm(ReadOnlySpan<byte> found, ReadOnlySpan<byte> form)
    {
        int same = found.CommonPrefixLength(form);
        return same == found.Length && same == form.Length ? null
            : NotAStatement($"From byte {same + 1} on it is not in the one form a statement is written in.");
    }

    private static Refusal NotAStatement(string found) =>
        BatchRules.Form.Refuse($"This is not a batch statement: {found}",
            "Bring the file again as 'keyceremony manifest build' or the ceremony wrote it; it is not edited by hand.");

    private static StatementDocument ToDocument(BatchStatement s) => new(
        Dsse.StatementType,
        [.. s.Subjects.Select(subject => new SubjectDocument(subject.Name, new DigestDocument(subject.Sha256)))],
        PredicateType,
        new PredicateDocument(
            s.BatchId, s.Environment, s.Site, s.Line, s.Operator, Time(s.StartedOn), Time(s.FinishedOn),
            new ProductDocument(s.Product.Vid, s.Product.Pid, s.Product.Sku, s.Product.HwRev),
            [.. s.Firmware.Select(f => new FirmwareDocument(f.Component, f.Version, f.Sha256, f.SecurityCounter, f.SigningKeyId))],
            new HardwareDocument(new DigestDocument(s.Hardware.HbomDigest), [.. s.Hardware.CriticalParts.Select(ToDocument)]),
            new IssuingCaDocument(s.IssuingCa.CertSha256, s.IssuingCa.SpkiSha256),
            new DevicesDocument(TreeHash.Algorithm, s.Devices.TreeSize, s.Devices.Root),
            new YieldDocument(s.Yield.Built, s.Yield.Scrapped, s.Yield.Reworked),
            s.PrevManifest,
            s.CeremonyTranscriptHash));

    private static PartDocument ToDocument(BatchPart part) => new(part.Mpn, part.Supplier, part.Lot, part.DateCode,
        part.Substitution is { } substitution ? new SubstitutionDocument(substitution.Replaces, substitution.Revalidation) : null);

    private static Refusal? FromDocument(StatementDocument document, out BatchStatement? statement)
    {
        statement = null;
        PredicateDocument p = document.Predicate;
        if (!TryReadTime(p.StartedOn, out DateTimeOffset startedOn) || !TryReadTime(p.FinishedOn, out DateTimeOffset finishedOn))
            return BatchRules.Times.Refuse("startedOn or finishedOn is not like 2026-11-22T10:00:00Z.",
                "Give the times in UTC and whole seconds.");
        if (p.Hardware.CriticalParts.FirstOrDefault(part => part.Substitution is { } s && (s.Replaces is null || s.Revalidation is null))
            is { } unproven)
            return BatchRules.Substitution.Refuse(
                $"The substitute {Pki.CertificateText.Visible(unproven.Mpn)} does not name both what it replaces and its revalidation.",
                "Give both references.");
        statement = new BatchStatement
        {
            Subjects = [.. document.Subject.Select(subject => new BatchSubject(subject.Name, subject.Digest.Sha256))],
            BatchId = p.BatchId,
            Environment = p.Environment,
            Site = p.Site,
            Line = p.Line,
            Operator = p.Operator,
            StartedOn = startedOn,
            FinishedOn = finishedOn,
            Product = new BatchProduct(p.Product.Vid, p.Product.Pid, p.Product.Sku, p.Product.HwRev),
            Firmware = [.. p.Firmware.Select(f => new BatchFirmware(f.Component, f.Version, f.Sha256, f.SecurityCounter, f.SigningKeyId))],
            Hardware = new BatchHardware(p.Hardware.HbomDigest.Sha256, [.. p.Hardware.CriticalParts.Select(FromDocument)]),
            IssuingCa = new BatchIssuingCa(p.IssuingCa.CertSha256, p.IssuingCa.SpkiSha256),
            Devices = new BatchDevices(p.Devices.TreeSize, p.Devices.Root),
            Yield = new BatchYield(p.Yield.Built, p.Yield.Scrapped, p.Yield.Reworked),
            PrevManifest = p.PrevManifest,
            CeremonyTranscriptHash = p.CeremonyTranscriptHash,
        };
        return null;
    }

    private static BatchPart FromDocument(PartDocument part) => new(part.Mpn, part.Supplier, part.Lot, part.DateCode,
        part.Substitution is { } substitution ? new BatchSubstitution(substitution.Replaces!, substitution.Revalidation!) : null);

    internal static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}

// The fields in the order they are written.
internal sealed record StatementDocument(
    [property: JsonPropertyName("_type")] string Type,
    [property: JsonPropertyName("subject")] IReadOnlyList<SubjectDocument> Subject,
    [property: JsonPropertyName("predicateType")] string PredicateType,
    [property: JsonPropertyName("predicate")] PredicateDocument Predicate);

internal sealed record SubjectDocument(string Name, DigestDocument Digest);

internal sealed record DigestDocument(string Sha256);

internal sealed record PredicateDocument(
    string BatchId,
    string Environment,
    string Site,
    string Line,
    string Operator,
    string StartedOn,
    string FinishedOn,
    ProductDocument Product,
    IReadOnlyList<FirmwareDocument> Firmware,
    HardwareDocument Hardware,
    [property: JsonPropertyName("issuingCA")] IssuingCaDocument IssuingCa,
    DevicesDocument Devices,
    YieldDocument Yield,
    string? PrevManifest = null,
    string? CeremonyTranscriptHash = null);

internal sealed record ProductDocument(string Vid, string Pid, string Sku, string HwRev);

internal sealed record FirmwareDocument(string Component, string Version, string Sha256, uint SecurityCounter, string SigningKeyId);

internal sealed record HardwareDocument(DigestDocument HbomDigest, IReadOnlyList<PartDocument> CriticalParts);

internal sealed record PartDocument(string Mpn, string Supplier, string Lot, string DateCode, SubstitutionDocument? Substitution = null);

// Both may be missing here, so that the refusal can say what a substitution needs.
internal sealed record SubstitutionDocument(string? Replaces = null, string? Revalidation = null);

internal sealed record IssuingCaDocument(string CertSha256, string SpkiSha256);

internal sealed record DevicesDocument(string Alg, long TreeSize, string Root);

internal sealed record YieldDocument(long Built, long Scrapped, long Reworked);

[JsonSerializable(typeof(StatementDocument))]
internal sealed partial class BatchJsonContext : JsonSerializerContext
{
    // statement, predicate, hardware, criticalParts, part, substitution; writing counts the values too.
    private const int Depth = 7;

    public static BatchJsonContext Strict { get; } = new(BatchJson.Strict(Depth));
}
