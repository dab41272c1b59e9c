using System.Diagnostics;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The program looks at its HSMs through another binding, too, and goes on only where both see the same.</summary>
public sealed class SecondLookTests
{
    [Fact]
    public void After_each_change_the_hsm_is_seen_by_other_eyes()
    {
        using var table = Table.After(Script.SmallRoot);

        Entry[] looks = [.. table.Entries().Where(e => e.Body is TokenLookedAt)];
        Assert.Equal(["commission", "generate-root", "generate-transcript", "destroy-wrap-key", "drill", "lock-root"],
            looks.Select(e => e.Step));
        Assert.All(looks.Select(e => (TokenLookedAt)e.Body), l => Assert.All(l.Findings, f => Assert.Equal("pass", f.Result)));
        Assert.Equal([0, 1, 2, 2, 0, 2], looks.Select(e => ((TokenLookedAt)e.Body).Keys.Length));
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
    }

    /// <summary>The module tells who is asking by the process: our binding gets the truth, the other one something else.</summary>
    [Theory]
    [InlineData("C_GetAttributeValue=extractable", "EYES-02", "generate-transcript", "CKA_EXTRACTABLE is 0 for ours and 1 for the other")]
    [InlineData("C_GetAttributeValue=insensitive", "EYES-02", "generate-root", "CKA_SENSITIVE is 1 for ours and 0 for the other")]
    [InlineData("C_GetAttributeValue=garbage", "EYES-01", "generate-root", "only one of them shows the object")]
    [InlineData("C_FindObjects=ignore", "EYES-01", "generate-root", "Our binding lists 2 objects, the other 0")]
    [InlineData("C_GetAttributeValue=CKR_DEVICE_ERROR", "EYES-05", "generate-root", "C_GetAttributeValue CKR_DEVICE_ERROR")]
    [InlineData("C_Login=CKR_PIN_INCORRECT", "EYES-05", "commission", "C_Login CKR_PIN_INCORRECT")]
    public void A_module_that_shows_two_bindings_two_things_stops_the_ceremony(string lies, string rule, string step, string says)
    {
        using var table = Table.Laid();
        Stubbed(table, lies);

        // A witness who only ever says "look again" sees the same again.
        table[":eyes-again"] = "again";
        Ran stopped = table.Run(Script.SmallRoot).Expect(1);

        Assert.Contains(rule, stopped.Err, StringComparison.Ordinal);
        Assert.Contains(says, stopped.Said, StringComparison.Ordinal);
        Entry[] entries = [.. table.Entries()];
        Assert.All(entries.Where(e => e.Body is TokenLookedAt { Findings: var f } && f.Any(x => x.Result == "fail")),
            e => Assert.Equal(step, e.Step));
        Assert.Equal(step, entries[^1].Step);
        Assert.True(entries[^1].Body is TokenLookedAt or Failed { Effect: "look-again" }, $"{entries[^1].Body}");

        // The cause is mended: the same command comes to the ceremony's end, and the verifier sees what was.
        Stubbed(table, "");
        table.Run(Script.SmallRoot).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
    }

    [Fact]
    public void A_token_for_one_process_alone_is_not_said_to_be_seen()
    {
        using var table = Table.Laid();
        Stubbed(table, "C_OpenSession=CKR_SESSION_COUNT");

        table.Run(Script.SmallRoot).Expect(0);

        TokenLookedAt[] looks = [.. table.Entries().Select(e => e.Body).OfType<TokenLookedAt>()];
        Assert.Equal(6, looks.Length);
        Assert.All(looks, l => Assert.Equal(("EYES-04", "unknown"), (Assert.Single(l.Findings).Id, l.Findings[0].Result)));
        Assert.All(looks, l => Assert.Contains("CKR_SESSION_COUNT", l.Findings[0].Text, StringComparison.Ordinal));
        table.Verifies();
        Assert.Contains("EYES-04", Tool.Run("pdftotext", "-layout", Path.Combine(table.Bundles[0], "report.pdf"), "-").Expect(0).Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_pin_is_in_no_argument_and_no_environment_of_the_process_that_looks()
    {
        using var table = Table.Laid();
        table.Run(Script.SmallRoot).Expect(0);
        string pin = Cards.Pin(table, table.World(), Core.Sharing.PinPurpose.User);

        // The same process, started as the program starts it, and stopped while it waits for the PIN.
        using Process process = Tool.Start(table.ProcessOf(SecondLook.CommandName,
            SoftHsmTokens.Module()!, table.World().Primary!.Commissioned.Serial));
        try
        {
            string seen = File.ReadAllText($"/proc/{process.Id}/cmdline") + File.ReadAllText($"/proc/{process.Id}/environ");
            Assert.DoesNotContain(pin, seen, StringComparison.Ordinal);
            process.StandardInput.Write(pin);
        }
        finally
        {
            process.StandardInput.Close();
        }
        Ran ran = Tool.Ended(process).Expect(0);
        Assert.DoesNotContain(pin, ran.Said, StringComparison.Ordinal);
        // The root's and the transcript's key pairs, and the ledger's head.
        Assert.EndsWith("end 5\n", ran.Out, StringComparison.Ordinal);
    }

    private static void Stubbed(Table table, string lies)
    {
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        table.Variables["STUB_FORWARD"] = SoftHsmTokens.Module()!;
        table.Variables["STUB_EYES_RULES"] = lies;
    }
}
