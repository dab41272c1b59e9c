using KeyCeremony.App.Tests.Terminal;

namespace KeyCeremony.App.Tests.Room;

/// <summary><c>keyceremony release inspect</c> as a release engineer runs it.</summary>
public sealed class ReleaseCommandTests : IDisposable
{
    private static readonly string Example = TestFiles.PathOf("docs", "examples", "release");

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public ReleaseCommandTests()
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Example, "application-1.15.0")))
            File.Copy(file, In(Path.GetFileName(file)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_release_that_is_right_is_told_whole()
    {
        (int code, string said, string errors) = Inspect();

        Assert.Equal((0, ""), (code, errors));
        foreach (string part in new[]
        {
            "MCUboot image", "to be signed, SHA-256", "https://ci.example.com/runner-a", "Example Build GmbH, Graz", "2 builders agree",
        })
            Assert.Contains(part, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_refused_at_once()
    {
        string yaml = File.ReadAllText(In("release.yaml"));
        File.WriteAllText(In("release.yaml"), yaml.Replace("securityCounter: 18", "securityCounter: 17", StringComparison.Ordinal));
        File.WriteAllText(In("debug.elf"), "x");
        File.Delete(In("runner-b.dsse.json"));
        // A link leads to what nobody brings along.
        File.CreateSymbolicLink(In("runner-b.dsse.json"), Path.Combine(Example, "application-1.15.0", "runner-b.dsse.json"));
        (int code, string said, string errors) = Inspect();

        Assert.Equal((1, ""), (code, said));
        Assert.Equal(["RELEASE-05", "RELEASE-08", "RELEASE-04"], errors.Split('\n').Where(line => line.Length > 0 && line[0] != ' ')
            .Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public void What_is_no_request_or_no_key_is_refused()
    {
        Assert.StartsWith("RELEASE-12", Run(In("release.yaml")).Errors, StringComparison.Ordinal);
        Assert.StartsWith("BUILDER-01", Run(_folder, "--builder", In("no-key.pem")).Errors, StringComparison.Ordinal);
        File.WriteAllText(In("release.yaml"), "product: LOCK-1\ncolour: red\n");
        Assert.Contains("RELEASE-01  release.yaml:2: The field `colour` is unknown", Run(_folder).Errors, StringComparison.Ordinal);
        File.Delete(In("release.yaml"));
        Assert.StartsWith("RELEASE-12", Run(_folder).Errors, StringComparison.Ordinal);
    }

    private (int Code, string Said, string Errors) Inspect() =>
        Run(_folder, "--builder", Path.Combine(Example, "runner-a.pub.pem"), Path.Combine(Example, "runner-b.pub.pem"));

    private static (int Code, string Said, string Errors) Run(params string[] arguments) =>
        ProgramRun.Of(["release", "inspect", .. arguments]);

    private string In(string file) => Path.Combine(_folder, file);
}
