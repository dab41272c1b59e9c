using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>One device's proof, as a file and against statements.</summary>
public class ProofTests
{
    private static readonly Batch Seven = new(7);
    private static readonly string Good = Encoding.UTF8.GetString(Seven.Prove(5).Write());

    public static TheoryData<string, string, string> Edits => new()
    {
        { "{\"type\"", "\uFEFF{\"type\"", "PROOF-01" },
        { "{\"type\"", " {\"type\"", "PROOF-01" },
        { "]}\n", "]}", "PROOF-01" },
        { "]}\n", "]}\n\n", "PROOF-01" },
        { "]}\n", "]}\nx", "PROOF-01" },
        { "proof-v1", "proof-v2", "PROOF-01" },
        { "\"treeSize\":7,\"index\":5", "\"index\":5,\"treeSize\":7", "PROOF-01" },
        { "\"index\":5", "\"index\":5,\"index\":5", "PROOF-01" },
        { "\"index\":5", "\"index\":5.0", "PROOF-01" },
        { "\"index\":5", "\"index\":\"5\"", "PROOF-01" },
        { "\"index\":5", "\"index\":9223372036854775808", "PROOF-01" },
        { "\"index\":5,", "", "PROOF-01" },
        { "\"index\":5", "\"index\":5,\"root\":\"\"", "PROOF-01" },
        { "\"path\":[", "\"path\":[null,", "PROOF-01" },
        { "\"path\":[", "\"path\":[\"\",", "PROOF-01" },
        { "\"path\":[", "\"path\":[[\"a\"],", "PROOF-01" },
        { "\"path\":[\"", "\"path\":[\"A", "PROOF-01" },
        { "\"leaf\":{", "\"leaf\":null,\"leaf\":{", "PROOF-01" },
        { "\"serialNo\":\"SN-5\"", "\"serialNo\":null", "PROOF-01" },
        { "\"serialNo\":\"SN-5\"", "\"serialNo\":\"\\u0053N-5\"", "PROOF-01" },
        { "\"index\":5", "\"index\":7", "PROOF-03" },
        { "\"index\":5", "\"index\":-1", "PROOF-03" },
        { "\"index\":5", "\"index\":6", "PROOF-03" },
        { "\"treeSize\":7", "\"treeSize\":5", "PROOF-03" },
        { "\"treeSize\":7", "\"treeSize\":70", "PROOF-03" },
        { "\"treeSize\":7", "\"treeSize\":0", "PROOF-03" },
        { "\"treeSize\":7", "\"treeSize\":9223372036854775807", "PROOF-03" },
        { "\"salt\":\"", "\"salt\":\"0", "PROOF-06" },
        { "\"certSha256\":\"", "\"certSha256\":\"ABCD", "PROOF-06" },
        { "\"spkiSha256\":\"", "\"spkiSha256\":\"g", "PROOF-06" },
        { "SN-5", "", "PROOF-06" },
        { "SN-5", " SN-5", "PROOF-06" },
        { "SN-5", "SN-5 ", "PROOF-06" },
        { "SN-5", "SN-\u00e4", "PROOF-06" },
        { "SN-5", "SN-\u007f", "PROOF-06" },
        { "SN-5", new string('5', 65), "PROOF-06" },
        { "b-2026-0142", "b--2026", "BATCH-03" },
    };

    [Theory]
    [MemberData(nameof(Edits))]
    public void An_edited_proof_is_refused(string part, string instead, string rule)
    {
        Assert.Contains(part, Good, StringComparison.Ordinal);
        Assert.Equal(rule, Rule(Good.Replace(part, instead, StringComparison.Ordinal)));
    }

    [Fact]
    public void Too_many_bytes_and_too_many_levels_are_refused()
    {
        Assert.Equal("PROOF-01", Rule(Good + new string(' ', DeviceProof.MaxBytes)));
        Assert.Equal("PROOF-01", Rule(Good.Replace("\"path\":[", "\"path\":" + new string('[', 5000), StringComparison.Ordinal)));
        Assert.Equal("PROOF-01", Rule(Good.Replace("\"path\":[", "\"path\":[\"" + Batches.Hex("x")
            + "\"," + string.Concat(Enumerable.Repeat("\"" + Batches.Hex("x") + "\",", 130)), StringComparison.Ordinal)));
        Assert.Equal("PROOF-01", Rule("null\n"));
    }

    [Fact]
    public void Every_device_of_every_small_batch_is_proven()
    {
        for (int n = 1; n <= 33; n++)
        {
            var batch = new Batch(n);
            for (int i = 0; i < n; i++)
            {
                DeviceProof proof = Read(batch.Prove(i).Write());
                Assert.Equal(batch.Devices[i], proof.Device);
                Assert.Null(proof.CheckAgainst(batch.Statement));
            }
        }
    }

    [Fact]
    public void Every_device_of_a_thousand_is_proven()
    {
        var batch = new Batch(1000);
        for (int i = 0; i < 1000; i++)
            Assert.Null(Read(batch.Prove(i).Write()).CheckAgainst(batch.Statement));
    }

