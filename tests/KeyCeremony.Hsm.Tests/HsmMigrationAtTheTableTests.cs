using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A root moves to a second HSM, with the program as people start it.</summary>
public sealed class HsmMigrationAtTheTableTests
{
    [Fact]
    public void A_root_signs_in_the_new_hsm_and_nobody_finds_a_key_in_the_old_one()
    {
        using Table table = Migrated();
        World world = table.World();
        TokenCommissioned[] hsms = [.. table.Entries().Select(e => e.Body).OfType<TokenCommissioned>()];
        Assert.Equal(2, hsms.Select(h => h.Serial).Distinct().Count());
        Assert.Equal(hsms[1].Serial, world.Keys["root"].Serial);
        Assert.Equal(["root", "transcript"],
            table.Entries().Select(e => e.Body).OfType<KeyDestroyed>().Where(d => d.Serial == hsms[0].Serial).Select(d => d.Key).Order());
        Assert.Contains(world.Keys["root"].CkaId, AbandonedTests.AsOthersSeeIt(table), StringComparison.OrdinalIgnoreCase);
        table.Verifies();

        table.Run(Script.Small("crl-signing")).Expect(0);
        table.Verifies();
    }

    internal static Table Migrated()
    {
        var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table.Run(Script.Small("hsm-migration")).Expect(0);
        return table;
    }
}
