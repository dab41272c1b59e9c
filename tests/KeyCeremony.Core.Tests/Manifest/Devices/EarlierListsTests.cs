using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

/// <summary>A device is in one batch: the lists of earlier ones are compared with the new one.</summary>
public sealed class EarlierListsTests
{
    private static readonly byte[] Hundred = DeviceLists.Csv(100);

    [Theory]
    [InlineData("SN-00000007", "cert x", "key x", "serial number 'SN-00000007'", 3)]
    [InlineData("X-1", "cert x", "key 7", "The key ", 3)]
    [InlineData("X-1", "cert 7", "key x", "The certificate ", 3)]
    public void What_stands_in_an_earlier_list_too_is_refused_with_both_lines(string serial, string cert, string key, string says,
        long line)
    {
        byte[] list = DeviceLists.Csv([DeviceLists.Row("N-1", "n 1", "k 1"), DeviceLists.Row(serial, cert, key)]);
        EarlierProblems? found = Find(list, ("may.csv", DeviceLists.Csv([DeviceLists.Row("M-1", "m 1", "l 1")])), ("june.csv", Hundred));

        Assert.Null(found?.In);
        DeviceListProblem problem = Assert.Single(found!.Problems.First);
        Assert.Equal((line, "DEVICE-17"), (problem.Line, problem.Refusal.Rule));
        Assert.Contains(says, problem.Refusal.Message, StringComparison.Ordinal);
        Assert.Contains("stands in line 9 of june.csv", problem.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_devices_are_none_of_them_and_earlier_lists_may_share_theirs()
    {
        byte[] list = DeviceLists.Csv(Enumerable.Range(1000, 500).Select(DeviceLists.Row));

        Assert.Null(Find(list));
        Assert.Null(Find(list, ("may.csv", Hundred), ("june.csv", Hundred), ("july.csv", DeviceLists.Csv(50))));
    }

    [Fact]
    public void The_same_list_and_the_same_devices_in_another_order_or_form_are_found()
    {
        EarlierProblems? same = Find(Hundred, ("may.csv", Hundred));
        Assert.Contains("This is the list may.csv", Assert.Single(same!.Problems.First).Refusal.Message, StringComparison.Ordinal);

        byte[] turned = DeviceLists.Csv(Enumerable.Range(0, 100).Reverse().Select(DeviceLists.Row));
        Assert.Equal(300, All(Find(turned, ("may.csv", Hundred))));
        byte[] json = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100).Select(i => $"{{\"serialNo\":\"SN-{i:D8}\","
            + $"\"certSha256\":\"{DeviceLists.Hex($"cert {i}")}\","
            + $"\"spkiSha256\":\"{DeviceLists.Hex($"key {i}").ToUpperInvariant()}\"}}\n")));
        Assert.Equal(300, All(Find(json, ("may.csv", Hundred))));
    }

    /// <summary>More than are followed up one by one: still refused, and for what it is.</summary>
    [Fact]
    public void A_long_list_that_was_only_sorted_anew_is_refused()
    {
        const int Many = 70_000;
        byte[] list = DeviceLists.Csv(Many), turned = DeviceLists.Csv(Enumerable.Range(0, Many).Reverse().Select(DeviceLists.Row));
        EarlierProblems? found = Find(turned, ("may.csv", list));

        Assert.All(found!.Problems.First, p => Assert.Equal("DEVICE-17", p.Refusal.Rule));
        Assert.Equal(DeviceListProblems.MostTold, found.Problems.First.Length);
    }

    /// <summary>It was signed, and nobody can correct it; one device under two spellings of its address is found all the same.</summary>
    [Fact]
    public void An_earlier_list_is_asked_for_its_devices_and_not_for_what_its_serial_numbers_look_like()
    {
        byte[] earlier = DeviceLists.Csv([DeviceLists.Row("14.03.2026", "c 1", "k 1"), DeviceLists.Row("00:11:22:33:44:5a", "c 2", "k 2")]);
        Assert.Null(Find(Hundred, ("may.csv", earlier)));
        EarlierProblems? found = Find(DeviceLists.Csv([DeviceLists.Row("00112233445A", "c 3", "k 3")]), ("may.csv", earlier));
        Assert.Equal((null, "DEVICE-17"), (found!.In, found.Problems.Refusal.Rule));
    }

    [Fact]
    public void An_earlier_list_that_cannot_be_read_is_named()
    {
        EarlierProblems? found = Find(Hundred, ("may.csv", Encoding.ASCII.GetBytes(DeviceLists.Header + "SN-1,n/a,n/a\n")));
        Assert.Equal(("may.csv", "DEVICE-05"), (found!.In, found.Problems.Refusal.Rule));
        EarlierProblems? none = Find(Hundred, ("may.csv", Encoding.ASCII.GetBytes(DeviceLists.Header)));
        Assert.Equal(("may.csv", "DEVICE-01"), (none!.In, none.Problems.Refusal.Rule));
    }

    [Fact]
    public void A_list_that_is_another_one_by_now_is_refused()
    {
        DeviceTreeInput input = DeviceLists.Input(Hundred);
        EarlierProblems? found = EarlierLists.Find(input, SHA256.HashData("as it was"u8),
            [new EarlierList("may.csv", () => new MemoryStream(DeviceLists.Csv([DeviceLists.Row("M-1", "m", "l")])))]);

        Assert.Equal((null, "DEVICE-13"), (found!.In, found.Problems.Refusal.Rule));
    }

    private static long All(EarlierProblems? found)
    {
        Assert.All(found!.Problems.First, p => Assert.Equal("DEVICE-17", p.Refusal.Rule));
        return found.Problems.First.Length + found.Problems.More;
    }

    private static EarlierProblems? Find(byte[] list, params (string Name, byte[] List)[] earlier) =>
        EarlierLists.Find(DeviceLists.Input(list), SHA256.HashData(list),
            earlier.Select(e => new EarlierList(e.Name, () => new MemoryStream(e.List, writable: false))));
}
