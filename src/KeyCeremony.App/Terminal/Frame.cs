using System.Collections.Immutable;
using System.Text;
using KeyCeremony.App.Terminal.Writing;

namespace KeyCeremony.App.Terminal;

/// <summary>One place of the screen.</summary>
/// <param name="Text">One character as a person sees it; empty behind one that is two columns wide.</param>
public readonly record struct Cell(string Text, Look Look)
{
    public static readonly Cell Blank = new(" ", default);
}

/// <summary>One picture of the whole screen. It holds no secret: where one belongs is a <see cref="Spot"/>.</summary>
/// <param name="Cells">Row after row, as many as the display has places.</param>
/// <param name="Spots">Blank places that <see cref="SecretPainter"/> or a painter of pixels fills.</param>
/// <param name="Cursor">0-based row and column where the person types, or null: no cursor is shown.</param>
public sealed record Frame(Display Display, ImmutableArray<Cell> Cells, ImmutableArray<Spot> Spots, (int Row, int Column)? Cursor)
{
    /// <summary>Plain text, each row exactly as wide as the display.</summary>
    public ImmutableArray<string> Rows => [.. Enumerable.Range(0, Display.Height).Select(RowText)];

    /// <summary>The rows without blanks at their ends, one a line: what golden files hold.</summary>
    public string Text => string.Join('\n', Rows.Select(r => r.TrimEnd())) + "\n";

    public Cell At(int row, int column) => Cells[(row * Display.Width) + column];

    private string RowText(int row)
    {
        var text = new StringBuilder();
        for (int column = 0; column < Display.Width; column++)
            text.Append(At(row, column).Text);
        return text.ToString();
    }
}

/// <summary>A place for one secret word, or for a row of a picture.</summary>
/// <param name="Row">0-based.</param>
/// <param name="Column">0-based.</param>
/// <param name="Width">Columns; the painter fills what the word leaves with blanks.</param>
/// <param name="Number">For a word: its 1-based number on the card. For a completion: 0 for the first one.</param>
public sealed record Spot(int Row, int Column, int Width, SpotKind Kind, int Number);

public enum SpotKind
{
    /// <summary>A word of the share that is shown.</summary>
    ShownWord,

    /// <summary>A word of the entry as it was typed.</summary>
    TypedWord,

    /// <summary>The letters of the word that is typed now.</summary>
    Letters,

    /// <summary>A word that the letters leave possible.</summary>
    Completion,

    /// <summary>A row of the code of the share that is shown; its number counts from 0.</summary>
    CodeRow,

    /// <summary>Pixels that are painted past the terminal.</summary>
    Picture,
}
