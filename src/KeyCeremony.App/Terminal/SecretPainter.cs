using System.Buffers.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Writes the secret words of a frame to the terminal, one by one, out of the word list and locked memory. A share's
/// words never stand next to each other in memory that is not <see cref="SecretBytes"/>.
/// </summary>
public static class SecretPainter
{
    /// <summary>A cursor address, a word, and blanks.</summary>
    private const int Longest = 40;

    /// <param name="write">Takes each word's bytes at once and keeps nothing: <see cref="Tty.Write(ReadOnlySpan{byte})"/>.</param>
    public static void Paint(Frame frame, Share? shown, WordEntry? entry, Action<ReadOnlySpan<byte>> write)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(write);
        if (frame.Spots.IsEmpty)
            return;
        using var brush = new SecretBytes(Longest);
        foreach (Spot spot in frame.Spots)
            write(brush.Span[..Fill(brush.Span, spot, WordAt(spot, shown, entry))]);
    }

    private static ReadOnlySpan<byte> WordAt(Spot spot, Share? shown, WordEntry? entry) => spot.Kind switch
    {
        SpotKind.ShownWord when shown is not null => shown.Word(spot.Number),
        SpotKind.TypedWord when entry is not null => entry.Word(spot.Number),
        SpotKind.Letters when entry is not null => entry.Partial,
        SpotKind.Completion when entry is not null && entry.Completions is var range && range.Start.Value + spot.Number < range.End.Value =>
            WordList.Utf8(range.Start.Value + spot.Number),
        _ => [],
    };

    // CUP, ECMA-48 8.3.21: 1-based row and column.
    private static int Fill(Span<byte> brush, Spot spot, ReadOnlySpan<byte> word)
    {
        brush.Clear();
        int at = 0;
        "\e["u8.CopyTo(brush);
        at += 2;
        Utf8Formatter.TryFormat(spot.Row + 1, brush[at..], out int digits);
        at += digits;
        brush[at++] = (byte)';';
        Utf8Formatter.TryFormat(spot.Column + 1, brush[at..], out digits);
        at += digits;
        brush[at++] = (byte)'H';
        int length = Math.Min(word.Length, spot.Width);
        word[..length].CopyTo(brush[at..]);
        brush.Slice(at + length, spot.Width - length).Fill((byte)' ');
        return at + spot.Width;
    }
}
