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
        ComesToItsEndWhenKilled("compromise", kills: 2, moments: 1200, different: 200);
}
