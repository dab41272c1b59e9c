using System.Text.Json;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11.Tests;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// An HSM that wraps in no other way than CBC, reports one serial number for all, comes with a PIN from its factory and takes eight
/// characters: whole ceremonies on openCryptoki's soft token, each closed and verified. It makes RSA keys alone.
/// </summary>
public sealed class OpenCryptokiTests
{
    [Fact]
    public void A_root_an_intermediate_and_a_list_are_made_and_the_root_comes_back()
    {
        using var hsms = new OpenCryptoki();
        using Table table = hsms.Lay(Table.Laid());

        table.Run(new Script("root-creation", OpenCryptoki.Rsa)).Expect(0);
        TokenProbed[] probed = [.. table.Entries().Select(e => e.Body).OfType<TokenProbed>()];
        Assert.All(probed, p => Assert.Equal(("0x1085", "cbc-pad", "extractable-false", "opencryptoki-soft"),
            (p.WrapMechanism, p.WrapFormat, p.Lock, p.Family)));
        Assert.Equal(2, probed.Select(p => p.Serial).Distinct().Count());
        World world = table.World();
        Assert.True(world.Keys["root"] is { Locked: true, Drilled: true, Backup: not null });
        Assert.Equal(8, world.Primary!.Commissioned.PinLength);
        OpenCryptoki.HoldsWhatTheLedgerKnows(table);
        OpensslOpensTheBackup(table);

        // The fire takes the HSM too: two new ones, with nothing on them.
        using var others = new OpenCryptoki(firstSlot: 3);
        using Table after = others.Lay(table.AfterTheFire());
        after.Run(new Script("disaster-recovery", OpenCryptoki.Rsa)).Expect(0);
        Assert.Equal(world.CertificateOf("root")!.Signed.Der, after.World().CertificateOf("root")!.Signed.Der);
        OpenCryptoki.HoldsWhatTheLedgerKnows(after);
        after.Verifies();

        table.Follow("periodic");
        table.Run(new Script("intermediate-creation", OpenCryptoki.Rsa)).Expect(0);
        table.Run(new Script("crl-signing", OpenCryptoki.Rsa)).Expect(0);
        using var releaser = new Releaser();
        releaser.BringBuilders(table);
        releaser.BringRelease(table);
        table.Run(new Script("release-key", OpenCryptoki.Rsa)).Expect(0);
        table.Run(new Script("release-signing", OpenCryptoki.Rsa)).Expect(0);
        Assert.Equal("rsa-3072", table.World().Keys["release-application"].Generated.Algorithm);
        OpenCryptoki.HoldsWhatTheLedgerKnows(table);
        table.Verifies();
    }

    [Fact]
    public void The_probe_says_what_it_is_good_for_and_leaves_nothing()
    {
        using var hsms = new OpenCryptoki();
        using Table table = hsms.Lay(Table.Laid());
        string scripts = Path.GetDirectoryName(new Script("root-creation", OpenCryptoki.Rsa).WriteTo(table.Part("scripts")))!;
        string[] probe = ["hsm", "probe", "--module", OpenCryptoki.Module];

        Ran several = table.Program([.. probe, "--scripts", scripts]).Expect(1);
        Assert.Contains("HSM-46", several.Err, StringComparison.Ordinal);
        Assert.Contains("123-slot-1", several.Err, StringComparison.Ordinal);

        // Twice: from its factory, and as an earlier probe left it.
        for (int time = 1; time <= 2; time++)
        {
            Ran ran = table.Program([.. probe, "--scripts", scripts, "--slot", "2", "--json"]);
            Assert.True(ran.Out.StartsWith('{'), ran.Said);
            JsonElement report = JsonDocument.Parse(ran.Out).RootElement;
            Assert.Equal("0x1085", report.GetProperty("backup").GetProperty("mechanism").GetString());
            Assert.Equal("123-slot-2", report.GetProperty("token").GetProperty("serial").GetString());
            JsonElement left = report.GetProperty("findings").EnumerateArray().Last();
            Assert.Equal("pass The token shows 0 objects before the probe and 0 after it.",
                $"{left.GetProperty("result").GetString()} {left.GetProperty("text").GetString()}");
            JsonElement root = report.GetProperty("ceremonies").EnumerateArray()
                .Single(c => c.GetProperty("script").GetString() == "root-creation");
            Assert.True(root.GetProperty("possible").GetBoolean(), ran.Out);
            // Its release key signs as RSASSA-PSS, which this one lists.
            Assert.True(report.GetProperty("ceremonies").EnumerateArray()
                .Single(c => c.GetProperty("script").GetString() == "release-key").GetProperty("possible").GetBoolean(), ran.Out);
        }

        // As it is shipped, root-creation asks for keys that this one does not make.
        Ran shipped = table.Program([.. probe, "--scripts", Repository.Scripts, "--token", "123-slot-1"]).Expect(1);
        Assert.Matches("NO +root-creation\n +It makes no key of the kind ec-p256", shipped.Out);
    }

