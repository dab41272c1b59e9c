using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// The keys that other environments know, as a file: the header <c>spkiSha256,environment,note</c>, then one key a line in strictly
/// rising order. What is written is ASCII with LF and commas, so that one set of keys has one file; what is read may have been through
/// a mail program or a spreadsheet: <see cref="Delimited"/>. <c>docs/formats/request.md</c>.
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
        ImmutableArray<KnownKey>.Builder read = ImmutableArray.CreateBuilder<KnownKey>();
        refusal = ReadLines(file.Span, read);
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

    private static Refusal? ReadLines(ReadOnlySpan<byte> file, ImmutableArray<KnownKey>.Builder read)
    {
        ReadOnlySpan<byte> rest = file;
        int number = 0;
        try
        {
            if (!TextForm.TryNext(ref rest, ref number, out ReadOnlySpan<byte> header))
                return Wrong($"The file is empty; its first line would be '{Header}'.");
            if (Delimited.CheckHeader(header, Header) is { } wrong)
                return Wrong(wrong);
            byte separator = Delimited.SeparatorOf(header);
            while (TextForm.TryNext(ref rest, ref number, out ReadOnlySpan<byte> line))
                if (ReadLine(line, separator, number, read) is { } refusal)
                    return Delimited.Cause(line, number) is { } cause ? Wrong(cause) : refusal;
            // An export ends with a line feed; a file that was cut off at a line's end has the same look, one cut elsewhere does not.
            return file[^1] == '\n' ? null : Wrong($"Line {number} has no line end: the file may be cut off.");
        }
        catch (TextFault fault)
        {
            return Wrong(fault.Sentence);
        }
    }

    private static Refusal? ReadLine(ReadOnlySpan<byte> line, byte separator, int number, ImmutableArray<KnownKey>.Builder read)
    {
        if (Delimited.Fields(line, separator) is not { } fields)
            return Wrong($"Line {number} of the known keys: {Delimited.WrongQuotes}");
        string[] cells = [.. fields.Select(field => field.Text)];
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
