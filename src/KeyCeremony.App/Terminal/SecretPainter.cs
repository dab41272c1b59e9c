using System.Buffers.Text;
using System.Collections.Immutable;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Writes the secret words of a frame to the terminal, one by one, out of the word list and locked memory. A share's
/// words never stand next to each other in memory that is not <see cref="SecretBytes"/>.
/// </summary>
public static class SecretPainter
{
    /// <summary>A cursor address, colours, and a row of a code, three bytes a character.</summary>
    private const int Longest = 192;

    /// <param name="write">Takes each word's bytes at once and keeps nothing: <see cref="Tty.Write(ReadOnlySpan{byte})"/>.</param>
    public static void Paint(ImmutableArray<Spot> spots, Share? shown, WordEntry? entry, Action<ReadOnlySpan<byte>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (spots.IsEmpty)
            return;
        using var brush = new SecretBytes(Longest);
        using CardCode? code = shown is not null && spots.Any(spot => spot.Kind == SpotKind.CodeRow) ? CardCode.Of(shown) : null;
        foreach (Spot spot in spots)
            write(brush.Span[..(spot.Kind == SpotKind.CodeRow ? FillRow(brush.Span, spot, code) : Fill(brush.Span,
                spot, WordAt(spot, shown, entry)))]);
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

    private static int Fill(Span<byte> brush, Spot spot, ReadOnlySpan<byte> word)
    {
        int at = Address(brush, spot);
        int length = Math.Min(word.Length, spot.Width);
        word[..length].CopyTo(brush[at..]);
        brush.Slice(at + length, spot.Width - length).Fill((byte)' ');
        return at + spot.Width;
    }

    // Two modules above each other in a character, light ones lit: white on black, whatever colours the terminal has.
    private static int FillRow(Span<byte> brush, Spot spot, CardCode? code)
    {
        int at = Address(brush, spot);
        at += Append(brush[at..], "\e[0;97;40m"u8);
        for (int column = -CardCode.QuietZone; code is not null && column < code.Side + CardCode.QuietZone; column++)
        {
            int row = 2 * spot.Number - CardCode.QuietZone;
            at += Append(brush[at..], (code.IsDark(row, column), code.IsDark(row + 1, column)) switch
            {
                (false, false) => "█"u8,
                (false, true) => "▀"u8,
                (true, false) => "▄"u8,
                _ => " "u8,
            });
        }
        return at + Append(brush[at..], "\e[0m"u8);
    }

    private static int Append(Span<byte> brush, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(brush);
        return bytes.Length;
    }

    // CUP, ECMA-48 8.3.21: 1-based row and column.
    private static int Address(Span<byte> brush, Spot spot)
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
        return at;
    }
}
