using System.Globalization;
using System.Text.RegularExpressions;

namespace KeyCeremony.App.Tests.Terminal.Plain;

/// <summary>All people of a ceremony before a terminal of lines. They know nothing but what it says to them.</summary>
internal sealed partial class PeopleAtTheLine(LineTerminal terminal)
{
    private const int LettersEnough = 4;

    private readonly Dictionary<string, SortedDictionary<int, string>> _cards = [];
    private readonly Dictionary<string, string> _bagOf = [];
    private string _question = "";
    private string[] _presented = [];
    private int _turns;
    private int _bags;
    private int _serials = 4710;

    /// <summary>Lines typed so far.</summary>
    public int Lines { get; private set; }

    public IReadOnlyCollection<IReadOnlyCollection<string>> Cards => [.. _cards.Values.Select(card => card.Values)];

    /// <summary>Answers until the program says this; the question stays open.</summary>
    public string PlayUntil(string words)
    {
        while (true)
        {
            string said = terminal.WaitForPrompt();
            if (Spaces().Replace(said, " ").Contains(words, StringComparison.Ordinal))
                return said;
            Answer(said);
        }
    }

    public void Say(string line)
    {
        Lines++;
        terminal.Type(line);
    }

    private void Answer(string said)
    {
        if (said.Contains("Now: ", StringComparison.Ordinal))
            _question = Spaces().Replace(said[said.LastIndexOf("Now: ", StringComparison.Ordinal)..], " ");
        Match word = Word().Match(said);
        if (word.Success && word.Groups["word"].Length > 0)
            WriteDown(word);
        else if (word.Success)
            Say(Typed(int.Parse(word.Groups["number"].Value, CultureInfo.InvariantCulture), word.Groups["count"].Value));
        else if (Spaces().Replace(said, " ").Contains("Type written, then Enter", StringComparison.Ordinal))
            Say("written");
        else
            Say(Line(said));
    }

    private string Line(string said) => _question switch
    {
        _ when _question.Contains("reads this, then Enter", StringComparison.Ordinal) => "",
        _ when _question.Contains("it stands in what was found", StringComparison.Ordinal) => FirstHashWords(said),
        _ when Phrase().Match(_question) is { Success: true } phrase => phrase.Groups["phrase"].Value,
        _ when _question.Contains("types the time", StringComparison.Ordinal) =>
            DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        _ when _question.Contains("Who comes to the screen", StringComparison.Ordinal) =>
            $"{(_turns++ % PeopleAtTheTerminal.Officers.Length) + 1}",
        _ when _question.Contains("the number of a line", StringComparison.Ordinal) => "1",
        _ when _question.Contains("Who is ", StringComparison.Ordinal) => PeopleAtTheTerminal.NameFor(_question),
        _ when _question.Contains(" new bag", StringComparison.Ordinal) => _bagOf[Quoted()] = $"BAG-{++_bags:D3}",
        _ when _question.Contains("was in a sealed bag", StringComparison.Ordinal) => _bagOf[Quoted()],
        _ when _question.Contains("serial number", StringComparison.Ordinal) => $"SN-{++_serials}",
        _ when _question.Contains(" may answer, then Enter", StringComparison.Ordinal) => "",
        _ when _question.Contains(" answers, then Enter", StringComparison.Ordinal) => PeopleAtTheTerminal.SignOff,
        _ => throw new Xunit.Sdk.XunitException($"A newcomer would not know what to do:\n{said}"),
    };

    private void WriteDown(Match word)
    {
        string key = CardOf(word.Groups["count"].Value);
        if (!_cards.TryGetValue(key, out SortedDictionary<int, string>? card))
            _cards[key] = card = [];
        card[int.Parse(word.Groups["number"].Value, CultureInfo.InvariantCulture)] = word.Groups["word"].Value;
        Lines++;
        terminal.Send("");
    }

    /// <summary>The card of whoever sits there; whoever presents one has brought their own.</summary>
    private string Typed(int number, string count)
    {
        if (number == 1)
            _presented = [.. _cards[CardOf(count)].Values];
        return _presented[number - 1][..LettersEnough];
    }

    private string CardOf(string count) => $"{Who().Match(_question).Groups["who"].Value}: {count} words";

    private string Quoted() => Quotes().Match(_question).Groups["content"].Value;

    private static string FirstHashWords(string said)
    {
        string[] lines = [.. said.Split('\n').Select(line => line.Trim())];
        int hash = Array.FindIndex(lines, line => HashLine().IsMatch(line));
        Assert.True(hash >= 0, $"No hash in what was found:\n{said}");
        return string.Join(' ', lines[hash + 2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2));
    }

    [GeneratedRegex(@"Word (?<number>\d+) of (?<count>\d+): (?<word>[a-z]*)$")]
    private static partial Regex Word();

    [GeneratedRegex(@"Phrase: (?<phrase>.+?) ?> $")]
    private static partial Regex Phrase();

    [GeneratedRegex(@"Now: (?<who>.+?\))")]
    private static partial Regex Who();

    [GeneratedRegex("\"(?<content>[^\"]+)\"")]
    private static partial Regex Quotes();

    [GeneratedRegex("^([0-9a-f]{4} ){7}[0-9a-f]{4}$")]
    private static partial Regex HashLine();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
