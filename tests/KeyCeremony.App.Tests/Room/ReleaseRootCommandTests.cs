using System.Text.Json;
using KeyCeremony.App.Tests.Terminal;

namespace KeyCeremony.App.Tests.Room;

/// <summary><c>keyceremony release root</c> on files that npm @tufjs/models wrote and signed, with keys of EC, RSA and Ed25519.</summary>
public sealed class ReleaseRootCommandTests
{
    [Fact]
    public void A_root_that_every_client_takes_is_told_with_what_it_changes()
    {
        (int code, string said, string errors) = Run("2.root.json", "--before", Example("1.root.json"), "--signed");

        Assert.Equal((0, ""), (code, errors));
        foreach (string part in new[]
        {
            "2, behind 1", "2096-12-01 00:00:00 UTC, before 2095-12-01 00:00:00 UTC", "2 of 3 keys, as before", "new key", "key taken away",
            "2 of root keys of version 1, which asks for 2", "3 of root keys of version 2, which asks for 2", "Every client",
        })
            Assert.Contains(part, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_first_root_nothing_is_said_of_clients_that_have_one_before()
    {
        (int code, string said, string errors) = Run("1.root.json", "--signed");

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("1, the first", said, StringComparison.Ordinal);
        Assert.Contains("signed by enough of its own keys", said, StringComparison.Ordinal);
        Assert.DoesNotContain("root before", said, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_not_signed_enough_is_told_and_refused_where_it_must_be_signed()
    {
        (int code, string said, string errors) = Run("2.root.unsigned.json", "--before", Example("1.root.json"));
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("no client will take it", said, StringComparison.Ordinal);

        foreach (string file in new[] { "2.root.unsigned.json", "2.root.half.json" })
        {
            (code, _, errors) = Run(file, "--before", Example("1.root.json"), "--signed");
            Assert.Equal(1, code);
            Assert.StartsWith("TUF-14", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_byte_that_is_another_is_refused_under_every_scheme()
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;
        try
        {
            foreach ((string file, string[] before) in new[] { ("1.root.json", Array.Empty<string>()),
                ("2.root.json", ["--before", Example("1.root.json")]) })
            {
                string changed = Path.Combine(folder, file);
                File.WriteAllText(changed, File.ReadAllText(Example(file)).Replace("-12-01T", "-12-02T", StringComparison.Ordinal));
                (int code, string said, string errors) = ProgramRun.Of(["release", "root", changed, .. before]);

                Assert.Equal((1, ""), (code, said));
                Assert.Equal(file == "1.root.json" ? 2 : 3,
                    errors.Split('\n').Count(line => line.StartsWith("TUF-07", StringComparison.Ordinal)));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_wrong_files_are_refused()
    {
        Assert.StartsWith("TUF-09", Run("2.root.json").Errors, StringComparison.Ordinal);
        Assert.StartsWith("TUF-09", Run("1.root.json", "--before", Example("1.root.json")).Errors, StringComparison.Ordinal);
        Assert.StartsWith("TUF-01", Run("no-file").Errors, StringComparison.Ordinal);
        Assert.Contains("TUF-08", Run("2.root.json", "--before", Example("2.root.unsigned.json")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_told_to_a_machine()
    {
        using var answer = JsonDocument.Parse(Run("2.root.half.json", "--before", Example("1.root.json"), "--json").Said);
        JsonElement signatures = answer.RootElement.GetProperty("signatures");

        Assert.Equal(2, answer.RootElement.GetProperty("version").GetInt32());
        Assert.Equal([(1, 2, 1), (2, 2, 2)], signatures.EnumerateArray().Select(one => (one.GetProperty("rootVersion").GetInt32(),
            one.GetProperty("threshold").GetInt32(), one.GetProperty("signed").GetInt32())));
    }

    private static (int Code, string Said, string Errors) Run(string file, params string[] more) =>
        ProgramRun.Of(["release", "root", Example(file), .. more]);

    private static string Example(string file) => TestFiles.PathOf("docs", "examples", "tuf", file);
}
