using System.Buffers.Text;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Terminal.Plain;

/// <summary>A card's words on a terminal of lines: said one at a time and written over, or typed unseen.</summary>
internal static class PlainCard
{
    /// <summary>"Word 33 of 33: " and the longest word.</summary>
    private const int BrushLength = 48;

    /// <summary>The word stands at the end of an unfinished line until <see cref="Hide"/>.</summary>
    /// <param name="write">Keeps nothing: <see cref="LineTty.Write"/>.</param>
    public static void Show(Share share, int number, Action<ReadOnlySpan<byte>> write)
    {
        using var brush = new SecretBytes(BrushLength);
        int at = Lead(brush.Span, number, share.WordCount);
        ReadOnlySpan<byte> word = share.Word(number);
        word.CopyTo(brush.Span[at..]);
        write(brush.Span[..(at + word.Length)]);
    }

    /// <summary>
    /// Writes over the word before its line moves up: a carriage return is all that this needs, and what scrolls out of the terminal
    /// knows no word.
    /// </summary>
    public static void Hide(int number, int words, Action<ReadOnlySpan<byte>> write)
    {
        Span<byte> line = stackalloc byte[1 + BrushLength];
        line[0] = (byte)'\r';
        int end = 1 + Lead(line[1..], number, words);
        line.Slice(end, WordList.MaxLetters).Fill((byte)'-');
        line[end + WordList.MaxLetters] = (byte)'\n';
        write(line[..(end + WordList.MaxLetters + 1)]);
    }

    /// <summary>
    /// Takes the words of a line, one or several; the first that is refused ends it and is forgotten, the words before it stay.
    /// </summary>
    public static Refusal? Type(WordEntry entry, ReadOnlySpan<byte> line)
    {
        while (!(line = line.TrimStart((byte)' ')).IsEmpty)
        {
            int blank = line.IndexOf((byte)' ');
            ReadOnlySpan<byte> word = blank < 0 ? line : line[..blank];
            Refusal? refusal = null;
            Empty(entry);
            for (int i = 0; i < word.Length && refusal is null; i++)
                refusal = entry.Type((char)word[i]);
            refusal ??= entry.Accept();
            if (refusal is not null)
            {
                Empty(entry);
                return refusal;
            }
            line = line[word.Length..];
        }
        return null;
    }

    /// <summary>This word is typed next, from its first letter.</summary>
    public static void GoTo(WordEntry entry, int number)
    {
        entry.GoTo(number);
        Empty(entry);
    }

    private static void Empty(WordEntry entry)
    {
        if (entry.Partial.IsEmpty)
            entry.GoTo(entry.Current); // Opens a word that was taken and is not the right one.
        while (!entry.Partial.IsEmpty)
            entry.Backspace();
    }

    private static int Lead(Span<byte> line, int number, int words)
    {
        "Word "u8.CopyTo(line);
        int at = "Word "u8.Length;
        Utf8Formatter.TryFormat(number, line[at..], out int digits);
        at += digits;
        " of "u8.CopyTo(line[at..]);
        at += " of "u8.Length;
        Utf8Formatter.TryFormat(words, line[at..], out digits);
        at += digits;
        ": "u8.CopyTo(line[at..]);
        return at + ": "u8.Length;
    }
}
