using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

public sealed class ShardTests
{
    [Fact]
    [Trait("Takes", "long")]
    public void Any_number_of_shards_makes_the_same_tree()
    {
        Prop.ForAll(Gen.Choose(1, 60).ToArbitrary(), Gen.Choose(1, 12).ToArbitrary(), (devices, shards) =>
        {
            byte[] list = Ragged(devices);
            AssertSame(DeviceLists.Tree(list), Merge(list, Build(list, shards)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Theory]
    [InlineData(20_000, 2)]
    [InlineData(20_000, 3)]
    [InlineData(9_999, 64)]
    public void Shards_larger_and_smaller_than_a_chunk_make_the_same_tree(int devices, int shards)
    {
        byte[] list = DeviceLists.Csv(devices);
        AssertSame(DeviceLists.Tree(list), Merge(list, Build(list, shards)));
    }

    [Theory]
    [InlineData("serialNo,certSha256,spkiSha256\r\n1,<a>,<b>\r\n2,<c>,<d>\r\n3,<e>,<f>")]
    [InlineData("{\"serialNo\":\"1\",\"certSha256\":\"<a>\",\"spkiSha256\":\"<b>\"}\n"
        + "{\"serialNo\":\"2\",\"certSha256\":\"<c>\",\"spkiSha256\":\"<d>\"}")]
    [InlineData("\uFEFF{\"serialNo\":\"1\",\"certSha256\":\"<a>\",\"spkiSha256\":\"<b>\"}\n")]
    public void Lists_of_every_form_can_be_sharded(string text)
    {
        byte[] list = DeviceLists.Filled(text);
        for (int shards = 1; shards <= 6; shards++)
            AssertSame(DeviceLists.Tree(list), Merge(list, Build(list, shards)));
    }

    [Fact]
    public void The_same_part_gives_the_same_file_whatever_the_number_of_threads()
    {
        byte[] list = DeviceLists.Csv(20_000);
        Assert.Equal(Shard(list, new ListPart(2, 3), threads: 1), Shard(list, new ListPart(2, 3), threads: 4));
    }

    [Fact]
    public void The_order_in_which_shards_are_given_says_nothing()
    {
        byte[] list = DeviceLists.Csv(100);
        byte[][] shards = Build(list, 5);
        AssertSame(DeviceLists.Tree(list), Merge(list, [shards[3], shards[0], shards[4], shards[2], shards[1]]));
    }

    [Fact]
    public void A_wrong_row_is_refused_with_its_line_in_the_whole_list()
    {
        byte[] list = DeviceLists.Csv(Enumerable.Range(0, 100).Select(i => i == 80 ? "bad\n" : DeviceLists.Row(i)));
        using var file = new MemoryStream();
        Assert.False(ShardBuild.TryWrite(DeviceLists.Input(list), new ListPart(2, 2), file, out DeviceListProblems? problems));
        Assert.Equal(82, Assert.Single(problems.First).Line);
    }

    [Fact]
    public void A_duplicate_within_a_shard_is_refused_by_the_shard()
    {
        byte[] list = DeviceLists.Csv(Enumerable.Range(0, 100).Select(i => DeviceLists.Row(i == 90 ? 80 : i)));
        using var file = new MemoryStream();
        Assert.False(ShardBuild.TryWrite(DeviceLists.Input(list), new ListPart(2, 2), file, out DeviceListProblems? problems));
        Assert.Equal([(92L, "DEVICE-10"), (92L, "DEVICE-11")], problems.First.Select(problem => (problem.Line, problem.Refusal.Rule)));
    }

    [Theory]
    [InlineData(2, 100)]
    [InlineData(7, 100)]
    [InlineData(4, 20_000)]
    public void A_duplicate_in_two_shards_is_refused_by_the_merge_with_both_lines(int shards, int devices)
    {
        byte[] list = DeviceLists.Csv(Enumerable.Range(0, devices)
            .Select(i => i == devices - 1 ? DeviceLists.Row("SN-00000000", "other", "other key") : DeviceLists.Row(i)));
        DeviceListProblem problem = Assert.Single(MergeProblems(list, Build(list, shards)).First);
        Assert.Equal((devices + 1, "DEVICE-10"), (problem.Line, problem.Refusal.Rule));
        Assert.Contains("in line 2 already", problem.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_without_rows_has_no_tree()
    {
        byte[] list = DeviceLists.Csv(0);
        using var file = new MemoryStream();
        Assert.True(ShardBuild.TryWrite(DeviceLists.Input(list), new ListPart(1, 2), file, out _));
        Assert.Equal("DEVICE-01", DeviceLists.Problems(list).Refusal.Rule);
        Assert.Equal("DEVICE-01", MergeProblems(list, Build(list, 2)).Refusal.Rule);
    }

    [Fact]
    public void Every_missing_repeated_and_foreign_shard_is_refused()
    {
        byte[] list = DeviceLists.Csv(100);
        byte[][] shards = Build(list, 4);
        Assert.Equal("SHARD-03", Refused([]));
        Assert.Equal("SHARD-03", Refused(shards[1..]));
        Assert.Equal("SHARD-03", Refused(shards[..3]));
        Assert.Equal("SHARD-03", Refused([shards[0], shards[1], shards[3]]));
        Assert.Equal("SHARD-03", Refused([.. shards, shards[2]]));
        Assert.Equal("SHARD-02", Refused([.. shards[..3], Build(list, 5)[3]]));
        Assert.Equal("SHARD-02", Refused([.. shards[..3], Build(DeviceLists.Csv(101), 4)[3]]));
        using var otherSalts = SaltKey.Make(key => key.Fill(9));
        Assert.Equal("SHARD-02", Refused([.. shards[..3], Shard(list, new ListPart(4, 4), salts: otherSalts)]));
        Assert.Equal("SHARD-02", Refused([.. shards[..3], Shard(list, new ListPart(4, 4), issuer: DeviceCertificateTests.Room.Issuer())]));
    }

    /// <summary>Of the same length, so that only its bytes tell.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(99)]
    public void A_list_of_which_one_row_is_another_is_refused(int row)
    {
        byte[] list = DeviceLists.Csv(100);
        byte[] other = DeviceLists.Csv(Enumerable.Range(0, 100)
            .Select(i => i == row ? DeviceLists.Row($"SN-{i:D8}", "another", $"key {i}") : DeviceLists.Row(i)));
        Assert.Equal("SHARD-04", MergeProblems(other, Build(list, 4)).Refusal.Rule);
        Assert.Equal("SHARD-04", MergeProblems(list, [.. Build(list, 4)[..(row / 25)], .. Build(other, 4)[(row / 25)..]]).Refusal.Rule);
    }

    [Fact]
    public void A_list_with_another_header_is_refused()
    {
        byte[] list = DeviceLists.Csv(100);
        byte[] swapped = (byte[])list.Clone();
        "serialNo,spkiSha256,certSha256\n"u8.CopyTo(swapped);
        Assert.Equal("SHARD-04", MergeProblems(swapped, Build(list, 4)).Refusal.Rule);
    }

    [Fact]
    public void A_list_that_goes_on_is_refused()
    {
        byte[] list = DeviceLists.Csv(100);
        Assert.Equal("SHARD-04", MergeProblems([.. list, (byte)'\n'], Build(list, 4)).Refusal.Rule);
    }

    [Fact]
    public void Every_changed_byte_of_a_shard_is_refused()
    {
        byte[] list = DeviceLists.Csv(12);
        byte[][] shards = Build(list, 2);
        for (int at = 0; at < shards[1].Length; at++)
        {
            // Blanks behind the first line are thousands; some will do.
            if (at is > 1500 and < ShardHeader.Length - 10 && at % 97 != 0)
                continue;
            byte[] changed = (byte[])shards[1].Clone();
            changed[at] ^= 1;
            Assert.True(IsRefused(list, [shards[0], changed]), $"byte {at}");
        }
    }

    [Fact]
    public void A_shard_that_was_cut_or_goes_on_is_refused()
    {
        byte[][] shards = Build(DeviceLists.Csv(12), 2);
        Assert.Equal("SHARD-01", Refused([shards[0], shards[1][..^1]]));
        Assert.Equal("SHARD-01", Refused([shards[0], [.. shards[1], 0]]));
        Assert.Equal("SHARD-01", Refused([shards[0], []]));
        Assert.Equal("SHARD-01", Refused([shards[0], shards[1][..100]]));
    }

    internal static byte[][] Build(byte[] list, int shards) =>
        [.. Enumerable.Range(1, shards).Select(i => Shard(list, new ListPart(i, shards)))];

    private static byte[] Shard(byte[] list, ListPart part, SaltKey? salts = null, DeviceIssuer? issuer = null, int threads = 2)
    {
        using var file = new MemoryStream();
        Assert.True(ShardBuild.TryWrite(DeviceLists.Input(list, issuer, threads) with
        {
            Salts = salts ?? DeviceLists.Salts,
        }, part, file, out DeviceListProblems? problems), problems?.Refusal.ToString());
        return file.ToArray();
    }

    private static DeviceTreeResult Merge(byte[] list, byte[][] shards)
    {
        Assert.True(Open(shards, out Refusal? refusal)!.TryMerge(DeviceLists.Input(list),
            out DeviceTreeResult? tree, out DeviceListProblems? problems), refusal?.ToString() ?? problems?.Refusal.ToString());
        return tree;
    }

    private static DeviceListProblems MergeProblems(byte[] list, byte[][] shards)
    {
        ShardMerge? merge = Open(shards, out Refusal? refusal);
        Assert.True(merge is not null, refusal?.ToString());
        Assert.False(merge.TryMerge(DeviceLists.Input(list), out DeviceTreeResult? tree, out DeviceListProblems? problems));
        Assert.Null(tree);
        return problems;
    }

    private static bool IsRefused(byte[] list, byte[][] shards) =>
        Open(shards, out _) is not { } merge || !merge.TryMerge(DeviceLists.Input(list), out _, out _);

    private static string Refused(byte[][] shards)
    {
        Assert.Null(Open(shards, out Refusal? refusal));
        return refusal!.Rule;
    }

    private static ShardMerge? Open(byte[][] shards, out Refusal? refusal) =>
        ShardMerge.TryOpen([.. shards.Select((shard, i) => ($"{i}.shard", (Stream)new MemoryStream(shard)))],
            DeviceLists.Salts, issuer: null, out ShardMerge? merge, out refusal) ? merge : null;

    // Rows of very different lengths: some shards have none.
    private static byte[] Ragged(int devices) =>
        DeviceLists.Csv(Enumerable.Range(0, devices)
            .Select(i => DeviceLists.Row($"{i:D3}".PadRight(3 + (i * 7919 % 62), 'x'), $"c{i}", $"k{i}")));

    private static void AssertSame(DeviceTreeResult expected, DeviceTreeResult found)
    {
        Assert.Equal((expected.TreeSize, Convert.ToHexString(expected.Root.Span)), (found.TreeSize, Convert.ToHexString(found.Root.Span)));
        Assert.Equal(expected.ListSha256.ToArray(), found.ListSha256.ToArray());
    }
}
