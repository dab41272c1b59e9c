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

    /// <summary>
    /// Whether <see cref="Read"/> would take an entry that says this. What a device or a file says can hold anything: an entry
    /// that the next start could not read must never be written.
    /// </summary>
    public static bool CanSay(EntryBody body)
    {
        try
        {
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(new JournalLine(1, "", DateTimeOffset.UnixEpoch, "", body), ExactJson.Line);
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
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous.AsSpan());
        hash.AppendData(bytes);
        return [.. hash.GetHashAndReset()];
    }

    /// <summary>A clock whose battery died begins in 1970. Earlier times are no clock's, and leave no room to reckon with.</summary>
    private static bool IsTime(DateTimeOffset utc) => utc >= DateTimeOffset.UnixEpoch && utc == WholeMilliseconds(utc);

    private static DateTimeOffset WholeMilliseconds(DateTimeOffset utc) =>
        DateTimeOffset.FromUnixTimeMilliseconds(utc.ToUnixTimeMilliseconds());
}
