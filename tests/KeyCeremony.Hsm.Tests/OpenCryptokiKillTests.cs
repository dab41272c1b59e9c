using Xunit.Abstractions;

namespace KeyCeremony.Hsm.Tests;

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

    /// <summary>On newer ones, which make keys of ML-DSA: in the middle of the evening.</summary>
    [Fact]
    public void Wherever_the_power_fails_two_roots_are_made()
    {
        if (OpenCryptoki.NewerRoot() is not { } root)
            return;
        using Table start = Table.Laid(), made = start.Copy();
        CutOrKill(start, made, new Script("root-creation-dual", PostQuantumTests.Two), HsmsOfTable.OpenCryptokiIn(root), kills: 1,
            moments: 2500, different: 380);
    }
}
