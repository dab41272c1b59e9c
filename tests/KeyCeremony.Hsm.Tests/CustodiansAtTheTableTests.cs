using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Custodians are replaced by the program as people start it; the old cards burn on the same day.</summary>
public sealed class CustodiansAtTheTableTests
{
    [Fact]
    public void New_cards_bring_the_key_back_and_the_old_ones_are_retired_when_they_burnt()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table.Run(Script.Small("custodian-replacement")).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
        World world = table.World();
        Assert.Equal(("0002-backup-1", "0001-backup-1"), (world.Keys["root"].Backup!.Set, world.Keys["root"].Backup!.From));
        Assert.Equal(CardAccount.Live, CardAccount.Of(world, world.Sets["0002-backup-1"]).State);
        Assert.Equal(CardAccount.Replaced, CardAccount.Of(world, world.Sets["0001-backup-1"]).State);

        // The bags of the old cards are asked for, by the number that they were sealed in a moment ago.
        Assert.Equal(4, new[] { "0001-backup-1", "0002-backup-1" }.SelectMany(set => new[] { 1, 2 }
            .Select(card => world.BagOf(world.Sets[set], card))).OfType<string>().Distinct().Count());
        // Old and new cards never work together, for nobody; each two of a set do.
        string[][] hands = [["0001", "0001"], ["0002", "0002"], ["0001", "0002"], ["0002", "0001"]];
        Assert.Equal([true, true, false, false], hands.Select(h => IndependentRecoveryTests.AnsweredByThePeer(
            table.Card($"{h[0]}-backup-1", 1), table.Card($"{h[1]}-backup-1", 2)) is not null));
        Assert.Equal([true, true, false, false], hands.Select(h => Cards.Open(
            table.Card($"{h[0]}-backup-1", 1), table.Card($"{h[1]}-backup-1", 2))));
        // The bundle carries the blob that the new cards open.
        Assert.Contains("set: 0002-backup-1\n", File.ReadAllText(Path.Combine(table.Bundles[^1], "backup", "root.kcb")),
            StringComparison.Ordinal);

        table["cards:check/3/set"] = "done";
        table["cards:check/1/state"] = CardChecked.Destroyed;
        table["cards:check/1/words"] = "type";
        table["cards:check/1/burn"] = CardChecked.Destroyed;
        table.Run(Script.Small("card-check")).Expect(0);
        world = table.World();
        Assert.Equal(CardAccount.Retired, CardAccount.Of(world, world.Sets["0001-backup-1"]).State);
        Assert.Null(world.BagOf(world.Sets["0001-backup-1"], 1));
        Assert.NotNull(world.BagOf(world.Sets["0001-backup-1"], 2));
    }
}
