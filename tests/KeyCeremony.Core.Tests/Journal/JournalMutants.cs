using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Tests.Journal;

/// <summary>A line of the journal with one value spoilt: what a hostile file may hold where a value stands.</summary>
internal static class JournalMutants
{
    private static readonly JsonSerializerOptions Exact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is put in a value's place. Twice, missing and the rest of a name are made besides.</summary>
    private static readonly ImmutableArray<string> Values =
    [
        "null", "[null]", "[]", "{}", "[{}]", "true", "7", "-1", "0", "1e400", "1.5",
        "2147483647", "2147483648", "-2147483649", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "99999999999999999999999999999999",
        "\"\"", "\" \"", "\"x\"", "\"\\n\"", "\"\\u0000\"", "\"a\u202eb\"",
        "\"a\u2028b\"", "\"a\u200db\"", "\"\\ud800\"", "\"\\ud800\\ud800\"", "\"0001-01-01T00:00:00+00:00\"",
        "\"9999-12-31T23:59:59.999+00:00\"",
        "\"2026-11-22T12:00:00+05:00\"", "\"2026-11-22T12:00:00.0000001+00:00\"",
        new string('[', 100) + new string(']', 100), new string('[', 50000),
    ];

    /// <summary>One body of every kind, with a value in every member and two in every list.</summary>
    public static ImmutableArray<EntryBody> Bodies { get; } = [.. typeof(EntryBody).GetCustomAttributes<JsonDerivedTypeAttribute>()
        .Select(k => (EntryBody)Sample(k.DerivedType, 1))];

    /// <summary>Those of them that are values of the right type somewhere, and mean something else there.</summary>
    public static ImmutableArray<string> WellFormed { get; } =
        [.. Values.Intersect(["[]", "0", "-1", "2147483647", "9223372036854775807",
            "-9223372036854775808", "\"\"", "\"x\"", "\"9999-12-31T23:59:59.999+00:00\""])];

    public static IEnumerable<string> Of(string line, params IReadOnlyCollection<string> values)
    {
        JsonNode root = JsonNode.Parse(line)!;
        foreach ((JsonNode holder, string? name, int index) in Places(root))
        {
            foreach (string value in values.Count > 0 ? values : Values)
                yield return Write(root, holder, name, index, _ => [value]);
            yield return Write(root, holder, name, index, _ => []);
            yield return Write(root, holder, name, index, same => [same, same]);
        }
    }

    /// <summary>With other texts alone, at every text: what a program that looks at forms only would let through.</summary>
    public static IEnumerable<string> WithText(string line, string text)
    {
        JsonNode root = JsonNode.Parse(line)!;
        foreach ((JsonNode holder, string? name, int index) in Places(root))
            if ((name is null ? holder[index] : holder[name]) is JsonValue value
                && value.GetValueKind() == JsonValueKind.String && name is not "kind")
                yield return Write(root, holder, name, index, _ => [JsonSerializer.Serialize(text, Exact)]);
    }

    private static IEnumerable<(JsonNode Holder, string? Name, int Index)> Places(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => Places(p.Value).Prepend((o, p.Key, 0))),
        JsonArray a => Enumerable.Range(0, a.Count).SelectMany(i => Places(a[i]).Prepend((a, null, i))),
        _ => [],
    };

    private static string Write(JsonNode? node, JsonNode holder, string? name, int index, Func<string, string[]> instead)
    {
        string Inner(JsonNode? value) => Write(value, holder, name, index, instead);
        string[] Made(bool here, JsonNode? value) => here ? instead(Inner(value)) : [Inner(value)];
        return node switch
        {
            JsonObject o => "{"
                + string.Join(',', o.SelectMany(p => Made(o == holder && p.Key == name, p.Value).Select(v => $"\"{p.Key}\":{v}"))) + "}",
            JsonArray a => "["
                + string.Join(',', Enumerable.Range(0, a.Count).SelectMany(i => Made(a == holder && i == index, a[i]))) + "]",
            null => "null",
            _ => node.ToJsonString(Exact),
        };
    }

    private static object Sample(Type type, int number) => type switch
    {
        _ when type == typeof(string) => $"text {number}",
        _ when type == typeof(int) || type == typeof(long) => Convert.ChangeType(number, type, CultureInfo.InvariantCulture),
        _ when type == typeof(bool) => true,
        _ when type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?) => new DateTimeOffset(2026,
            11, 22, 12, 0, number, TimeSpan.Zero),
        _ when type.IsGenericType => List(type.GetGenericArguments()[0]),
        _ => type.GetConstructors().MaxBy(c => c.GetParameters().Length)!.Invoke([.. type.GetConstructors()
            .MaxBy(c => c.GetParameters().Length)!.GetParameters().Select((p, i) => Sample(p.ParameterType, number + i))]),
    };

    private static object List(Type element)
    {
        var items = Array.CreateInstance(element, 2);
        for (int i = 0; i < items.Length; i++)
            items.SetValue(Sample(element, i + 1), i);
        return typeof(JournalMutants).GetMethod(nameof(Immutable), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(element)
            .Invoke(null, [items])!;
    }

    private static ImmutableArray<T> Immutable<T>(IEnumerable items) => [.. items.Cast<T>()];
}
