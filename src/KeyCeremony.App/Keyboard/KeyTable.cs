using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.App.Keyboard;

/// <summary>What a key gives at one level.</summary>
/// <param name="Sign">U+0000: nothing.</param>
/// <param name="IsDead">An accent that waits for its letter.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeySign(char Sign, bool IsDead);

/// <summary>One key: alone, with Shift, with AltGr, with both.</summary>
internal sealed record KeyCap(ImmutableArray<KeySign> Signs)
{
    public const int Levels = 4;
}

/// <summary>One cell of the kernel's key maps.</summary>
/// <param name="Map">Sum of what is held: 1 Shift, 2 AltGr, 4 Ctrl.</param>
/// <param name="Key">The kernel's number of the key.</param>
/// <param name="Value">As <c>KDSKBENT</c> takes it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeyCell(byte Map, byte Key, ushort Value);

/// <summary>Two keys that give one letter: an accent and its letter, or the two behind the Compose key.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeyPair(char First, char Then, char Gives);

/// <summary>A layout as the Linux kernel takes it: linux/keyboard.h and linux/kd.h, in Unicode mode.</summary>
internal sealed record KeyTable(string Layout, FrozenDictionary<byte, KeyCap> Caps)
{
    /// <summary>Maps of Shift, AltGr and both are written whole; of Ctrl what follows the letters.</summary>
    public const byte Control = 4;

    /// <summary>The map of Shift and AltGr: the kernel has none before somebody writes one.</summary>
    public const byte ShiftAltGr = 3;

    public const byte AltGr = 2;

    /// <summary>The most pairs that the kernel keeps: MAX_DIACR.</summary>
    public const int MostPairs = 256;

    /// <summary>K_HOLE: the key gives nothing.</summary>
    public const ushort Hole = 0x0200;

    /// <summary>K_COMPOSE.</summary>
    public const ushort Compose = 0x020E;

    private const ushort Letter = 0x0B00; // KT_LETTER: follows Caps Lock
    private const ushort DeadKey = 0x0D00; // KT_DEAD2: the value is the sign that waits
    private const ushort Other = 0xF000; // a character beyond Latin-1 is stored crosswise

    /// <summary>The key beside the right Ctrl with a menu on it.</summary>
    private const byte MenuKey = 127;

    /// <summary>
    /// Which sign waits for a letter: the one that the kernel's own tables and most people's Compose sequences have. It is also what
    /// stands there when no letter takes the accent.
    /// </summary>
    private static readonly FrozenDictionary<char, (char Waits, int Mark)> Accents = new Dictionary<char, (char, int)>
    {
        ['`'] = ('`', 0x300),
        ['´'] = ('\'', 0x301),
        ['^'] = ('^', 0x302),
        ['~'] = ('~', 0x303),
        ['¯'] = ('_', 0x304),
        ['˘'] = ('(', 0x306),
        ['˙'] = ('.', 0x307),
        ['¨'] = ('"', 0x308),
        ['°'] = ('*', 0x30A),
        ['˝'] = ('=', 0x30B),
        ['ˇ'] = ('<', 0x30C),
        ['¸'] = (',', 0x327),
        ['˛'] = (';', 0x328),
    }.ToFrozenDictionary();

    /// <summary>Ș and Ț have a comma and are typed as if it were a cedilla; the rest are letters of two.</summary>
    private const string Others = ",SȘ,sș,TȚ,tț,CÇ,cç'yý/Oø/oø/Lł/lł/Oø-DĐ-dđssßaeæAEÆoeœOEŒthþTHÞdhðDHÐ.iı??¿!!¡<<«>>»=e€=E€^''^``";

    /// <summary>Every layout has the same pairs: what no key of it gives, the Compose key does.</summary>
    public static ImmutableArray<KeyPair> Pairs { get; } = AllPairs();

    /// <summary>The cells to be written; a key that is not among them stays as it is.</summary>
    public IEnumerable<KeyCell> Cells()
    {
        foreach ((byte key, KeyCap cap) in Caps.OrderBy(pair => pair.Key))
        {
            for (byte level = 0; level < KeyCap.Levels; level++)
                yield return new KeyCell(level, key, Value(cap.Signs[level]));
            yield return new KeyCell(Control, key, WithControl(cap.Signs[0]));
        }
        yield return new KeyCell(0, MenuKey, Compose);
    }

    private static ushort Value(KeySign sign) => sign switch
    {
        { Sign: '\0' } => Hole,
        { IsDead: true } => (ushort)(DeadKey | Accents[sign.Sign].Waits),
        { Sign: <= '\u00FF' } => (ushort)((char.IsLetter(sign.Sign) ? Letter : 0) | sign.Sign),
        _ => (ushort)(sign.Sign ^ Other),
    };

    /// <summary>Ctrl follows the letter, wherever it lies; Ctrl and the full stop is Compose, as in the kernel's own map.</summary>
    private static ushort WithControl(KeySign sign) => sign switch
    {
        { IsDead: true } => Hole,
        { Sign: >= 'a' and <= 'z' } => (ushort)(sign.Sign & 0x1F),
        { Sign: '\\' } => 0x1C,
        { Sign: '.' } => Compose,
        _ => Hole,
    };

    private static ImmutableArray<KeyPair> AllPairs()
    {
        Dictionary<(char, char), char> pairs = [];
        foreach ((char accent, (char waits, int mark)) in Accents)
        {
            pairs.TryAdd((waits, ' '), accent);
            foreach (char letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
                if (ComposedLetters.Of(letter, mark) is { } composed and <= '\u017F')
                    pairs.TryAdd((waits, letter), composed);
        }
        foreach (char[] other in Others.Chunk(3))
            pairs.TryAdd((other[0], other[1]), other[2]);
        return [.. pairs.OrderBy(pair => pair.Key).Select(pair => new KeyPair(pair.Key.Item1, pair.Key.Item2, pair.Value))];
    }
}
