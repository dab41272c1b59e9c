using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KeyCeremony.Core.Journal;

/// <summary>The journal's JSON: compact, declared order, no unknown member, no duplicate.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    // The other half is code for writing that an encoder of its own (below) rules out.
    GenerationMode = JsonSourceGenerationMode.Metadata,
    WriteIndented = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    MaxDepth = Depth,
    Converters = [typeof(UtcOnly)])]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalJson : JsonSerializerContext
{
    public const int Depth = 16;
}

/// <summary>A time with another offset would be shown as UTC and mean something else.</summary>
internal sealed class UtcOnly : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TryGetDateTimeOffset(out DateTimeOffset utc) && utc.Offset == TimeSpan.Zero ? utc : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}

/// <summary>Base64 and script text stay readable: only what JSON itself demands is escaped.</summary>
internal static class ExactJson
{
    public static readonly JsonTypeInfo<JournalLine> Line = new JournalJson(new JsonSerializerOptions(JournalJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    }).JournalLine;
}

/// <summary>The exact bytes of an entry are this record's JSON.</summary>
internal sealed record JournalLine(long Seq, string Ceremony, DateTimeOffset Utc, string Step, EntryBody Body);
