using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A plan as UTF-8 JSON for the journal: one object, properties in the order below, no white space. Reading accepts
/// only the bytes that writing the result gives again, so one plan has one form.
/// </summary>
public static class PlanJson
{
    private const string Format = "certificate-plan/1";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const int MaxBytes = 64 * 1024;

    public static byte[] Write(CertificatePlan plan) =>
        JsonSerializer.SerializeToUtf8Bytes(ToDocument(plan), PlanJsonContext.Default.PlanDocument);

    /// <summary>Else refused: PLAN-01, and the rules of the parts.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out CertificatePlan? plan,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        plan = null;
        refusal = null;
        if (json.Length > MaxBytes)
            refusal = NotAPlan($"{json.Length} bytes are too many.");
        else if (Parse(json, out PlanDocument? document) is { } parseRefusal)
            refusal = parseRefusal;
        else if (FromDocument(document!, out CertificatePlan? read) is { } contentRefusal)
            refusal = contentRefusal;
        else if (!Write(read!).AsSpan().SequenceEqual(json))
            refusal = NotAPlan("It is not in the one form a plan is written in.");
        else
            plan = read;
        return plan is not null;
    }

    private static PlanDocument ToDocument(CertificatePlan plan) => new(
        Format,
        plan.Profile.ScriptName,
        [.. plan.Subject.Attributes.Select(attribute => new AttributeDocument(Oids.NameOf(attribute.Oid),
            attribute.StringLabel, attribute.Value))],
        plan.Issuer is null ? null : Convert.ToBase64String(plan.Issuer.Der.Span),
        plan.Key.ScriptName,
        plan.Serial.ToString(),
        plan.NotBefore.ToString(TimeFormat, CultureInfo.InvariantCulture),
        plan.NotAfter.ToString(TimeFormat, CultureInfo.InvariantCulture),
        plan.PathLength,
        plan.ExtendedKeyUsage,
        plan.Policies,
        plan.CrlDistributionPoints,
        plan.SubjectKeyIdentifier);

    private static Refusal? Parse(ReadOnlySpan<byte> json, out PlanDocument? document)
    {
        document = null;
        try
        {
            document = JsonSerializer.Deserialize(json, PlanJsonContext.Default.PlanDocument);
            return document is null ? NotAPlan("It is null.") : null;
        }
        catch (JsonException e)
        {
            return NotAPlan(JsonFaults.InWords(e));
        }
    }

    private static Refusal? FromDocument(PlanDocument document, out CertificatePlan? plan)
    {
        plan = null;
        if (document.Format != Format)
            return NotAPlan($"The format is '{document.Format}'.");
        if (HoldsNull(document))
            return NotAPlan("A list holds null.");
        if (!CertificateProfile.TryParse(document.Profile, out CertificateProfile? profile))
            return NotAPlan($"The profile '{document.Profile}' is unknown.");
        if (!KeyAlgorithm.TryParse(document.Key, out KeyAlgorithm? key))
            return NotAPlan($"The key '{document.Key}' is unknown.");
        if (ReadSubject(document.Subject, out DistinguishedName? subject) is { } subjectRefusal)
            return subjectRefusal;
        if (ReadSerial(document.Serial, out SerialNumber? serial) is { } serialRefusal)
            return serialRefusal;
        if (ReadIssuer(document.Issuer, out ParsedCertificate? issuer) is { } issuerRefusal)
            return issuerRefusal;
        if (!TryReadTime(document.NotBefore, out DateTimeOffset notBefore) || !TryReadTime(document.NotAfter, out DateTimeOffset notAfter))
            return NotAPlan("A time is not like 2026-11-22T10:00:00Z.");
        plan = new CertificatePlan
        {
            Profile = profile,
            Subject = subject!,
            Issuer = issuer,
            Key = key,
            Serial = serial!,
            NotBefore = notBefore,
            NotAfter = notAfter,
            PathLength = document.PathLength,
            ExtendedKeyUsage = document.ExtendedKeyUsage,
            Policies = document.Policies,
            CrlDistributionPoints = document.CrlDistributionPoints,
            SubjectKeyIdentifier = document.SubjectKeyIdentifier,
        };
        return PlanRules.Check(plan);
    }

    // The serializer honours nullability of properties, not of list elements.
    private static bool HoldsNull(PlanDocument document) =>
        document.Subject.Any(attribute => attribute is null)
        || (document.ExtendedKeyUsage ?? []).Concat(document.Policies).Concat(document.CrlDistributionPoints).Any(entry => entry is null);

    private static Refusal? ReadSubject(IReadOnlyList<AttributeDocument> attributes, out DistinguishedName? subject)
    {
        subject = null;
        var typed = new List<NameAttribute>();
        foreach (AttributeDocument attribute in attributes)
        {
            if (AttributeKind.ByScriptName(attribute.Type) is not { } kind)
                return NotAPlan($"The attribute type '{attribute.Type}' is unknown.");
            if (attribute.String is not ("UTF8String" or "PrintableString"))
                return NotAPlan($"The string type '{attribute.String}' is unknown.");
            typed.Add(new NameAttribute(kind.Oid, attribute.String == "UTF8String" ? NameString.Utf8 : NameString.Printable,
                attribute.Value));
        }
        return DistinguishedName.TryCreate(typed, out subject, out Refusal? refusal) ? null : refusal;
    }

    private static Refusal? ReadSerial(string hex, out SerialNumber? serial)
    {
        serial = null;
        if (hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigitLower))
            return NotAPlan("The serial is not lower-case hex.");
        return SerialNumber.TryCreate(Convert.FromHexString(hex), out serial, out Refusal? refusal) ? null : refusal;
    }

    private static Refusal? ReadIssuer(string? base64, out ParsedCertificate? issuer)
    {
        issuer = null;
        if (base64 is null)
            return null;
        if (ExactBase64.Read(base64) is not { } der)
            return NotAPlan("The issuer is not base64.");
        return CertificateReader.TryReadCertificate(der, out issuer, out Refusal? refusal) ? null : refusal;
    }

    private static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static Refusal NotAPlan(string found) =>
        PlanRules.Json.Refuse($"This is not a certificate plan: {found}",
            "The ledger may be of another version, or this stick may be failing: use the other record stick.");
}

internal sealed record AttributeDocument(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("string")] string String,
    [property: JsonPropertyName("value")] string Value);

internal sealed record PlanDocument(
    [property: JsonPropertyName("format")] string Format,
    [property: JsonPropertyName("profile")] string Profile,
    [property: JsonPropertyName("subject")] IReadOnlyList<AttributeDocument> Subject,
    [property: JsonPropertyName("issuer")] string? Issuer,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("serial")] string Serial,
    [property: JsonPropertyName("notBefore")] string NotBefore,
    [property: JsonPropertyName("notAfter")] string NotAfter,
    [property: JsonPropertyName("pathLength")] int? PathLength,
    [property: JsonPropertyName("extendedKeyUsage")] IReadOnlyList<string>? ExtendedKeyUsage,
    [property: JsonPropertyName("policies")] IReadOnlyList<string> Policies,
    [property: JsonPropertyName("crlDistributionPoints")] IReadOnlyList<string> CrlDistributionPoints,
    [property: JsonPropertyName("subjectKeyIdentifier"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    string? SubjectKeyIdentifier = null);

[JsonSourceGenerationOptions(
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 4)]
[JsonSerializable(typeof(PlanDocument))]
internal sealed partial class PlanJsonContext : JsonSerializerContext;
