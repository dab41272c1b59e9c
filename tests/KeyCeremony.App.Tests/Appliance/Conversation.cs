using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.App.Terminal;

namespace KeyCeremony.App.Tests.Appliance;

/// <summary>
/// People before lines of text who know what they want, by the words of the lines. It ends when they have nothing more to say.
/// </summary>
internal sealed class Conversation
{
    private readonly StringBuilder _said = new();
    private readonly Queue<Func<string, string>> _turns = new();
    private string _last = "";

    public Conversation() => Front = new Front(Hear, Answer);

    public Front Front { get; }

    /// <summary>All that was said to them, with blanks and line ends as one blank.</summary>
    public string Said => Spaces(_said.ToString());

    /// <summary>Chooses the line with these words.</summary>
    public Conversation Choose(string words) => Turn(said => NumberOf(said, words));

    /// <summary>Asks what the line with these words is, and why not now.</summary>
    public Conversation AsksAbout(string words) => Turn(said => $".about {NumberOf(said, words)}");

    public Conversation Type(string line) => Turn(_ => line);

    /// <summary>Something happens on the table before the next turn.</summary>
    public Conversation Then(Action act)
    {
        Func<string, string>[] before = [.. _turns];
        Assert.NotEmpty(before);
        _turns.Clear();
        foreach (Func<string, string> turn in before[..^1])
            _turns.Enqueue(turn);
        _turns.Enqueue(said =>
        {
            string line = before[^1](said);
            act();
            return line;
        });
        return this;
    }

    /// <summary>These words must just have been said.</summary>
    public Conversation Hears(params string[] words)
    {
        _turns.Enqueue(said =>
        {
            foreach (string word in words)
                Assert.Contains(word, Spaces(said), StringComparison.Ordinal);
            return "";
        });
        return this;
    }

    /// <summary>Everything that people wanted to say was asked for.</summary>
    public void Ends() => Assert.Empty(_turns);

    private Conversation Turn(Func<string, string> turn)
    {
        _turns.Enqueue(turn);
        return this;
    }

    private void Hear(string text)
    {
        _said.Append(text).Append('\n');
        _last = text;
    }

    /// <summary>What was only listened to is no answer.</summary>
    private string? Answer()
    {
        while (_turns.TryDequeue(out Func<string, string>? turn))
            if (turn(_last) is { Length: > 0 } line)
                return line == Empty ? "" : line;
        return null;
    }

    /// <summary>Enter alone.</summary>
    public const string Empty = "\n";

    private static string NumberOf(string said, string words)
    {
        Match line = Regex.Match(Joined(said), $@"^ *(\d+)\. +[^\n]*{Regex.Escape(words)}", RegexOptions.Multiline);
        Assert.True(line.Success, $"No line has \"{words}\":\n{said}");
        return line.Groups[1].Value;
    }

    /// <summary>A line that was broken in two is one again.</summary>
    private static string Joined(string said) => Regex.Replace(said, @"\n {5,}(?=\S)(?! *\d+\. )", " ");

    private static string Spaces(string text) => Regex.Replace(text, @"\s+", " ");
}
