using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using Xunit.Abstractions;

[assembly: CollectionBehavior(MaxParallelThreads = 4)] // people at a terminal, and whoever waits for a module, take no processor

namespace KeyCeremony.Hsm.Tests;

/// <summary>Every kind of root from the first entry to the verified bundle, and other people's tools on what came out.</summary>
public sealed class WholeCeremonyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("root-creation", "ec-p384", "ec-p384")]
    [InlineData("root-creation", "ec-p384", "ec-p256")]
    [InlineData("root-creation", "ec-p384", "rsa-4096")]
    [InlineData("root-creation-matter-paa", "ec-p256", "ec-p256")]
    public void A_root_is_created(string script, string shipped, string algorithm)
    {
        using var table = Table.Laid();
        table.Run(new Script(script, ($"algorithm: {shipped}", $"algorithm: {algorithm}"))).Expect(0);

        World world = table.World();
        Assert.Equal(algorithm, world.Keys["root"].Generated.Algorithm);
        Assert.True(world.Keys["root"] is { Locked: true, Drilled: true, Backup: not null });
        Assert.Equal(["backup/root.kcb", "certificates/root.der", "certificates/transcript.der"],
            table.Entries().Select(e => e.Body).OfType<ResultsShown>().Single().Results.Where(r => r.Words.Length > 0).Select(r => r.Path));
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
        OtherToolsAgree(table.Bundles.Single(), "root", "root", "transcript");
    }

    [Fact]
    public void An_hsm_is_commissioned()
    {
        using var table = Table.After(new Script("hsm-commissioning"));

        Assert.Equal(["transcript"], table.World().Keys.Keys);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
        OtherToolsAgree(table.Bundles.Single(), "transcript", "transcript");
    }

    [Fact]
    public void A_key_comes_back_after_the_fire()
    {
        using var before = Table.After(Script.Root);
        using Table table = before.AfterTheFire();
        string pin0 = before.World().Primary!.Commissioned.Serial;
        table.Run(Script.Recovery).Expect(0);

        Assert.Equal(2, table.Bundles.Length);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);
        World world = table.World();
        string now = world.Primary!.Commissioned.Serial;
        Assert.NotEqual(pin0, now);
        Assert.Equal(pin0, Assert.Single(world.Retired).Serial);
        Assert.Equal(now, world.Keys["root"].Serial);
        Assert.Equal(before.World().CertificateOf("root")!.Signed.Der, world.CertificateOf("root")!.Signed.Der);
        ChallengeVerifies(table, world);
        AttributesAsOthersSeeThem(table, world);
        OtherToolsAgree(table.Bundles[^1], "root", "root", "transcript", "transcript-2");
    }

    /// <summary>The restored key's answer in the journal verifies under the old certificate, with openssl.</summary>
    private static void ChallengeVerifies(Table table, World world)
    {
        KeyRestored restored = table.Entries().Select(e => e.Body).OfType<KeyRestored>().Single();
        File.WriteAllBytes(table.Part("challenge"), Convert.FromBase64String(restored.Challenge));
        File.WriteAllBytes(table.Part("signature"), Convert.FromBase64String(restored.Signature));
        File.WriteAllBytes(table.Part("root.der"), Convert.FromBase64String(world.CertificateOf("root")!.Signed.Der));
        File.WriteAllText(table.Part("root.pub"),
            Tool.Run("openssl", "x509", "-inform", "DER", "-in", table.Part("root.der"), "-noout", "-pubkey").Expect(0).Out);
        Tool.Run("openssl", "dgst", "-sha384", "-verify", table.Part("root.pub"),
            "-signature", table.Part("signature"), table.Part("challenge")).Expect(0);
    }

    /// <summary>OpenSC reads the same attributes that the program recorded.</summary>
    private void AttributesAsOthersSeeThem(Table table, World world)
    {
        var start = new System.Diagnostics.ProcessStartInfo("pkcs11-tool",
            ["--module", App.Room.SoftHsmTokens.Module()!, "--token-label", world.Primary!.Commissioned.Label,
            "--login", "--pin", Cards.Pin(table, world, Core.Sharing.PinPurpose.User), "--list-objects", "--type", "privkey"]);
        start.Environment["SOFTHSM2_CONF"] = Path.Combine(table.Hsm, "softhsm2.conf");
        string listed = Tool.Run(start).Expect(0).Out;
        output.WriteLine(listed);
        string root = listed.Split("Private Key Object")
            .Single(o => o.Contains(world.Keys["root"].CkaId, StringComparison.OrdinalIgnoreCase));
        string access = root.Split('\n').Single(l => l.TrimStart().StartsWith("Access:", StringComparison.Ordinal));
        Assert.Contains("sensitive", access, StringComparison.Ordinal);
        Assert.DoesNotContain("extractable", access.Replace("never extractable", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static void OtherToolsAgree(string bundle, string root, params string[] certificates)
    {
        string rootPem = Path.Combine(bundle, "certificates", $"{root}.pem");
        foreach (string certificate in certificates)
        {
            string pem = Path.Combine(bundle, "certificates", $"{certificate}.pem");
            Tool.Run("openssl", "verify", "-x509_strict", "-check_ss_sig", "-CAfile", rootPem, pem).Expect(0);
            // GnuTLS takes an authority for a trust anchor and nothing else: a transcript key that certifies itself is none.
            if (root != "transcript")
                Tool.Run("certtool", "--verify", "--load-ca-certificate", rootPem, "--infile", pem).Expect(0);
        }
        Tool.Run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", Path.Combine(bundle, "checkpoint.cms"),
            "-content", Path.Combine(bundle, "checkpoint.json"), "-CAfile", rootPem, "-purpose", "any", "-out", "/dev/null").Expect(0);
        Tool.Run(new System.Diagnostics.ProcessStartInfo("sha256sum", ["-c", "--strict", "SHA256SUMS"]) { WorkingDirectory = bundle })
            .Expect(0);
    }
}
