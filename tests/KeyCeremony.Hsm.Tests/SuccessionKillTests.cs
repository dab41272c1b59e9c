using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The day on which the next one is made.</summary>
public sealed class SuccessionKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("succession", 2500, 250)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);
}
