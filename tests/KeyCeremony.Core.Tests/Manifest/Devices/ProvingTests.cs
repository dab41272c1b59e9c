using System.Text;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

public sealed class ProvingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(1024)]
    [InlineData(2500)]
    [Trait("Takes", "long")]
    public void Every_proof_of_a_pack_leads_to_the_root(int devices)
    {
        byte[] list = DeviceLists.Csv(devices);
        BatchStatement statement = DeviceLists.Draft(list, DeviceLists.Tree(list));

        var proofs = Proofs(Pack(list, statement), statement).ToList();

        Assert.Equal(devices, proofs.Count);
        Assert.All(proofs, (proof, i) =>
        {
            Assert.Equal((i, $"SN-{i:D8}"), (proof.Inclusion.Index, proof.Device.SerialNo));
            Assert.Null(proof.CheckAgainst(statement));
        });
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(1000, 0)]
    [InlineData(1000, 537)]
    [InlineData(1000, 999)]
    [InlineData(9_000, 4_500)]
    [Trait("Takes", "long")]
    public void The_proof_of_one_device_is_the_one_of_the_pack(int devices, int index)
    {
        byte[] list = DeviceLists.Csv(devices);
        BatchStatement statement = DeviceLists.Draft(list, DeviceLists.Tree(list));

        Assert.True(DeviceProving.TryProve(DeviceLists.Input(list), statement, $"SN-{index:D8}",
            out DeviceProof? proof, out DeviceListProblems? problems), problems?.Refusal.ToString());

        Assert.Null(proof.CheckAgainst(statement));
        Assert.Equal(Encoding.UTF8.GetString(Proofs(Pack(list, statement), statement).ElementAt(index).Write()),
            Encoding.UTF8.GetString(proof.Write()));
    }

    /// <summary>A rule about serial numbers that came since takes no proof from devices that are in the field.</summary>
    [Fact]
    public void A_list_that_was_signed_is_proved_from_whatever_its_serial_numbers_look_like()
    {
        byte[] list = DeviceLists.Csv([DeviceLists.Row("14.03.2026", "c 1", "k 1"), DeviceLists.Row("1000001.0", "c 2", "k 2"),
            DeviceLists.Row("00:11:22:33:44:5a", "c 3", "k 3"), DeviceLists.Row("00-11-22-33-44-5A", "c 4", "k 4")]);
        Assert.Equal("DEVICE-04", DeviceLists.Problems(list).First[0].Refusal.Rule);
        Assert.True(DeviceTree.TryCompute(DeviceLists.Input(list) with { IsSigned = true }, out DeviceTreeResult? tree,
            out DeviceListProblems? problems), problems?.Refusal.ToString());
        BatchStatement statement = DeviceLists.Draft(list, tree);

        Assert.True(DeviceProving.TryVerify(DeviceLists.Input(list), statement, out _, out problems), problems?.Refusal.ToString());
        Assert.True(DeviceProving.TryProve(DeviceLists.Input(list), statement, "00-11-22-33-44-5A", out DeviceProof? proof, out problems),
            problems?.Refusal.ToString());
        Assert.Null(proof.CheckAgainst(statement));
        Assert.Equal(4, Proofs(Pack(list, statement), statement).Count());

        byte[] twice = DeviceLists.Csv([DeviceLists.Row("SN-1", "c 1", "k 1"), DeviceLists.Row("SN-1", "c 2", "k 2")]);
        Assert.False(DeviceTree.TryCompute(DeviceLists.Input(twice) with { IsSigned = true }, out _, out problems));
        Assert.Equal("DEVICE-10", problems.Refusal.Rule);
    }

    [Fact]
    public void A_pack_is_the_same_whatever_the_number_of_threads()
    {
        byte[] list = DeviceLists.Csv(9_000);
        BatchStatement statement = DeviceLists.Draft(list, DeviceLists.Tree(list));
        Assert.Equal(Pack(list, statement, threads: 1), Pack(list, statement, threads: 4));
    }

    [Fact]
    public void A_device_that_is_not_in_the_list_is_refused()
    {
        byte[] list = DeviceLists.Csv(10);
        BatchStatement statement = DeviceLists.Draft(list, DeviceLists.Tree(list));
        foreach (string? serial in new[] { "SN-99999999", "SN-0000000", "sn-00000001", "", "Ä" })
            Assert.Equal("DEVICE-15", Refused(list, statement, serial).Rule);
    }

    [Fact]
    public void Nothing_is_proven_from_another_list_or_with_other_salts()
    {
        byte[] list = DeviceLists.Csv(10);
        BatchStatement statement = DeviceLists.Draft(list, DeviceLists.Tree(list));
        using var otherSalts = SaltKey.Make(key => key.Fill(1));

        AssertRefused(DeviceLists.Input(DeviceLists.Csv(11)), statement, "The list is not the one");
        AssertRefused(DeviceLists.Input([.. list[..^1], (byte)'\r', (byte)'\n']), statement, "The list is not the one");
        AssertRefused(DeviceLists.Input(list) with { Salts = otherSalts }, statement, "another root");
        AssertRefused(DeviceLists.Input(list), statement with { Devices = new(9, statement.Devices.Root) }, "another root");
        AssertRefused(DeviceLists.Input(list), statement with { Devices = new(10, DeviceLists.Hex("other")) }, "another root");
    }

    [Fact]
    public void A_list_that_changes_while_it_is_proven_is_refused()
    {
        byte[] list = DeviceLists.Csv(10);
        BatchStatement statement = DeviceLists.Draft(list, DeviceLists.Tree(list));
        byte[][] others = [DeviceLists.Csv(11), DeviceLists.Csv(9), DeviceLists.Filled("serialNo,certSha256,spkiSha256\nbad\n"),
            DeviceLists.Csv(Enumerable.Range(0, 10).Select(i => DeviceLists.Row(i + 100_000_000)))];
        foreach (byte[] other in others)
        {
            byte[][] versions = [list, other];
            int opened = 0;
            DeviceTreeInput input = DeviceLists.Input(list) with { OpenList = () => new MemoryStream(versions[opened++]) };
            Assert.False(DeviceProving.TryWritePack(input, statement, new MemoryStream(), out DeviceListProblems? problems));
            Assert.Equal("DEVICE-13", problems.Refusal.Rule);
        }
    }

    [Fact]
    public void Bad_rows_are_told_when_proving_too()
    {
        byte[] list = DeviceLists.Csv([DeviceLists.Row(1), "bad\n"]);
        Assert.Equal("DEVICE-03", Refused(list, Batches.Draft(), "SN-00000001").Rule);
    }

    /// <summary>
    /// The whole way at the size of a real batch: list, tree, statement, pack, every block of it verified, a proof out of each.
    /// </summary>
    [Fact]
    [Trait("Takes", "long")]
    public void A_million_devices_go_round()
    {
        const int Devices = 1_000_000;
        byte[] list = LargeList.Write(Devices);
        BatchStatement statement = DeviceLists.Draft(list, DeviceLists.Tree(list));
        using var pack = new FileStream(Path.Combine(Path.GetTempPath(), $"keyceremony-test-{Path.GetRandomFileName()}"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        Assert.True(DeviceProving.TryWritePack(DeviceLists.Input(list), statement, pack, out DeviceListProblems? problems),
            problems?.Refusal.ToString());
        pack.Position = 0;
        Assert.True(ProofPackReader.TryOpen(pack, out ProofPackReader? reader, out Refusal? refusal), refusal?.ToString());
        Assert.Null(reader.CheckAgainst(statement));

        int devices = 0;
        while (reader.TryNext(out ProofBlock? block, out refusal))
        {
            // Each block comes back only when every leaf of it leads to the root.
            DeviceProof proof = block.Prove(devices * 7 % block.Count);
            Assert.Null(proof.CheckAgainst(statement));
            devices += block.Count;
        }
        Assert.Null(refusal);
        Assert.Equal(Devices, devices);
    }

    private static byte[] Pack(byte[] list, BatchStatement statement, int threads = 2)
    {
        using var pack = new MemoryStream();
        Assert.True(DeviceProving.TryWritePack(DeviceLists.Input(list, threads: threads),
            statement, pack, out DeviceListProblems? problems), problems?.Refusal.ToString());
        return pack.ToArray();
    }

    private static IEnumerable<DeviceProof> Proofs(byte[] pack, BatchStatement statement)
    {
        Assert.True(ProofPackReader.TryOpen(new MemoryStream(pack), out ProofPackReader? reader, out Refusal? refusal),
            refusal?.ToString());
        Assert.Null(reader.CheckAgainst(statement));
        while (reader.TryNext(out ProofBlock? block, out refusal))
            for (int i = 0; i < block.Count; i++)
                yield return block.Prove(i);
        Assert.Null(refusal);
    }

    private static Refusal Refused(byte[] list, BatchStatement statement, string serial)
    {
        Assert.False(DeviceProving.TryProve(DeviceLists.Input(list), statement, serial,
            out DeviceProof? proof, out DeviceListProblems? problems));
        Assert.Null(proof);
        return problems.Refusal;
    }

    private static void AssertRefused(DeviceTreeInput input, BatchStatement statement, string words)
    {
        Assert.False(DeviceProving.TryProve(input, statement, "SN-00000001", out _, out DeviceListProblems? one));
        Assert.False(DeviceProving.TryWritePack(input, statement, new MemoryStream(), out DeviceListProblems? all));
        Assert.False(DeviceProving.TryVerify(input, statement, out DeviceTreeResult? tree, out DeviceListProblems? list));
        Assert.Null(tree);
        Assert.All([one, all, list], problems =>
        {
            Assert.Equal("DEVICE-14", problems.Refusal.Rule);
            Assert.Contains(words, problems.Refusal.Message, StringComparison.Ordinal);
        });
    }
}
