using KeyCeremony.App.Room;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>HSMs and sticks as people own them: what would stop the day is said before its first step, and before the day.</summary>
public sealed class NeedsAtTheTableTests
{
    private static readonly string Stub = StubModule.Build(AppContext.BaseDirectory);

    [Fact]
    public void HSMs_that_all_report_zeros_are_refused_before_there_is_even_a_ledger()
    {
        using var table = Table.Laid();
        Lie(table, "C_GetTokenInfo=zeros");

        Ran refused = table.Run(Script.SmallRoot).Expect(1);

        Assert.Contains("NEED-03  A blank HSM reports the serial number 0000000000000000, which is none.", refused.Err,
            StringComparison.Ordinal);
        Assert.Contains("Nothing was begun.", refused.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(table.StickA));
    }

    /// <summary>A program's free HSM has no number before it is initialised: that this one gets none shows at the inspection.</summary>
    [Fact]
    public void An_HSM_without_a_number_is_refused_at_its_inspection_before_a_card_is_dealt()
    {
        using var table = Table.Laid();
        Lie(table, "C_GetTokenInfo=nameless");

        table.Run(Script.SmallRoot).Expect(1);

        Assert.Contains(table.Entries(), e => e.Body is TokenProbed { Token: "primary" });
        Assert.DoesNotContain(table.Entries(), e => e.Body is SharesMade or KeyGenerated);
    }

    [Theory]
    [InlineData("C_GetTokenInfo=protected", "NEED-05")]
    [InlineData("C_GetSlotList=CKR_DEVICE_ERROR", "NEED-01")]
    [InlineData("C_Initialize=CKR_GENERAL_ERROR", "NEED-01")]
    [InlineData("C_GetTokenInfo=CKR_TOKEN_NOT_PRESENT", "NEED-02")]
    public void What_the_HSM_says_of_itself_is_enough_to_stop(string rule, string need)
    {
        using var table = Table.Laid();
        Lie(table, rule);
        Ran refused = table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains(need, refused.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(table.StickA));
    }

    /// <summary>Nothing was begun: there is no record to be whole, and nobody to report a deviation to.</summary>
    [Theory]
    [InlineData("C_GetTokenInfo=crash", "The process of the HSM's module ended in C_GetTokenInfo")]
    [InlineData("C_Initialize=hang", "The HSM's module did not answer C_Initialize within 15 seconds")]
    public void A_module_that_is_lost_before_anything_was_begun_is_told_as_that(string rule, string says)
    {
        using var table = Table.Laid();
        Lie(table, rule);
        Ran refused = table.Run(Script.SmallRoot, "--call-seconds", "15").Expect(1);
        Assert.Contains($"NEED-01  {says}", refused.Err, StringComparison.Ordinal);
        Assert.Contains("Nothing was begun.", refused.Err, StringComparison.Ordinal);
        foreach (string ofARoom in new[] { "What was recorded", "deviation", "its cards" })
            Assert.DoesNotContain(ofARoom, refused.Err, StringComparison.Ordinal);
    }

    /// <summary>On a screen the lines stand beside it; whoever plays from a file reads them too, and no cards are spoken of yet.</summary>
    [Theory]
    [InlineData("C_WrapKey=longer", "PROBE-08")]
    [InlineData("C_GenerateRandom=constant", "PROBE-03")]
    [InlineData("C_GetAttributeValue=rsa", "PROBE-02")]
    [InlineData("C_Login:3+=CKR_PIN_LOCKED", "PROBE-19")]
    public void What_an_inspection_found_is_told_with_its_lines(string rule, string line)
    {
        using var table = Table.Laid();
        Lie(table, rule);
        Ran refused = table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains("HSM-01  The HSM does something that is not safe, or could not be tried to its end: ", refused.Err,
            StringComparison.Ordinal);
        Assert.Contains($"FAIL    {line} ", refused.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("Nobody knows a PIN of a commissioned token", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ledgers_HSM_is_looked_for_before_a_signing_day_begins()
    {
        using var table = Table.After(Script.SmallRoot);
        int entries = table.Entries().Length;
        Lie(table, "C_GetTokenInfo=pin-locked");
        Ran locked = table.Run(Script.Small("crl-signing")).Expect(1);
        Assert.Contains("NEED-05", locked.Err, StringComparison.Ordinal);
        Assert.Contains("disaster-recovery", locked.Err, StringComparison.Ordinal);

        table.Variables["STUB_RULES"] = "";
        Directory.Move(table.Hsm, $"{table.Hsm}-at-home");
        Ran away = table.Run(Script.Small("crl-signing")).Expect(1);
        Assert.Contains("NEED-04", away.Err, StringComparison.Ordinal);
        Assert.Equal(entries, table.Entries().Length);
    }

    [Fact]
    public void The_same_is_asked_on_the_command_line_before_the_day()
    {
        using var table = Table.Laid();
        string script = Script.SmallRoot.WriteTo(table.Part("scripts"));
        foreach (string folder in new[] { table.StickA, table.StickB, table.Out })
            Directory.CreateDirectory(folder);
        string[] look = ["check", script, "--softhsm", table.Hsm, "--ledger", table.StickA, "--ledger", table.StickB, "--out", table.Out];

        Ran good = table.Program(look).Expect(0);
        Assert.Contains("PASS    NEED-02 2 blank HSMs are needed.", good.Out, StringComparison.Ordinal);
        Assert.Contains("PASS    NEED-09 The export stick can be written to", good.Out, StringComparison.Ordinal);
        Assert.Contains("  A second, blank HSM for the drill, with another serial number.", good.Out, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(table.StickA));

        Lie(table, "C_GetTokenInfo=zeros");
        Ran bad = table.Program([.. look, "--module", Stub, "--module-variable", "STUB_FORWARD", "STUB_RULES"]).Expect(1);
        Assert.Contains("FAIL    NEED-03", bad.Out, StringComparison.Ordinal);
    }

    private static void Lie(Table table, string rules)
    {
        table.Module = Stub;
        table.Variables["STUB_FORWARD"] = SoftHsmTokens.Module()!;
        table.Variables["STUB_RULES"] = rules;
    }
}
