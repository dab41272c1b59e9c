using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A backup that was dealt in groups, on real tokens: two departments bring it back, and with other people's software.</summary>
public sealed class GroupsAtTheTableTests
{
    private static readonly string[] More = ["Osip Orban", "Odette Olm", "Otis Oak", "Orla Ode"];

    [Fact]
    public void Two_of_three_departments_bring_the_root_back_and_no_one_alone()
    {
        using Table before = Created();
        World world = before.World();
        ShareSetFact set = world.Sets[world.Keys["root"].Backup!.Set];
        Assert.Equal(("2 of (2 of 3, 2 of 3, 1 of 1)", 7), (set.Made.Plan.ToString(), set.ReadBack.Count));
        Assert.Equal(15, before.Entries().Select(e => e.Body).OfType<SubsetsCombined>().Single(c => c.Set == set.Made.Set).Subsets);

        string secret = Peer(before, set, 1, 3, 7)!;
        Assert.Equal(64, secret.Length);
        Assert.All(new int[][] { [4, 6, 2, 1], [5, 4, 7] }, cards => Assert.Equal(secret, Peer(before, set, cards)));
        Assert.All(new int[][] { [1, 2, 3], [4, 5, 6], [1, 4, 7], [7] }, cards => Assert.Null(Peer(before, set, cards)));

        string said = before.Program(["verify", "--trust", Table.RootOf(before.Bundles[0]), before.Bundles[0]]).Expect(0).Out;
        Assert.Contains("VERIFIED", said, StringComparison.Ordinal);
        string report = Tool.Run("pdftotext", "-layout", Path.Combine(before.Bundles[0], "report.pdf"), "-").Expect(0).Out;
        Assert.Contains("2 of 3 groups (2 of 3, 2 of 3, 1 of 1), 256 bits", report, StringComparison.Ordinal);

        // After a fire two of the first department and two of the second come.
        using Table table = before.AfterTheFire();
        Seat(table, More[..2]);
        table.Run(new Script("disaster-recovery", ("officer: 3", "officer: 5"))).Expect(0);
        Assert.Equal([1, 2, 4, 5], table.Entries().Where(e => e.Step == "restore-root").Select(e => e.Body).OfType<SharePresented>()
            .Select(p => p.Share));
        Assert.True(table.World().Keys["root"] is { Locked: true });
        Assert.DoesNotContain(table.Entries(), e => e.Body is ExceptionRaised { Rule: CeremonyRules.Stranger });
        table.Verifies();
    }

    /// <summary>A root whose backup seven officers of three departments keep.</summary>
    internal static Table Created()
    {
        Table table = Laid();
        table.Run(SmallRoot).Expect(0);
        return table;
    }

    internal static Script SmallRoot { get; } = new("root-creation-groups", ("algorithm: ec-p384", "algorithm: ec-p256"));

    internal static Table Laid()
    {
        var table = Table.Laid();
        Seat(table, More);
        return table;
    }

    private static void Seat(Table table, string[] people)
    {
        foreach ((int i, string name) in people.Index())
            table[$":name/officer/{i + 4}"] = name;
    }

    private static string? Peer(Table table, ShareSetFact set, params int[] cards) =>
        IndependentRecoveryTests.AnsweredByThePeer([.. cards.Select(card => table.Card(set.Made.Set, card))]);
}
