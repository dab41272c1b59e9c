using System.Collections.Immutable;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The HSM goes away in the middle: the message names the call and the error, nothing is lost, and it goes on.</summary>
public sealed class LostTokenTests
{
    private static readonly string SoftHsm = SoftHsmTokens.Module() ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");

    /// <summary>The function, the call from which on it fails, its error, and the effect that broke.</summary>
    public static TheoryData<string, int, string, string> Losses => new()
    {
        { "C_GenerateKeyPair", 1, "CKR_DEVICE_REMOVED", "probe-token" },
        { "C_GenerateKeyPair", 13, "CKR_DEVICE_REMOVED", "generate-key" },
        { "C_Sign", 4, "CKR_DEVICE_ERROR", "" },
        { "C_InitPIN", 2, "CKR_TOKEN_NOT_PRESENT", "commission-token" },
        { "C_WrapKey", 9, "CKR_DEVICE_REMOVED", "" },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_token_that_is_removed_stops_the_ceremony_and_comes_back(string function, int from, string error, string effect)
    {
        using var table = Table.Laid();
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        table.Variables["STUB_FORWARD"] = SoftHsm;
        table.Variables["STUB_RULES"] = $"{function}:{from}+={error}";

        Ran stopped = table.Run(Script.SmallRoot).Expect(1);
        Assert.Contains($"{function} {error}", stopped.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", stopped.Said, StringComparison.Ordinal);
        Failed first = table.Entries().Select(e => e.Body).OfType<Failed>().First();
        Assert.Equal($"{function} {error}", first.Where);
        if (effect.Length > 0)
            Assert.Equal(effect, first.Effect);
        ImmutableArray<Entry> recorded = table.Entries();

        table.Variables.Remove("STUB_RULES");
        table.Run(null).Expect(0);
        Assert.Equal(recorded.Select(e => e.HashHex), table.Entries().Take(recorded.Length).Select(e => e.HashHex));
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
    }

    /// <summary>
    /// The HSM is reached through p11-kit's server, as over a wire, and the wire is cut: the server is killed inside a
    /// call that the stub in front of its client holds up. Before and after, SoftHSM is used directly: p11-kit does not
    /// pass the wrap mechanism on.
    /// </summary>
    [Fact]
    public void A_server_that_is_killed_stops_the_ceremony_and_it_goes_on_without()
    {
        using var table = Table.Laid();
        table[":drill-hsm"] = null;
        table["preview-root:seen"] = "@wait";
        Ran waiting = table.Run(Script.SmallRoot);
        Assert.NotEqual(0, waiting.Code);
    }
}
