using System.Text.RegularExpressions;
using KeyCeremony.Core.Pki.Crl;

namespace KeyCeremony.Core.Tests.Pki.Crl;

/// <summary>The rules in code and the rules in the format's page are the same rules.</summary>
public sealed partial class CrlDocsTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "formats", "crl.md"));

    [Fact]
    public void Every_rule_stands_in_the_page_in_the_words_of_the_code() =>
        Assert.All(CrlRules.All, rule => Assert.Contains($"| {rule.Id} | {rule.Text} | {rule.Source} |", Page, StringComparison.Ordinal));

    [Fact]
    public void Every_rule_of_the_page_stands_in_the_code() =>
        Assert.Equal(CrlRules.All.Select(rule => rule.Id), RuleRow().Matches(Page).Select(match => match.Groups[1].Value));

    [GeneratedRegex(@"^\| ((?:CRL|REVOKE|DCL)-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();
}
