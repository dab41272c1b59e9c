using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

[Trait("Needs", "packages")]
public sealed class KeyProofTests
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Theory]
    [InlineData("REQ-30", "v1\n", "v2\n")]
    [InlineData("REQ-30", "purpose: ", "Purpose: ")]
    [InlineData("REQ-30", "firmware-signing-ca", "lunch")]
    [InlineData("REQ-30", "production", "prod")]
    [InlineData("REQ-30", "2026-11-22", "2026-02-30")]
    [InlineData("REQ-30", "2026-11-22", "22.11.2026")]
    [InlineData("REQ-30", "date: 2026-11-22\n", "")]
    [InlineData("REQ-30", "date: 2026-11-22\n", "date: 2026-11-22\ndate: 2026-11-22\n")]
    [InlineData("REQ-30", "date: 2026-11-22\n", "date: 2026-11-22\r\n")]
    [InlineData("REQ-30", "key-sha256: ", "key-sha256: 0")]
    [InlineData("REQ-30", "key-sha256: ", "key-sha256:  ")]
    [InlineData("REQ-02", "key-sha256: ", "-----BEGIN PUBLIC KEY-----\nkey-sha256: ")]
    public void A_statement_that_is_not_the_form_is_refused_though_it_is_signed(string rule, string from, string to) =>
        Assert.Equal(rule, Refused(KeyProofs.Make(Key, change: text => text.Replace(from, to, StringComparison.Ordinal))));

    [Fact]
    public void A_statement_about_another_key_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string foreign = Convert.ToHexStringLower(SHA256.HashData(other.ExportSubjectPublicKeyInfo()));

        Assert.Equal("REQ-31", Refused(KeyProofs.Make(Key,
            change: text => $"{text[..text.IndexOf("key-sha256", StringComparison.Ordinal)]}key-sha256: {foreign}\n")));
    }

    [Fact]
    public void A_statement_changed_after_signing_is_refused() =>
        Assert.Equal("REQ-32", Refused(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(KeyProofs.Make(Key))
            .Replace("production", "staging", StringComparison.Ordinal))));

    [Fact]
    public void Blocks_in_another_order_twice_or_missing_are_refused()
    {
        string text = Encoding.ASCII.GetString(KeyProofs.Make(Key));
        int key = text.IndexOf("-----BEGIN PUBLIC", StringComparison.Ordinal), signature = text.IndexOf("-----BEGIN SIG",
            StringComparison.Ordinal);

        Assert.Equal("REQ-30", Refused(Encoding.ASCII.GetBytes(text[..key] + text[signature..] + text[key..signature])));
        Assert.Equal("REQ-30", Refused(Encoding.ASCII.GetBytes(text[..signature])));
        Assert.Equal("REQ-02", Refused(Encoding.ASCII.GetBytes(text + text[signature..])));
        Assert.Equal("REQ-02", Refused(Encoding.ASCII.GetBytes(text[..signature] + text[key..])));
    }

    [Fact]
    public void A_weak_key_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        Assert.Equal("PUBKEY-08", Refused(KeyProofs.Make(key)));
    }

    [Theory]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-256", "EC P-256")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-384", "EC P-384")]
    [InlineData("RSA -pkeyopt rsa_keygen_bits:3072", "RSA 3072")]
    public void The_commands_of_the_page_make_a_proof_that_is_accepted_and_check_it_again(string algorithm, string title)
    {
        string page = File.ReadAllText(Repository.PathOf("docs", "formats", "request.md"));
        var commands = page.Split("```\n").Where(block => block.Contains("openssl pkey", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, commands.Count);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-proof-");
        try
        {
            GoodRequests.Run(folder.FullName, "openssl", ["genpkey", "-algorithm", .. algorithm.Split(' '), "-out", "key.pem"]);
            GoodRequests.Run(folder.FullName, "bash", ["-euc", commands[0]]);
            Assert.True(RequestFile.TryRead(File.ReadAllBytes(Path.Combine(folder.FullName, "key-proof.txt")),
                out RequestFile? file, out Refusal? refusal), $"{refusal}");
            KeyProof proof = Assert.IsType<KeyProof>(file);
            Assert.Equal((title, "firmware-signing-ca", "production"), (proof.Key.Title, proof.Purpose, proof.Environment));
            Assert.Equal("Verified OK\n",
                GoodRequests.Run(folder.FullName, "bash", ["-euc", "rm statement.txt statement.sig key.pub\n" + commands[1]]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Refused(byte[] file) => RequestFile.TryRead(file, out _, out Refusal? refusal) ? "accepted" : refusal.Rule;
}
