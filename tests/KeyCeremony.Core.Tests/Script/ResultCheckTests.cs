using System.Collections.Immutable;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

/// <summary>Where results may be shown in a script.</summary>
public sealed class ResultCheckTests
{
    private static readonly CeremonyScript Root = ScriptFolder.Load("root-creation.md").Script;
    private static readonly Step Show = Root.Steps.Single(s => s is ShowResultsStep);

    [Fact]
    public void Every_shipped_script_shows_its_results_once_and_after_all_is_made() => Assert.All(ScriptFolder.Names, name =>
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;
        Assert.Equal(script.IsSigned ? 1 : 0, script.Steps.Count(s => s is ShowResultsStep));
        Assert.DoesNotContain(ScriptCheck.Check(script), f => f.Rule != CheckRules.Combined);
    });

    [Fact]
    public void Results_shown_twice_are_found() =>
        Assert.Equal([("CHECK-31", Severity.Error, "show-results")], Findings(Moved("seal-equipment", keep: true)));

    [Fact]
    public void Results_shown_before_the_ledger_was_read_are_found() =>
        Assert.Contains(("CHECK-04", Severity.Error, "show-results"), Findings(Moved("ledger", keep: false)));

    [Theory]
    [InlineData("root-creation.md", "sign-transcript")]
    [InlineData("root-creation.md", "backup-root")]
    [InlineData("crl-signing.md", "sign-list")]
    [InlineData("batch-manifest.md", "sign-manifests")]
    [InlineData("release-signing.md", "sign")]
    public void What_is_made_after_the_results_were_shown_is_a_warning(string name, string step) =>
        Assert.Contains(("CHECK-31", Severity.Warning, step), Findings(Moved(step, keep: false, ScriptFolder.Load(name).Script)));

    private static CeremonyScript Moved(string before, bool keep, CeremonyScript? script = null)
    {
        script ??= Root;
        ImmutableArray<Step> steps = keep ? script.Steps : script.Steps.RemoveAll(s => s is ShowResultsStep);
        return script with { Steps = steps.Insert(steps.IndexOf(steps.Single(s => s.Id == before)), Show) };
    }

    private static IEnumerable<(string, Severity, string)> Findings(CeremonyScript script) =>
        ScriptCheck.Check(script).Select(f => (f.Rule, f.Severity, f.Step));
}