    [Fact]
    public void A_proof_of_one_batch_fails_in_another()
    {
        (Batch? one, Batch? other, Batch? larger) = (new Batch(7, "batch-one"), new Batch(7, "batch-two"), new Batch(8, "batch-one"));
        for (int i = 0; i < 7; i++)
        {
            DeviceProof proof = one.Prove(i);
            Assert.Equal("PROOF-02", proof.CheckAgainst(other.Statement)!.Rule);
            Assert.Equal("PROOF-02", proof.CheckAgainst(larger.Statement)!.Rule);
            // Whoever writes the other batch's name and size into it.
            Assert.Equal("PROOF-04", (proof with { BatchId = "batch-two" }).CheckAgainst(other.Statement)!.Rule);
            Assert.NotNull((proof with { Inclusion = proof.Inclusion with { TreeSize = 8 } }).CheckAgainst(larger.Statement));
        }
    }

    [Fact]
    public void A_device_cannot_borrow_the_proof_of_another()
    {
        foreach (int i in new[] { 0, 3, 6 })
            foreach (int j in Enumerable.Range(0, 7).Where(j => j != i))
            {
                Assert.Equal("PROOF-04", (Seven.Prove(i) with { Device = Seven.Devices[j] }).CheckAgainst(Seven.Statement)!.Rule);
                Assert.NotNull((Seven.Prove(i) with { Inclusion = Seven.Prove(j).Inclusion }).CheckAgainst(Seven.Statement));
            }
    }

    /// <summary>A node is no leaf: what stands between leaf and root cannot be passed off as a device.</summary>
    [Fact]
    public void A_shorter_path_from_an_inner_node_leads_nowhere()
    {
        DeviceProof proof = Seven.Prove(5);
        Assert.Equal("PROOF-03",
            (proof with { Inclusion = proof.Inclusion with { Path = proof.Inclusion.Path[32..] } }).CheckAgainst(Seven.Statement)!.Rule);
        Assert.Equal("PROOF-03", (proof with { Inclusion = proof.Inclusion with { Path = default } }).CheckAgainst(Seven.Statement)!.Rule);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 5)]
    [InlineData(7, 6)]
    public void No_flipped_bit_of_a_proof_goes_unseen(int devices, int index)
    {
        var batch = new Batch(devices);
        Assert.Null(Read(batch.Prove(index).Write()).CheckAgainst(batch.Statement));
        foreach (byte[] flipped in Batches.Flips(batch.Prove(index).Write()))
            Assert.False(DeviceProof.TryRead(flipped, out DeviceProof? proof, out _) && proof.CheckAgainst(batch.Statement) is null);
    }

    [Fact]
    public void No_flipped_bit_of_a_root_goes_unseen()
    {
        foreach (byte[] root in Batches.Flips(Seven.Root))
        {
            BatchStatement statement = Seven.Statement with { Devices = new(7, Convert.ToHexStringLower(root)) };
            Assert.All(Enumerable.Range(0, 7), i => Assert.Equal("PROOF-04", Seven.Prove(i).CheckAgainst(statement)!.Rule));
        }
    }

    /// <summary>RFC 8949 4.2.1, written out by hand.</summary>
    [Fact]
    public void A_leaf_is_the_cbor_that_it_says()
    {
        byte[] salt = [.. Enumerable.Repeat((byte)0x11, 32)], certificate = [.. Enumerable.Repeat((byte)0x22, 32)],
            key = [.. Enumerable.Repeat((byte)0x33, 32)];
        foreach ((string? serial, byte[]? head) in new (string, byte[])[] { ("A", [0x61]),
            (new('s', 23), [0x77]), (new('s', 24), [0x78, 24]), (new('s', 64), [0x78, 64]) })
        {
            byte[] expected =
            [
                0xa5, 0x61, .. "v"u8, 0x01, 0x64, .. "salt"u8, 0x58, 0x20, .. salt,
                0x68, .. "serialNo"u8, .. head, .. Encoding.ASCII.GetBytes(serial),
                0x6a, .. "certSha256"u8, 0x58, 0x20, .. certificate, 0x6a, .. "spkiSha256"u8, 0x58, 0x20, .. key,
            ];
            byte[] leaf = new byte[DeviceLeaf.MaxLength];
            int length = DeviceLeaf.Write(leaf, salt, Encoding.ASCII.GetBytes(serial), certificate, key);
            Assert.Equal(expected, leaf[..length]);
            Assert.True(serial.Length < 64 || length == DeviceLeaf.MaxLength);
        }
    }

    [Fact]
    public void A_file_name_holds_no_path()
    {
        DeviceRecord device = Seven.Devices[0];
        Assert.Equal("b-2026-0142-SN-5.proof.json", Seven.Prove(5).FileName);
        Assert.Equal("b-2026-0142-..%2F..%2Fa%20b.proof.json",
            (Seven.Prove(0) with { Device = device with { SerialNo = "../../a b" } }).FileName);
    }

    private static DeviceProof Read(byte[] json)
    {
        Assert.True(DeviceProof.TryRead(json, out DeviceProof? proof, out Refusal? refusal), refusal?.ToString());
        Assert.Equal(json, proof.Write());
        return proof;
    }

    private static string Rule(string json)
    {
        Assert.False(DeviceProof.TryRead(Encoding.UTF8.GetBytes(json), out DeviceProof? proof, out Refusal? refusal));
        Assert.Null(proof);
        return refusal.Rule;
    }
}
