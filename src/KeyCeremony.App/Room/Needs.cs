using System.Collections.Immutable;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Room;

/// <summary>The page on which people see what a script will need, before it is begun; and the same as lines.</summary>
internal static class Needs
{
    private const string GoOn = "Go on: begin the ceremony";
    private const string Again = "Look again";
    private const string Leave = "Leave; nothing is begun";

    /// <summary>They looked, and left: nothing has to be said.</summary>
    public static Refusal Left { get; } = new("NEED-15", "The ceremony was not begun.", "Nothing was recorded.");

    /// <summary>Null when the ceremony may begin.</summary>
    /// <param name="people">Null: nobody is at the terminal. It is theirs while things are looked at, too.</param>
    /// <param name="found">What was seen last: the ceremony's record begins with it.</param>
    public static Refusal? Ask(CeremonyScript script, NeedsLook look, Front? people, out ImmutableArray<Finding> found)
    {
        if (people is null)
        {
            found = look.Look(again: true);
            foreach (string line in found.Where(f => f.Result != FindingResults.Pass).SelectMany(f => Lines(script, f)))
                Console.WriteLine(line);
            return NeedRules.Refuse(script, found);
        }
        found = Looked(people, script, look);
        while (true)
        {
            ImmutableArray<string> choices = NeedRules.Refuse(script, found) is null ? [GoOn, Again, Leave] : [Again, Leave];
            ImmutableArray<Finding> shown = found;
            int? chosen = people.Ask(display => Page(display, script, shown, choices));
            switch (chosen is { } number ? choices[number] : Leave)
            {
                case GoOn:
                    return null;
                case Again:
                    found = Looked(people, script, look);
                    break;
                default:
                    return Left;
            }
        }
    }

    public static FrontPage Page(Display display, CeremonyScript script, ImmutableArray<Finding> found, ImmutableArray<string> choices) =>
        new(display, Title(script), [.. OnTheTable(script)], choices)
        {
            Table = found.IsEmpty ? null
                : new FrontTable(["Result", "Rule", "What was looked at"], [.. Ranked(found).SelectMany(f => Rows(script, f))]),
            Back = "leaves; nothing is begun",
            Help =
            [
                "What the script will need, looked at before anything is recorded. FAIL forbids to begin, until it is mended and looked at "
                    + "again; WARNING is yours to judge. Below stands what people lay on the table.",
                "The export stick may be pulled out again until the close.",
            ],
        };

    private static ImmutableArray<Finding> Looked(Front people, CeremonyScript script, NeedsLook look) =>
        people.Work(Title(script), "What it will need is looked at.", _ => look.Look(again: true));

    private static string Title(CeremonyScript script) => $"KeyCeremony: what \"{script.Title}\" will need";

    /// <summary>What is missing stands first, with what to do; then what is there; then what people lay on the table.</summary>
    public static IEnumerable<string> Text(CeremonyScript script, ImmutableArray<Finding> found)
    {
        foreach (Finding finding in Ranked(found))
            foreach (string line in Lines(script, finding))
                yield return line;
        if (!found.IsEmpty)
            yield return "";
        foreach (string line in OnTheTable(script))
            yield return line;
    }

    private static IEnumerable<string> OnTheTable(CeremonyScript script) =>
        ScriptNeeds.Of(script).InWords.Select(line => $"  {line}").Prepend("On the table:");

    private static IEnumerable<Finding> Ranked(ImmutableArray<Finding> found) => found.OrderBy(f => Rank(f.Result));

    private static int Rank(string result) => result == FindingResults.Fail ? 0 : result == FindingResults.Pass ? 2 : 1;

    private static IEnumerable<ImmutableArray<string>> Rows(CeremonyScript script, Finding finding)
    {
        yield return [finding.Result.ToUpperInvariant(), finding.Id, finding.Text];
        if (finding.Result != FindingResults.Pass)
            yield return ["", "", NeedRules.Remedy(script, finding)];
    }

    private static IEnumerable<string> Lines(CeremonyScript script, Finding finding)
    {
        yield return $"{finding.Result.ToUpperInvariant(),-7} {finding.Id} {finding.Text}";
        if (finding.Result != FindingResults.Pass)
            yield return $"        {NeedRules.Remedy(script, finding)}";
    }
}
