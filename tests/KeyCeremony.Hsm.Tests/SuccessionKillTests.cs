using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Days much like the one on which a root is made, or comes back.</summary>
public sealed class SuccessionKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("succession", 2500, 250)]
    [InlineData("hsm-migration", 1200, 250)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEndWhenKilled(ceremony, kills: 3, moments, different);

    [Fact]
    public void Wherever_the_power_fails_on_the_worst_day_the_next_root_takes_over() =>
        ComesToItsEndWhenKilled("compromise", kills: 2, moments: 1200, different: 200, also: "C_Sign", last: 4);

    [Fact]
    public void Wherever_the_power_fails_a_root_whose_backup_is_dealt_in_groups_is_made()
    {
        using Table start = GroupsAtTheTableTests.Laid(), stopped = start.Copy();
        CutOrKill(start, stopped, GroupsAtTheTableTests.SmallRoot, HsmsOfTable.SoftHsm, kills: 2, moments: 2500, different: 250);
    }
}
