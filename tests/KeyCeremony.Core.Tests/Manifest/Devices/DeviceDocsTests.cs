using System.Text.RegularExpressions;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

/// <summary>The rules in code and the rules in the format's page are the same rules.</summary>
public sealed partial class DeviceDocsTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "formats", "device-list.md"));
    private static readonly IReadOnlyList<PkiRule> Rules = [.. DeviceRules.All, .. BuildRules.All];

    [Fact]
    public void Every_rule_stands_in_the_page_in_the_words_of_the_code() =>
        Assert.All(Rules, rule => Assert.Contains($"| {rule.Id} | {rule.Text} | {rule.Source} |", Page, StringComparison.Ordinal));

    [Fact]
    public void Every_rule_of_the_page_stands_in_the_code() =>
        Assert.Equal(Rules.Select(rule => rule.Id), RuleRow().Matches(Page).Select(match => match.Groups[1].Value));

    /// <summary>What a rule says in numbers is what the code's limits are.</summary>
    [Fact]
    public void The_limits_are_those_of_the_code()
    {
        Assert.Contains(" 32768 bytes", DeviceRules.List.Text, StringComparison.Ordinal);
        Assert.Equal(32768, DeviceListReader.MaxRow);
        Assert.Contains(" 1000000000 rows", DeviceRules.List.Text, StringComparison.Ordinal);
        Assert.Equal(1_000_000_000, Core.Manifest.BatchStatement.MaxDevices);
        Assert.Contains(" 64 KiB", BuildRules.Form.Text, StringComparison.Ordinal);
        Assert.Equal(64 * 1024, BatchFile.MaxBytes);
        Assert.Contains(" 16 MiB", BuildRules.Hbom.Text, StringComparison.Ordinal);
        Assert.Equal(16 * 1024 * 1024, HardwareBom.MaxBytes);
        Assert.Contains($"one line of {ShardHeader.Length} bytes", Page, StringComparison.Ordinal);
        Assert.Contains($"*n* up to {ListPart.MaxCount}", Page, StringComparison.Ordinal);
        Assert.Contains($"reason, up to {DeviceListProblems.MostTold},", Page, StringComparison.Ordinal);
        Assert.Contains("more than 65 536 fingerprints", Page, StringComparison.Ordinal);
        Assert.Equal(65_536, DuplicateSearch.MostRepeated);
    }

    [GeneratedRegex(@"^\| ((?:DEVICE|SALT|SHARD|BUILD)-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();
}
