using System.Collections.Immutable;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Script;

/// <summary>What one person may be at once, and what is said of it.</summary>
public sealed class CombinedSeatsTests
{
    private const string Lead = "administrator, operator, officer 1";
    private const string Looks = "witness, officer 2";

    [Theory]
    [InlineData("witness, operator", "CHECK-39")]
    [InlineData("administrator, witness", "CHECK-39")]
    [InlineData("witness, officer 1", "CHECK-39")]
    [InlineData("operator, auditor", "CHECK-39")]
    [InlineData("officer 1, officer 2", "CHECK-40")]
    [InlineData("administrator, officer 2, officer 3", "CHECK-40")]
    public void What_is_unsafe_in_one_person_is_an_error(string seats, string rule)
    {
        CeremonyScript script = Root(seats);
        Assert.Equal([rule], Errors(script));
        Assert.Empty(Errors(Root(Lead)));
        Assert.Empty(Errors(Root(Looks)));
        Assert.Empty(Errors(Root(Lead, Looks)));
        Assert.Empty(Errors(Root("administrator, operator")));
    }

    [Fact]
    public void A_witness_with_a_card_needs_an_officer_who_is_nothing_else()
    {
        Assert.Equal(["CHECK-41"], Errors(Root("operator, officer 1", "witness, officer 2", "administrator, officer 3")));
        Assert.Empty(Errors(Root("operator, officer 1", "administrator, officer 3")));
    }

    [Fact]
    public void A_quorum_of_one_is_an_error_where_seats_are_combined()
    {
        CeremonyScript script = Root(Lead, Looks) with { Environments = [Environments.Rehearsal] };
        CeremonyScript alone = script with { Quorums = [.. script.Quorums.Select(q => q with { Plan = GroupPlan.Read("1 of 1")! })] };
        Assert.Equal(["CHECK-03", "CHECK-03"], Errors(alone));
        Assert.Empty(Errors(alone with { Combined = [] }));
        // Nor in groups: three people are one.
        Assert.Equal(["CHECK-03", "CHECK-03"],
            Errors(script with { Quorums = [.. script.Quorums.Select(q => q with { Plan = GroupPlan.Read("2 of (2 of 2, 1 of 1)")! })] }));
    }

    [Fact]
    public void What_is_lost_is_said()
    {
        Assert.Empty(CombinedSeats.Losses(Root()));
        Assert.Contains("types", Assert.Single(CombinedSeats.Losses(Root("administrator, operator"))), StringComparison.Ordinal);
        Assert.Contains("leads", Assert.Single(CombinedSeats.Losses(Root("administrator, officer 3"))), StringComparison.Ordinal);
        Assert.Contains("independent", Assert.Single(CombinedSeats.Losses(Root(Looks))), StringComparison.Ordinal);
        Assert.Equal(CombinedSeats.Losses(Root(Lead, Looks)), ScriptCheck.Check(Root(Lead, Looks)).Select(f => f.Message));
        Assert.All(ScriptCheck.Check(Root(Lead, Looks)), f => Assert.Equal(("CHECK-42", Severity.Warning), (f.Rule, f.Severity)));
    }

    [Fact]
    public void People_are_who_must_come()
    {
        Assert.Equal("3 people: one is administrator, operator and officer 1; one is witness and officer 2; one is officer 3",
            CombinedSeats.Needed(Root(Lead, Looks)));
        Assert.Equal("1 administrator, 1 operator, 1 witness, 3 officers", CombinedSeats.Needed(Root()));
        Assert.Equal(6, CombinedSeats.People(Root()).Length);
    }

    [Theory]
    [InlineData("administrator")]
    [InlineData("administrator, nobody")]
    [InlineData("administrator, auditor")]
    [InlineData("administrator, officer")]
    [InlineData("administrator, officer 4")]
    [InlineData("administrator, officer 0")]
    [InlineData("administrator, operator 1")]
    [InlineData("administrator,operator")]
    [InlineData("administrator, administrator")]
    [InlineData("administrator, operator\n  - operator, officer 1")]
    public void What_is_no_seat_of_the_script_is_refused(string seats)
    {
        string text = ScriptFolder.Load("root-creation-small.md").Script.Text
            .Replace($"- {Lead}\n", $"- {seats}\n", StringComparison.Ordinal);
        Assert.False(ScriptReader.TryRead(text, null, out _, out ImmutableArray<ScriptError> errors));
        Assert.Equal(["SCRIPT-11"], errors.Select(e => e.Rule));
    }

    /// <summary>A script of the large team is fit for three by these two lines: no step of it asks for more.</summary>
    [Theory]
    [MemberData(nameof(ShippedScriptsTests.Scripts), MemberType = typeof(ShippedScriptsTests))]
    public void Any_shipped_script_with_three_officers_may_be_combined(string name)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;
        if (script.SeatsFor(Roles.Officer) != 3 || !script.Combined.IsEmpty)
            return;
        Assert.Empty(Errors(script with { Combined = Root(Lead, Looks).Combined }));
    }

    private static string[] Errors(CeremonyScript script) =>
        [.. ScriptCheck.Check(script).Where(f => f.Severity == Severity.Error).Select(f => f.Rule)];

    private static CeremonyScript Root(params string[] people)
    {
        string text = ScriptFolder.Load("root-creation.md").Script.Text;
        if (people.Any(p => p.Contains("auditor", StringComparison.Ordinal)))
            text = text.Replace("  officer: 3\n", "  officer: 3\n  auditor: 1\n", StringComparison.Ordinal);
        if (people.Length > 0)
            text = text.Replace("quorums:\n", $"combined:\n{string.Concat(people.Select(p => $"  - {p}\n"))}quorums:\n",
                StringComparison.Ordinal);
        Assert.True(ScriptReader.TryRead(text, null, out CeremonyScript? script, out _));
        return script;
    }
}
