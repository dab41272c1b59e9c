using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace KeyCeremony.Core.Journal;

/// <summary>One link of the chain.</summary>
/// <param name="Seq">1-based, without gaps, over the whole ledger.</param>
/// <param name="Ceremony">e.g. <c>0001-root-creation</c>; empty for entries of the ledger itself.</param>
/// <param name="Utc">The appliance's clock, milliseconds.</param>
/// <param name="Step">The step's ID, empty outside a step.</param>
/// <param name="Bytes">The exact JSON bytes that are stored, exported and hashed.</param>
/// <param name="Hash">SHA-256(previous hash ‖ bytes), 32 bytes.</param>
public sealed record Entry(long Seq, string Ceremony, DateTimeOffset Utc, string Step, EntryBody Body,
    ImmutableArray<byte> Bytes, ImmutableArray<byte> Hash)
{
    /// <summary>An entry's bytes never grow past this: a script is at most 64 KiB, a backup blob far less.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int MaxShown = 60;

    /// <summary>More than the members around a body take: two names of 64 characters, a number, a time.</summary>
    private const int Envelope = 512;

    /// <summary>The hash before the first entry.</summary>
    public static readonly ImmutableArray<byte> Genesis = [.. new byte[32]];

    /// <summary>Makes the entry that follows <paramref name="previous"/> (null: the first).</summary>
    public static Entry Following(Entry? previous, string ceremony, DateTimeOffset utc, string step, EntryBody body)
    {
        long seq = (previous?.Seq ?? 0) + 1;
        DateTimeOffset stamp = WholeMilliseconds(utc);
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(
            new JournalLine(seq, ceremony, stamp, step, body), ExactJson.Line);
        return new Entry(seq, ceremony, stamp, step, body, [.. bytes], Chain(previous?.Hash ?? Genesis, bytes));
    }

    /// <summary>
    /// Reads one line. Null when it is not exactly the bytes that <see cref="Following"/> would write, and when a value is not
    /// in the form that docs/formats/journal.md asks of all values.
    /// </summary>
    public static Entry? Read(ReadOnlySpan<byte> bytes, ImmutableArray<byte> previousHash)
    {
        if (bytes.Length > MaxBytes)
            return null;
        JournalLine? line;
        try
        {
            line = EntryForm.Holds(bytes) ? JsonSerializer.Deserialize(bytes, ExactJson.Line) : null;
            if (line is null || !IsTime(line.Utc) || !bytes.SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(line, ExactJson.Line)))
                return null;
        }
        // Half a surrogate pair is an InvalidOperationException to the reader and an ArgumentException to the writer.
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
        return new Entry(line.Seq, line.Ceremony, line.Utc, line.Step, line.Body, [.. bytes], Chain(previousHash, bytes));
    }

    /// <summary>Bytes that an entry has but for its number, ceremony and step, which are short.</summary>
    public static int LengthOf(EntryBody body) => BodyBytes(body).Length;

    /// <summary>Whether both say the same, compared as they stand in the journal.</summary>
    public static bool SameBody(EntryBody one, EntryBody other) => BodyBytes(one).AsSpan().SequenceEqual(BodyBytes(other));

    /// <summary>The first property that differs, with both values, cut short and plain; what a reader of a refusal looks for.</summary>
    public static string Difference(EntryBody found, EntryBody due)
    {
        using JsonDocument one = JsonDocument.Parse(BodyBytes(found)), other = JsonDocument.Parse(BodyBytes(due));
        JsonElement there = one.RootElement.GetProperty("body"), right = other.RootElement.GetProperty("body");
        foreach (JsonProperty property in there.EnumerateObject())
            if (!right.TryGetProperty(property.Name, out JsonElement value) || value.GetRawText() != property.Value.GetRawText())
                return $"{property.Name} is {Short(property.Value.GetRawText())}, "
                    + $"due is {(value.ValueKind == JsonValueKind.Undefined ? "nothing" : Short(value.GetRawText()))}";
        return right.EnumerateObject().FirstOrDefault(p => !there.TryGetProperty(p.Name, out _))
            is { Value.ValueKind: not JsonValueKind.Undefined } missing
            ? $"{missing.Name} is missing, due is {Short(missing.Value.GetRawText())}" : "nothing differs";
    }

    /// <summary>
    /// Whether <see cref="Read"/> would take an entry that says this. What a device or a file says can hold anything: an entry
    /// that the next start could not read must never be written.
    /// </summary>
    public static bool CanSay(EntryBody body)
    {
        try
        {
            byte[] bytes = BodyBytes(body);
            return bytes.Length <= MaxBytes - Envelope && EntryForm.Holds(bytes);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    public string HashHex => Convert.ToHexStringLower(Hash.AsSpan());

    public override string ToString() => Encoding.UTF8.GetString(Bytes.AsSpan());

    private static ImmutableArray<byte> Chain(ImmutableArray<byte> previous, ReadOnlySpan<byte> bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous.AsSpan());
        hash.AppendData(bytes);
        return [.. hash.GetHashAndReset()];
    }

    private static byte[] BodyBytes(EntryBody body) =>
        JsonSerializer.SerializeToUtf8Bytes(new JournalLine(0, "", DateTimeOffset.UnixEpoch, "", body), ExactJson.Line);

    private static string Short(string json) => json.Length <= MaxShown ? json : json[..MaxShown] + "…";

    /// <summary>A clock whose battery died begins in 1970. Earlier times are no clock's, and leave no room to reckon with.</summary>
    private static bool IsTime(DateTimeOffset utc) => utc >= DateTimeOffset.UnixEpoch && utc == WholeMilliseconds(utc);

    private static DateTimeOffset WholeMilliseconds(DateTimeOffset utc) =>
        DateTimeOffset.FromUnixTimeMilliseconds(utc.ToUnixTimeMilliseconds());
}
