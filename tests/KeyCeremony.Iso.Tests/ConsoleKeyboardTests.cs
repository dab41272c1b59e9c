using KeyCeremony.App.Tests.Keyboard;
using KeyCeremony.Core.Ceremony;
using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>The appliance's own keyboard: a layout chosen in the boot menu, another one during a ceremony, key by key.</summary>
public sealed class ConsoleKeyboardTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Dictionary<int, string> Names = new()
    {
        [12] = "minus",
        [13] = "equal",
        [26] = "bracket_left",
        [27] = "bracket_right",
        [39] = "semicolon",
        [40] = "apostrophe",
        [41] = "grave_accent",
        [43] = "backslash",
        [51] = "comma",
        [52] = "dot",
        [53] = "slash",
        [57] = "spc",
        [86] = "less",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Names_are_typed_with_the_layout_that_was_chosen_and_the_journal_says_which()
    {
        string[] sticks = [Stick.Formatted(_folder, "KC-RECORD-A"), Stick.Formatted(_folder, "KC-RECORD-B"),
            Stick.Formatted(_folder, "KC-EXPORT")];
        using (var computer = new Computer(new Setup(Firmware.Bios, Medium.Stick, Image.Iso, Sticks: sticks), output))
        {
            computer.WaitFor("Serial line: image self-check");
            computer.Press("9");
            computer.Press(Enumerable.Repeat("down", IndexOf("de")));
            computer.Press("ret");
            computer.WaitFor("keyceremony.keymap=de");
            computer.Press("2");

            computer.WaitForCharacters("In use: German (de)");
            computer.Press(Keys("de", "Müller zy/-@é"));
            computer.WaitForCharacters("Try-out > Müller zy/-@é");
            computer.Press("ret");
            computer.WaitForCharacters("Keyboard layout: German (de)");
            computer.Press("ret");
            computer.WaitForCharacters("\"KC-RECORD-B\"");
            computer.Press("ret");
            computer.WaitForCharacters("KeyCeremony: rehearsal");
            computer.Press(Keys("de", "Creation of a root certification authority"));
            computer.WaitForCharacters("Filter or number > Creation of a root certification authority");
            computer.Press("ret");
            computer.WaitForCharacters("Go on: begin the ceremony");
            computer.Press("ret");
            computer.WaitForCharacters("KeyCeremony: the sticks in use");
            computer.Press("ret");
            computer.WaitForCharacters("Who is the administrator?");
            computer.Press(Keys("de", "Jörg Müller"));
            computer.WaitForCharacters("Jörg Müller");
            computer.Press("ret");
            computer.WaitForCharacters("Who is the operator?");

            computer.Press("f12");
            computer.WaitForCharacters("Try-out > ");
            computer.Press(Enumerable.Repeat("down", IndexOf("fr") - IndexOf("de")));
            computer.WaitForCharacters("Enter sets French (fr).");
            computer.Press("ret");
            computer.WaitForCharacters("In use: French (fr)");
            computer.Press("ret");
            computer.Press("f4");
            computer.Press(Keys("fr", "Anaïs Lefèvre w"));
            computer.WaitForCharacters("Anaïs Lefèvre w");
            computer.Press("ret");
            // A deviation is written down at once, and shown to the witness when there is one.
            Assert.True(SpinWait.SpinUntil(() =>
            {
                Thread.Sleep(TimeSpan.FromSeconds(2));
                return sticks[..2].All(stick => File.ReadAllBytes(stick).AsSpan().IndexOf("Anaïs Lefèvre w"u8) >= 0);
            }, TimeSpan.FromMinutes(3)), "it is not on the record sticks");
        }
        foreach (string stick in sticks[..2])
        {
            string journal = File.ReadAllText(Path.Combine(
                Stick.Read(stick, Path.Combine(_folder, Path.GetFileNameWithoutExtension(stick) + "-read")), "keyceremony.journal"));
            output.WriteLine(journal);
            Assert.Contains("\"kind\":\"keyboard-used\",\"layout\":\"de\"", journal, StringComparison.Ordinal);
            Assert.Contains("\"value\":\"Jörg Müller\"", journal, StringComparison.Ordinal);
            Assert.Contains("\"kind\":\"keyboard-used\",\"layout\":\"fr\"", journal, StringComparison.Ordinal);
            Assert.Contains("Anaïs Lefèvre w", journal, StringComparison.Ordinal);
        }
    }

    private static int IndexOf(string layout) => Keyboards.All.ToList().FindIndex(l => l.Id == layout);

    /// <summary>The keys of a German or French keyboard, by QEMU's names, which are those of a US one.</summary>
    private static IEnumerable<string> Keys(string layout, string text) => new Typist(layout).Keys(text)!.Select(key =>
        $"{((key.Held & 1) != 0 ? "shift-" : "")}{((key.Held & 2) != 0 ? "alt_r-" : "")}{Name(key.Key)}");

    private static string Name(int key) => Names.TryGetValue(key, out string? name) ? name : key switch
    {
        <= 11 => ((key - 1) % 10).ToString(System.Globalization.CultureInfo.InvariantCulture),
        <= 25 => "qwertyuiop"[key - 16].ToString(),
        <= 38 => "asdfghjkl"[key - 30].ToString(),
        _ => "zxcvbnm"[key - 44].ToString(),
    };
}
