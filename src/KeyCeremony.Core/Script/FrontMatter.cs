using System.Collections.Immutable;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Script;

/// <summary>What stands between the two <c>---</c> lines at the top.</summary>
internal sealed record FrontMatter(
    string Ceremony,
    int Version,
    string Title,
    ImmutableArray<string> Environments,
    ImmutableArray<Seat> Seats,
    ImmutableArray<ImmutableArray<SeatRef>> Combined,
    ImmutableArray<Quorum> Quorums,
    Parameters Parameters,
    bool CardCodes,
    bool Recording)
{
    public const string Mark = "---";

    public static FrontMatter Read(YamlMap map, Action<string, int, string, string> report)
    {
        // Placeholders belong to steps; up here they would be a second place for the same fact.
        var fields = new BlockFields(map, "the front matter", new Parameters(), report);
        string ceremony = fields.Name("ceremony");
        int version = fields.Number("version", 1, 9999);
        string title = fields.Text("title");
        ImmutableArray<string> environments = ReadEnvironments(fields);
        ImmutableArray<Seat> seats = ReadSeats(fields, report);
        var front = new FrontMatter(
            ceremony,
            version,
            title,
            environments,
            seats,
            ReadCombined(fields, seats),
            ReadQuorums(fields, report),
            ReadParameters(fields, report),
            fields.OptionalTruth("card-codes"),
            fields.OptionalTruth("recording"));
        fields.Finish();
        return front;
    }

    private static ImmutableArray<string> ReadEnvironments(BlockFields fields)
    {
        ImmutableArray<string> environments = fields.Texts("environments");
        if (environments.Any(e => !Script.Environments.All.Contains(e)) || environments.Distinct().Count() != environments.Length)
            fields.Wrong(fields.LineOf("environments"), "environments",
                "a list, each once, of " + string.Join(", ", Script.Environments.All));
        return environments;
    }

    private static ImmutableArray<Seat> ReadSeats(BlockFields fields, Action<string, int, string, string> report)
    {
        ImmutableArray<Seat>.Builder seats = ImmutableArray.CreateBuilder<Seat>();
        foreach ((string? role, YamlValue? value) in fields.Table("roles"))
        {
            if (!Roles.All.Contains(role))
                report(ScriptRules.Role, value.Line, $"There is no role `{role}`.", $"The roles are {string.Join(", ", Roles.All)}.");
            else if (BlockFields.ReadPlainNumber(value) is { } count and >= 1 and <= ScriptLimits.MaxSeats)
                seats.Add(new Seat(role, count));
            else
                fields.Wrong(value.Line, "roles", $"a number of people from 1 to {ScriptLimits.MaxSeats}");
        }
        return seats.ToImmutable();
    }

    private static ImmutableArray<ImmutableArray<SeatRef>> ReadCombined(BlockFields fields, ImmutableArray<Seat> seats)
    {
        ImmutableArray<ImmutableArray<SeatRef>?> read =
            [.. fields.OptionalTexts("combined").Select(text => CombinedSeats.Read(text, seats))];
        if (read.All(c => c is not null) && read.SelectMany(c => c!.Value).ToList() is var all && all.Distinct().Count() == all.Count)
            return [.. read.Select(c => c!.Value)];
        fields.Wrong(fields.LineOf("combined"), "combined",
            "for each person with more than one seat a line of seats of `roles`, each once, as `administrator, operator, officer 1`");
        return [];
    }

    private static ImmutableArray<Quorum> ReadQuorums(BlockFields fields, Action<string, int, string, string> report)
    {
        ImmutableArray<Quorum>.Builder quorums = ImmutableArray.CreateBuilder<Quorum>();
        foreach ((string? name, YamlValue? value) in fields.OptionalTable("quorums"))
        {
            if (GroupPlan.Read(value.Text) is { } plan)
                quorums.Add(new Quorum(name, plan));
            else
                report(ScriptRules.Value, value.Line, $"The quorum `{name}` is not written as a quorum.",
                    "Write `2 of 3`: the threshold, then the number of shares, at most 16; or `2 of (2 of 3, 2 of 3)` for groups.");
        }
        return quorums.ToImmutable();
    }

    private static Parameters ReadParameters(BlockFields fields, Action<string, int, string, string> report)
    {
        var parameters = new Parameters();
        foreach ((string? name, YamlValue? value) in fields.OptionalTable("parameters"))
        {
            if (value.Text.Length > ScriptLimits.MaxValue || Parameters.Mentions(value.Text))
                fields.Wrong(value.Line, "parameters", $"a value of at most {ScriptLimits.MaxValue} characters without placeholders");
            else if (ScriptText.FirstBad(value.Text) is { } bad)
                report(ScriptRules.Character, value.Line, $"The parameter `{name}` holds {ScriptText.Name(bad)}.", "Remove the escape.");
            else
                parameters.Add(name, value);
        }
        return parameters;
    }
}
