using System.Text;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

public sealed class PrintTests
{
    private static readonly string Golden = Path.Combine(ScriptFolder.Tests, "golden");

    public static TheoryData<string> Scripts => ScriptFolder.Scripts;

    /// <summary>The golden pages are for reviewers. KEYCEREMONY_GOLDEN=write renews them; then read the difference.</summary>
    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_binder_copy_is_the_reviewed_one(string name)
    {
        string printed = ScriptPrint.Markdown(ScriptFolder.Load(name).Script, Words);
        string path = Path.Combine(Golden, name);
        if (Environment.GetEnvironmentVariable("KEYCEREMONY_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Golden);
            File.WriteAllText(path, printed);
        }

        Assert.Equal(File.ReadAllText(path), printed);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Everything_that_is_read_aloud_is_printed(string name)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;
        string printed = ScriptPrint.Markdown(script);
        bool inBlock = false;

        foreach (string line in script.Text.Split('\n')[(Array.IndexOf(script.Text.Split('\n'), "---", 1) + 1)..])
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) inBlock = !inBlock;
            else if (!inBlock) Assert.Contains(line, printed, StringComparison.Ordinal);
        }
        Assert.Contains(script.Sha256[..8], printed, StringComparison.Ordinal);
        Assert.DoesNotContain("```", printed, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_page_loads_nothing_and_is_the_same_every_time(string name)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;

        string page = ScriptPrint.Html(script, Words);

        Assert.Equal(page, ScriptPrint.Html(script, Words));
        // An address that goes into a certificate is printed as text.
        page = script.Steps.OfType<PreviewCertificateStep>().SelectMany(s => s.CrlAddresses)
            .Aggregate(page, (rest, address) => rest.Replace($">{address}<", "><", StringComparison.Ordinal));
        foreach (string? reference in new[] { "http", "src=", "href=", "url(", "@import", "<script", "<link" })
            Assert.DoesNotContain(reference, page, StringComparison.OrdinalIgnoreCase);
        Assert.All(script.Steps, step => Assert.Contains($"Step {step.Id}<", page, StringComparison.Ordinal));
        Assert.Equal(script.Steps.Length, page.Split("Exception no.").Length - 1);
    }

    /// <summary>What a browser knows of paper: which script, which page of how many, and columns that do not collapse.</summary>
    [Theory]
    [MemberData(nameof(Scripts))]
    public void Each_page_names_the_script_and_the_first_column_keeps_its_width(string name)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;

        string page = ScriptPrint.Html(script, Words);

        Assert.Contains($"content: \"{script.Name}, version {script.Version}\\A SHA-256 {script.Sha256}\";",
            page, StringComparison.Ordinal);
        Assert.Contains("content: \"page \" counter(page) \" of \" counter(pages);", page, StringComparison.Ordinal);
        Assert.Contains("table.facts th:first-child { width: 48mm; }", page, StringComparison.Ordinal);
        Assert.DoesNotContain("overflow-wrap: anywhere", page, StringComparison.Ordinal);
        Assert.Contains("<table class=\"facts\">\n<tr><th>Script</th>", page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Everybody_signs_at_the_end(string name)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;

        string end = ScriptPrint.Markdown(script).Split($"## {PrintedPages.AttestationSheet}\n")[1];

        Assert.Equal(CombinedSeats.People(script).Length,
            end.Split('\n').Count(line => line.EndsWith("|  |  |  |", StringComparison.Ordinal)));
        Assert.All(CombinedSeats.People(script), person =>
            Assert.Contains($"| {CombinedSeats.InWords(script, person)} |", end, StringComparison.Ordinal));
    }

    /// <summary>Every answer that is a hash has two lines for it.</summary>
    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_hash_that_is_written_by_hand_has_room(string name)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;
        int asked = script.Steps.OfType<RecordStep>().Sum(s => s.Fields.Count(f => f.Kind == "sha256"))
            + script.Steps.Count(s => s is ImportRequestStep or ImportCertificateStep or ImportBuilderStep or PreviewReleaseStep
                or CloseStep)
            + (4 * script.Steps.OfType<PreviewManifestsStep>().Count());

        Assert.Equal(asked, ScriptPrint.Html(script).Split("<td class=\"hash\">").Length - 1);
    }

    [Fact]
    public void Values_cannot_become_markup()
    {
        string text = ScriptFolder.Load("root-creation.md").Script.Text.Replace("organisation: Example Devices",
            "organisation: \"<b>|`A&B`\"", StringComparison.Ordinal);
        Assert.True(ScriptReader.TryRead(text, null, out CeremonyScript? script, out _));

        Assert.Contains("<td>&lt;b&gt;|`A&amp;B`</td>", ScriptPrint.Html(script), StringComparison.Ordinal);
        Assert.Contains(@"| \<b\>\|\`A\&B\` |", ScriptPrint.Markdown(script), StringComparison.Ordinal);
    }

    /// <summary>Stands in for the word list, which has its own tests.</summary>
    private static string Words(byte[] hash) => Encoding.ASCII.GetString([.. hash.Take(8).Select(b => (byte)('a' + b % 26))]);
}
