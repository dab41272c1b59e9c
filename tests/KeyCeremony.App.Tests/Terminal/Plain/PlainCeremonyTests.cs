using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal.Plain;
using KeyCeremony.Core.Tests;

namespace KeyCeremony.App.Tests.Terminal.Plain;

/// <summary>A whole ceremony on a terminal that shows lines and nothing else, as a screen reader or a teletype meets it.</summary>
public sealed class PlainCeremonyTests : IDisposable
{
    private const string Deviation = "The door was opened once.";
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "keyceremony.dll");
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-plain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_root_creation_is_played_to_its_verified_end()
    {
        using var terminal = new LineTerminal(RootCreation());
        var people = new PeopleAtTheLine(terminal);

        TakeBackAName(terminal, people);
        RestReportAndLook(terminal, people);
        SayThatThereIsNoNumber(terminal, people);
        MistypeAWord(terminal, people);
        people.PlayUntil("The ceremony is closed.");
        people.Say("");
        Assert.Equal(0, terminal.WaitForEnd());

        string journal = File.ReadAllText(Path.Combine(Bundle(), "journal.jsonl"));
        Assert.Contains(Deviation, journal, StringComparison.Ordinal);
        VerifyPasses();
        NothingIsLeftOfACard(terminal, people);
        Assert.DoesNotMatch(@"\(F\d+\)|press Esc", terminal.Said);
        // What is copied, a path or a command with one, stands on a line as long as it is.
        string[] wide = [.. terminal.Said.Split('\n').Select(line => line.TrimEnd('\r').Split('\r').Last())
            .Where(line => line.Length > PlainWords.Width && line.Contains(' ') && !line.Contains('/'))];
        Assert.Empty(wide);
    }

    [Fact]
    public void Ctrl_C_asks_before_it_leaves_and_the_ceremony_is_resumed()
    {
        string words;
        using (var terminal = new LineTerminal(RootCreation()))
        {
            new PeopleAtTheLine(terminal).PlayUntil("In which building");
            terminal.Interrupt();
            Assert.Contains("Stop the program now", terminal.WaitForPrompt(), StringComparison.Ordinal);
            terminal.Type("");
            terminal.WaitForPrompt();
            terminal.Type(".leave");
            string said = terminal.WaitForPrompt();
            words = string.Join(' ',
                Regex.Match(said, @"these eight words:(\s+[A-Za-z]+){8}").Groups[1].Captures.Select(w => w.Value.Trim()));
            terminal.Type("3");
            Assert.Equal(0, terminal.WaitForEnd());
            Assert.Contains("rests at entry", terminal.Said, StringComparison.Ordinal);
        }
        using var again = new LineTerminal(RootCreation());
        new PeopleAtTheLine(again).PlayUntil("eight words that were written down");
        again.Type(words);
        Assert.Contains("In which building", again.WaitForPrompt(), StringComparison.Ordinal);
    }

    /// <summary>While a word of a card stands there: it is written over, and the witness has the words to write down.</summary>
    [Fact]
    public void A_program_that_is_told_to_end_says_the_words_and_leaves_none_of_a_card()
    {
        using var terminal = new LineTerminal(RootCreation());
        _ = new PeopleAtTheLine(terminal).PlayUntil("Word 1 of 20: ");
        LineTerminal.Terminate(_folder);
        terminal.WaitForEnd();
        string left = terminal.Said[^800..];
        Assert.True(Regex.IsMatch(left, @"Word 1 of 20: [a-z]+\r-{48}\r?\n"), left);
        Assert.True(Regex.IsMatch(left, @"rests at entry \d+\.\s[\s\S]*these eight words:(\s+[A-Za-z]+){8}"), left);
    }

    [Fact]
    public void An_Enter_that_is_held_down_answers_one_question()
    {
        using var terminal = new LineTerminal(RootCreation());
        var people = new PeopleAtTheLine(terminal);
        string first = people.PlayUntil("reads this, then Enter.");
        people.Say("");
        string second = terminal.WaitForPrompt();
        for (int i = 0; i < 5; i++)
            terminal.Send("");
        terminal.WaitForPrompt();
        people.Say(".again");
        Assert.NotEqual(Asked(first), Asked(second));
        Assert.Equal(Asked(second), Asked(terminal.WaitForPrompt()));
    }

    private static string Asked(string said) => said[said.LastIndexOf("Now: ", StringComparison.Ordinal)..];

    private static void TakeBackAName(LineTerminal terminal, PeopleAtTheLine people)
    {
        people.PlayUntil("Who is officer number 1");
        people.Say(".undo");
        Assert.Contains("Who is the witness?", terminal.WaitForPrompt(), StringComparison.Ordinal);
    }

    private static void RestReportAndLook(LineTerminal terminal, PeopleAtTheLine people)
    {
        people.PlayUntil("In which building");
        people.Say(".help");
        string help = terminal.WaitForPrompt();
        Assert.All(PlainCommand.All, command => Assert.Contains(command.Name, help, StringComparison.Ordinal));
        people.Say(".nothing");
        Assert.Contains("SCREEN-06", terminal.WaitForPrompt(), StringComparison.Ordinal);
        people.Say(".ledger people Wilma");
        Assert.Contains(PeopleAtTheTerminal.Witness, terminal.WaitForPrompt(), StringComparison.Ordinal);
        people.Say(".where");
        Assert.Contains("What the words mean", terminal.WaitForPrompt(), StringComparison.Ordinal);
        people.Say(".break");
        Assert.Contains(PeopleAtTheTerminal.Operator, terminal.WaitForPrompt(), StringComparison.Ordinal);
        people.Say("1 3");
        string rest = terminal.WaitForPrompt();
        Assert.Contains($"stays in the room: {PeopleAtTheTerminal.Administrator}", rest, StringComparison.Ordinal);
        Assert.Contains($"stays in the room: {PeopleAtTheTerminal.Witness}", rest, StringComparison.Ordinal);
        Assert.DoesNotContain(PeopleAtTheTerminal.Operator, rest, StringComparison.Ordinal);
        people.Say("no");
        Assert.Contains("SCREEN-07", terminal.WaitForPrompt(), StringComparison.Ordinal);
        people.Say("");
        terminal.WaitForPrompt();
        foreach (string command in new[] { ".report", ".abort" })
        {
            people.Say(command);
            terminal.WaitForPrompt();
            people.Say(".found");
            Assert.Contains("Nothing was recorded", terminal.WaitForPrompt(), StringComparison.Ordinal);
        }
        people.Say(".report");
        terminal.WaitForPrompt();
        people.Say(Deviation);
        Assert.Contains(Deviation, terminal.WaitForPrompt(), StringComparison.Ordinal);
    }

    /// <summary>What the room asks before the journal's rules do: nothing of it is recorded.</summary>
    private static void SayThatThereIsNoNumber(LineTerminal terminal, PeopleAtTheLine people)
    {
        people.PlayUntil("printed on the primary HSM");
        people.Say("n/a");
        Assert.Contains("TYPED-05", terminal.WaitForPrompt(), StringComparison.Ordinal);
        people.Say(".again");
        Assert.Contains("printed on the primary HSM", terminal.WaitForPrompt(), StringComparison.Ordinal);
    }

    /// <summary>The wrong word is named by its number and typed anew; so is one that was right.</summary>
    private static void MistypeAWord(LineTerminal terminal, PeopleAtTheLine people)
    {
        people.PlayUntil("Are all ");
        people.Say("");
        Assert.Matches(@"Word 1 of \d+: [a-z]+$", terminal.WaitForPrompt());
        people.PlayUntil("They do not appear.");
        people.Say("qqqq");
        Assert.Contains("SHARE-01", terminal.WaitForPrompt(), StringComparison.Ordinal);
        people.Say("academic");
        string told = terminal.WaitForPrompt();
        Assert.True(told.Contains("SHARE-20", StringComparison.Ordinal) || told.Contains("Word 2 of", StringComparison.Ordinal), told);
        people.Say(".word 1");
        Assert.Matches(@"Word 1 of \d+: $", terminal.WaitForPrompt());
    }

    /// <summary>What a terminal keeps after a carriage return is what was written over the word.</summary>
    private static void NothingIsLeftOfACard(LineTerminal terminal, PeopleAtTheLine people)
    {
        string[] kept = [.. terminal.Said.Split('\n').Select(line => line.TrimEnd('\r').Split('\r').Last())];
        Assert.All(people.Cards.SelectMany(card => card), word =>
            Assert.DoesNotContain(kept, line => Regex.IsMatch(line, $@"Word \d+ of \d+: {word}")));
        Assert.DoesNotContain('\e', terminal.Said);
    }

    private string[] RootCreation() =>
    [
        "dotnet", Program, "run", TestFiles.PathOf("ceremony-scripts", "root-creation.md"), "--ledger", Path.Combine(_folder, "stick-a"),
        "--ledger", Path.Combine(_folder, "stick-b"), "--softhsm", Path.Combine(_folder, "hsm"), "--out", Path.Combine(_folder, "export"),
    ];

    private string Bundle() => Assert.Single(Directory.GetDirectories(Path.Combine(_folder, "export")));

    private void VerifyPasses()
    {
        string root = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(Bundle(), "certificates/root.der"))));
        (int code, string report, _) = EndedProcess.Of(new("dotnet", [Program, "verify", "--trust", root, Bundle()]));
        Assert.True(code == 0, report);
    }
}
