using System.Text;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

public sealed class BrokenScriptsTests
{
    private static readonly string Folder = Path.Combine(ScriptFolder.Tests, "broken");

    private static readonly List<string> Names =
        [.. Directory.EnumerateFiles(Folder, "*.md").Select(p => Path.GetFileNameWithoutExtension(p)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Files => [.. Names];

    /// <summary>
    /// Each file's first line names the rules and lines that must be reported, all of them and no other;
    /// the script itself begins on the second.
    /// </summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void A_broken_script_is_refused_for_exactly_its_faults(string name)
    {
        string file = File.ReadAllText(Path.Combine(Folder, name + ".md"));
        int end = file.IndexOf('\n');
        string[] expected = file[..end].Split(' ')[2..^1];

        Assert.False(ScriptReader.TryRead(Encoding.UTF8.GetBytes(file[(end + 1)..]),
            name, out CeremonyScript? script, out System.Collections.Immutable.ImmutableArray<ScriptError> errors));

        Assert.Null(script);
        Assert.Equal(expected.Order(StringComparer.Ordinal), errors.Select(e => $"{e.Rule}:{e.Line}").Order(StringComparer.Ordinal));
        Assert.All(errors, e => Assert.True(e.Message.Length > 10 && e.Remedy.Length > 5));
    }

    [Fact]
    public void Every_rule_of_reading_has_a_test_that_breaks_it()
    {
        var broken = Names.Select(name => File.ReadLines(Path.Combine(Folder, name + ".md")).First()).ToList();
        string[] elsewhere = [ScriptRules.Missing, ScriptRules.Encoding, ScriptRules.TooLarge, ScriptRules.Include];
        IEnumerable<string> rules = typeof(ScriptRules).GetFields().Select(f => (string)f.GetValue(null)!);

        Assert.All(rules.Except(elsewhere), rule => Assert.Contains(broken, line => line.Contains(rule, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_text_that_is_not_utf8_is_refused_with_its_line()
    {
        Assert.False(ScriptReader.TryRead([(byte)'-', (byte)'\n', 0xC3, 0x28], "a.md",
            out _, out System.Collections.Immutable.ImmutableArray<ScriptError> errors));

        Assert.Equal(("SCRIPT-02", 2), (errors.Single().Rule, errors.Single().Line));
    }

    [Fact]
    public void What_is_packed_is_called_that()
    {
        Assert.False(ScriptReader.TryRead([0x1F, 0x8B, 8, 0], "a.md.gz",
            out _, out System.Collections.Immutable.ImmutableArray<ScriptError> errors));

        Assert.Equal("SCRIPT-02", errors.Single().Rule);
        Assert.Contains("packed with gzip", errors.Single().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_refused()
    {
        Assert.False(ScriptReader.TryRead([0xEF, 0xBB, 0xBF, (byte)'-'], "a.md",
            out _, out System.Collections.Immutable.ImmutableArray<ScriptError> errors));

        Assert.Equal("SCRIPT-04", errors.Single().Rule);
    }

    [Fact]
    public void More_than_64_KiB_are_refused()
    {
        Assert.False(ScriptReader.TryRead(new byte[ScriptLimits.MaxBytes + 1], "a.md",
            out _, out System.Collections.Immutable.ImmutableArray<ScriptError> errors));

        Assert.Equal("SCRIPT-03", errors.Single().Rule);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void Two_hundred_steps_are_the_limit(int steps, bool taken)
    {
        var text =
            new StringBuilder("---\nceremony: long\nversion: 1\ntitle: Long\nenvironments: [rehearsal]\nroles:\n  operator: 1\n---\n");
        for (int i = 1; i <= steps; i++) text.Append($"\n## {i}. S\n\nRead.\n\n```step\nid: s{i}\ndo: ledger\nby: operator\n```\n");

        Assert.Equal(taken,
            ScriptReader.TryRead(text.ToString(), null, out _, out System.Collections.Immutable.ImmutableArray<ScriptError> errors));

        Assert.Equal(taken ? "" : "SCRIPT-03", string.Join(' ', errors.Select(e => e.Rule)));
    }
}
