using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

public sealed class ShippedScriptsTests
{
    public static TheoryData<string> Scripts => ScriptFolder.Scripts;

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_shipped_script_reads_and_its_name_is_its_file_name(string name)
    {
        var (script, _) = ScriptFolder.Load(name);

        Assert.Equal(name, script.Name + ".md");
        Assert.IsType<RollCallStep>(script.Steps[0]);
        Assert.IsType<CloseStep>(script.Steps[^1]);
    }
}
