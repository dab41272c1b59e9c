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

    /// <summary>Each row is of a program's or a person's making; the sentence names what is to be looked for.</summary>
    [Theory]
    [InlineData("L\u041A1", "U+041A, a Cyrillic letter, which may look like a Latin one")]
    [InlineData("L\u039A1", "U+039A, a Greek letter")]
    [InlineData("LK\u200B1", "U+200B, which cannot be seen")]
    [InlineData("LK\u00AD1", "U+00AD, which cannot be seen")]
    [InlineData("LK\u00A01", "U+00A0, a blank of another kind")]
    [InlineData("LK\u20131", "U+2013, a dash that is not the hyphen of a keyboard")]
    [InlineData("\uFF2CK1", "U+FF2C, a wide form of 'L'")]
    [InlineData("LK\u03011", "U+0301, a mark over the letter before it")]
    [InlineData("LK1\u001A", "U+001A, a control character")]
    [InlineData("LK\uFFFD1", "U+FFFD, which stands where a program lost a letter")]
    [InlineData("\u201CLK1\u201D", "U+201C, a quote of a text program")]
    [InlineData("1-Mar", "is a day, as a spreadsheet makes one")]
    [InlineData("Mar-26", "is a day, as a spreadsheet makes one")]
    [InlineData("1-Mar-2026", "is a day, as a spreadsheet makes one")]
    [InlineData("01-MAR-26", "is a day, as a spreadsheet makes one")]
    [InlineData("03/14/2026", "is a day, as a spreadsheet makes one")]
    [InlineData("14.03.2026", "is a day, as a spreadsheet makes one")]
    [InlineData("1.2e+15", "was rewritten by a spreadsheet")]
    [InlineData("1000001.0", "is a number with a fraction")]
    public void A_serial_number_that_was_changed_on_the_way_is_told_by_what_it_is(string serial, string said)
    {
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(DeviceLists.Csv([DeviceLists.Row(serial, "c", "k")])).First);
        Assert.Equal((2, "DEVICE-04"), (problem.Line, problem.Refusal.Rule));
        Assert.Contains(said, problem.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_serial_number_in_another_encoding_is_told_so()
    {
        byte[] list = Encoding.Latin1.GetBytes("serialNo,certSha256,spkiSha256\n" + DeviceLists.Row("L\u00DC1", "c", "k"));
        Assert.Contains("the byte DC, which is no letter in UTF-8",
            Assert.Single(DeviceLists.Problems(list).First).Refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1-2")]
    [InlineData("3/4/5")]
    [InlineData("2026-03-04")]
    [InlineData("45/46/2026")]
    [InlineData("2.0")]
    [InlineData("Mar")]
    [InlineData("Mar-Apr")]
    [InlineData("12-Mard")]
    [InlineData("DEC-0042")]
    [InlineData("MAR-07")]
    [InlineData("MAY-12-0042")]
    [InlineData("99-DEC-12")]
    [InlineData("Mar-2026")]
    public void What_only_looks_a_little_like_a_day_is_a_serial_number(string serial) =>
        Assert.NotNull(DeviceLists.Tree(DeviceLists.Csv([DeviceLists.Row(serial, "c", "k")])));

    [Theory]
    [InlineData("0x{0}", "It is marked with 0x")]
    [InlineData("uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", "It looks like base64 of 32 bytes")]
    [InlineData("11f6ad8ec52a2984abaafd7c3b516503785c2072", "as long as a SHA-1")]
    [InlineData("12:2c:59:70:83:bd:43:8b:7f:6d:72:af:75:d0:25:94:88:99:64:77:11:b8:06:bd:d2:cd:82:fa:69:71:3d:b3", "It has colons")]
    public void A_hash_of_another_form_is_told_by_what_it_is(string form, string said)
    {
        string row = $"1,{string.Format(form, DeviceLists.Hex("c"))},{DeviceLists.Hex("k")}\n";
        Assert.Contains(said, Assert.Single(DeviceLists.Problems(DeviceLists.Csv([row])).First).Refusal.Message, StringComparison.Ordinal);
    }

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
