using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

public sealed class ComposerTests
{
    [Theory]
    [InlineData("../secret.md")]
    [InlineData("shared/../../secret.md")]
    [InlineData("/etc/passwd")]
    [InlineData("shared//opening.md")]
    [InlineData("./opening.md")]
    [InlineData("Shared/Opening.md")]
    [InlineData("shared/opening.txt")]
    [InlineData("shared\\opening.md")]
    [InlineData("")]
    public void A_path_that_leaves_the_folder_or_looks_odd_is_never_read(string path)
    {
        var asked = new List<string>();

        List<string> errors = Refused($"Text\n\n```include\n{path}\n```\n", name =>
        {
            asked.Add(name);
            return null;
        });

        Assert.Equal("a.md:4: SCRIPT-05", errors.Single());
        Assert.Empty(asked);
    }

    [Fact]
    public void A_fragment_that_is_not_there_is_named_where_it_was_asked_for() =>
        Assert.Equal("a.md:2: SCRIPT-01", Refused("```include\nb.md\n```\n", _ => null).Single());

    [Fact]
    public void A_script_that_is_not_there_is_refused()
    {
        Assert.False(Composer.TryCompose("a.md", _ => null, out _, out ImmutableArray<ScriptError> errors));

        Assert.Equal("SCRIPT-01", errors.Single().Rule);
    }

    [Fact]
    public void A_fragment_may_not_include_another() =>
        Assert.Equal("b.md:3: SCRIPT-05", Refused("```include\nb.md\n```\n", _ => "Text\n\n```include\nc.md\n```\n").Single());

    [Theory]
    [InlineData("```include\nb.md")]
    [InlineData("```include\nb.md\nc.md\n```")]
    [InlineData("```include\n```")]
    public void An_include_block_is_one_path_between_two_fences(string text) =>
        Assert.Contains("SCRIPT-05", Refused(text + "\n", _ => "Text\n").First(), StringComparison.Ordinal);

    [Fact]
    public void Faults_of_a_fragment_are_named_in_the_fragment() =>
        Assert.Equal("b.md:2: SCRIPT-04", Refused("```include\nb.md\n```\n", _ => "Text\n\tText\n").Single());

    [Fact]
    public void All_fragments_are_looked_at_before_the_refusal() =>
        Assert.Equal(["b.md:1: SCRIPT-04", "c.md:1: SCRIPT-04"], Refused("```include\nb.md\n```\n\n```include\nc.md\n```\n", _ => "\t\n"));

    [Fact]
    public void Fragments_that_are_too_large_together_are_refused()
    {
        string half = new string('a', ScriptLimits.MaxBytes / 2) + "\n";

        Assert.Equal("a.md:1: SCRIPT-03", Refused("```include\nb.md\n```\n\n```include\nc.md\n```\n", _ => half).Single());
    }

    [Fact]
    public void Open_numbers_are_counted_across_fragments_and_lines_lead_back()
    {
        ComposedScript composed = Composed("## #. One\n\n```include\nb.md\n```\n\n### #. Four\n",
            _ => "\n## #. Two\n\n```step\n## #. not a heading\n```\n\n### #. Three\n");

        Assert.Equal("## 1. One\n\n## 2. Two\n\n```step\n## #. not a heading\n```\n\n### 3. Three\n\n### 4. Four\n", composed.Text);
        Assert.Equal(new ScriptPlace("b.md", 2), composed.Lines.At(3));
        Assert.Equal(new ScriptPlace("b.md", 8), composed.Lines.At(9));
        Assert.Equal(new ScriptPlace("a.md", 7), composed.Lines.At(11));
    }

    [Fact]
    public void A_text_without_includes_and_open_numbers_stays_as_it_is()
    {
        const string text = "---\na: b\n---\n\n## 1. One\n\nText #. text\n";

        Assert.Equal(text, Composed(text, _ => null).Text);
    }

    private static ComposedScript Composed(string text, Func<string, string?> fragment)
    {
        Assert.True(Composer.TryCompose("a.md", Reader(text, fragment), out ComposedScript? composed,
            out ImmutableArray<ScriptError> errors), string.Join('\n', errors));
        return composed;
    }

    private static List<string> Refused(string text, Func<string, string?> fragment)
    {
        Assert.False(Composer.TryCompose("a.md", Reader(text, fragment), out _, out ImmutableArray<ScriptError> errors));
        return [.. errors.Select(e => $"{e.File}:{e.Line}: {e.Rule}")];
    }

    private static Func<string, byte[]?> Reader(string text, Func<string, string?> fragment) =>
        name => (name == "a.md" ? text : fragment(name)) is { } found ? Encoding.UTF8.GetBytes(found) : null;
}
