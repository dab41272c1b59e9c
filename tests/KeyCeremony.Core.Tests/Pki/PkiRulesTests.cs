using System.Text.RegularExpressions;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>The rules in code and the rules in the handbook's page are the same rules.</summary>
public sealed partial class PkiRulesTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "formats", "certificate-profiles.md"));

    [Fact]
    public void Every_rule_stands_in_the_page_in_the_words_of_the_code()
    {
        var severity = CertificateRules.General.Concat(CertificateProfile.All.SelectMany(profile => profile.Rules))
            .ToDictionary(rule => rule.Rule.Id, rule => rule.Severity);
        Assert.All(PkiRules.All, rule =>
        {
            string kind = severity.GetValueOrDefault(rule.Id, LintSeverity.Error) == LintSeverity.Error ? "error" : "warning";
            Assert.Contains($"| {rule.Id} | {rule.Text} | {kind} | {rule.Source} |", Page, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_rule_of_the_page_stands_in_the_code() =>
        Assert.Equal(PkiRules.All.Select(rule => rule.Id), RuleRow().Matches(Page).Select(match => match.Groups[1].Value));

    [Fact]
    public void Every_profile_and_key_stands_in_the_page()
    {
        Assert.All(CertificateProfile.All,
            profile => Assert.Contains($"| `{profile.ScriptName}` | {profile.Title} |", Page, StringComparison.Ordinal));
        Assert.All(KeyAlgorithm.All, key => Assert.Contains($"| `{key.ScriptName}` | {key.Title} |", Page, StringComparison.Ordinal));
    }

    [Fact]
    public void No_rule_ID_is_used_twice() =>
        Assert.Equal(PkiRules.All.Count, PkiRules.All.Select(rule => rule.Id).Distinct().Count());

    [Theory]
    [InlineData("CERT-03", "NAME-16")]
    [InlineData("TBS-01", "PLAN-08")]
    public void A_rule_is_found_by_its_ID(string first, string second)
    {
        Assert.Equal(first, PkiRules.ById(first).Id);
        Assert.Equal(second, PkiRules.ById(second).Id);
    }

    [GeneratedRegex(@"^\| ([A-Z]+-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();
}
