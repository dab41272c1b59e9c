using System.Diagnostics.CodeAnalysis;
using System.Text;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.App.Ledger;

/// <summary>
/// A line of the ledger file: the entry's hash in lower-case hex, a space, the entry's bytes, LF. Without the hash three of
/// four flipped bits would leave another line that can be read (docs/decisions/0017-ledger-text-file.md).
/// </summary>
internal static class RecordLine
{
    private const int HashLength = 64;

    /// <summary>With its LF.</summary>
    public const int MaxLength = HashLength + 1 + Entry.MaxBytes + 1;

    public static byte[] Of(Entry entry) => [.. Encoding.ASCII.GetBytes(entry.HashHex), (byte)' ', .. entry.Bytes, (byte)'\n'];

    public static int LengthOf(Entry entry) => HashLength + 1 + entry.Bytes.Length + 1;

    /// <summary>Reads the line that follows what <paramref name="chain"/> holds. LEDGER-10.</summary>
    /// <param name="line">Without its LF.</param>
    /// <param name="flaw">What is wrong with it, in words.</param>
    public static bool TryRead(ReadOnlySpan<byte> line, ChainReader chain,
        [NotNullWhen(true)] out Entry? entry, [NotNullWhen(false)] out string? flaw)
    {
        (entry, flaw) = (null, null);
        if (line.Length <= HashLength || line[HashLength] != (byte)' ')
            flaw = "it does not begin with a hash and a space";
        else if (!chain.TryRead(line[(HashLength + 1)..], out entry, out Core.Refusal? refusal))
            flaw = $"{refusal.Rule} {refusal.Message}";
        else if (!Encoding.ASCII.GetBytes(entry.HashHex).AsSpan().SequenceEqual(line[..HashLength]))
            flaw = "its hash is not that of its entry and all before it";
        return flaw is null;
    }

    /// <summary>Whether this is a line of some ledger, wherever it stood.</summary>
    public static bool IsOne(ReadOnlySpan<byte> line) =>
        line.Length > HashLength && line[HashLength] == (byte)' ' && Entry.Read(line[(HashLength + 1)..], Entry.Genesis) is not null;
}
