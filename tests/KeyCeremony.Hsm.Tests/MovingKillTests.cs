using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Keys come back.</summary>
public sealed class MovingKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("disaster-recovery", 1200, 250)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);
}
