using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace KeyCeremony.Core.Journal;

/// <summary>
/// What the transcript key signs: where the journal stands and which files leave the room.
/// Its bytes are docs/formats/bundle.md's <c>checkpoint.json</c>.
/// </summary>
/// <param name="Ceremony">The ceremony that signs, e.g. <c>0001-root-creation</c>.</param>
/// <param name="ScriptSha256">Of that ceremony's script, lower-case hex.</param>
/// <param name="Seq">The last entry that the statement covers.</param>
/// <param name="Head">That entry's hash, lower-case hex.</param>
/// <param name="SignedAfter">That entry's time: the signature is later.</param>
/// <param name="Files">Path in the bundle to SHA-256, lower-case hex, in ordinal order.</param>
public sealed record CheckpointStatement(string LedgerId, string Environment, string Ceremony, string ScriptSha256,
    long Seq, string Head, DateTimeOffset SignedAfter, ImmutableSortedDictionary<string, string> Files)
{
    public const string Type = "keyceremony-checkpoint-v1";

    /// <summary>The statement in the bundle.</summary>
    public const string FileName = "checkpoint.json";

    /// <summary>Its signature.</summary>
    public const string CmsName = "checkpoint.cms";

    /// <summary>The signature of a second transcript key, of ML-DSA, beside it.</summary>
    public const string CosignatureName = "checkpoint-pq.cms";

    /// <summary>The hashes of what the statement covers, of the statement and of its signatures.</summary>
    public const string SumsName = "SHA256SUMS";

    /// <summary>A ledger of hundreds of certificates stays far below.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    private static readonly JsonWriterOptions Form = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The one form: these members in this order, two spaces, LF, a last LF.</summary>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Form))
        {
            json.WriteStartObject();
            json.WriteString("type", Type);
            json.WriteString("ledgerId", LedgerId);
            json.WriteString("environment", Environment);
            json.WriteString("ceremony", Ceremony);
            json.WriteString("scriptSha256", ScriptSha256);
            json.WriteNumber("seq", Seq);
            json.WriteString("head", Head);
            json.WriteString("signedAfter", SignedAfter.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteStartObject("files");
            foreach ((string path, string sha256) in Files)
                json.WriteString(path, sha256);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The bundle's SHA256SUMS: what the statement covers, the statement and its signatures. <c>sha256sum -c</c> reads it.
    /// </summary>
    /// <param name="cosignature">Null: there is one signature.</param>
    public byte[] Sums(byte[] cms, byte[]? cosignature)
    {
        ImmutableSortedDictionary<string, string> files = Files
            .SetItem(FileName, Convert.ToHexStringLower(SHA256.HashData(Write())))
            .SetItem(CmsName, Convert.ToHexStringLower(SHA256.HashData(cms)));
        return Sums(cosignature is null ? files
            : files.SetItem(CosignatureName, Convert.ToHexStringLower(SHA256.HashData(cosignature))));
    }

    /// <param name="files">Path in the bundle to SHA-256, lower-case hex, in any order.</param>
    public static byte[] Sums(IEnumerable<KeyValuePair<string, string>> files) => Encoding.UTF8.GetBytes(string.Concat(
        files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Value}  {f.Key}\n")));

    /// <summary>Null when the bytes are not exactly what <see cref="Write"/> would write.</summary>
    public static CheckpointStatement? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            return null;
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray(),
                new JsonDocumentOptions { MaxDepth = 3, AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            ImmutableSortedDictionary<string, string>.Builder files =
                ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach (JsonProperty file in root.GetProperty("files").EnumerateObject())
                files.Add(file.Name, Text(file.Value));
            var statement = new CheckpointStatement(Text(root.GetProperty("ledgerId")), Text(root.GetProperty("environment")),
                Text(root.GetProperty("ceremony")), Text(root.GetProperty("scriptSha256")), root.GetProperty("seq").GetInt64(),
                Text(root.GetProperty("head")),
                DateTimeOffset.ParseExact(Text(root.GetProperty("signedAfter")),
                    TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                files.ToImmutable());
            return bytes.SequenceEqual(statement.Write()) ? statement : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException
            or KeyNotFoundException or ArgumentException)
        {
            return null;
        }
    }

    private static string Text(JsonElement element) => element.GetString() ?? throw new FormatException("null where a text stands");
}
