using System.Text.Json;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Hsm.Tests;

/// <summary>From two builders' word to a signature that a device takes, through the real program, and openssl on what came out.</summary>
public sealed class ReleaseTests
{
    [Fact]
    public void A_release_is_signed_withdrawn_and_openssl_agrees()
    {
        using var releaser = new Releaser();
        using var table = Table.After(Script.SmallRoot);
        table.Follow("periodic");
        releaser.BringBuilders(table);
        table.Run(Script.Small("release-key")).Expect(0);
        releaser.BringRelease(table);
        table.Run(Script.Small("release-signing")).Expect(0);
        table.Verifies();
        Token.HoldsWhatTheLedgerKnows(table);

        string releases = Path.Combine(table.Bundles[^1], "releases"), root = Path.Combine(table.Bundles[^1], "certificates", "root.pem"),
            key = Path.Combine(releases, "application.pub.pem"), chain = Path.Combine(releases, "application.chain.pem");
        Tool.Run("openssl", "verify", "-x509_strict", "-CAfile", root, "-untrusted", chain, chain).Expect(0);
        using var record = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(releases, "application.record.json")));
        string digest = record.RootElement.GetProperty("images")[0].GetProperty("digest").GetString()!;

        // MCUboot: over the hash that stands in the image's records.
        byte[] hash = Convert.FromHexString(digest);
        Assert.True(Releaser.Mcuboot.AsSpan().IndexOf(hash) > 0);
        Assert.Equal(0, VerifiesDigest(hash));
        hash[7] ^= 1;
        Assert.NotEqual(0, VerifiesDigest(hash));

        // Any file: over the file.
        Assert.Equal(0, VerifiesFile(Releaser.Configuration));
        Assert.NotEqual(0, VerifiesFile([.. Releaser.Configuration, 0]));
        Assert.Equal(File.ReadAllBytes(Path.Combine(releases, "application-1.signature")),
            Convert.FromBase64String(File.ReadAllText(Path.Combine(releases, "application-1.signature.b64"))));

        table.Run(Script.Small("release-withdrawal")).Expect(0);
        table.Verifies();
        Assert.True(File.Exists(Path.Combine(table.Bundles[^1], "releases", "application.withdrawn.json")));
        Assert.Equal(["0003-release-signing"], table.World().Releases.Where(r => r.Withdrawn is { Floor: 19 }).Select(r => r.Ceremony));
        Assert.DoesNotContain(table.Entries(), e => e.Body is ExceptionRaised { Rule: "FIRMWARE-05" });

        int VerifiesDigest(byte[] bytes)
        {
            File.WriteAllBytes(table.Part("digest"), bytes);
            return Tool.Run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", table.Part("digest"),
                "-sigfile", Path.Combine(releases, "application-1.signature")).Code;
        }

        int VerifiesFile(byte[] bytes)
        {
            File.WriteAllBytes(table.Part("file"), bytes);
            return Tool.Run("openssl", "dgst", "-sha256", "-verify", key, "-signature",
                Path.Combine(releases, "application-2.signature"), table.Part("file")).Code;
        }
    }
}
