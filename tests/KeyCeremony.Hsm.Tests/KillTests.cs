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

/// <summary>The day on which the next one is made.</summary>
public sealed class SuccessionKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("succession", 2500, 250)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);
}

/// <summary>Keys come back, or move.</summary>
public sealed class MovingKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("disaster-recovery", 1200, 250)]
    [InlineData("hsm-migration", 1200, 250)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);
}

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

/// <summary>Days on which something is signed.</summary>
public sealed class SigningKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    [Theory]
    [InlineData("intermediate-signing", 850, 180)]
    [InlineData("crl-signing", 850, 150)]
    [InlineData("batch-manifest", 950, 190)]
    public void Wherever_the_power_fails_it_comes_to_its_end(string ceremony, int moments, int different) =>
        ComesToItsEnd(ceremony, moments, different);
}

/// <summary>On the tokens of another maker.</summary>
public sealed class OpenCryptokiKillTests(ITestOutputHelper output) : KilledCeremonies(output)
{
    /// <summary>
    /// On tokens that are another maker's, restore what they wrapped in CBC, and make RSA keys alone. Their daemon is started anew with the
    /// program, as it is after a loss of power. A whole ceremony takes long there: unless more is asked for, the program is killed in three
    /// of the calls that change an HSM.
    /// </summary>
    [Fact]
    public void Wherever_the_power_fails_it_comes_to_its_end_on_openCryptoki()
    {
        Script root = new("root-creation", OpenCryptoki.Rsa), list = new("crl-signing", OpenCryptoki.Rsa);
        using var start = Table.Laid();
        using Table made = start.Copy();
        CutOrKill(start, made, root, HsmsOfTable.OpenCryptoki, kills: 2, moments: 2500, different: 380);

        made.Follow("periodic");
        using Table listed = made.Copy();
        CutOrKill(made, listed, list, HsmsOfTable.OpenCryptoki, kills: 1, moments: 900, different: 180);
    }
}
