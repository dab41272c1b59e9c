using KeyCeremony.Core.Journal;
using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The day on which the root is made.</summary>
public sealed class CreationKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("root-creation", 2500, 250)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);

    [Fact]
    public void A_key_left_behind_is_found_and_taken_over_or_destroyed()
    {
        using var clean = Table.Laid();
        SetStub(clean, "", "", clean.Part("calls"));
        clean.Run(Script.SmallRoot).Expect(0);
        // Both probes make equally many pairs; the root's and the transcript's are between them.
        int rootPair = File.ReadAllLines(clean.Part("calls")).Count(l => l.StartsWith("C_GenerateKeyPair ", StringComparison.Ordinal)) / 2;
        foreach (bool repeat in new[] { false, true })
        {
            using var table = Table.Laid();
            SetStub(table, $"C_GenerateKeyPair:{rootPair}", "after", "");
            table.Run(Script.SmallRoot).Expect(Ran.Killed);
            SetStub(table, "", "", "");
            ComesToItsEnd(table, Script.SmallRoot, HsmsOfTable.SoftHsm, repeat);

            EntryBody[] said = [.. table.Entries().Select(e => e.Body)];
            LeftoversFound left = Assert.Single(said.OfType<LeftoversFound>());
            Assert.Equal(2, left.Objects.Length);
            Assert.True(left.Complete);
            Assert.Equal(repeat ? "repeat" : "adopt", Assert.Single(said.OfType<AttemptResolved>()).Resolution);
        }
    }
}
