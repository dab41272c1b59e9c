using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>The page says what the code does: the rules, the worked example byte by byte, and the recipes of its shell.</summary>
[Trait("Needs", "packages")]
public sealed partial class ManifestDocsTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "formats", "batch-manifest.md"));
    private static readonly IReadOnlyList<DeviceRecord> Devices = ExampleFiles.Devices();
    private static readonly byte[][] Leaves = [.. Devices.Select(device => device.LeafHash())];

    [Fact]
    public void Every_rule_stands_in_the_page_in_the_words_of_the_code() =>
        Assert.All(BatchRules.All, rule => Assert.Contains($"| {rule.Id} | {rule.Text} | {rule.Source} |", Page, StringComparison.Ordinal));

    [Fact]
    public void Every_rule_of_the_page_stands_in_the_code() =>
        Assert.Equal(BatchRules.All.Select(rule => rule.Id), RuleRow().Matches(Page).Select(match => match.Groups[1].Value));

    [Fact]
    public void The_example_of_the_page_is_what_the_code_computes()
    {
        byte[] leaf = new byte[DeviceLeaf.MaxLength];
        DeviceRecord device = Devices[1];
        int length = DeviceLeaf.Write(leaf, Convert.FromHexString(device.Salt), Encoding.ASCII.GetBytes(device.SerialNo),
            Convert.FromHexString(device.CertSha256), Convert.FromHexString(device.SpkiSha256));
        byte[] statement = ExampleFiles.Read("b-2026-0142.statement.json");
        byte[] pack = ExampleFiles.Read("b-2026-0142.proofs");

        Says("salt", device.Salt);
        Says("leaf", Convert.ToHexStringLower(leaf.AsSpan(0, length)));
        for (int i = 0; i < 3; i++)
            Says($"leaf hash {i}", Convert.ToHexStringLower(Leaves[i]));
        Says("node over 0 and 1", Convert.ToHexStringLower(Trees.Root(Leaves.AsSpan(0, 2))));
        Says("root, over that node and 2", Convert.ToHexStringLower(Trees.Root(Leaves)));
        Says($"statement, {statement.Length} bytes, SHA-256", Sha256(statement));
        Says("SHA-256 of what is signed", Sha256(Dsse.Pae(statement)));
        Says("key id of the manifest signer", Dsse.KeyId(ExampleFiles.Certificate("b-2026-0142.chain.pem")));
        Says($"SHA-256 of the pack, {pack.Length} bytes", Sha256(pack));
    }

    [Fact]
    public void The_files_of_the_example_are_what_the_code_writes()
    {
        BatchStatement statement = Batches.Read(ExampleFiles.Read("b-2026-0142.statement.json"));
        Assert.Equal(Convert.ToHexStringLower(Trees.Root(Leaves)), statement.Devices.Root);
        Assert.All(statement.Subjects, subject => Assert.Equal(Sha256(ExampleFiles.Read(subject.Name)), subject.Sha256));
        Assert.Equal(Sha256(ExampleFiles.Certificate("issuing-ca.pem").Der.ToArray()), statement.IssuingCa.CertSha256);
        Assert.Equal(Dsse.KeyId(ExampleFiles.Certificate("issuing-ca.pem")), statement.IssuingCa.SpkiSha256);
        Assert.Equal(Sha256(ExampleFiles.Certificate("SN-0002.pem").Der.ToArray()), Devices[1].CertSha256);
        Assert.Equal(Dsse.KeyId(ExampleFiles.Certificate("SN-0002.pem")), Devices[1].SpkiSha256);

        var proof = new DeviceProof(ExampleFiles.Id, Devices[1], InclusionProof.Of(Trees.Range(Leaves, 0, 1), Trees.Range(Leaves, 2, 3)));
        Assert.Equal(ExampleFiles.Read("b-2026-0142-SN-0002.proof.json"), proof.Write());
        Assert.Null(proof.CheckAgainst(statement));

        byte[] envelope = ExampleFiles.Read("b-2026-0142.dsse.json");
        Assert.True(DsseEnvelope.TryRead(envelope, out DsseEnvelope? read, out Refusal? refusal), refusal?.ToString());
        Assert.Equal(envelope, read.Write());
        var trust = new BatchTrust(ExampleFiles.Certificate("root.pem"), [ExampleFiles.Certificate("b-2026-0142.chain.pem")],
            [ExampleFiles.Certificate("officer.pem")], Required: 1);
        Assert.True(BatchVerification.TryVerify(read, trust, out BatchVerification? verified, out refusal), refusal?.ToString());
        Assert.Equal(statement.Write(), verified.Statement.Write());
    }

    [Fact]
    public void The_pack_of_the_example_is_what_the_code_writes()
    {
        using var pack = new MemoryStream();
        var writer = new ProofPackWriter(pack, new(ExampleFiles.Id, 3, Trees.Root(Leaves), 7), new(Trees.Root(Leaves)));
        foreach (DeviceRecord device in Devices)
            writer.Add(Convert.FromHexString(device.Salt), Encoding.ASCII.GetBytes(device.SerialNo),
                Convert.FromHexString(device.CertSha256), Convert.FromHexString(device.SpkiSha256));
        writer.Finish();
        Assert.Equal(ExampleFiles.Read("b-2026-0142.proofs"), pack.ToArray());
    }

    /// <summary>What a reader types from the page, in a folder with the files of the example.</summary>
    [Fact]
    public void The_recipes_of_the_page_verify_the_example()
    {
        var recipes = Recipe().Matches(Page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(3, recipes.Count);

        Assert.Equal((0, "Verified OK\nb-2026-0142.chain.pem: OK"), Run(recipes[0]));
        Assert.Equal((0, "CMS Verification successful"), Run(recipes[1]));
        Assert.Equal((0, $"\"root\":\"{Convert.ToHexStringLower(Trees.Root(Leaves))}\""), Run(recipes[2]));
    }

    [Theory]
    [InlineData(0, "sed -i 's/SMT 4/SMT 5/' b-2026-0142.statement.json")]
    [InlineData(0, "sed -i 's/\"payload\":\"eyJf/\"payload\":\"eyJg/' b-2026-0142.dsse.json")]
    [InlineData(1, "sed -i 's/SMT 4/SMT 5/' b-2026-0142.statement.json")]
    [InlineData(2, "sed -i 's/SN-0002/SN-0003/' b-2026-0142-SN-0002.proof.json")]
    public void The_recipes_of_the_page_refuse_what_was_changed(int recipe, string change) =>
        Assert.NotEqual(0, Run($"{change}\n{Recipe().Matches(Page)[recipe].Groups[1].Value}").Code);

    private static void Says(string label, string value) => Assert.Contains($"| {label} | `{value}` |", Page, StringComparison.Ordinal);

    private static (int Code, string Said) Run(string recipe)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-test-");
        try
        {
            foreach (string file in Directory.EnumerateFiles(ExampleFiles.Folder))
                File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
            (int code, string said, string errors) = EndedProcess.Of(
                new ProcessStartInfo("sh", ["-e", "-c", $"{recipe}\n", "sh"]) { WorkingDirectory = folder.FullName });
            return (code, (said + errors).Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    [GeneratedRegex(@"^\| ((?:BATCH|DSSE|PROOF)-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();

    [GeneratedRegex("^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Recipe();
}
