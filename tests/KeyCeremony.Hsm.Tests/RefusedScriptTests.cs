namespace KeyCeremony.Hsm.Tests;

/// <summary>A script that could not be finished, or not safely, is refused before anything is opened.</summary>
public sealed class RefusedScriptTests
{
    public static TheoryData<string, string, string> Wrong => new()
    {
        { "id: drill\ndo: recovery-drill", "id: drill\ndo: confirm\nask: Drilled?\ntype: drilled", "a confirmed drill is no drill" },
        { "activation: 2 of 3", "activation: 4 of 3", "a quorum larger than its officers" },
        { "do: generate-key", "do: generate-keys", "an unknown verb" },
        { "by: witness", "by: stranger", "an unknown role" },
    };

    [Theory]
    [InlineData("root-creation")]
    [InlineData("root-creation-matter-paa")]
    [InlineData("hsm-commissioning")]
    [InlineData("disaster-recovery")]
    public void The_shipped_scripts_pass(string name)
    {
        using var table = Table.Laid();
        Ran passed = table.Program("check", Path.Combine(Repository.Scripts, $"{name}.md")).Expect(0);
        Assert.Contains("0 errors", passed.Out, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_script_is_neither_passed_nor_run(string from, string to, string why)
    {
        using var table = Table.Laid();
        var script = new Script("root-creation", (from, to));
        Ran check = table.Program("check", script.WriteTo(table.Part("scripts")));
        Assert.True(check.Code == 1, $"{why}: {check.Said}");
        Assert.Matches(@"[A-Z]+-\d\d", check.Said);
        Assert.DoesNotContain("Unhandled exception", check.Said, StringComparison.Ordinal);

        table.Run(script).Expect(1);
        Assert.False(Directory.Exists(table.StickA), $"{why}: a ledger was begun");
    }

    [Fact]
    public void A_script_that_is_not_there_is_said_to_be_missing()
    {
        using var table = Table.Laid();
        Ran missing = table.Program("check", table.Part("nothing.md")).Expect(1);
        Assert.DoesNotContain("Unhandled exception", missing.Said, StringComparison.Ordinal);
    }
}
