using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Hsm.Tests;
using Xunit.Abstractions;

namespace KeyCeremony.Iso.Tests;

/// <summary>A whole root ceremony on the booted image, by people at its serial line, through a power cut.</summary>
public sealed class CeremonyTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-room-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_root_ceremony_survives_a_power_cut_and_its_bundle_verifies_elsewhere()
    {
        string[] sticks = [Stick.Formatted(_folder, "KC-RECORD-A"), Stick.Formatted(_folder, "KC-RECORD-B"),
            Stick.Formatted(_folder, "KC-EXPORT")];
        var setup = new Setup(Firmware.Bios, Medium.Stick, Image.Iso, Sticks: sticks, Tpm: true);
        PeopleAtTheTerminal? people = null;
        ReadScreen cut = Sit(setup, terminal =>
        {
            TakeSticks(terminal);
            ChooseRootCreation(terminal);
            people = new PeopleAtTheTerminal(SeeSticksInUse(terminal));
            return people.PlayUntil("the approval",
                s => s.Now.Contains("approved the root certificate as shown?", StringComparison.Ordinal));
        });
        ReadScreen end = Sit(setup, terminal =>
        {
            TakeSticks(terminal);
            Resume(terminal);
            people!.SitDownAt(SeeSticksInUse(terminal));
            Assert.Equal(cut.Now, people.ComeBack().Now);
            return people.PlayUntil("its end", s => s.IsClosed);
        });
        Assert.Contains("The ceremony is closed.", end.Text, StringComparison.Ordinal);

        string bundle = Assert.Single(Directory.GetDirectories(Stick.Read(sticks[2], Path.Combine(_folder, "read"))));
        Ran verified = Tool.Run("dotnet", Repository.Program, "verify", "--trust",
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(bundle, "certificates/root.der")))), bundle).Expect(0);
        output.WriteLine(verified.Out);
        string journal = File.ReadAllText(Path.Combine(bundle, "journal.jsonl"));
        Assert.Contains(Image.Sha256("keyceremony.iso"), journal, StringComparison.Ordinal);
        Assert.Contains(Image.RootHash, journal, StringComparison.Ordinal);
        Assert.Matches("PCR 4 (?!0{64})[0-9a-f]{64}", journal);
    }

    /// <summary>Switches the computer on, plays, and pulls the plug.</summary>
    private ReadScreen Sit(Setup setup, Func<TmuxTerminal, ReadScreen> play)
    {
        using var computer = new Computer(setup, output);
        computer.Choose(BootEntry.SerialRehearsal);
        computer.WaitFor("Switch off");
        computer.LetGoOfTheLine();
        using var terminal = new TmuxTerminal(80, 25, "socat", "-,raw,echo=0", $"UNIX-CONNECT:{computer.LinePath}");
        ReadScreen last = play(terminal);
        output.WriteLine($"[{computer.Since.TotalSeconds:F0} s] {Regex.Match(last.Text, @"Step \d+ of \d+").Value}");
        return last;
    }

    /// <summary>The first page is answered unseen: what the line said before somebody listened is not said again.</summary>
    private static void TakeSticks(TmuxTerminal terminal)
    {
        terminal.Press("Enter");
        terminal.WaitFor("both record sticks", s => Regex.IsMatch(s, @"=\s+record stick A") && Regex.IsMatch(s, @"=\s+record stick B"));
        terminal.Press("Enter");
    }

    private static void ChooseRootCreation(TmuxTerminal terminal)
    {
        terminal.WaitFor("KeyCeremony: rehearsal");
        for (string screen = terminal.Screen(); !Regex.IsMatch(screen, "▶ .*Creation of a root certification authority *$",
            RegexOptions.Multiline); screen = terminal.WaitFor("another line marked", s => s != screen))
            terminal.Press("Down");
        terminal.Press("Enter");
        terminal.WaitFor("what the script will need", PeopleAtTheTerminal.LaysOut);
        terminal.Press("Enter");
    }

    /// <summary>What is unfinished is marked: Enter goes on with it.</summary>
    private static void Resume(TmuxTerminal terminal)
    {
        terminal.WaitFor("what resumes", s => Regex.IsMatch(s, "▶ .*Resume: Creation of a root certification authority"));
        terminal.Press("Enter");
    }

    private static TmuxTerminal SeeSticksInUse(TmuxTerminal terminal)
    {
        terminal.WaitFor("KeyCeremony: the sticks in use");
        terminal.Press("Enter");
        return terminal;
    }
}
