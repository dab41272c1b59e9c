using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// The keys that other environments know, as a file: ASCII, LF, the header <c>spkiSha256,environment,note</c>, then one
/// key a line in strictly rising order. One set of keys has one file. <c>docs/formats/request.md</c>.
/// </summary>
public static class KnownKeysFile
{
    /// <summary>Some 20,000 keys; every certified key of a fleet's CAs is far fewer.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Characters of a note: printable ASCII without comma and quote.</summary>
    public const int MaxNote = 100;

    private const string Header = "spkiSha256,environment,note";

    /// <summary>Else refused: PUBKEY-21, with the line's number.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> file,
        out ImmutableArray<KnownKey> keys,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        keys = [];
        if (file.Length > MaxBytes)
        {
            refusal = Wrong($"The file of known keys holds {file.Length} bytes, more than {MaxBytes}.");
            return false;
        }
        string[] lines = Encoding.Latin1.GetString(file.Span).Split('\n');
        refusal = lines[0] != Header || lines[^1].Length > 0
            ? Wrong($"The file of known keys does not begin with '{Header}' or has no line end at its end.")
            : null;
        ImmutableArray<KnownKey>.Builder read = ImmutableArray.CreateBuilder<KnownKey>(lines.Length);
        for (int i = 1; i < lines.Length - 1 && refusal is null; i++)
            refusal = ReadLine(lines[i], i + 1, read);
        keys = refusal is null ? read.ToImmutable() : [];
        return refusal is null;
    }

    /// <summary>The file that <see cref="TryRead"/> reads. A note that it would not read is cut or gets '?' for its characters.</summary>
    public static byte[] Write(IEnumerable<KnownKey> keys)
    {
        StringBuilder text = new StringBuilder(Header).Append('\n');
        foreach (KnownKey? key in keys.DistinctBy(key => key.SpkiSha256).OrderBy(key => key.SpkiSha256, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{key.SpkiSha256},{key.Environment},{Note(key.Note)}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static Refusal? ReadLine(string line, int number, ImmutableArray<KnownKey>.Builder read)
    {
        string[] cells = line.Split(',');
        if (cells.Length != 3 || cells[0].Length != 64 || !cells[0].All(char.IsAsciiHexDigitLower))
            return Wrong($"Line {number} of the known keys is not 64 lower-case hex digits, an environment and a note.");
        if (!EnvironmentPrefix.IsKnown(cells[1]))
            return Wrong($"Line {number} of the known keys names no environment.");
        if (cells[2].Length > MaxNote || !cells[2].All(IsNoteCharacter))
            return Wrong(
                $"The note in line {number} of the known keys is longer than {MaxNote} characters or holds others than printable ASCII.");
        if (read.Count > 0 && string.CompareOrdinal(read[^1].SpkiSha256, cells[0]) >= 0)
            return Wrong($"Line {number} of the known keys is not in rising order, or a key stands twice.");
        read.Add(new KnownKey(cells[0], cells[1], cells[2]));
        return null;
    }

    private static bool IsNoteCharacter(char c) => c is >= ' ' and <= '~' and not (',' or '"');

    private static string Note(string note) =>
        string.Concat(note.Take(MaxNote).Select(c => IsNoteCharacter(c) ? c : '?'));

    private static Refusal Wrong(string found) =>
        PublicKeyRules.KnownKeysForm.Refuse(found,
            "Export the known keys again from that environment's ledger; the file is not edited by hand.");
}
