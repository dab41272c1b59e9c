using KeyCeremony.App.Tests.Keyboard;
using KeyCeremony.Core.Ceremony;
using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>
/// The appliance's own screen, keyboard and loudspeaker, while a witness watches on the serial line: a layout chosen in the boot menu,
/// another one during a ceremony, the keys F1 to F5 of the Linux console, key by key.
/// </summary>
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

    /// <summary>How many lines of the boot menu stand before it; it has no number.</summary>
    private const int WitnessedRehearsal = 9;

    private const string OfTheWitness = "Typed By The Witness";

    private static readonly (string Asked, string Name)[] Others =
    [
        ("Who is the operator?", "Otto"), ("Who is the witness?", "Wilma"), ("Who is officer number 1", "Bea"),
        ("Who is officer number 2", "Carl"), ("Who is officer number 3", "Dana"),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Names_are_typed_with_the_layout_that_was_chosen_while_the_witness_watches_and_the_journal_says_which()
    {
        string speaker = Path.Combine(_folder, "speaker.wav");
        string[] sticks = [Stick.Formatted(_folder, "KC-RECORD-A"), Stick.Formatted(_folder, "KC-RECORD-B"),
            Stick.Formatted(_folder, "KC-EXPORT")];
        using (var computer = new Computer(new Setup(Firmware.Bios, Medium.Stick, Image.Iso, Sticks: sticks, Speaker: speaker), output))
        {
            computer.WaitFor("Serial line: image self-check");
            computer.Press("9");
            computer.Press(Enumerable.Repeat("down", IndexOf("de")));
            computer.Press("ret");
            computer.WaitFor("keyceremony.keymap=de");
            computer.Press(Enumerable.Repeat("down", WitnessedRehearsal));
            computer.Press("ret");

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

            WatchAndTypeOnTheLine(computer);
            PressFunctionKeys(computer);

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
            // What is typed is not for the room.
            Assert.DoesNotContain("Lef", computer.WaitForWitness("Who is the operator?"), StringComparison.Ordinal);
            computer.Press("ret");
            // A deviation is written down at once, and shown to the witness when there is one.
            Assert.True(SpinWait.SpinUntil(() =>
            {
                Thread.Sleep(TimeSpan.FromSeconds(2));
                return sticks[..2].All(stick => File.ReadAllBytes(stick).AsSpan().IndexOf("Anaïs Lefèvre w"u8) >= 0);
            }, TimeSpan.FromMinutes(3)), "it is not on the record sticks");

            int before = Loudspeaker.Heard(speaker).Count;
            foreach ((string asked, string name) in Others)
            {
                computer.WaitForCharacters(asked);
                computer.Press(Keys("fr", name));
                computer.Press("ret");
            }
            computer.WaitForCharacters("Is everybody here and named");
            // Always the administrator until now: nobody was called.
            Assert.Equal(before, Loudspeaker.Heard(speaker).Count);
            computer.Press("ret");
            computer.WaitForCharacters("Exception 1: the witness says");
            string view = computer.WaitForWitness("Turn: Wilma (witness)");
            output.WriteLine(view);
            HearTheBell(speaker, before);
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
            Assert.DoesNotContain(OfTheWitness, journal, StringComparison.Ordinal);
        }
    }

    /// <summary>The room sees whose turn it is and what is asked. Whatever is typed on its line is typed to nobody.</summary>
    private void WatchAndTypeOnTheLine(Computer computer)
    {
        string view = computer.WaitForWitness("Who is the operator?");
        output.WriteLine(view);
        Assert.Contains("Witness view: nothing is typed here", view, StringComparison.Ordinal);
        Assert.Contains("Step 1 of ", view, StringComparison.Ordinal);
        Assert.Contains("Turn: the administrator", view, StringComparison.Ordinal);

        // A name with its Enter, the keys for help and abort, the orders to leave and to stop, and what stops a line.
        computer.Type($"{OfTheWitness}\r\n\e[[A\e[20~\x03\x04\x1A\x1C\x13");
        Thread.Sleep(TimeSpan.FromSeconds(10));
        string screen = computer.Characters();
        Assert.Contains("Who is the operator?", screen, StringComparison.Ordinal);
        Assert.DoesNotContain(OfTheWitness, screen, StringComparison.Ordinal);
        Assert.DoesNotContain("Leave the ceremony?", screen, StringComparison.Ordinal);
        // It is not even echoed.
        Assert.DoesNotContain(OfTheWitness, computer.Said, StringComparison.Ordinal);
        Assert.Equal(view, computer.WitnessView());
    }

    /// <summary>The Linux console has signs of its own for F1 to F5.</summary>
    private static void PressFunctionKeys(Computer computer)
    {
        computer.Press("f1");
        computer.WaitForCharacters("┤Help├");
        computer.Press("f1");
        computer.WaitForCharacters("Who is the operator?", gone: "┤Help├");
        computer.Press("f2");
        computer.WaitForCharacters("Who is the administrator?", gone: "Who is the operator?");
        computer.WaitForWitness("Who is the administrator?");
        computer.Press(Keys("de", "Jörg Müller"));
        computer.WaitForCharacters("Jörg Müller");
        computer.Press("ret");
        computer.WaitForCharacters("Who is the operator?");
        computer.Press("f3");
        computer.WaitForCharacters("Who stays in the room during the break?");
        computer.Press("esc");
        computer.WaitForCharacters("Who is the operator?", gone: "Who stays in the room during the break?");
        computer.Press("f5");
        computer.WaitForCharacters("administrator: Jörg Müller", gone: "Who is the operator?");
        computer.WaitForCharacters("Now: read it.");
        computer.Press("f5");
        computer.WaitForCharacters("Who is the operator?");
    }

    /// <summary>The kernel's own tone for a bell, once.</summary>
    private void HearTheBell(string speaker, int before)
    {
        Assert.True(SpinWait.SpinUntil(() =>
        {
            Thread.Sleep(TimeSpan.FromMilliseconds(200));
            return Loudspeaker.Heard(speaker).Count > before;
        }, TimeSpan.FromMinutes(1)), "the loudspeaker was silent when it was the witness's turn");
        Thread.Sleep(TimeSpan.FromSeconds(1));
        IReadOnlyList<(double Hertz, double Seconds)> heard = Loudspeaker.Heard(speaker);
        foreach ((double hertz, double seconds) in heard)
            output.WriteLine($"heard: {hertz:F0} Hz for {seconds:F2} s");
        (double tone, double length) = Assert.Single(heard.Skip(before));
        Assert.InRange(tone, 700, 800);
        Assert.InRange(length, 0.05, 1);
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
