using System.Text.Json;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The next root is made, rests, and takes over, with the program as people start it.</summary>
public sealed class SuccessionAtTheTableTests
{
    [Fact]
    public void The_next_root_rests_in_no_hsm_and_takes_over_when_the_first_one_falls()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table.Run(Script.Small("succession")).Expect(0);
        Spare spare = Assert.Single(table.World().Spares);
        string left = AbandonedTests.AsOthersSeeIt(table);
        Assert.DoesNotContain(spare.Key.CkaId, left, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(table.World().Keys["root"].CkaId, left, StringComparison.OrdinalIgnoreCase);
        Token.HoldsWhatTheLedgerKnows(table);
        table.Verifies();
        string first = table.World().Certificates["root"].Signed.Sha256, next = spare.Root.Signed.Sha256;
        Assert.Equal(next, Assert.Single(Spares(table, first)).GetProperty("sha256").GetString());

        table.Run(Script.Small("compromise")).Expect(0);
        World world = table.World();
        Assert.Equal("root-next", world.Withdrawn["root"].Body.Signature.Certificate);
        Assert.Contains(world.Keys["root-next"].CkaId, AbandonedTests.AsOthersSeeIt(table), StringComparison.OrdinalIgnoreCase);
        Token.HoldsWhatTheLedgerKnows(table);
        table.Verifies();
        // Whoever knows the first root is led to the next one.
        foreach (string trusted in new[] { first, next })
            Assert.Empty(Spares(table, trusted));
        table.Run(new Script("crl-signing", [.. Script.Small("").Changes, ("issuer: root\n", "issuer: root-next\n")])).Expect(0);
        table.Verifies();
        Assert.Contains(CeremonyRules.KeyEnded, table.Run(Script.Small("crl-signing")).Expect(1).Err, StringComparison.Ordinal);
    }

    private static JsonElement[] Spares(Table table, string trusted)
    {
        string json = table.Program("verify", "--trust", trusted, "--json", table.Bundles[^1]).Expect(0).Out;
        return [.. JsonDocument.Parse(json).RootElement.GetProperty("bundles")[0].GetProperty("spares").EnumerateArray()];
    }
}
