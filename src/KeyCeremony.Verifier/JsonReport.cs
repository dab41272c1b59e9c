using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using KeyCeremony.Core;

namespace KeyCeremony.Verifier;

/// <summary>One JSON object for machines, which a terminal may show as well. docs/formats/json.md.</summary>
public static class JsonReport
{
    private static readonly JsonWriterOptions Form = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <returns>With a line end.</returns>
    public static string Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Form))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Escaped(Encoding.UTF8.GetString(buffer.WrittenSpan)) + "\n";
    }

    /// <summary>
    /// What steers a terminal or turns the reading direction stands as an escape: outside of strings JSON has none of it.
    /// </summary>
    private static string Escaped(string json)
    {
        var plain = new StringBuilder(json.Length);
        foreach (Rune rune in json.EnumerateRunes())
            if (rune.Value == '\n' || PlainText.Is(rune.ToString()))
                plain.Append(rune.ToString());
            else
                foreach (char unit in rune.ToString())
                    plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
        return plain.ToString();
    }
}
