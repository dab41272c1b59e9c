using System.Text;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.App.Tests.Transfer;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.App.Tests.Camera;

/// <summary>
/// A ceremony whose script allows codes, in a real terminal: a card is shown as a code and read back by a camera that a program plays.
/// </summary>
public sealed class CardAtTheTerminalTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "keyceremony.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-card-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_card_is_shown_as_a_code_and_read_back_by_camera_and_stays_nowhere()
    {
        using var terminal = new TmuxTerminal(80, 25, RootCreation());
        var people = new PeopleAtTheTerminal(terminal);
        ReadScreen shown = people.PlayUntil("a card", PeopleAtTheTerminal.IsShown);

        terminal.Type("c");
        string screen = terminal.WaitFor("the code", s => s.Contains('█', StringComparison.Ordinal));
        string digits = Assert.Single(Picture.Read(Picture.Of(screen.Split('\n'), 80)));
        terminal.Type("c");
        terminal.WaitFor("the words again",
            s => !s.Contains('█', StringComparison.Ordinal) && PeopleAtTheTerminal.IsShown(ReadScreen.Of(s)));
        ReadScreen typed = people.WriteDown(shown);
        Assert.Equal(people.Card(typed), WordsOf(digits));

        string changed = digits[..^4] + (digits.EndsWith("0000", StringComparison.Ordinal) ? "0001" : "0000");
        _ = Codes.PlayCamera(Bin, ["http://example.org/", changed]);
        terminal.Press("C-r");
        terminal.WaitFor("the refusal of a wrong card", s => s.Contains(ShareRules.NotTheDealtWordId, StringComparison.Ordinal),
            atRest: false);
        terminal.Press("Escape");
        terminal.WaitFor("typing again",
            s => PeopleAtTheTerminal.IsTyped(ReadScreen.Of(s)) && s.Contains("0 of 20 words", StringComparison.Ordinal));

        _ = Codes.PlayCamera(Bin, [digits]);
        terminal.Press("C-r");
        ReadScreen next = people.After(typed);
        Assert.Contains("read back card 1", next.Text, StringComparison.Ordinal);
        people.SeeNothingOf(people.Card(typed));
        Assert.DoesNotContain('█', terminal.Memory());
        AssertNotInMemory(terminal.ProcessId, digits);
        AssertNotInFiles(digits);
        terminal.Kill();
    }

    [Fact]
    public void Without_a_camera_the_card_is_typed()
    {
        using var terminal = new TmuxTerminal(80, 25, RootCreation(camera: false));
        var people = new PeopleAtTheTerminal(terminal);
        ReadScreen typed = people.WriteDown(people.PlayUntil("a card", PeopleAtTheTerminal.IsShown));
        terminal.Press("C-r");
        terminal.WaitFor("why not", s => s.Contains("SCAN-0", StringComparison.Ordinal));
        ReadScreen next = people.TypeCard(typed, people.Card(typed));
        Assert.Contains("read back card 1", next.Text, StringComparison.Ordinal);
        terminal.Kill();
    }

    private string Bin => Path.Combine(_folder, "bin");

    private static string[] WordsOf(string digits)
    {
        Assert.True(Slip39.TryParseNumeric(Encoding.ASCII.GetBytes(digits), out Share? share, out Core.Refusal? refusal),
            refusal?.ToString());
        using (share)
            return [.. Enumerable.Range(1, share.WordCount).Select(n => Encoding.ASCII.GetString(share.Word(n)))];
    }

    /// <summary>As text of one or of two bytes a digit; a piece of eight words is enough to find.</summary>
    private static void AssertNotInMemory(int process, string digits)
    {
        string piece = digits.Substring(8, 32);
        byte[][] wanted = [Encoding.ASCII.GetBytes(piece), Encoding.Unicode.GetBytes(piece)];
        byte[] known = Encoding.Unicode.GetBytes("Creation of a root certification authority");
        bool isFound = false;
        using FileStream memory = File.OpenRead($"/proc/{process}/mem");
        foreach (string line in File.ReadLines($"/proc/{process}/maps").Where(l => l.Contains(" rw", StringComparison.Ordinal)))
        {
            long[] range = [.. line[..line.IndexOf(' ', StringComparison.Ordinal)]
                .Split('-').Select(at => unchecked((long)Convert.ToUInt64(at, 16)))];
            if (range[0] < 0 || line.Contains("[v", StringComparison.Ordinal))
                continue;
            byte[] bytes = new byte[64 * 1024];
            for (long at = range[0]; at < range[1]; at += bytes.Length - 128)
            {
                int count = Read(memory, at, bytes.AsSpan(0, (int)Math.Min(bytes.Length, range[1] - at)));
                isFound |= bytes.AsSpan(0, count).IndexOf(known) >= 0;
                Assert.All(wanted,
                    w => Assert.True(bytes.AsSpan(0, count).IndexOf(w) < 0, $"A card's digits are in memory at {at:x}: {line}"));
            }
        }
        Assert.True(isFound, "The search did not even find the title of the script.");
    }

    // A page that was promised and never used cannot be read.
    private static int Read(FileStream memory, long at, Span<byte> bytes)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, bytes, at);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private void AssertNotInFiles(string digits)
    {
        foreach (string file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories)
            .Where(f => !f.StartsWith(Bin, StringComparison.Ordinal)))
        {
            // The program that runs keeps its ledger from being opened by others of its kind; grep asks for no lock.
            using var grep = System.Diagnostics.Process.Start("grep", ["-qaF", "-e", digits, file]);
            grep.WaitForExit();
            Assert.True(grep.ExitCode == 1, file);
        }
    }

    private string[] RootCreation(bool camera = true)
    {
        string scripts = Path.Combine(_folder, "scripts");
        foreach (string file in Directory.EnumerateFiles(TestFiles.PathOf("ceremony-scripts"), "*.md", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(scripts, Path.GetRelativePath(TestFiles.PathOf("ceremony-scripts"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy,
                File.ReadAllText(file).Replace("\nversion: 1\n", "\nversion: 1\ncard-codes: true\n", StringComparison.Ordinal));
        }
        _ = Codes.PlayCamera(Bin, []);
        return
        [
            "env", "TERM=xterm-256color", $"PATH={Bin}:{Environment.GetEnvironmentVariable("PATH")}",
            "dotnet", Program, "run", Path.Combine(scripts, "root-creation.md"), "--ledger", Path.Combine(_folder, "stick-a"),
            "--ledger", Path.Combine(_folder, "stick-b"), "--softhsm", Path.Combine(_folder, "hsm"),
            "--out", Path.Combine(_folder, "export"),
            .. camera ? new[] { "--camera", "/dev/video0" } : ["--camera", ""],
        ];
    }
}
