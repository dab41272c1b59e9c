using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Tests.Transfer;
using KeyCeremony.Core;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Transfer;

[assembly: CollectionBehavior(MaxParallelThreads = 3)] // people at a terminal take no processor

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>
/// The program as people meet it: in a terminal, on SoftHSM2, from the roll call to the bundle. Nothing is known of
/// the ceremony but what its screens say.
/// </summary>
public sealed class RealTerminalTests : IDisposable
{
    private const string Deviation = "The door was opened once.";
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "keyceremony.dll");
    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-terminal-").FullName;

    /// <summary>What the last screen says to verify the bundle with.</summary>
    private string _audit = "";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_root_creation_on_80_by_25_survives_what_people_and_power_do_to_it()
    {
        using var terminal = new TmuxTerminal(80, 25, RootCreation());
        var people = new PeopleAtTheTerminal(terminal);

        TakeBackAName(terminal, people);
        ReadScreen question = people.PlayUntil("the room", screen => screen.Now.Contains("In which building", StringComparison.Ordinal));
        question = RestWithTwo(terminal, people, question);
        question = ReportADeviation(terminal, people, question);
        OpenAndCloseTheLeaveDialog(terminal, question);
        ChangeTheSize(terminal, question);
        DealTheFirstCard(terminal, people);
        CutThePowerBetweenTwoCards(terminal, people);
        CutThePowerAtAQuestion(terminal, people);
        CarryResultsOut(terminal, people);
        PlayToTheEnd(terminal, people);

        string journal = File.ReadAllText(Path.Combine(Bundle(), "journal.jsonl"));
        Assert.Contains(Deviation, journal, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"results-shown\",\"receiver\":\"Rita Ruiz\"", journal, StringComparison.Ordinal);
        VerifyPasses();
    }

    [Fact]
    public void On_120_by_40_a_ceremony_is_stopped_and_resumed()
    {
        using var terminal = new TmuxTerminal(120, 40, RootCreation());
        var people = new PeopleAtTheTerminal(terminal);
        ReadScreen before = people.PlayUntil("the first inspection of an HSM",
            screen => screen.Text.Contains("Step 8 of", StringComparison.Ordinal));

        terminal.Press("C-c");
        terminal.WaitFor("Leave the ceremony?");
        string written = string.Join(' ', Regex.Match(ReadScreen.Asking(terminal.Screen()),
            @"these eight words:(\s+[A-Za-z]+){8}").Groups[1].Captures.Select(word => word.Value.Trim()));
        terminal.Press("3");
        terminal.WaitFor("▶ 3  Stop the program now");
        terminal.Press("Enter");
        Ends(terminal, "rests at entry");

        terminal.StartAgain();
        people.ComeBack(written);
        ReadScreen after = people.PlayUntil("the same question", screen => screen.Now == before.Now);
        Assert.Contains("Step 8 of", after.Text, StringComparison.Ordinal);
        terminal.Kill();
    }

    /// <summary>SIGTERM, also while a card stands there: the witness reads the same words as when people stop the program.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_program_that_is_told_to_end_leaves_the_words_to_write_down(bool cardShown)
    {
        using var terminal = new TmuxTerminal(80, 25, RootCreation());
        var people = new PeopleAtTheTerminal(terminal);
        _ = people.PlayUntil("where it ends",
            screen => cardShown ? PeopleAtTheTerminal.IsShown(screen) : screen.Now.Contains("In which building", StringComparison.Ordinal));

        Assert.Equal(128 + 15, terminal.Terminate());
        string left = terminal.Screen();
        Assert.Contains("rests at entry", left, StringComparison.Ordinal);
        Match words = Regex.Match(left, @"these eight words:(\s+[A-Za-z]+){8}\s+These words are asked for when the ceremony goes on\.");
        Assert.True(words.Success, left);
        Assert.DoesNotMatch(@"\b1 [a-z]+ ", left);

        terminal.StartAgain();
        people.ComeBack(string.Join(' ', words.Groups[1].Captures.Select(word => word.Value.Trim())));
        terminal.Kill();
    }

    /// <summary>SIGKILL while a card stands there: the terminal is wiped by who stays, and is a shell's again.</summary>
    [Fact]
    public void A_program_that_is_killed_leaves_no_word_of_a_card_on_the_terminal()
    {
        using var terminal = new TmuxTerminal(80, 25, RootCreation());
        var people = new PeopleAtTheTerminal(terminal);
        people.Read();
        Assert.True(terminal.TellsOfMouse && terminal.IsRaw);
        ReadScreen shown = people.PlayUntil("a card", PeopleAtTheTerminal.IsShown);
        Assert.False(terminal.TellsOfMouse, "A card's page has no mouse.");
        string[] card = people.Read(shown);
        Assert.Equal(20, card.Length);
        using (var program = System.Diagnostics.Process.GetProcessById(terminal.ProcessId))
            program.Kill();
        terminal.WaitFor("an empty terminal", screen => !card.Any(word => Regex.IsMatch(screen, $@"\d +{word}\b")));
        terminal.WaitForShell();
        people.SeeNothingOf(card);
    }

    /// <summary>
    /// A script that records what a terminal is sent, on a real one: cards are shown, mistyped, typed back, and shown while the program is
    /// killed. What lies on the sticks then has no card, not by whole words and not by the four letters that are typed.
    /// </summary>
    [Fact]
    public void A_recording_of_a_real_terminal_has_no_word_of_a_card_and_no_half_of_one()
    {
        string script = Path.Combine(_folder, "recorded.md"), shared = Directory.CreateDirectory(Path.Combine(_folder, "shared")).FullName;
        foreach (string part in Directory.GetFiles(TestFiles.PathOf("ceremony-scripts", "shared")))
            File.Copy(part, Path.Combine(shared, Path.GetFileName(part)));
        File.WriteAllText(script, File.ReadAllText(TestFiles.PathOf("ceremony-scripts", "root-creation.md"))
            .Replace("\nversion: 1\n", "\nversion: 1\nrecording: true\n", StringComparison.Ordinal));
        using var terminal = new TmuxTerminal(80, 25, RootCreation(script));
        var people = new PeopleAtTheTerminal(terminal);
        DealTheFirstCard(terminal, people);
        ReadScreen second = people.PlayUntil("the second card", PeopleAtTheTerminal.IsShown);
        string[][] cards = [.. people.Cards, people.Read(second)];
        Assert.Equal([20, 20], cards.Select(card => card.Length));
        terminal.Kill();

        string[] recordings = [.. new[] { "stick-a", "stick-b" }
            .Select(stick => Assert.Single(Directory.GetFiles(Path.Combine(_folder, stick, "recordings"))))];
        foreach (string recording in recordings)
        {
            Assert.True(TerminalCast.TryRead(File.ReadAllBytes(recording), out TerminalCast? cast, out Refusal? refusal), $"{refusal}");
            string played = string.Concat(cast.Events.Where(e => e.Kind == CastKind.Sent).Select(e => e.Text));
            Assert.DoesNotContain("\e[?100", played, StringComparison.Ordinal);
            string seen = Regex.Replace(played, @"\e\[[0-9;?]*[A-Za-z]", " ");
            Assert.Contains(PeopleAtTheTerminal.Witness, seen, StringComparison.Ordinal); // What is no secret is there.
            Assert.True(cast.Events.Count(e => e is { Kind: CastKind.Marker, Text: Recorder.SecretPage }) >= 2);
            foreach (string[] card in cards)
                SeeNoHalfOf(card, seen);
            // The search finds what it seeks: four letters of two words, as they are typed one after the other.
            Assert.Throws<Xunit.Sdk.FalseException>(() => SeeNoHalfOf(cards[0], $"{seen} {cards[0][6][..4]} {cards[0][7][..4]}"));
        }
    }

    /// <summary>A single word may stand in prose by chance; two behind each other, one behind its number, or many may not.</summary>
    private static void SeeNoHalfOf(string[] card, string seen)
    {
        const int Letters = 4;
        for (int i = 0; i < card.Length; i++)
        {
            string half = card[i][..Letters];
            Assert.False(Regex.IsMatch(seen, $@"\b{i + 1} {{1,2}}{half}"), $"Word {i + 1} stands behind its number.");
            if (i + 1 < card.Length)
                Assert.False(Regex.IsMatch(seen, $@"\b{half}[a-z]*[^a-z]{{1,40}}{card[i + 1][..Letters]}", RegexOptions.IgnoreCase),
                    $"Words {i + 1} and {i + 2} stand together.");
        }
        Assert.InRange(card.Distinct().Count(word => Regex.IsMatch(seen, $@"\b{word}\b", RegexOptions.IgnoreCase)), 0, 4);
        Assert.InRange(card.Distinct().Count(word => word.Length > Letters && Regex.IsMatch(seen, $@"\b{word[..Letters]}\b")), 0, 2);
    }

    private static void TakeBackAName(TmuxTerminal terminal, PeopleAtTheTerminal people)
    {
        ReadScreen screen = people.PlayUntil("the first officer", s => s.Now.Contains("Who is officer number 1", StringComparison.Ordinal));
        Assert.Contains($"witness: {PeopleAtTheTerminal.Witness}", screen.Text, StringComparison.Ordinal);
        terminal.Press("F2");
        screen = people.After(screen);
        Assert.Contains("Who is the witness?", screen.Now, StringComparison.Ordinal);
        Assert.DoesNotContain(PeopleAtTheTerminal.Witness, screen.Text, StringComparison.Ordinal);
    }

    private static ReadScreen RestWithTwo(TmuxTerminal terminal, PeopleAtTheTerminal people, ReadScreen question)
    {
        terminal.Press("F3");
        terminal.WaitFor("mark at least two people");
        terminal.Press("1");
        terminal.Press("3");
        terminal.WaitFor("2 people stay");
        ReadScreen rest = people.Enter(question);
        Assert.Contains(PeopleAtTheTerminal.Administrator, rest.Text, StringComparison.Ordinal);
        Assert.Contains(PeopleAtTheTerminal.Witness, rest.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(PeopleAtTheTerminal.Operator, rest.Text, StringComparison.Ordinal);
        ReadScreen back = people.Enter(rest);
        Assert.Equal(question.Now, back.Now);
        return back;
    }

    private static ReadScreen ReportADeviation(TmuxTerminal terminal, PeopleAtTheTerminal people, ReadScreen question)
    {
        terminal.Press("F4");
        terminal.WaitFor("Report a deviation");
        ReadScreen exception = people.Say(question, Deviation);
        Assert.Contains($"{PeopleAtTheTerminal.Witness} (witness)", exception.Turn, StringComparison.Ordinal);
        Assert.Contains(Deviation, exception.Text, StringComparison.Ordinal);
        ReadScreen back = people.Answer(exception);
        Assert.Equal(question.Now, back.Now);
        return back;
    }

    private static void OpenAndCloseTheLeaveDialog(TmuxTerminal terminal, ReadScreen question)
    {
        terminal.Press("C-c");
        terminal.WaitFor("Leave the ceremony?");
        terminal.Press("Escape");
        terminal.WaitFor("the question again", screen => AsksTheSame(screen, question));
    }

    private static void ChangeTheSize(TmuxTerminal terminal, ReadScreen question)
    {
        terminal.Resize(120, 40);
        string wide = terminal.WaitFor("a question of 120 columns",
            screen => ReadScreen.Of(screen).Asks && screen.Split('\n').Any(line => line.Length > 100));
        Assert.Contains("In which building and room are we?", ReadScreen.Of(wide).Now, StringComparison.Ordinal);
        terminal.Resize(60, 20);
        terminal.WaitFor("make the window larger");
        terminal.Type("unseen"); // Nobody answers what nobody can read.
        terminal.Resize(80, 25);
        string again = terminal.WaitFor("the question again", screen => AsksTheSame(screen, question));
        Assert.DoesNotContain("unseen", again, StringComparison.Ordinal);
    }

    private static void DealTheFirstCard(TmuxTerminal terminal, PeopleAtTheTerminal people)
    {
        ReadScreen shown = people.PlayUntil("a card", PeopleAtTheTerminal.IsShown);
        ReadScreen typed = people.WriteDown(shown);
        Assert.True(PeopleAtTheTerminal.IsTyped(typed), typed.Text);
        string[] card = people.Card(typed);
        people.SeeNothingOf(card);

        const int Wrong = 5;
        people.TypeWords(card[..(Wrong - 1)]);
        people.TypeWords([card[Wrong - 1] == "academic" ? "acid" : "academic"]);
        string told = terminal.WaitFor("which word is wrong", screen => screen.Contains("SHARE-20", StringComparison.Ordinal));
        Assert.Contains($"word {Wrong} ", ReadScreen.Of(told).Now, StringComparison.OrdinalIgnoreCase);
        Assert.Matches($@"! +{Wrong} ac", told);
        people.TypeCard(typed, card[(Wrong - 1)..]);
        people.SeeNothingOf(card);
    }

    // The dealt secret dies with the program: the set is void, which is an exception, and dealing begins anew.
    private static void CutThePowerBetweenTwoCards(TmuxTerminal terminal, PeopleAtTheTerminal people)
    {
        ReadScreen before = people.PlayUntil("the second officer",
            screen => screen.Now.Contains("Olga Orlova comes to the screen alone", StringComparison.Ordinal));
        Assert.Contains("read back card 1", before.Text, StringComparison.Ordinal);
        terminal.Kill();
        terminal.StartAgain();
        ReadScreen exception = people.ComeBack();
        Assert.Contains("Exception 3: the witness says in a sentence", exception.Now, StringComparison.Ordinal);
        Assert.Equal(StepLine(before), StepLine(exception));
        ReadScreen after = people.Answer(exception);
        Assert.Equal(StepLine(before), StepLine(after));
        Assert.DoesNotContain("read back card", after.Text, StringComparison.Ordinal);
    }

    // Nothing was going on: the same question stands there again, only the HSM has to be unlocked before it is used.
    private static void CutThePowerAtAQuestion(TmuxTerminal terminal, PeopleAtTheTerminal people)
    {
        ReadScreen before = people.PlayUntil("the approval",
            screen => screen.Now.Contains("approved the root certificate as shown?", StringComparison.Ordinal));
        Assert.Contains("HSM unlocked", before.Text, StringComparison.Ordinal);
        terminal.Kill();
        terminal.StartAgain();
        ReadScreen after = people.ComeBack();
        Assert.Equal(before.Now, after.Now);
        Assert.Equal(StepLine(before), StepLine(after));
        Assert.Contains("HSM locked", after.Text, StringComparison.Ordinal);
    }

    // The first result is received by a camera; the power fails while the second one is shown; nobody waits for it any more.
    private static void CarryResultsOut(TmuxTerminal terminal, PeopleAtTheTerminal people)
    {
        ReadScreen asked = people.PlayUntil("the results",
            screen => screen.Now.Contains("leave by QR code, too?", StringComparison.Ordinal));
        ReadScreen first = people.Say(people.Choose(asked, 2), "Rita Ruiz");
        Assert.Contains("Result 1 of 3: root.kcb. Show its codes; Rita Ruiz reads words back.", first.Now, StringComparison.Ordinal);
        ShowCodes(terminal);
        Artefact received = Film.Of(terminal, 80);
        Assert.Equal("root.kcb", received.Name);

        terminal.Press("Enter");
        terminal.WaitFor("the question for words", screen => screen.Contains("Now: the receiver", StringComparison.Ordinal), atRest: false);
        terminal.Type("aardvark adroitness accrue adviser");
        terminal.Press("Enter");
        terminal.WaitFor(TransferRules.WordsId);
        terminal.Press("Escape");
        terminal.Press("Enter");
        terminal.WaitFor("an empty field", screen => screen.Contains("Now: the receiver", StringComparison.Ordinal)
            && !screen.Contains("aardvark", StringComparison.Ordinal), atRest: false);
        terminal.Type(string.Join(' ', received.Words.ToLowerInvariant().Split(' ').Take(Acknowledgement.Words)));
        terminal.Press("Enter");
        ReadScreen second = people.After(first);
        Assert.Contains("Result 2 of 3: root.der.", second.Now, StringComparison.Ordinal);
        Assert.DoesNotContain('▀', second.Text);

        ShowCodes(terminal);
        Assert.Contains("Result 2 of 3", terminal.Screen(), StringComparison.Ordinal);
        terminal.Press("Escape");
        terminal.WaitFor("the question again", screen => ReadScreen.Of(screen) is { Asks: true } now
            && now.Ledger == second.Ledger && now.Now.Contains("Result 2 of 3", StringComparison.Ordinal));
        ShowCodes(terminal);
        terminal.Kill();
        terminal.StartAgain();
        ReadScreen again = people.ComeBack();
        Assert.Equal(second.Now, again.Now);
        ReadScreen last = people.Choose(again, 3);
        Assert.Contains("Is this what the receiver has?", last.Now, StringComparison.Ordinal);
    }

    private static void ShowCodes(TmuxTerminal terminal)
    {
        terminal.Press("1");
        terminal.WaitFor("▶ 1  Show its codes");
        terminal.Press("Enter");
        terminal.WaitFor("the codes", screen => screen.Contains("Enter received", StringComparison.Ordinal), atRest: false);
    }

    private void PlayToTheEnd(TmuxTerminal terminal, PeopleAtTheTerminal people)
    {
        ReadScreen end = people.PlayUntil("its end", screen => screen.IsClosed);
        _audit = EndPageTests.LineOn(end.Text);
        Assert.Contains(Bundle(), _audit, StringComparison.Ordinal);
        terminal.Press("c");
        terminal.WaitFor("the codes of the bundle", screen => screen.Contains("Result 1 of 5", StringComparison.Ordinal)
            && screen.Contains("checkpoint.json", StringComparison.Ordinal), atRest: false);
        terminal.Press("Escape");
        terminal.WaitFor("the last page again", screen => ReadScreen.Of(screen).IsClosed);
        terminal.Press("Enter");
        Ends(terminal, "is closed.");
    }

    private static void Ends(TmuxTerminal terminal, string lastWords)
    {
        Assert.Equal(0, terminal.WaitForEnd());
        Assert.Contains(lastWords, terminal.Memory(), StringComparison.Ordinal);
    }

    /// <summary>Its words and its empty field, whose turn it is, and where the ledger stands: a whole screen also has a clock.</summary>
    private static bool AsksTheSame(string screen, ReadScreen question) =>
        ReadScreen.Of(screen) is var now
            && (now.Now, now.Turn, now.Ledger, StepLine(now)) == (question.Now, question.Turn, question.Ledger, StepLine(question));

    private static string StepLine(ReadScreen screen) => Regex.Match(screen.Text, @"Step \d+ of \d+").Value;

    private string[] RootCreation() => RootCreation(TestFiles.PathOf("ceremony-scripts", "root-creation.md"));

    private string[] RootCreation(string script) =>
    [
        "dotnet", Program, "run", script, "--ledger", Path.Combine(_folder, "stick-a"),
        "--ledger", Path.Combine(_folder, "stick-b"), "--softhsm", Path.Combine(_folder, "hsm"), "--out", Path.Combine(_folder, "export"),
    ];

    private string Bundle() => Assert.Single(Directory.GetDirectories(Path.Combine(_folder, "export")));

    private void VerifyPasses()
    {
        string root = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Bundle(), "certificates/root.der"))));
        Assert.Contains(root, _audit, StringComparison.Ordinal);
        (int code, string report, string errors) = EndPageTests.Typed(_audit, "/");
        Assert.True(code == 0, report + errors);
    }
}
