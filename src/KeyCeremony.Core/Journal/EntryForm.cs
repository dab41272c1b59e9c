using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KeyCeremony.Core.Journal;

/// <summary>
/// What each value of a line keeps to, whatever its member means: null only where the member may be null, and texts that nobody
/// reads as something else (<see cref="PlainText"/>). The serialiser looks at neither: it lets null into lists, and a text
/// may hold anything. One walk over the tokens, so no record has to remember it.
/// </summary>
internal static class EntryForm
{
    private const int LongestName = 32;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> MayBeNull = Members(ExactJson.Line, [])
        .Where(m => Nullable.GetUnderlyingType(m.PropertyType) is not null).Select(m => m.Name)
        .ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="line">JSON; what is none throws as <see cref="Utf8JsonReader"/> throws.</param>
    public static bool Holds(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = JournalJson.Depth });
        // The member whose value, or whose list of values, is being read: empty between them, where a list's objects stand.
        Span<char> buffer = stackalloc char[LongestName];
        int length = 0;
        while (json.Read())
            switch (json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    if (json.ValueSpan.Length > LongestName || json.ValueIsEscaped)
                        return false;
                    length = Encoding.UTF8.GetChars(json.ValueSpan, buffer);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.EndObject or JsonTokenType.EndArray:
                    length = 0;
                    break;
                case JsonTokenType.Null when !MayBeNull.Contains(buffer[..length]):
                case JsonTokenType.String when !IsGood(ref json, buffer[..length]):
                    return false;
            }
        return true;
    }

    private static bool IsGood(ref Utf8JsonReader json, scoped ReadOnlySpan<char> member)
    {
        // Nearly all texts are plain ASCII and are never made a string for this.
        if (!json.ValueIsEscaped && !json.ValueSpan.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return true;
        string text = json.GetString()!;
        // Whole files: lines may end in them, and their own readers judge the rest.
        return PlainText.Is(member is "script" or "dclRecord" ? text.Replace("\n", "", StringComparison.Ordinal) : text);
    }

    /// <summary>Of a line, of every kind of body, and of what stands in their lists.</summary>
    private static IEnumerable<JsonPropertyInfo> Members(JsonTypeInfo type, HashSet<Type> seen)
    {
        if (!seen.Add(type.Type))
            return [];
        IEnumerable<Type> below = type.Properties.Select(p => p.PropertyType)
            .Concat(type.PolymorphismOptions?.DerivedTypes.Select(d => d.DerivedType) ?? [])
            .Concat(type.ElementType is { } element ? [element] : []);
        return [.. type.Properties, .. below.SelectMany(t => Members(type.Options.GetTypeInfo(t), seen))];
    }
}
