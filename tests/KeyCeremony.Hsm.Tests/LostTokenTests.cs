using System.Collections.Immutable;
using System.Diagnostics;
using KeyCeremony.App.Room;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>The HSM goes away in the middle: the message names the call and the error, nothing is lost, and it goes on.</summary>
public sealed class LostTokenTests
{
    private static readonly string SoftHsm = SoftHsmTokens.Module()
        ?? throw new InvalidOperationException("SoftHSM2 is not installed: apt-get install softhsm2");

    /// <summary>The function, the call from which on it fails, its error, and the effect that broke.</summary>
    public static TheoryData<string, int, string, string> Losses => new()
    {
        { "C_GenerateKeyPair", 1, "CKR_DEVICE_REMOVED", "probe-token" },
        { "C_GenerateKeyPair", 16, "CKR_DEVICE_REMOVED", "generate-key" },
        { "C_Sign", 4, "CKR_DEVICE_ERROR", "" },
        { "C_InitPIN", 2, "CKR_TOKEN_NOT_PRESENT", "commission-token" },
        { "C_WrapKey", 15, "CKR_DEVICE_REMOVED", "" },
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

    /// <summary>The function and its call, what the module does there, what the record says of it, and the effect that broke.</summary>
    public static TheoryData<string, string, string, string> Faults => new()
    {
        { "C_GenerateKeyPair:16", "crash", "C_GenerateKeyPair HSM-32", "generate-key" },
        { "C_WrapKey:15", "hang", "C_WrapKey HSM-31", "" },
        { "C_Sign:4", "forge", "C_Sign HSM-33", "" },
    };

    /// <summary>
    /// The module's process is lost inside a call: as after a loss of power the HSM is looked at, cards are typed again, another process is
    /// started, and the same ceremony comes to its end.
    /// </summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void A_module_that_is_lost_inside_a_call_stops_the_ceremony_and_it_goes_on(string at, string fault, string where, string effect)
    {
        using var table = Table.Laid();
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        table.Variables["STUB_FORWARD"] = SoftHsm;
        table.Variables["STUB_RULES"] = $"{at}={fault}";

        Ran ran = table.Run(Script.SmallRoot, "--call-seconds", "15").Expect(0);

        Assert.DoesNotContain("Unhandled exception", ran.Said, StringComparison.Ordinal);
        // A fresh process counts its calls anew: it is lost there once more, in another effect.
        Failed[] losses = [.. table.Entries().Select(e => e.Body).OfType<Failed>()];
        Assert.NotEmpty(losses);
        Assert.All(losses, lost => Assert.Equal(where, lost.Where));
        Assert.All(losses, lost => Assert.Contains("What was recorded is whole", lost.Message, StringComparison.Ordinal));
        if (effect.Length > 0)
            Assert.Equal(effect, losses[0].Effect);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
    }

    /// <summary>
    /// The HSM is reached through p11-kit's server, as over a wire, and the server is killed inside the call. Before
    /// and after, SoftHSM is used directly: p11-kit does not pass the wrap mechanism on.
    /// </summary>
    [Fact]
    public void A_server_that_is_killed_inside_a_call_stops_the_ceremony_and_it_goes_on_without()
    {
        using var table = Table.Laid();
        table["approve:confirm"] = "no";
        table.Run(Script.SmallRoot).Expect(1);
        table["approve:confirm"] = null;

        RunUntilTheServerDies(table, "C_GenerateKeyPair");
        Ran gone = table.Run(null).Expect(1);
        Assert.DoesNotContain("Unhandled exception", gone.Said, StringComparison.Ordinal);
        Assert.Contains("is not connected", gone.Said, StringComparison.Ordinal);

        table.Module = null;
        table.Run(null).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
    }

    /// <summary>The list is approved when the wire breaks in the very signature.</summary>
    [Fact]
    public void A_server_that_is_killed_while_a_list_is_signed_leaves_one_list_of_that_number()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        table["approve:confirm"] = "no";
        table.Run(Script.Small("crl-signing")).Expect(1);
        table["approve:confirm"] = null;

        RunUntilTheServerDies(table, "C_Sign");
        Assert.Equal("sign-crl", table.Entries().Select(e => e.Body).OfType<Failed>().First().Effect);
        Assert.Empty(table.World().Crls);

        table.Module = null;
        table.Run(null).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
        Assert.Equal("1", Assert.Single(table.Entries().Select(e => e.Body).OfType<CrlSigned>()).Number);
    }

    /// <summary>The batches are approved when the wire breaks in the first signature: of the envelope, the CMS has none yet.</summary>
    [Fact]
    public void A_server_that_is_killed_while_a_manifest_is_signed_leaves_one_manifest_of_each_batch()
    {
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        Factory.BringBatches(table);
        table["approve:confirm"] = "no";
        table.Run(Script.Small("batch-manifest")).Expect(1);
        table["approve:confirm"] = null;

        RunUntilTheServerDies(table, "C_Sign");
        Assert.Equal("sign-manifest", table.Entries().Select(e => e.Body).OfType<Failed>().First().Effect);

        table.Module = null;
        table.Run(null).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
        Assert.Equal(["b-1", "b-2"], table.Entries().Select(e => e.Body).OfType<ManifestSigned>().Select(m => m.BatchId));
    }

    private static string ClientModule => new[] { "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so",
        "/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so" }
        .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("p11-kit-client.so is not installed: apt-get install p11-kit-modules");

    /// <summary>
    /// Goes on over p11-kit's wire, which breaks inside the first call of a function; the table's module stays p11-kit's.
    /// </summary>
    private static void RunUntilTheServerDies(Table table, string function)
    {
        string socket = table.Part("p11-kit");
        table.Module = ClientModule;
        table.Variables["P11_KIT_SERVER_ADDRESS"] = $"unix:path={socket}";
        using Process server = Serve(table, socket, function);
        Ran stopped = table.Run(null).Expect(1);
        Assert.Contains($"{function} CKR_", stopped.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", stopped.Said, StringComparison.Ordinal);
        server.Kill(entireProcessTree: true);
        server.WaitForExit();
    }

    /// <summary>A server in front of SoftHSM; whoever serves a connection dies in the first call of a function.</summary>
    private static Process Serve(Table table, string socket, string function)
    {
        var start = new ProcessStartInfo("p11-kit",
            ["server", "--provider", StubModule.Build(AppContext.BaseDirectory), "-n", socket, "-f", "pkcs11:"]);
        start.Environment["SOFTHSM2_CONF"] = Path.Combine(table.Hsm, "softhsm2.conf");
        start.Environment["STUB_FORWARD"] = SoftHsm;
        start.Environment["STUB_KILL_AT"] = $"{function}:1";
        Process server = Tool.Start(start);
        for (int i = 0; i < 600 && !File.Exists(socket); i++)
            Thread.Sleep(50);
        Assert.True(File.Exists(socket), "p11-kit server does not listen");
        return server;
    }
}
