using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyCeremony.App.Tests.Terminal;

/// <summary>What a person reads on the screen of a ceremony.</summary>
/// <param name="Now">From "Now:" to the end of the page, on one line.</param>
/// <param name="Turn">Whose turn it is.</param>
/// <param name="Ledger">Number of the ledger's last entry; 0 where the screen shows none.</param>
internal sealed partial record ReadScreen(string Text, string Now, string Turn, int Ledger)
{
    public bool IsClosed => Text.Contains("The ceremony is closed.", StringComparison.Ordinal);

    /// <summary>Somebody is asked; nobody is while the appliance works.</summary>
    public bool Asks => Now.Length > 0 && Ledger > 0 && (Turn != "the appliance" || IsClosed);

    public static ReadScreen Of(string screen)
    {
        string[] lines = Asking(screen).Split('\n');
        IEnumerable<string> now = lines.SkipWhile(line => !line.Contains("▶ Now:", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith('─'));
        Match ledger = LedgerNumber().Match(screen);
        return new ReadScreen(screen, Spaces().Replace(string.Join(' ', now), " ").Trim(), TurnOf().Match(screen).Groups["who"].Value,
            ledger.Success ? int.Parse(ledger.Groups["number"].Value, CultureInfo.InvariantCulture) : 0);
    }

    /// <summary>
    /// The part that asks. What is read stands between two bars, the steps left of it; the rule above the page shows where the bars are. A
    /// box before the page asks instead of it.
    /// </summary>
    public static string Asking(string screen)
    {
        string[] lines = screen.Split('\n');
        int top = Array.FindIndex(lines, line => line.Contains('┌', StringComparison.Ordinal));
        if (top >= 0)
            return Between(lines.Skip(top + 1).TakeWhile(line => !line.Contains('└', StringComparison.Ordinal)),
                lines[top].IndexOf('┌', StringComparison.Ordinal), lines[top].IndexOf('┐', StringComparison.Ordinal));
        string rule = lines.FirstOrDefault(line => line.Contains('┬', StringComparison.Ordinal), "");
        int left = rule.IndexOf('┬', StringComparison.Ordinal);
        return Between(lines, left, rule.IndexOf('┬', left + 1));
    }

    private static string Between(IEnumerable<string> lines, int left, int right) =>
        string.Join('\n',
            lines.Select(line => line[Math.Min(left + 1, line.Length)..(right > left ? Math.Min(right, line.Length) : line.Length)]));

    [GeneratedRegex(@"Turn: (?<who>.+?)(?:  |\n)")]
    private static partial Regex TurnOf();

    [GeneratedRegex(@"^ Ledger (?<number>\d+) ", RegexOptions.Multiline)]
    private static partial Regex LedgerNumber();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

/// <summary>
/// All people of a ceremony in front of one terminal. They know nothing but what the screen tells them: each question
/// is answered from its own words, and cards are written down from the screen.
/// </summary>
internal sealed partial class PeopleAtTheTerminal(TmuxTerminal terminal)
{
    public const string SignOff = "All have seen it; it may go on.";

    private const int LettersEnough = 4;
    private readonly Dictionary<string, string[]> _cards = [];
    private readonly Dictionary<string, string> _bagOf = [];
    private int _bags;
    private int _serials = 4710;
    private int _presented;

    public static string Administrator => "Ada Adams";

    public static string Operator => "Otto Olsen";

    public static string Witness => "Wilma Weiss";

    public static string[] Officers => ["Oskar Ortiz", "Olga Orlova", "Omar Osman"];

    /// <summary>The same people with their cards, in front of another terminal: after a power cut.</summary>
    public PeopleAtTheTerminal SitDownAt(TmuxTerminal other)
    {
        terminal = other;
        return this;
    }

    /// <summary>The screen, once it asks something. What the script will need is all there, when it asks that first.</summary>
    public ReadScreen Read()
    {
        string screen = terminal.WaitFor("a question", s => ReadScreen.Of(s).Asks || LaysOut(s));
        if (LaysOut(screen))
        {
            terminal.Press("Enter");
            screen = terminal.WaitFor("a question", s => ReadScreen.Of(s).Asks);
        }
        return ReadScreen.Of(screen);
    }

    public static bool LaysOut(string screen) => screen.Contains("▶ 1  Go on: begin the ceremony", StringComparison.Ordinal);

    /// <summary>The program was started again. Without words, as after a power cut, the witness signs that off.</summary>
    public ReadScreen ComeBack(string? written = null)
    {
        ReadScreen screen = Read();
        Assert.Contains("eight words that were written down when it stopped", screen.Now, StringComparison.Ordinal);
        screen = Say(screen, written ?? "none");
        return written is null ? Answer(screen) : screen;
    }

    /// <summary>Answers what is asked until the screen is as wanted; the question on it stays open.</summary>
    public ReadScreen PlayUntil(string what, Func<ReadScreen, bool> isSo)
    {
        ReadScreen screen = Read();
        while (!isSo(screen))
        {
            Assert.False(screen.IsClosed, $"The ceremony closed and never showed {what}.");
            screen = Answer(screen);
        }
        return screen;
    }

    /// <summary>Answers one question. Returns the next one.</summary>
    public ReadScreen Answer(ReadScreen screen) => screen switch
    {
        _ when IsShown(screen) => WriteDown(screen),
        _ when IsTyped(screen) => TypeCard(screen, _cards.ContainsKey(CardKey(screen)) ? Card(screen) : NextCard(screen)),
        _ when screen.Now.Contains("[ Enter ]", StringComparison.Ordinal) => Enter(screen),
        _ when screen.Now.Contains("it stands in what was found", StringComparison.Ordinal) => Say(screen, FirstHashWords(screen)),
        _ when Phrase().Match(screen.Now) is { Success: true } phrase => Say(screen, phrase.Groups["phrase"].Value),
        _ when screen.Now.Contains("UTC, digits only", StringComparison.Ordinal) => SayUtc(screen),
        _ when screen.Now.Contains("Who comes to the screen", StringComparison.Ordinal) => Choose(screen, Comes()),
        _ when screen.Now.Contains("marks a line", StringComparison.Ordinal) => Choose(screen, 1),
        _ when screen.Now.Contains("Who is ", StringComparison.Ordinal) => Say(screen, NameFor(screen.Now)),
        _ when screen.Now.Contains(" new bag", StringComparison.Ordinal) => Say(screen, _bagOf[Quoted(screen)] = $"BAG-{++_bags:D3}"),
        _ when screen.Now.Contains("was in a sealed bag", StringComparison.Ordinal) => Say(screen, _bagOf[Quoted(screen)]),
        _ when screen.Now.Contains("serial number", StringComparison.Ordinal) => Say(screen, $"SN-{++_serials}"),
        _ when screen.Now.Contains(" may answer, then Enter", StringComparison.Ordinal) => Enter(screen),
        _ when screen.Now.Contains(" answers, then Enter", StringComparison.Ordinal) => Say(screen, SignOff),
        _ => throw new Xunit.Sdk.XunitException($"A newcomer would not know what to do:\n{screen.Text}"),
    };

    /// <summary>Types an answer, sees it stand in the field, and presses Enter.</summary>
    public ReadScreen Say(ReadScreen screen, string text) => Say(screen, text, text);

    /// <summary>Marks a line and presses Enter.</summary>
    public ReadScreen Choose(ReadScreen screen, int line)
    {
        terminal.Press($"{line}");
        terminal.WaitFor("the line marked", now => ReadScreen.Of(now).Now.Contains($"▶ {line} ", StringComparison.Ordinal));
        return Enter(screen);
    }

    /// <summary>Presses Enter and reads on once it is recorded.</summary>
    public ReadScreen Enter(ReadScreen screen)
    {
        terminal.Press("Enter");
        return After(screen);
    }

    /// <summary>The next question, once the answer to this one stands in the ledger.</summary>
    public ReadScreen After(ReadScreen screen) => ReadScreen.Of(terminal.WaitFor($"a question after:\n{screen.Text}\nbut", now =>
        ReadScreen.Of(now) is { Asks: true } next && next.Ledger > screen.Ledger));

    public static bool IsShown(ReadScreen screen) => screen.Text.Contains("No camera sees this screen.", StringComparison.Ordinal);

    public static bool IsTyped(ReadScreen screen) => screen.Now.Contains("Four letters are enough", StringComparison.Ordinal);

    /// <summary>The card that this screen wants: the one its officer wrote down, of so many words.</summary>
    public string[] Card(ReadScreen screen) => _cards[CardKey(screen)];

    /// <summary>Every card that was written, in the order of dealing.</summary>
    public IReadOnlyCollection<string[]> Cards => _cards.Values;

    /// <summary>Neither the screen nor what scrolled away knows the card any more.</summary>
    public void SeeNothingOf(string[] card)
    {
        string memory = terminal.Memory();
        for (int i = 0; i < card.Length; i++)
            Assert.False(Regex.IsMatch(memory, $@"\b{i + 1} +{card[i]}\b"), $"Word {i + 1} is still there:\n{memory}");

        // Prose and hash words are English as well: a single word may stand there by chance, most of a card may not.
        int seen = card.Distinct().Count(word => Regex.IsMatch(memory, $@"\b{word}\b"));
        Assert.True(seen <= 3, $"{seen} words of the card are still there:\n{memory}");
    }

    /// <summary>The words that stand there, by their numbers.</summary>
    public string[] Read(ReadScreen screen) => [.. Word().Matches(screen.Text[..screen.Text.IndexOf('▶', StringComparison.Ordinal)])
        .OrderBy(word => int.Parse(word.Groups["number"].Value, CultureInfo.InvariantCulture)).Select(word => word.Groups["word"].Value)];

    /// <summary>Writes the words on the card. The next screen wants them typed back.</summary>
    public ReadScreen WriteDown(ReadScreen screen)
    {
        // Words are painted one by one, after the page that they stand on.
        _cards[CardKey(screen)] = Read(ReadScreen.Of(terminal.WaitFor($"{WordCount(screen)} words",
            now => now.Contains('▶', StringComparison.Ordinal) && Read(ReadScreen.Of(now)).Length == WordCount(screen))));
        terminal.Press("Enter");
        terminal.WaitFor("Enter again hides them");
        return Enter(screen);
    }

    public ReadScreen TypeCard(ReadScreen screen, IEnumerable<string> words)
    {
        TypeWords(words);
        return After(screen);
    }

    /// <summary>Types words with as few letters as possible.</summary>
    public void TypeWords(IEnumerable<string> words) => terminal.Type(string.Concat(words.Select(word => word[..LettersEnough] + " ")));

    // The officers stand first and in their order: they come in turn, so that no card is typed twice for one quorum.
    private int Comes() => _presented++ % Officers.Length + 1;

    // Any officer may come: they come in turn, so that no card is typed twice for one quorum.
    private string[] NextCard(ReadScreen screen)
    {
        string[][] cards = [.. _cards.Where(card => card.Key.EndsWith(Size(screen), StringComparison.Ordinal)).Select(card => card.Value)];
        return cards[_presented++ % cards.Length];
    }

    private ReadScreen Say(ReadScreen screen, string text, string shown)
    {
        terminal.Type(text);
        terminal.WaitFor($"\"{shown}\" in the field", now => ReadScreen.Of(now).Now.Contains($"> {shown}", StringComparison.Ordinal));
        return Enter(screen);
    }

    private ReadScreen SayUtc(ReadScreen screen)
    {
        DateTime utc = DateTime.UtcNow;
        return Say(screen, utc.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture),
            utc.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
    }

    // F5 shows all that was found; the words stand under the two lines of the hash.
    private string FirstHashWords(ReadScreen screen)
    {
        terminal.Press("F5");
        string found = terminal.WaitFor("what was found",
            now => now.Contains("Enter or Esc goes back to the ceremony", StringComparison.Ordinal));
        string[] lines = [.. found.Split('\n').Select(line => line.Trim())];
        int firstHashLine = Array.FindIndex(lines, line => HashLine().IsMatch(line));
        Assert.True(firstHashLine >= 0, $"No hash in what was found:\n{found}");
        terminal.Press("Escape");
        terminal.WaitFor("the question again", now => ReadScreen.Of(now).Now == screen.Now);
        return string.Join(' ', lines[firstHashLine + 2].Split(' ').Take(2));
    }

    /// <summary>Who is asked for in the roll call.</summary>
    public static string NameFor(string now) => OfficerNumber().Match(now) is { Success: true } officer
        ? Officers[int.Parse(officer.Groups["number"].Value, CultureInfo.InvariantCulture) - 1]
        : now.Contains("Who is the administrator?", StringComparison.Ordinal) ? Administrator
        : now.Contains("Who is the operator?", StringComparison.Ordinal) ? Operator : Witness;

    private static string Quoted(ReadScreen screen) => Quotes().Match(screen.Now).Groups["content"].Value;

    private static string CardKey(ReadScreen screen) => screen.Turn + Size(screen);

    private static string Size(ReadScreen screen) => $": {WordCount(screen)} words";

    private static int WordCount(ReadScreen screen) =>
        int.Parse(Words().Match(screen.Text).Groups["count"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("\"(?<content>[^\"]+)\"")]
    private static partial Regex Quotes();

    [GeneratedRegex(@"Phrase: (?<phrase>.+?) >")]
    private static partial Regex Phrase();

    [GeneratedRegex(@"Who is officer number (?<number>\d+)")]
    private static partial Regex OfficerNumber();

    [GeneratedRegex(@"ard( \d+)?, (?<count>\d+) words")]
    private static partial Regex Words();

    [GeneratedRegex(@"(?<= )(?<number>\d{1,2}) (?<word>[a-z]{4,8})(?=\s)")]
    private static partial Regex Word();

    [GeneratedRegex("^([0-9a-f]{4} ){7}[0-9a-f]{4}$")]
    private static partial Regex HashLine();
}