    /// <summary>Between its first PIN and its last the token has one or the other: whichever it is, the same command goes on.</summary>
    [Theory]
    [InlineData("C_InitPIN:2")]
    [InlineData("C_SetPIN:1")]
    public void A_power_cut_while_it_is_commissioned_leaves_it_usable(string call)
    {
        using var hsms = new OpenCryptoki();
        using Table table = hsms.Lay(Table.Laid());
        var script = new Script("hsm-commissioning", OpenCryptoki.Rsa);
        table.Module = StubModule.Build(AppContext.BaseDirectory);
        table.Variables["STUB_FORWARD"] = OpenCryptoki.Module;
        table.Variables["STUB_KILL_AT"] = call;
        table.Variables["STUB_KILL_WHEN"] = "after";
        table.Run(script).Expect(Ran.Killed);
        hsms.LosePower();

        table.Variables["STUB_KILL_AT"] = "";
        table[":resolve"] = "repeat";
        table.Run(script).Expect(0);
        Assert.Single(table.Entries(), e => e.Body is TokenCommissioned);
        table.Verifies();
    }

    /// <summary>docs/formats/backup-blob.md, to the letter: openssl, head, tail and nothing of ours.</summary>
    private static void OpensslOpensTheBackup(Table table)
    {
        World world = table.World();
        string bundle = table.Bundles[^1], set = world.Keys["root"].Backup!.Set;
        using Core.SecretBytes secret = Cards.Secret(table, world.Sets[set]);
        File.Copy(Path.Combine(bundle, "backup", "root.kcb"), table.Part("root.kcb"));
        const string Recipe = """
            set -e
            cd "$1"
            K=$2
            openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:$K -kdfopt info:keyceremony/backup-mac/1 -binary -out mac.key HKDF
            MAC=$(head -n 9 root.kcb | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(xxd -p -c 64 mac.key) | sed 's/.* //')
            test "mac: $MAC" = "$(tail -n 1 root.kcb)"
            sed -n 's/^wrapped: //p' root.kcb | base64 -d > wrapped.bin
            tail -c +17 wrapped.bin | openssl enc -d -aes-256-cbc -K $K -iv $(head -c 16 wrapped.bin | xxd -p -c 32) -out key.der
            openssl pkey -inform DER -in key.der -pubout
            """;
        string recovered = Tool.Run("sh", "-c", Recipe, "sh", table.Folder, Convert.ToHexStringLower(secret.Span)).Expect(0).Out;
        string certified = Tool.Run("openssl", "x509", "-in", Path.Combine(bundle, "certificates", "root.pem"), "-noout", "-pubkey")
            .Expect(0).Out;
        Assert.Equal(certified, recovered);
        Assert.Contains("wrap: cbc-pad", File.ReadAllLines(table.Part("root.kcb")));
    }
}
