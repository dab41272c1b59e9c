using System.Buffers.Binary;
using System.Text;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

public sealed class DuplicateTests
{
    private const int Devices = 30_000;

    // What Fingerprint multiplies first: a key that begins with it has the same fingerprint whatever follows.
    private const ulong Blind = 0x243F6A8885A308D3;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, Devices - 1)]
    [InlineData(4_000, 25_000)]
    public void A_serial_number_twice_is_refused_with_both_lines_however_far_apart(int first, int second)
    {
        DeviceListProblem problem =
            Assert.Single(DeviceLists.Problems(List((second, DeviceLists.Row($"SN-{first:D8}", "another", "another key")))).First);
        Assert.Equal((second + 2, "DEVICE-10"), (problem.Line, problem.Refusal.Rule));
        Assert.Contains($"'SN-{first:D8}' stands in line {first + 2} already", problem.Refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Numbers of SIM cards have nineteen digits, a spreadsheet keeps fifteen: two become one.</summary>
    [Theory]
    [InlineData("8949020000123450000", true)]
    [InlineData("8949020000123456789", false)]
    [InlineData("894902000012345", false)]
    [InlineData("SN-8949020000123450000", false)]
    public void A_serial_number_twice_that_a_spreadsheet_may_have_rounded_is_told_so(string serial, bool isRounded)
    {
        byte[] list = DeviceLists.Csv([DeviceLists.Row(serial, "cert 1", "key 1"), DeviceLists.Row(serial, "cert 2", "key 2")]);
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(list).First);
        Assert.Equal((3, "DEVICE-10"), (problem.Line, problem.Refusal.Rule));
        Assert.Equal(isRounded, problem.Refusal.Message.Contains("as a spreadsheet rounds long numbers", StringComparison.Ordinal));
    }

    /// <summary>One address, as one tool writes it and as another does: both are one device.</summary>
    [Theory]
    [InlineData("00:11:22:33:44:5a", "00-11-22-33-44-5A", true)]
    [InlineData("0011.2233.445a", "00112233445A", true)]
    [InlineData("00:11:22:33:44:55:66:aa", "00112233445566AA", true)]
    [InlineData("00:11:22:33:44:5a", "00:11:22:33:44:5b", false)]
    [InlineData("1-1111-1111-111", "111-1111-1111-1", false)]
    [InlineData("0011-22334455", "001122-334455", false)]
    [InlineData("SN-a", "SN-A", false)]
    public void An_address_that_is_written_in_two_ways_is_one_serial_number(string one, string other, bool isOne)
    {
        byte[] list = DeviceLists.Csv([DeviceLists.Row(one, "cert 1", "key 1"), DeviceLists.Row(other, "cert 2", "key 2")]);
        if (isOne)
        {
            DeviceListProblem problem = Assert.Single(DeviceLists.Problems(list).First);
            Assert.Equal((3, "DEVICE-10"), (problem.Line, problem.Refusal.Rule));
            Assert.Contains($"'{other}' stands in line 2 already", problem.Refusal.Message, StringComparison.Ordinal);
        }
        else
            Assert.NotNull(DeviceLists.Tree(list));
    }

    [Theory]
    [InlineData(0, Devices - 1)]
    [InlineData(12_345, 12_346)]
    public void A_key_twice_is_refused_with_both_lines_however_far_apart(int first, int second)
    {
        DeviceListProblem problem =
            Assert.Single(DeviceLists.Problems(List((second, DeviceLists.Row("another", "another", $"key {first}")))).First);
        Assert.Equal((second + 2, "DEVICE-11"), (problem.Line, problem.Refusal.Rule));
        Assert.Contains($"{DeviceLists.Hex($"key {first}")} stands in line {first + 2} already",
            problem.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_repetition_is_told_in_the_order_of_the_list()
    {
        DeviceListProblems problems = DeviceLists.Problems(List((9, DeviceLists.Row(3)), (20_000, DeviceLists.Row(3))));
        Assert.Equal([(11L, "DEVICE-10"), (11L, "DEVICE-11"), (20_002L, "DEVICE-10"), (20_002L, "DEVICE-11")],
            problems.First.Select(problem => (problem.Line, problem.Refusal.Rule)));
        Assert.All(problems.First, problem => Assert.Contains("in line 5 already", problem.Refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_of_one_serial_number_is_refused_and_not_held()
    {
        DeviceListProblems problems = DeviceLists.Problems(
            DeviceLists.Csv(Enumerable.Range(0, Devices).Select(i => DeviceLists.Row("same", $"cert {i}", $"key {i}"))));
        Assert.Equal((DeviceListProblems.MostTold, Devices - 1 - DeviceListProblems.MostTold), (problems.First.Length, problems.More));
    }

    [Fact]
    public void A_certificate_s_hash_twice_is_refused_with_both_lines_whatever_its_keys()
    {
        byte[] list = DeviceLists.Csv([DeviceLists.Row("A", "cert", "key 1"), DeviceLists.Row("C", "other", "key 3"),
            DeviceLists.Row("B", "cert", "key 2")]);
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(list).First);
        Assert.Equal((4, "DEVICE-18"), (problem.Line, problem.Refusal.Rule));
        Assert.Contains($"{DeviceLists.Hex("cert")} stands in line 2 already, with another key", problem.Refusal.Message,
            StringComparison.Ordinal);
        // With one key it is told by its key, once.
        byte[] same = DeviceLists.Csv([DeviceLists.Row("A", "cert", "key"), DeviceLists.Row("B", "cert", "key")]);
        Assert.Equal("DEVICE-11", Assert.Single(DeviceLists.Problems(same).First).Refusal.Rule);
    }

    [Fact]
    public void Different_keys_with_the_same_fingerprint_are_no_duplicate()
    {
        Assert.Equal(Fingerprint.Of(BlindKey(1)), Fingerprint.Of(BlindKey(2)));
        byte[] list = DeviceLists.Csv(Enumerable.Range(0, 500).Select(BlindRow));
        Assert.Equal(DeviceLists.SlowRoot(list), Convert.ToHexStringLower(DeviceLists.Tree(list).Root.Span));
    }

    [Fact]
    public void A_real_duplicate_among_look_alikes_is_found()
    {
        byte[] list = DeviceLists.Csv(Enumerable.Range(0, 500)
            .Select(i => i == 400 ? BlindRow(7).Replace("SN-7,", "SN-400,", StringComparison.Ordinal) : BlindRow(i)));
        DeviceListProblem problem = Assert.Single(DeviceLists.Problems(list).First);
        Assert.Equal((402, "DEVICE-11"), (problem.Line, problem.Refusal.Rule));
        Assert.Contains("in line 9 already", problem.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_changes_between_two_looks_is_refused()
    {
        int opened = 0;
        byte[][] versions = [List((9, DeviceLists.Row(3))), DeviceLists.Csv(Devices)];
        DeviceTreeInput input = DeviceLists.Input([]) with { OpenList = () => new MemoryStream(versions[opened++]) };
        Assert.False(DeviceTree.TryCompute(input, out _, out DeviceListProblems? problems));
        Assert.Equal("DEVICE-13", problems.Refusal.Rule);
    }

    [Fact]
    public void What_does_not_fit_into_memory_goes_to_scratch_streams_that_are_closed()
    {
        var streams = new List<ClosableStream>();
        using (var search = new DuplicateSearch(() =>
        {
            streams.Add(new ClosableStream());
            return streams[^1];
        }))
        {
            ulong[] fingerprints = new ulong[1_000_000];
            for (int i = 0; i < fingerprints.Length; i++)
                fingerprints[i] = Fingerprint.Of(Encoding.ASCII.GetBytes($"SN-{(i == 999_999 ? 5 : i)}"));
            search.Add(fingerprints);

            Assert.Equal([fingerprints[5]], search.Repeated());
            Assert.False(search.IsContrived);
            Assert.True(Assert.Single(streams).Length > 4 << 20);
        }
        Assert.True(streams[0].IsClosed);
    }

    [Fact]
    public void A_short_list_needs_no_scratch_stream()
    {
        using var search = new DuplicateSearch(() => throw new InvalidOperationException("A scratch stream was made."));
        search.Add([3, 1, 2, 3]);
        Assert.Equal([3ul], search.Repeated());
    }

    [Fact]
    public void Thousands_that_begin_alike_are_contrived()
    {
        using var search = new DuplicateSearch(() => new MemoryStream());
        search.Add([.. Enumerable.Range(1, 100_000).Select(i => (1ul << 60) + (ulong)i)]);
        search.Repeated();
        Assert.True(search.IsContrived);
    }

    [Fact]
    public void More_repeated_fingerprints_than_anybody_follows_up_are_contrived()
    {
        using var search = new DuplicateSearch(() => new MemoryStream());
        ulong[] many = Enumerable.Range(1, DuplicateSearch.MostRepeated + 1)
            .Select(i => unchecked((ulong)i * 0x9E3779B97F4A7C15)).ToArray();
        search.Add(many);
        search.Add(many);
        Assert.Equal(DuplicateSearch.MostRepeated, search.Repeated().Count);
        Assert.True(search.IsContrived);
    }

    private static byte[] List(params (int Place, string Row)[] replaced) =>
        DeviceLists.Csv(Enumerable.Range(0, Devices)
            .Select(i => replaced.FirstOrDefault(one => one.Place == i && one.Row is not null).Row ?? DeviceLists.Row(i)));

    private static string BlindRow(int i) => $"SN-{i},{DeviceLists.Hex($"cert {i}")},{Convert.ToHexStringLower(BlindKey(i))}\n";

    // Two of the four words meet the multiplier; the second counts.
    private static byte[] BlindKey(int i)
    {
        byte[] key = new byte[32];
        BinaryPrimitives.WriteUInt64LittleEndian(key, Blind);
        BinaryPrimitives.WriteInt64LittleEndian(key.AsSpan(8), i);
        return key;
    }

    private sealed class ClosableStream : MemoryStream
    {
        public bool IsClosed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }
}
