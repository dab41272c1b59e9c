using System.Text.Json;

namespace KeyCeremony.Core;

/// <summary>Why a text is not the JSON that was expected, in words of ours.</summary>
public static class JsonFaults
{
    private const int MaxPath = 100;

    /// <summary>A sentence with its full stop.</summary>
    public static string InWords(JsonException e)
    {
        string place = e is { LineNumber: { } line, BytePositionInLine: { } at } ? $" (line {line + 1}, byte {at + 1})" : "";
        // What the reader itself finds is thrown by a class below; what does not fit our fields is thrown bare.
        bool isText = e.InnerException is JsonException || e.GetType() != typeof(JsonException);
        return isText
            ? $"It is not JSON{place}, or a name stands in it twice."
            : e.Path is null or "$" ? $"A field of it is missing, unknown, given twice or of another kind{place}."
            : $"Its field {PlainText.Of(e.Path, MaxPath).TrimStart('$').TrimStart('.')} is unknown, given twice, incomplete "
                + $"or of another kind{place}.";
    }

    /// <summary>For readers that ask value by value: there a text that is no UTF-8 is an InvalidOperationException.</summary>
    public static string InWords(Exception e) => e is JsonException json ? InWords(json) : "A text in it is not UTF-8.";
}
