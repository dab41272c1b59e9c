using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core;

namespace KeyCeremony.App.Terminal;

/// <summary>
/// Bytes from the keyboard to keys. Understands what xterm, tmux, the Linux console and VT100 to VT220 send, also cut
/// into pieces by a slow line. Takes any bytes: what it does not know, it drops.
/// </summary>
/// <remarks>
/// Share words pass through here, so the bytes wait in locked memory and are zeroed as soon as their key is out.
/// Inside a bracketed paste Enter and every other control byte is dropped: a pasted text answers no question.
/// </remarks>
public sealed class KeyDecoder : IDisposable
{
    /// <summary>Bytes that can wait; the keyboard is read again when there is room.</summary>
    public const int Capacity = 1024;

    /// <summary>Longest sequence of a known key is 6 bytes; xterm's modified keys reach 8, its mouse 14.</summary>
    private const int LongestSequence = 16;

    /// <summary>ESC [ M, button, column, row.</summary>
    private const int OldMouse = 6;

    private const byte Escape = 0x1B;

    private readonly SecretBytes _bytes = new(Capacity);
    private int _count;
    private bool _pasting;

    /// <summary>Where the next bytes are to be read into; tell <see cref="Received"/> how many came.</summary>
    public Span<byte> Room => _bytes.Span[_count..];

    /// <summary>An escape byte waits: it is the Esc key or the beginning of a sequence.</summary>
    public bool IsWaiting => _count > 0;

