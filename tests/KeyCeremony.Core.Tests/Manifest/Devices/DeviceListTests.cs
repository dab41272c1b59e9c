using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

public sealed class DeviceListTests
{
    private static readonly string[] Rows = ["SN 1,<c1>,<k1>", "SN-2,<c2>,<k2>", "3,<c3>,<k3>"];

    private static readonly string Expected = DeviceLists.SlowRoot(DeviceLists.Filled(DeviceLists.Header + string.Join('\n', Rows)));

    public static TheoryData<string> HostileNames => [.. Hostile.Keys];

    private static Dictionary<string, HostileList> Hostile { get; } = JsonSerializer
        .Deserialize<HostileList[]>(File.ReadAllText(Repository.PathOf("tests", "KeyCeremony.Core.Tests",
            "Manifest", "Devices", "hostile-lists.json")), JsonSerializerOptions.Web)!
        .ToDictionary(one => one.Name);

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void A_hostile_list_is_refused_with_line_column_and_rule(string name)
    {
        HostileList hostile = Hostile[name];
        DeviceListProblem problem = DeviceLists.Problems(DeviceLists.Filled(hostile.List)).First[0];
        Assert.Equal((hostile.Line, hostile.Column, hostile.Rule), (problem.Line, problem.Column, problem.Refusal.Rule));
    }

    [Theory]
    [InlineData("serialNo,certSha256,spkiSha256\n{0}\n{1}\n{2}\n")]
    [InlineData("serialNo,certSha256,spkiSha256\n{0}\n{1}\n{2}")]
    [InlineData("serialNo,certSha256,spkiSha256\r\n{0}\r\n{1}\r\n{2}\r\n")]
    [InlineData("\uFEFFserialNo,certSha256,spkiSha256\n{0}\n{1}\n{2}\n")]
    [InlineData("\"serialNo\",\"certSha256\",spkiSha256\n{0}\n{1}\n{2}\n")]
    public void A_CSV_may_end_its_lines_either_way_and_begin_with_a_mark(string list) =>
        AssertTree(string.Format(list, Rows));

    [Fact]
    public void Columns_stand_in_any_order_and_fields_may_be_quoted() =>
        AssertTree("spkiSha256,serialNo,certSha256\n<k1>,\"SN 1\",<c1>\n\"<k2>\",SN-2,\"<c2>\"\n<k3>,3,<c3>\n");

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public void JSON_lines_are_the_same_list(string mark) => AssertTree(mark + """
        {"serialNo":"SN 1","certSha256":"<c1>","spkiSha256":"<k1>"}
        { "spkiSha256" : "<k2>" , "serial\u004eo" : "SN\u002d2", "certSha256":"<c2>" }
        {"certSha256":"<c3>","spkiSha256":"<k3>","serialNo":"3"}
        """);

