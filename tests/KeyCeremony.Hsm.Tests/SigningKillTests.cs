using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>Days on which something is signed.</summary>
public sealed class SigningKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("intermediate-signing", 850, 180)]
    [InlineData("crl-signing", 850, 150)]
    [InlineData("batch-manifest", 950, 190)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);

    /// <summary>Before it there is a day on which the release key is made.</summary>
    [Fact]
    public void Wherever_the_power_fails_a_release_is_signed() =>
        ComesToItsEndWhenKilled("release-signing", kills: 3, moments: 1000, different: 180, also: "C_Sign", last: 8);
}
