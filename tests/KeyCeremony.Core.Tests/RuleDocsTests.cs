using System.Collections.Immutable;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests;

/// <summary>
/// Who meets a rule's ID on the screen, in a report or in an old journal finds it in the documents, and finds one meaning.
/// The IDs are read from the sources: a rule that nobody listed is found as well.
/// </summary>
public sealed partial class RuleDocsTests
{
    private static readonly ImmutableArray<(string File, string Text)> Sources = Read("src", "*.cs");
    private static readonly ImmutableArray<(string File, string Text)> Pages = Read("docs", "*.md");

    /// <summary>Every ID and the file that holds it as a literal.</summary>
    private static readonly ILookup<string, string> Files = Sources
        .SelectMany(s => Literal().Matches(s.Text).Select(m => (Id: m.Groups[1].Value, s.File)))
        .Distinct()
        .ToLookup(x => x.Id, x => x.File);

    [Fact]
    public void Every_rule_of_the_sources_stands_in_a_page()
    {
        var written = Pages.SelectMany(p => Word().Matches(p.Text).Select(m => m.Value)).ToHashSet();

        Assert.True(Files.Count > 200, $"only {Files.Count} rules were found in the sources");
        Assert.Equal([], Files.Select(f => f.Key).Except(written).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_handbook_explains_no_rule_that_is_gone()
    {
        var explained = Row().Matches(Pages.Single(p => p.File == "docs/handbook/rules.md").Text).Select(m => m.Groups[1].Value).ToList();

        Assert.NotEmpty(explained);
        Assert.Equal([], explained.Except(Files.Select(f => f.Key)));
        Assert.Equal(explained.Count, explained.Distinct().Count());
    }

    /// <summary>A second file that needs a rule uses the first one's constant.</summary>
    [Fact]
    public void No_rule_is_written_in_two_files() =>
        Assert.Empty(Files.Where(f => f.Count() > 1).Select(f => $"{f.Key}: {string.Join(", ", f)}"));

    [Fact]
    public void No_rule_is_defined_twice() =>
        Assert.Empty(Sources.SelectMany(s => Definition().Matches(s.Text).Select(m => m.Groups[1].Value))
            .GroupBy(id => id).Where(g => g.Count() > 1).Select(g => g.Key));

    /// <summary>The assurance case and the threat model name tests as evidence.</summary>
    [Fact]
    public void Every_test_that_a_page_names_exists()
    {
        var tests = Read("tests", "*Tests.cs").ToDictionary(t => Path.GetFileNameWithoutExtension(t.File), t => t.Text);
        var named = Pages.SelectMany(p => TestName().Matches(p.Text)).Select(m => (Class: m.Groups[1].Value, Method: m.Groups[2].Value))
            .Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.Equal([], named.Where(n => !tests.TryGetValue(n.Class, out string? text)
            || !text.Contains($" {n.Method}(", StringComparison.Ordinal) && n.Method.Length > 0));
    }

    [Theory]
    [InlineData("public const string Off = \"CLOCK-03\";", true)]
    [InlineData("new PkiRule(\"NAME-01\", \"text\")", true)]
    [InlineData("new(\n        \"SCREEN-01\", \"text\")", true)]
    [InlineData("Refused(\"JOURNAL-01\", \"text\")", false)]
    [InlineData("new Refusal(CeremonyRules.NoToken, \"text\")", false)]
    public void A_definition_is_recognised(string code, bool expected) => Assert.Equal(expected, Definition().IsMatch(code));

    private static ImmutableArray<(string File, string Text)> Read(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(Repository.PathOf(folder), pattern, SearchOption.AllDirectories)
            .Select(path => (File: Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'), Path: path))
            .Where(f => !f.File.Contains("/obj/", StringComparison.Ordinal) && !f.File.Contains("/bin/", StringComparison.Ordinal))
            .OrderBy(f => f.File, StringComparer.Ordinal)
            .Select(f => (f.File, File.ReadAllText(f.Path)))];

    [GeneratedRegex("\"([A-Z][A-Z0-9]*-[0-9]{2})\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\b[A-Z][A-Z0-9]*-[0-9]{2}\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"^\| ([A-Z][A-Z0-9]*-[0-9]{2}) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex TestName();

    [GeneratedRegex("(?:const string \\w+ = |\\bnew(?: \\w+)?\\(\\s*)\"([A-Z][A-Z0-9]*-[0-9]{2})\"")]
    private static partial Regex Definition();
}