    [Theory]
    [InlineData("[{\"serialNo\":\"1\",\"certSha256\":\"<c>\",\"spkiSha256\":\"<k>\"}]\n")]
    [InlineData("[\n  {\"serialNo\":\"1\",\"certSha256\":\"<c>\",\"spkiSha256\":\"<k>\"}\n]\n")]
    public void A_JSON_array_is_told_what_is_read_in_its_place(string list)
    {
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(DeviceLists.Filled(list)).First);
        Assert.Equal((1, "DEVICE-02"), (problem.Line, problem.Refusal.Rule));
        Assert.Equal("Line 1 begins a JSON array; of JSON one object a line is read.", problem.Refusal.Message);
        Assert.Contains("jq -c '.[]'", problem.Refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Hex_may_be_in_capitals() =>
        Assert.Equal(
            DeviceLists.Tree(DeviceLists.Filled(DeviceLists.Header + "A,<a>,<b>\n")).Root.ToArray(),
            DeviceLists.Tree(Encoding.ASCII.GetBytes($"{DeviceLists.Header}A,{DeviceLists.Hex("a").ToUpperInvariant()},"
                + $"{DeviceLists.Hex("b").ToUpperInvariant()}\n")).Root.ToArray());

    [Fact]
    public void Quotes_and_commas_belong_to_a_quoted_serial_number()
    {
        DeviceTreeResult quoted = DeviceLists.Tree(DeviceLists.Filled(DeviceLists.Header + "\"A\"\",\"\"B\",<a>,<b>\n"));
        DeviceTreeResult json =
            DeviceLists.Tree(DeviceLists.Filled("{\"serialNo\":\"A\\\",\\\"B\",\"certSha256\":\"<a>\",\"spkiSha256\":\"<b>\"}\n"));
        Assert.Equal(json.Root.ToArray(), quoted.Root.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(38)]
    [InlineData(39)]
    [InlineData(64)]
    public void Serial_numbers_of_every_length_make_the_tree_of_single_leaves(int length)
    {
        byte[] list = DeviceLists.Csv(Enumerable.Range(0, 20).Select(i => DeviceLists.Row(
            i.ToString("D2").PadLeft(i % 3 == 0 ? length : 2, 'x')[^Math.Max(2, i % 3 == 0 ? length : 2)..], $"c{i}", $"k{i}")));
        Assert.Equal(DeviceLists.SlowRoot(list), Convert.ToHexStringLower(DeviceLists.Tree(list).Root.Span));
    }

    [Fact]
    public void Every_bad_row_is_told_up_to_a_limit_and_then_counted()
    {
        byte[] list = DeviceLists.Csv(Enumerable.Range(0, 20_000).Select(i => i % 2 == 0 ? DeviceLists.Row(i) : "bad\n"));
        DeviceListProblems problems = DeviceLists.Problems(list);
        Assert.Equal(DeviceListProblems.MostTold, problems.First.Length);
        Assert.Equal(10_000 - DeviceListProblems.MostTold, problems.More);
        Assert.Equal(Enumerable.Range(0, DeviceListProblems.MostTold).Select(i => 3L + (2 * i)),
            problems.First.Select(problem => problem.Line));
        Assert.Equal("Line 3, column 4: The row has fewer fields than the header, which has 3. 9999 more rows are wrong.",
            problems.Refusal.Message);
    }

    [Theory]
    [InlineData(DeviceListReader.MaxRow + 1)]
    [InlineData(ListChunk.Capacity)]
    [InlineData(3 * ListChunk.Capacity)]
    public void A_row_that_is_too_long_is_refused_without_being_held(int length)
    {
        byte[] list = DeviceLists.Csv([DeviceLists.Row(1), new string('x', length) + "\n", DeviceLists.Row(2)]);
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(list).First);
        Assert.Equal((3, 1, "DEVICE-01"), (problem.Line, problem.Column, problem.Refusal.Rule));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(7, 2)]
    [InlineData(1000, 2)]
    [InlineData(10_007, 1)]
    [InlineData(10_007, 3)]
    public void The_tree_is_that_of_single_leaves_and_the_hash_that_of_the_list(int devices, int threads)
    {
        byte[] list = DeviceLists.Csv(devices);
        DeviceTreeResult tree = DeviceLists.Tree(list, threads: threads);
        Assert.Equal(devices, tree.TreeSize);
        Assert.Equal(DeviceLists.SlowRoot(list), Convert.ToHexStringLower(tree.Root.Span));
        Assert.Equal(SHA256.HashData(list), tree.ListSha256.ToArray());
    }

    [Fact]
    public void Progress_grows_to_the_whole_list()
    {
        byte[] list = DeviceLists.Csv(10_000);
        var told = new List<DeviceListProgress>();
        Assert.True(DeviceTree.TryCompute(DeviceLists.Input(list) with { Progress = told.Add }, out _, out _));
        Assert.Equal(told.OrderBy(one => one.Rows), told);
        Assert.Equal((10_000L, list.Length), (told[^1].Rows, told[^1].TotalBytes));
    }

    [Fact]
    public void A_cancelled_build_ends()
    {
        using var cancellation = new CancellationTokenSource();
        DeviceTreeInput input = DeviceLists.Input(DeviceLists.Csv(20_000)) with
        {
            Cancellation = cancellation.Token,
            Progress = _ => cancellation.Cancel(),
        };
        Assert.Throws<OperationCanceledException>(() => DeviceTree.TryCompute(input, out _, out _));
    }

    [Fact]
    public void A_failing_stream_ends_every_thread_and_is_told()
    {
        DeviceTreeInput input = DeviceLists.Input([]) with { OpenList = () => new FailingStream(DeviceLists.Csv(20_000)), Threads = 4 };
        Assert.Throws<IOException>(() => DeviceTree.TryCompute(input, out _, out _));
    }

    private static void AssertTree(string list)
    {
        DeviceTreeResult tree = DeviceLists.Tree(DeviceLists.Filled(list));
        Assert.Equal((3, Expected), (tree.TreeSize, Convert.ToHexStringLower(tree.Root.Span)));
        Assert.Equal(SHA256.HashData(DeviceLists.Filled(list)), tree.ListSha256.ToArray());
    }

    private sealed record HostileList(string Name, string List, long Line, int Column, string Rule);

    // Gives the first megabyte.
    private sealed class FailingStream(byte[] list) : MemoryStream(list)
    {
        public override int Read(Span<byte> buffer) =>
            Position > 1 << 20 ? throw new IOException("The medium is gone.") : base.Read(buffer);
    }
}
