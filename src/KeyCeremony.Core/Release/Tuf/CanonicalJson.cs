using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KeyCeremony.Core.Release.Tuf;

/// <summary>
/// JSON of which two readers make the same bytes: OLPC canonical JSON, over a part of JSON in which nobody has to agree about Unicode or
/// about numbers. A text is written as it is, with a backslash before quote and backslash: what comes out
/// is no JSON where a text has line ends.
/// </summary>
internal static partial class CanonicalJson
{
    private const int Depth = 16;
    private const int MaxShown = 40;

    /// <summary>Else <see cref="TufRefused"/>: TUF-01 what is no JSON, TUF-02 what can be spelled in two ways.</summary>
    public static JsonDocument Read(ReadOnlyMemory<byte> file)
    {
        try
        {
            return Checked(JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = Depth, AllowDuplicateProperties = true }));
        }
        catch (JsonException e)
        {
            throw new TufRefused(TufRules.Form, JsonFaults.InWords(e), "Give a root file as TUF's tools write it.");
        }
        // A text that is no UTF-8, or half a character, is found when it is asked for.
        catch (InvalidOperationException)
        {
            throw Other("A text in it is not UTF-8.");
        }
    }

    public static byte[] Write(JsonElement element)
    {
        var text = new StringBuilder();
        Write(element, text);
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>For people: a line end is \n, and so nothing else is.</summary>
    public static string InWords(JsonElement element) =>
        Encoding.ASCII.GetString(Write(element)).Replace("\n", "\\n", StringComparison.Ordinal);

    private static JsonDocument Checked(JsonDocument document)
    {
        try
        {
            Check(document.RootElement);
            return document;
        }
        catch (Exception)
        {
            document.Dispose();
            throw;
        }
    }

    private static void Check(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                CheckNames(element);
                foreach (JsonProperty member in element.EnumerateObject())
                    Check(member.Value);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement one in element.EnumerateArray())
                    Check(one);
                break;
            case JsonValueKind.String:
                CheckText(element.GetString()!);
                break;
            case JsonValueKind.Number when !WholeNumber().IsMatch(element.GetRawText()) || !element.TryGetInt64(out _):
                throw Other($"The number {PlainText.Of(element.GetRawText(), MaxShown)} is not whole, or is not written plainly.");
            default:
                break;
        }
    }

    private static void CheckNames(JsonElement element)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            CheckText(member.Name);
            if (member.Name.Contains('\n', StringComparison.Ordinal))
                throw Other($"The name {PlainText.Of(member.Name, MaxShown)} has a line end.");
            if (!names.Add(member.Name))
                throw Other($"The name {PlainText.Of(member.Name, MaxShown)} stands twice in an object.");
        }
    }

    private static void CheckText(string text)
    {
        if (text.Any(one => one is not ('\n' or (>= ' ' and <= '~'))))
            throw Other($"The text '{PlainText.Of(text, MaxShown)}' has a character that is neither printable ASCII nor a line end.");
    }

    // OLPC: names in the order of their bytes, no white space.
    private static void Write(JsonElement element, StringBuilder text)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach ((int index, JsonProperty member) in InOrder(element).Index())
                {
                    text.Append(index == 0 ? "" : ",");
                    WriteText(member.Name, text);
                    text.Append(':');
                    Write(member.Value, text);
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach ((int index, JsonElement one) in element.EnumerateArray().Index())
                {
                    text.Append(index == 0 ? "" : ",");
                    Write(one, text);
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteText(element.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(element.GetInt64().ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    private static IEnumerable<JsonProperty> InOrder(JsonElement element) =>
        element.EnumerateObject().OrderBy(one => one.Name, StringComparer.Ordinal);

    private static void WriteText(string value, StringBuilder text) => text.Append('"')
        .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');

    private static TufRefused Other(string found) => new(TufRules.OneSpelling, found,
        "Two readers could make two texts of it, and sign or believe another one. Have it written anew.");

    [GeneratedRegex(@"^(0|-?[1-9]\d*)\z")]
    private static partial Regex WholeNumber();
}