    public void Received(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity - _count);
        _count += count;
    }

    /// <summary>The next whole key. False when the bytes are used up or only the beginning of a sequence is there.</summary>
    public bool TryNext(out Key key)
    {
        while (_count > 0)
        {
            int used = Decode(_bytes.Span[.._count], out Key? found);
            if (used == 0)
                break;
            Drop(used);
            if (found is { } whole)
            {
                key = whole;
                return true;
            }
        }
        key = default;
        return false;
    }

    /// <summary>Nothing followed for a while: what waits is what it is. A lone escape byte is the Esc key.</summary>
    public bool TryFlush(out Key key)
    {
        if (TryNext(out key))
            return true;
        if (_count == 0)
            return false;
        bool escape = _bytes.Span[0] == Escape;
        Drop(1);
        key = new Key(KeyKind.Esc);
        return escape || TryFlush(out key);
    }

    /// <summary>Forgets everything that waits.</summary>
    public void Clear() => Drop(_count);

    public void Dispose() => _bytes.Dispose();

    private void Drop(int used)
    {
        Span<byte> all = _bytes.Span;
        all[used.._count].CopyTo(all);
        CryptographicOperations.ZeroMemory(all[(_count - used).._count]);
        _count -= used;
    }

    // How many bytes are used up: 0 when more must come. The key is null where the bytes mean nothing here.
    private int Decode(ReadOnlySpan<byte> bytes, out Key? key)
    {
        key = null;
        if (bytes[0] == Escape)
            return DecodeEscape(bytes, out key);
        if (bytes[0] is < 0x20 or 0x7F)
        {
            key = _pasting ? null : Control(bytes[0]);
            return 1;
        }
        switch (Rune.DecodeFromUtf8(bytes, out Rune rune, out int used))
        {
            case OperationStatus.NeedMoreData:
                return 0;
            case OperationStatus.Done when Rune.IsControl(rune):
                return used;
            case OperationStatus.Done:
                key = new Key(KeyKind.Rune, rune);
                return used;
            default:
                return used;
        }
    }

    private static Key? Control(byte value) => value switch
    {
        (byte)'\r' or (byte)'\n' => new Key(KeyKind.Enter),
        (byte)'\t' => new Key(KeyKind.Tab),
        0x08 or 0x7F => new Key(KeyKind.Backspace),
        >= 1 and <= 26 => new Key(KeyKind.Ctrl, new Rune('a' + value - 1)),
        0x1C => Key.Ctrl('\\'),
        _ => null,
    };

    private int DecodeEscape(ReadOnlySpan<byte> bytes, out Key? key)
    {
        key = null;
        if (bytes.Length == 1)
            return 0;
        switch (bytes[1])
        {
            case (byte)'[':
                return DecodeSequence(bytes, out key);
            case (byte)'O':
                if (bytes.Length == 2)
                    return 0;
                key = bytes[2] == 'M' ? new Key(KeyKind.Enter) : Application(bytes[2]); // The number pad in application mode.
                return 3;
            case (byte)'\t' when !_pasting: // The Linux console's Shift and Tab.
                key = new Key(KeyKind.BackTab);
                return 2;
            case >= (byte)'0' and <= (byte)'9' when !_pasting:
                key = new Key(FunctionKey(bytes[1] == '0' ? 10 : bytes[1] - '0'));
                return 2;
            default:
                key = _pasting ? null : new Key(KeyKind.Esc);
                return 1;
        }
    }

    // ECMA-48 5.4: CSI, parameters 0x30-0x3F, intermediates 0x20-0x2F, one final byte 0x40-0x7E.
    private int DecodeSequence(ReadOnlySpan<byte> bytes, out Key? key)
    {
        key = null;
        if (bytes.Length == 2)
            return 0;
        if (bytes[2] == '[') // The Linux console: ESC [ [ A to E are F1 to F5.
        {
            if (bytes.Length == 3)
                return 0;
            key = bytes[3] is >= (byte)'A' and <= (byte)'E' ? new Key(FunctionKey(bytes[3] - 'A' + 1)) : null;
            return 4;
        }
        if (bytes[2] == 'M') // A mouse whose places are bytes: it was not asked to, and no byte of it is a key.
            return bytes.Length < OldMouse ? 0 : OldMouse;
        int end = bytes[2..].IndexOfAnyExceptInRange((byte)0x20, (byte)0x3F);
        if (end < 0)
            return bytes.Length < LongestSequence ? 0 : bytes.Length;
        end += 2;
        if (bytes[end] is not (>= 0x40 and <= 0x7E)) // Not a sequence after all; the odd byte speaks for itself.
            return end;
        int number = Number(bytes[2..end]);
        if (bytes[end] == '~' && number is 200 or 201)
            _pasting = number == 200;
        else if (!_pasting)
            key = bytes[2] == '<' ? Mouse(bytes[3..end], bytes[end]) : bytes[end] == '~' ? Numbered(number) : Application(bytes[end]);
        return end + 1;
    }

    /// <summary>
    /// xterm's mode 1006: button, column and row from 1, and M when the button goes down. Other buttons, modifiers and movements mean
    /// nothing here.
    /// </summary>
    private static Key? Mouse(ReadOnlySpan<byte> parameters, byte final)
    {
        if (final != 'M' || parameters.Count((byte)';') != 2)
            return null;
        int first = parameters.IndexOf((byte)';'), last = parameters.LastIndexOf((byte)';');
        (int button, int column, int row) = (Number(parameters), Number(parameters[(first + 1)..]), Number(parameters[(last + 1)..]));
        KeyKind? kind = button switch
        {
            0 => KeyKind.Click,
            64 => KeyKind.WheelUp,
            65 => KeyKind.WheelDown,
            _ => null,
        };
        return kind is { } known && column > 0 && row > 0 ? Key.Mouse(known, row - 1, column - 1) : null;
    }

    /// <summary>The first parameter; modifiers behind a semicolon are ignored.</summary>
    private static int Number(ReadOnlySpan<byte> parameters)
    {
        int number = 0;
        foreach (byte digit in parameters)
        {
            if (digit is < (byte)'0' or > (byte)'9' || number > 999)
                break;
            number = number * 10 + digit - '0';
        }
        return number;
    }

    private static Key? Application(byte final) => final switch
    {
        (byte)'A' => new Key(KeyKind.Up),
        (byte)'B' => new Key(KeyKind.Down),
        (byte)'C' => new Key(KeyKind.Right),
        (byte)'D' => new Key(KeyKind.Left),
        (byte)'H' => new Key(KeyKind.Home),
        (byte)'F' => new Key(KeyKind.End),
        (byte)'Z' => new Key(KeyKind.BackTab),
        >= (byte)'P' and <= (byte)'S' => new Key(FunctionKey(final - 'P' + 1)),
        _ => null,
    };

    private static Key? Numbered(int number) => number switch
    {
        1 or 7 => new Key(KeyKind.Home),
        3 => new Key(KeyKind.Delete),
        4 or 8 => new Key(KeyKind.End),
        5 => new Key(KeyKind.PageUp),
        6 => new Key(KeyKind.PageDown),
        >= 11 and <= 15 => new Key(FunctionKey(number - 10)),
        >= 17 and <= 21 => new Key(FunctionKey(number - 11)),
        23 or 24 => new Key(FunctionKey(number - 12)),
        _ => null,
    };

    private static KeyKind FunctionKey(int number) => KeyKind.F1 + (number - 1);
}
