using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// A hardware bill of materials in CycloneDX's JSON, as far as a batch needs it: it is one, and every critical part stands
/// in it. Not checked: CycloneDX's schema.
/// </summary>
internal static partial class HardwareBom
{
    /// <summary>Thousands of components take some MiB.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    // Components nest by assemblies, and each brings licences and properties of its own.
    private const int MaxDepth = 64;

    private const string PartNumber = "mpn";

    /// <summary>BUILD-04, or null.</summary>
    public static Refusal? Check(ReadOnlyMemory<byte> json, ImmutableArray<BatchPart> criticalParts)
    {
        if (json.Length > MaxBytes)
            return NotABom($"it has more than {MaxBytes} bytes");
        if (TextForm.Unread(json.Span) is { } unread)
            return NotABom($"{char.ToLowerInvariant(unread[0])}{unread[1..].TrimEnd('.')}");
        json = json[TextForm.MarkLength(json.Span)..];
        try
        {
            using var bom = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return CheckKind(bom.RootElement) ?? CheckParts(bom.RootElement, criticalParts);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            string why = JsonFaults.InWords(e).TrimEnd('.');
            return NotABom($"{char.ToLowerInvariant(why[0])}{why[1..]}");
        }
    }

    private static Refusal? CheckKind(JsonElement bom)
    {
        if (bom.ValueKind != JsonValueKind.Object || Text(bom, "bomFormat") != "CycloneDX")
            return NotABom("bomFormat is not CycloneDX");
        return SpecVersion().IsMatch(Text(bom, "specVersion") ?? "") ? null : NotABom("specVersion is not 1.2 or a later 1.x");
    }

    private static Refusal? CheckParts(JsonElement bom, ImmutableArray<BatchPart> criticalParts)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        AddNames(bom, names);
        // The BOM may be that of the design: then it has the part that was replaced.
        return criticalParts.FirstOrDefault(part => !names.Contains(part.Mpn)
            && !(part.Substitution is { } substitution && names.Contains(substitution.Replaces))) is { } missing
            ? BuildRules.Hbom.Refuse($"The critical part {missing.Mpn} is no component of the hardware BOM.",
                "Give the BOM of this hardware revision; a part is found by its component's name or by its property mpn.")
            : null;
    }

    private static void AddNames(JsonElement parent, HashSet<string> names)
    {
        foreach (JsonElement component in List(parent, "components"))
        {
            if (Text(component, "name") is { } name)
                names.Add(name);
            foreach (JsonElement property in List(component, "properties"))
                if (Text(property, "name") is { } key && (key == PartNumber || key.EndsWith($":{PartNumber}", StringComparison.Ordinal))
                    && Text(property, "value") is { } value)
                    names.Add(value);
            AddNames(component, names);
        }
    }

    private static IEnumerable<JsonElement> List(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)
            : [];

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static Refusal NotABom(string why) =>
        BuildRules.Hbom.Refuse($"The hardware BOM is not CycloneDX in JSON: {why}.", "Export it as CycloneDX JSON, version 1.2 or later.");

    [GeneratedRegex(@"^1\.([2-9]|[1-9][0-9])\z")]
    private static partial Regex SpecVersion();
}
