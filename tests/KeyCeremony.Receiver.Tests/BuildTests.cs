using System.Text.RegularExpressions;

namespace KeyCeremony.Receiver.Tests;

/// <summary>The file that is handed out: always the same, with everything in it and a strict policy.</summary>
public sealed partial class BuildTests(Page page) : IClassFixture<Page>
{
    private readonly string _text = File.ReadAllText(page.File);

    [Fact]
    public void Built_in_two_places_it_is_the_same_byte_by_byte()
    {
        string folder = Directory.CreateTempSubdirectory("receiver-elsewhere-").FullName;
        string elsewhere = Path.Combine(folder, "a longer path", "Receiver");
        Copy(Repository.Receiver, elsewhere);
        string second = Path.Combine(folder, "second.html");
        Page.Build(elsewhere, second);

        Assert.Equal(File.ReadAllBytes(page.File), File.ReadAllBytes(second));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Its_policy_allows_nothing_but_what_is_inside()
    {
        string policy = Policy().Match(_text).Groups[1].Value;

        Assert.Matches("""
            ^default-src 'none'; script-src 'sha256-[A-Za-z0-9+/=]{44}' 'wasm-unsafe-eval'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; img-src data:; media-src blob:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'$
            """.Trim(), policy);
        Assert.True(_text.IndexOf("Content-Security-Policy", StringComparison.Ordinal) < _text.IndexOf("<style", StringComparison.Ordinal));
    }

    [Fact]
    public void It_names_no_address_but_in_the_licences() =>
        Assert.DoesNotMatch("(?i)https?:|wss?:|//[a-z0-9-]+\\.[a-z]{2,}/", _text[.._text.IndexOf("<!--", StringComparison.Ordinal)]);

    [Fact]
    public void No_path_of_this_machine_is_in_it() => Assert.DoesNotContain(Repository.Root, _text, StringComparison.Ordinal);

    [Fact]
    public void The_licences_of_its_libraries_are_in_it()
    {
        foreach (string word in new[] { "zxing-wasm/LICENSE", "qr/LICENSE-MIT", "@noble/hashes/LICENSE",
            "Apache License", "Permission is hereby granted" })
            Assert.Contains(word, _text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("src/Receiver")]
    [InlineData("tests/receiver-peer")]
    public void The_sources_and_their_tests_pass_the_type_checker(string project) =>
        Node.Run(Path.Combine(Repository.Receiver, "node_modules", "typescript", "bin", "tsc"),
            "", "--project", Path.Combine(Repository.Root, project));

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string folder in Directory.EnumerateDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    [GeneratedRegex("http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\"")]
    private static partial Regex Policy();
}
