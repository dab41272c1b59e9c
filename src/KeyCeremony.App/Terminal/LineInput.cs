using System.Globalization;
using System.Text;

namespace KeyCeremony.App.Terminal;

/// <summary>One line of text being typed. Never for a secret.</summary>
/// <param name="Cursor">0 to the text's length, in UTF-16 units, never inside a character.</param>
public sealed record LineInput(string Text, int Cursor)
{
    /// <summary>As long as an answer may be.</summary>
    public const int MaxLength = 400;

    public static readonly LineInput Empty = new("", 0);

    /// <summary>
    /// Enter gave it. When it still stands there it was refused: what is typed next is another line, and only who moves in it or takes
    /// letters back mends this one.
    /// </summary>
    public bool IsGiven { get; init; }

    public static LineInput Of(string text) => new(text, text.Length);

    /// <summary>The line when Enter gave it.</summary>
    public LineInput Given() => this with { IsGiven = Text.Length > 0 };

    /// <summary>The line after an editing key; itself when the key edits nothing.</summary>
    public LineInput After(Key key) => IsGiven switch
    {
        false => Edited(key),
        true when key.Kind == KeyKind.Rune => IsVisible(key.Rune) ? Empty.Edited(key) : this,
        true when key.Kind is KeyKind.Backspace or KeyKind.Delete or KeyKind.Left or KeyKind.Right or KeyKind.Home or KeyKind.End
            or KeyKind.Ctrl => Edited(key) with { IsGiven = false },
        _ => this,
    };

    private LineInput Edited(Key key) => key.Kind switch
    {
        KeyKind.Rune => Insert(key.Rune),
        KeyKind.Backspace when Cursor > 0 => Delete(Before),
        KeyKind.Delete when Cursor < Text.Length => this with { Text = Text.Remove(Cursor, Behind - Cursor) },
        KeyKind.Left when Cursor > 0 => this with { Cursor = Before },
        KeyKind.Right when Cursor < Text.Length => this with { Cursor = Behind },
        KeyKind.Home => this with { Cursor = 0 },
        KeyKind.End => this with { Cursor = Text.Length },
        KeyKind.Ctrl when key.IsCtrl('a') => this with { Cursor = 0 },
        KeyKind.Ctrl when key.IsCtrl('e') => this with { Cursor = Text.Length },
        KeyKind.Ctrl when key.IsCtrl('u') => Of(Text[Cursor..]) with { Cursor = 0 },
        KeyKind.Ctrl when key.IsCtrl('k') => this with { Text = Text[..Cursor] },
        _ => this,
    };

    // A person's word for a character is the text element: e and its accent go together.
    private int Before => StringInfo.ParseCombiningCharacters(Text).LastOrDefault(at => at < Cursor);

    private int Behind => Cursor + StringInfo.GetNextTextElementLength(Text, Cursor);

    private LineInput Insert(Rune rune) => Text.Length + rune.Utf16SequenceLength > MaxLength || !IsVisible(rune)
        ? this
        : new LineInput(Text.Insert(Cursor, rune.ToString()), Cursor + rune.Utf16SequenceLength);

    private LineInput Delete(int from) => new(Text.Remove(from, Cursor - from), from);

    /// <summary>Marks that turn the writing direction or hide stand in no answer: it is read aloud as it looks.</summary>
    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
