using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KeyCeremony.Core;
using Microsoft.Win32.SafeHandles;
using static KeyCeremony.App.Keyboard.ConsoleCalls;

namespace KeyCeremony.App.Keyboard;

/// <summary>
/// Gives the Linux console another layout. The kernel has one for all its consoles, and asks for CAP_SYS_TTY_CONFIG, which the
/// ceremony's program does not have: <c>keyboard-helper</c> does this and nothing else.
/// </summary>
internal static class KernelKeyboard
{
    /// <summary>Whichever console is in front.</summary>
    private const string Console = "/dev/tty0";

    /// <summary>NR_KEYS, less those that no keyboard of ours has.</summary>
    private const int Keys = 128;

    /// <summary>Writes the whole layout and reads it back. What is wrong with it, or null.</summary>
    public static Refusal? Use(KeyTable table)
    {
        using SafeFileHandle console = File.OpenHandle(Console, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (ioctl(console, KDGKBMODE, out int mode) != 0 || mode != K_UNICODE)
            return KeyboardRules.NotDone("the console's keyboard does not give Unicode");
        if (!CopyMap(console) || !table.Cells().All(cell => Write(console, cell)) || ioctl(console, KDSKBDIACRUC, in Pairs()[0]) != 0)
            return KeyboardRules.NotDone($"the kernel does not take it: {FileFaults.InWords(Marshal.GetLastPInvokeError())}");
        return table.Cells().All(cell => Read(console, cell.Map, cell.Key) == cell.Value)
            ? null
            : KeyboardRules.NotDone("it is not what the kernel has now");
    }

    /// <summary>
    /// The keys of a map that the kernel has not got yet: Enter, the arrows, and above all Shift and AltGr themselves, or the kernel would
    /// not hear that they are let go.
    /// </summary>
    private static bool CopyMap(SafeFileHandle console)
    {
        for (byte key = 1; key < Keys; key++)
            if (Read(console, KeyTable.AltGr, key) is not { } value || !Write(console, new KeyCell(KeyTable.ShiftAltGr, key, value)))
                return false;
        return true;
    }

    private static bool Write(SafeFileHandle console, KeyCell cell)
    {
        var entry = new Entry { kb_table = cell.Map, kb_index = cell.Key, kb_value = cell.Value };
        return ioctl(console, KDSKBENT, ref entry) == 0;
    }

    private static ushort? Read(SafeFileHandle console, byte map, byte key)
    {
        var entry = new Entry { kb_table = map, kb_index = key };
        return ioctl(console, KDGKBENT, ref entry) == 0 ? entry.kb_value : null;
    }

    /// <summary><c>struct kbdiacrsuc</c>: how many, then three numbers of 32 bits each.</summary>
    private static byte[] Pairs()
    {
        byte[] bytes = new byte[sizeof(uint) * (1 + (3 * KeyTable.MostPairs))];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)KeyTable.Pairs.Length);
        foreach ((int i, KeyPair pair) in KeyTable.Pairs.Index())
            foreach ((int n, char sign) in new[] { pair.First, pair.Then, pair.Gives }.Index())
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(uint) * (1 + (3 * i) + n)), sign);
        return bytes;
    }
}
