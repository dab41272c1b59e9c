using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Ceremony;

namespace KeyCeremony.Hsm.Tests;

/// <summary>
/// In thirty years there is a bundle, paper cards and somebody else's software: the key comes back by
/// docs/formats/backup-blob.md alone.
/// </summary>
public sealed class IndependentRecoveryTests
{
    [Theory]
    [InlineData("ec-p256")]
    [InlineData("ec-p384")]
    public void The_root_key_comes_back_without_this_program(string algorithm)
    {
        using var table = Table.Laid();
        table.Run(new Script("root-creation", ("algorithm: ec-p384", $"algorithm: {algorithm}"))).Expect(0);
        World world = table.World();
        string set = world.Keys["root"].Backup!.Set, bundle = table.Bundles.Single();

        string wrapKey = AnsweredByThePeer(table.Card(set, 1), table.Card(set, 3))!;
        string[] blob = File.ReadAllLines(Path.Combine(bundle, "backup", "root.kcb"));
        MacHolds(Path.Combine(bundle, "backup", "root.kcb"), Convert.FromHexString(wrapKey), blob[^1]);

        File.WriteAllBytes(table.Part("wrapped.bin"), Convert.FromBase64String(Line(blob, "wrapped")));
        Tool.Run("openssl", "enc", "-d", "-id-aes256-wrap-pad", "-iv", "A65959A6",
            "-K", wrapKey, "-in", table.Part("wrapped.bin"), "-out", table.Part("key.der")).Expect(0);
        string recovered = Tool.Run("openssl", "pkey", "-inform", "DER", "-in", table.Part("key.der"), "-pubout").Expect(0).Out;
        string certified = Tool.Run("openssl", "x509", "-in", Path.Combine(bundle, "certificates", "root.pem"), "-noout", "-pubkey")
            .Expect(0).Out;

        Assert.Equal(certified, recovered);
    }

    /// <summary>npm slip39, written by others from the same standard: the secret, or null where it refuses.</summary>
    internal static string? AnsweredByThePeer(params string[] cards) =>
        Peer(new { @do = "combine", shares = cards, passphrase = "" })
            .TryGetProperty("secret", out JsonElement secret) ? secret.GetString() : null;

    /// <summary>npm slip39 combines or splits.</summary>
    internal static JsonElement Peer(object question)
    {
        string folder = Path.Combine(Repository.Root, "tests", "slip39-peer");
        Assert.True(Directory.Exists(Path.Combine(folder, "node_modules", "slip39")), "run `npm ci` in tests/slip39-peer");
        Ran node = Tool.Run(new ProcessStartInfo("node", "peer.js") { WorkingDirectory = folder }, JsonSerializer.Serialize(question))
            .Expect(0);
        return JsonDocument.Parse(node.Out).RootElement;
    }

    /// <summary>HMAC-SHA-256 over every byte before the last line.</summary>
    private static void MacHolds(string path, byte[] wrapKey, string last)
    {
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, wrapKey, 32, info: Encoding.ASCII.GetBytes("keyceremony/backup-mac/1"));
        byte[] bytes = File.ReadAllBytes(path);
        int before = bytes.AsSpan().LastIndexOf("mac: "u8);
        Assert.Equal(last, $"mac: {Convert.ToHexStringLower(HMACSHA256.HashData(key, bytes.AsSpan(0, before)))}");
    }

    private static string Line(string[] blob, string name) =>
        blob.Single(l => l.StartsWith($"{name}: ", StringComparison.Ordinal))[(name.Length + 2)..];
}
