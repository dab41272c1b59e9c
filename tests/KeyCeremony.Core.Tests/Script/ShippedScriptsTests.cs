using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

public sealed class ShippedScriptsTests
{
    public static TheoryData<string> Scripts => ScriptFolder.Scripts;

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_shipped_script_reads_and_its_name_is_its_file_name(string name)
    {
        (CeremonyScript? script, LineMap _) = ScriptFolder.Load(name);

        Assert.Equal(name, script.Name + ".md");
        Assert.IsType<RollCallStep>(script.Steps[0]);
        Assert.IsType<CloseStep>(script.Steps[^1]);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_checker_finds_nothing_in_a_shipped_script(string name)
    {
        (CeremonyScript? script, LineMap? lines) = ScriptFolder.Load(name);

        Assert.Equal([], ScriptCheck.Check(script).Where(f => f.Rule != CheckRules.Combined).Select(f => $"{lines.At(f.Line)} {f}"));
        Assert.Equal(CombinedSeats.Losses(script),
            ScriptCheck.Check(script).Where(f => f.Rule == CheckRules.Combined).Select(f => f.Message));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_composed_script_reads_from_its_own_bytes_to_the_same_script(string name)
    {
        (CeremonyScript? script, LineMap _) = ScriptFolder.Load(name);

        Assert.True(ScriptReader.TryRead(System.Text.Encoding.UTF8.GetBytes(script.Text), "script.md", out CeremonyScript? again, out _));
        Assert.True(Composer.TryCompose("script.md", _ => System.Text.Encoding.UTF8.GetBytes(script.Text),
            out ComposedScript? composed, out _));

        Assert.Equal(script.Text, composed.Text);
        Assert.Equal(script.Sha256, again.Sha256);
        Assert.Equal(script.Steps.Select(Describe), again.Steps.Select(Describe));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Every_step_leads_back_to_the_block_in_its_file(string name)
    {
        (CeremonyScript? script, LineMap? lines) = ScriptFolder.Load(name);

        foreach (Step step in script.Steps)
        {
            ScriptPlace place = lines.At(step.Line);
            string[] file = System.Text.Encoding.UTF8.GetString(ScriptFolder.Read(place.File)!).Split('\n');
            Assert.Equal(["```step", $"id: {step.Id}"], file[(place.Line - 1)..(place.Line + 1)]);
        }
    }

    [Fact]
    public void What_a_script_takes_out_of_bags_another_has_put_in()
    {
        var scripts = ScriptFolder.Names.Select(n => ScriptFolder.Load(n).Script).ToList();
        IEnumerable<string> opened = scripts.SelectMany(s => s.Steps.OfType<OpenBagsStep>()).SelectMany(s => s.Contents).Distinct();
        IEnumerable<string> sealedInCreation = scripts.Single(s => s.Name == "root-creation").Steps.OfType<SealBagsStep>()
            .SelectMany(s => s.Contents);

        Assert.Empty(opened.Except(sealedInCreation));
    }

    [Fact]
    public void Parameters_are_filled_and_subject_attributes_keep_their_order()
    {
        (CeremonyScript? script, LineMap _) = ScriptFolder.Load("root-creation-matter-paa.md");

        PreviewCertificateStep root = script.Steps.OfType<PreviewCertificateStep>().Single(p => p.Certificate == "root");

        Assert.Equal(["C=DE", "O=Example Devices", "CN=Example Devices Matter PAA M1", "vid=FFF1"],
            root.Subject.Select(a => $"{a.Type}={a.Value}"));
        Assert.Equal(("matter-paa", "ec-p256", 9131, 1), (root.Profile, root.Algorithm, root.Days, root.PathLength));
    }

    /// <summary>A record prints its lists as type names, so they are spelled out.</summary>
    private static string Describe(Step step) => step + step switch
    {
        RecordStep record => string.Join('|', record.Fields),
        OpenBagsStep open => string.Join('|', open.Contents),
        SealBagsStep seal => string.Join('|', seal.Contents),
        PreviewCertificateStep preview => string.Join('|', preview.Subject),
        _ => "",
    };
}
