using System.Collections.Immutable;

namespace KeyCeremony.App.Terminal;

/// <summary>One picture of the whole screen. It holds no secret: where one belongs is a <see cref="Spot"/>.</summary>
/// <param name="Rows">Exactly as many as the display has; plain text, each exactly as wide as the display.</param>
/// <param name="AnsiRows">The same rows with SGR sequences, without cursor movement but over spots, which they skip.</param>
/// <param name="Spots">Blank places that <see cref="SecretPainter"/> or a painter of pixels fills.</param>
/// <param name="Cursor">0-based row and column where the person types, or null: no cursor is shown.</param>
public sealed record Frame(ImmutableArray<string> Rows, ImmutableArray<string> AnsiRows, ImmutableArray<Spot> Spots, (int Row, int Column)? Cursor)
{
    /// <summary>The rows without blanks at their ends, one a line: what golden files hold.</summary>
    public string Text => string.Join('\n', Rows.Select(r => r.TrimEnd())) + "\n";

    /// <summary>The whole picture as a terminal takes it.</summary>
    public string Ansi => string.Concat(AnsiRows.Select((row, i) => $"\e[{i + 1};1H{row}"));
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
