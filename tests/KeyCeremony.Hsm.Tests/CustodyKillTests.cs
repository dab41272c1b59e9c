using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Cards and keys end.</summary>
public sealed class CustodyKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("custodian-replacement", 850, 150)]
    [InlineData("activation-change", 400, 80)]
    [InlineData("key-destruction", 600, 120)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);
}
