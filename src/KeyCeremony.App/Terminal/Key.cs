using System.Runtime.InteropServices;
using System.Text;

namespace KeyCeremony.App.Terminal;

public enum KeyKind
{
    /// <summary>A printable character: <see cref="Key.Rune"/>.</summary>
    Rune,

    /// <summary>Control and a letter: <see cref="Key.Rune"/> is the lower-case letter.</summary>
    Ctrl,
    Enter,
    Backspace,
    Delete,
    Tab,

    /// <summary>Shift and Tab.</summary>
    BackTab,
    Esc,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    F1,
    F2,
    F3,
    F4,
    F5,
    F6,
    F7,
    F8,
    F9,
    F10,
    F11,
    F12,

    /// <summary>The mouse's first button went down at <see cref="Key.Row"/> and <see cref="Key.Column"/>.</summary>
    Click,

    /// <summary>The mouse's wheel turned there.</summary>
    WheelUp,
    WheelDown,
}

/// <summary>
/// One key. A value on the stack: keys of a share's words never stand next to each other on the heap, and a key
/// never prints its character.
/// </summary>
/// <param name="Rune">For <see cref="KeyKind.Rune"/> and <see cref="KeyKind.Ctrl"/>; otherwise U+0000.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Key(KeyKind Kind, Rune Rune = default)
{
    /// <summary>0-based, for the mouse; otherwise 0.</summary>
    public int Row { get; init; }

    /// <summary>0-based, for the mouse; otherwise 0.</summary>
    public int Column { get; init; }

    /// <summary>It came from the mouse, which answers nothing.</summary>
    public bool IsMouse => Kind is KeyKind.Click or KeyKind.WheelUp or KeyKind.WheelDown;

    public static Key Mouse(KeyKind kind, int row, int column) => new(kind) { Row = row, Column = column };

    public static Key Of(char character) => new(KeyKind.Rune, new Rune(character));

    public static Key Ctrl(char letter) => new(KeyKind.Ctrl, new Rune(letter));

    public bool IsCtrl(char letter) => Kind == KeyKind.Ctrl && Rune.Value == letter;

    /// <summary>The digit that was typed, or -1.</summary>
    public int Digit => Kind == KeyKind.Rune && Rune.Value is >= '0' and <= '9' ? Rune.Value - '0' : -1;

    public override string ToString() => Kind.ToString();
}
