using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

/// <summary>What a script will need is read from its steps.</summary>
public sealed class ScriptNeedsTests
{
    [Theory]
    [InlineData("root-creation.md", true, false, true, true, false, true)]
    [InlineData("disaster-recovery.md", true, false, false, true, false, true)]
    [InlineData("disaster-recovery-foreign.md", true, false, true, true, false, true)]
    [InlineData("intermediate-signing.md", false, true, false, false, true, true)]
    [InlineData("cross-signing.md", false, true, false, false, true, true)]
    [InlineData("crl-signing.md", false, true, false, false, false, false)]
    [InlineData("batch-manifest.md", false, true, false, false, true, false)]
    [InlineData("release-key.md", false, true, true, true, true, true)]
    [InlineData("release-signing.md", false, true, false, false, true, false)]
    [InlineData("release-withdrawal.md", false, true, false, false, false, false)]
    [InlineData("custodian-replacement.md", false, true, true, true, false, false)]
    [InlineData("activation-change.md", false, true, false, false, false, false)]
    [InlineData("hsm-migration.md", true, false, false, true, false, true)]
    [InlineData("key-destruction.md", false, true, false, false, false, false)]
    [InlineData("succession.md", false, true, true, true, false, true)]
    [InlineData("compromise.md", false, true, false, true, false, true)]
    [InlineData("hsm-commissioning.md", true, false, false, false, false, true)]
    public void A_shipped_script_needs(string file, bool blank, bool known, bool drill, bool wraps, bool imports, bool previews)
    {
        var needs = ScriptNeeds.Of(ScriptFolder.Load(file).Script);

        Assert.Equal((blank, known, drill, wraps, imports, previews),
            (needs.BlankPrimary, needs.KnownPrimary, needs.Drill, needs.Wraps, needs.Imports, needs.Previews));
        Assert.True(needs.Exports);
    }

    [Fact]
    public void Every_shipped_script_needs_one_primary_HSM_or_the_other()
    {
        foreach (string path in Directory.EnumerateFiles(Pki.Repository.PathOf("ceremony-scripts"), "*.md"))
        {
            CeremonyScript script = ScriptFolder.Load(Path.GetFileName(path)).Script;
            var needs = ScriptNeeds.Of(script);
            // What is not signed needs none at all.
            Assert.True(needs.BlankPrimary ^ needs.KnownPrimary ^ !script.IsSigned, path);
            Assert.Equal(script.IsSigned, needs.Exports);
        }
    }

    /// <summary>Whoever fetches the bags brings those of the cards, too: of them only a quorum is opened.</summary>
    [Fact]
    public void Bags_that_may_stay_closed_are_fetched_as_well()
    {
        string[] table = [.. ScriptNeeds.Of(ScriptFolder.Load("crl-signing.md").Script).InWords];
        Assert.Contains("3 bags from the safe, and of 3 more as many as are needed.", table);
    }

    [Fact]
    public void A_root_creation_is_laid_on_the_table()
    {
        Assert.Equal("""
            People: 1 administrator, 1 operator, 1 witness, 3 officers.
            A blank HSM that makes ec-p256 and ec-p384 keys and wraps them by AES key wrap.
            A second, blank HSM for the drill, with another serial number.
            3 blank cards of 20 words for the activation set.
            3 blank cards of 33 words for the backup set.
            10 new tamper-evident bags.
            Two record sticks with room, on two devices.
            The export stick, with room; it may be pulled out again until the close.
            zlint, as a second reader of each certificate.
            openssl, as one more reader of what is signed.
            """, string.Join('\n', ScriptNeeds.Of(ScriptFolder.Load("root-creation.md").Script).InWords));
    }

    /// <summary>Who brings only what is listed would stand there without the cards that open the old backup.</summary>
    [Fact]
    public void Where_cards_are_replaced_the_old_ones_lie_on_the_table()
    {
        Assert.Contains("The old backup cards in their bags: as many as open their set; more is better.",
            ScriptNeeds.Of(ScriptFolder.Load("custodian-replacement.md").Script).InWords);
        Assert.DoesNotContain(ScriptNeeds.Of(ScriptFolder.Load("root-creation.md").Script).InWords,
            line => line.Contains("old", StringComparison.Ordinal));
    }
}
