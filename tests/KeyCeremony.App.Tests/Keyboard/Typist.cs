using System.Text;
using KeyCeremony.App.Keyboard;

namespace KeyCeremony.App.Tests.Keyboard;

/// <summary>One key pressed, with what is held: 1 Shift, 2 AltGr.</summary>
internal readonly record struct Press(byte Key, byte Held);

/// <summary>Somebody who finds the keys of a text, and the kernel's part of what they give: handle_diacr of vt/keyboard.c.</summary>
internal sealed class Typist(string layout)
{
    private const ushort LatinAndLetter = 0x0B00;
    private const ushort Dead = 0x0D00;
    private const byte Space = 57;

    private readonly Dictionary<(byte Map, byte Key), ushort> _cells =
        LayoutTables.Of(layout).Cells().ToDictionary(cell => (cell.Map, cell.Key), cell => cell.Value);

    /// <summary>The keys that give this text, or null where a letter cannot be typed.</summary>
    public Press[]? Keys(string text)
    {
        List<Press> all = [];
        foreach (char letter in text)
        {
            if (Single(letter) is { } one)
                all.Add(one);
            else if (KeyTable.Pairs.Where(pair => pair.Gives == letter)
                .Select(pair => (Accent: OfDead(pair.First), Then: Single(pair.Then)))
                .FirstOrDefault(keys => keys is { Accent: not null, Then: not null }) is { Accent: { } accent, Then: { } then })
                all.AddRange([accent, then]);
            else
                return null;
        }
        return [.. all];
    }

    /// <summary>As the kernel makes it of the cells and pairs.</summary>
    public string Gives(IEnumerable<Press> keys)
    {
        var text = new StringBuilder();
        char waiting = '\0';
        foreach (Press key in keys)
        {
            ushort value = key.Key == Space ? ' ' : _cells[(key.Held, key.Key)];
            if ((value & 0xFF00) == Dead)
            {
                waiting = waiting == '\0' ? (char)(value & 0xFF) : Joined(waiting, (char)(value & 0xFF), text);
                continue;
            }
            if (value is KeyTable.Hole or KeyTable.Compose)
                continue;
            char sign = value < 0x100 ? (char)value : (value & 0xFF00) == LatinAndLetter ? (char)(value & 0xFF) : (char)(value ^ 0xF000);
            text.Append(waiting == '\0' ? sign : Joined(waiting, sign, text));
            waiting = '\0';
        }
        return text.ToString();
    }

    public ushort Cell(byte map, byte key) => _cells[(map, key)];

    public Press? Single(char sign) => sign == ' ' ? new Press(Space, 0) : _cells
        .Where(cell => cell.Key.Map < KeyTable.Control && cell.Value == (sign > 0xFF ? (ushort)(sign ^ 0xF000)
            : char.IsLetter(sign) ? (ushort)(LatinAndLetter | sign) : sign))
        .OrderBy(cell => cell.Key.Map).Select(cell => (Press?)new Press(cell.Key.Key, cell.Key.Map)).FirstOrDefault();

    private Press? OfDead(char waits) => _cells.Where(cell => cell.Value == (Dead | waits))
        .OrderBy(cell => cell.Key.Map).Select(cell => (Press?)new Press(cell.Key.Key, cell.Key.Map)).FirstOrDefault();

    private static char Joined(char waiting, char then, StringBuilder text)
    {
        foreach (KeyPair pair in KeyTable.Pairs)
            if (pair.First == waiting && pair.Then == then)
                return pair.Gives;
        if (then == ' ' || then == waiting)
            return waiting;
        text.Append(waiting);
        return then;
    }
}
