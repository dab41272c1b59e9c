using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Release.Tuf;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>The pages say what the code does: the rules, the formats, the builder's recipe.</summary>
public sealed partial class ReleaseDocsTests
{
    private static readonly string Pages = string.Concat(Directory.EnumerateFiles(Repository.PathOf("docs", "formats", "releases"), "*.md")
        .Order(StringComparer.Ordinal).Select(File.ReadAllText));

    private static readonly PkiRule[] Rules = [.. ReleaseRules.All, .. ReleaseRoomRules.All, .. ImageRules.All, .. TufRules.All];

    [Fact]
    public void Every_rule_stands_in_a_page_in_the_words_of_the_code_and_no_other_does()
    {
        Assert.All(Rules, rule => Assert.Contains($"| {rule.Id} | {rule.Text} | {rule.Source} |", Pages, StringComparison.Ordinal));
        Assert.Equal(Rules.Select(rule => rule.Id).Order(StringComparer.Ordinal),
            RuleRow().Matches(Pages).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_format_has_its_row_and_its_page() => Assert.All(ImageFormat.All, format =>
    {
        Assert.Contains($"| `{format.Name}` | {format.Title} |", Pages, StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.PathOf("docs", "formats", "releases", $"{format.Name}.md")));
    });

    /// <summary>What a builder without SLSA types, in a folder with its key and statement.</summary>
    [Fact]
    [Trait("Needs", "packages")]
    public void The_recipe_of_the_handbook_makes_a_statement_that_is_taken()
    {
        string page = File.ReadAllText(Repository.PathOf("docs", "handbook", "release.md"));
        string recipe = Recipe().Match(page).Groups[1].Value;
        using Releases release = new Releases().Fill();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-builder-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "statement.json"), Releases.ReleaseBuild(Releases.IdB, Releases.ImageName,
                Releases.ImageHash(release.Files[Releases.ImageName])));
            const string makeKey = "openssl ecparam -name prime256v1 -genkey -noout -out builder.key\n"
                + "openssl pkey -in builder.key -pubout -out key.pem\n";
            (int code, string said, string errors) = EndedProcess.Of(
                new ProcessStartInfo("sh", ["-e", "-c", makeKey + recipe]) { WorkingDirectory = folder.FullName });
            Assert.True(code == 0, said + errors);

            Assert.True(BuilderKeyFile.TryRead(File.ReadAllBytes(Path.Combine(folder.FullName, "key.pem")), out CheckedKey? key, out _));
            string yaml = release.Yaml().Replace(Releases.Key(release.KeyB).Sha256, key.Sha256, StringComparison.Ordinal);
            release.Files[Releases.FileB] = File.ReadAllBytes(Path.Combine(folder.FullName, "runner-b.dsse.json"));
            Assert.Empty(release.Judge(yaml, [Releases.Key(release.KeyA), key]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Whatever is wrong, it is said in words of ours, without what steers a terminal.</summary>
    [Fact]
    public void Names_out_of_a_file_do_not_steer_a_terminal()
    {
        using Releases release = new Releases().Fill();
        release.Files[Releases.FileA] = Releases.Envelope(release.KeyA,
            Releases.Provenance("https://ci\\u001b[2J", Releases.ImageName, Releases.ImageHash(release.Files[Releases.ImageName])));
        Refusal refusal = Assert.Single(release.Judge());
        Assert.Equal("BUILDER-06", refusal.Rule);
        Assert.True(PlainText.Is(refusal.Message), refusal.Message);
        Assert.DoesNotContain(Encoding.UTF8.GetString([0x1B]), refusal.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| ([A-Z]+-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();

    [GeneratedRegex("^  ```sh\n(.*?)^  ```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Recipe();
}
