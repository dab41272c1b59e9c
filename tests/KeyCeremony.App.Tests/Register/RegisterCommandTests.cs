using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using KeyCeremony.App.Ledger;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Tests;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Register;

/// <summary><c>keyceremony register</c> as people run it.</summary>
[SupportedOSPlatform("linux")]
public sealed class RegisterCommandTests : IClassFixture<PlayedCeremony>, IDisposable
{
    private readonly string _place = Directory.CreateTempSubdirectory("register").FullName;
    private readonly PlayedCeremony _played;
    private readonly string _stick, _bundle, _temp;

    public RegisterCommandTests(PlayedCeremony played)
    {
        _played = played;
        (_stick, _bundle, _temp) = (Folder("stick-a"), Folder("bundle"), Folder("temp"));
        RecordStick.Create(_stick, played.Room.Entries);
        foreach ((string path, ReadOnlyMemory<byte> bytes) in played.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_bundle, path))!);
            File.WriteAllBytes(Path.Combine(_bundle, path), bytes.ToArray());
        }
    }

    private ImmutableArray<Entry> Entries => _played.Room.Entries;

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Fact]
    public void A_stick_and_its_bundle_are_one_ledger_and_count_once()
    {
        (int code, string said, string errors) = Run(_stick, _bundle, "--of", "people", "--json");
        Assert.True(code == 0, errors);
        using var json = JsonDocument.Parse(said);
        JsonElement root = json.RootElement, ledger = Assert.Single(root.GetProperty("ledgers").EnumerateArray());
        Assert.Equal("keyceremony-register-v1", root.GetProperty("type").GetString());
        Assert.Equal([_stick, _bundle], ledger.GetProperty("sources").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(Entries.Length, ledger.GetProperty("entries").GetInt32());
        Assert.Equal(Entries[^1].HashHex, ledger.GetProperty("head").GetString());
        // The stick goes further than the bundle, and nobody signed what it says more.
        Assert.Equal("retold", ledger.GetProperty("proof").GetString());
        Assert.Equal(Entries.Select(e => e.Body).OfType<RoomOpened>().Single().People.Select(p => p.Name),
            root.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal(root.GetProperty("columns").EnumerateArray().Select(c => c.GetString()),
            root.GetProperty("rows")[0].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void An_answer_keeps_to_eighty_columns_and_says_what_was_not_proven()
    {
        foreach (string table in Verifier.Register.RegisterTable.All.Select(t => t.Name))
        {
            (int code, string said, string errors) = Run(_bundle, "--of", table);
            Assert.True(code == 0, errors);
            Assert.All(said.Split('\n'), line => Assert.True(line.Length <= 80, line));
            Assert.Contains("nobody's identity was checked", errors, StringComparison.Ordinal);
        }
        string root = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(_played.Files["certificates/root.der"].Span));
        (int verified, string named, string nothing) = Run(_bundle, "--trust", root);
        Assert.Equal((0, ""), (verified, nothing));
        Assert.Contains(", verified:", named, StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_queries_and_csv_say_the_same()
    {
        string filtered = Run(_stick, "--of", "bags", "--where", "state=sealed", "--columns", "number", "--csv").Said;
        string queried = Run(_stick, "--query", "SELECT number FROM bags WHERE state = 'sealed'", "--csv").Said;
        Assert.Equal(queried, filtered);
        Assert.Equal(1 + Entries.Count(e => e.Body is BagSealed), filtered.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("REGISTER-10", "--query", "DELETE people")]
    [InlineData("REGISTER-11", "--query", "SELECT name INTO $file('x') FROM people")]
    [InlineData("REGISTER-14", "--query", "SELECT name FROM people WHERE")]
    [InlineData("REGISTER-13", "--of", "persons")]
    [InlineData("REGISTER-13", "--of", "people", "--where", "rank=1")]
    [InlineData("REGISTER-13", "--of", "people", "--columns", "name,name")]
    [InlineData("REGISTER-13", "--where", "name=x")]
    [InlineData("REGISTER-13", "--csv", "--json")]
    [InlineData("REGISTER-13", "--query", "SELECT name FROM people", "--of", "people")]
    [InlineData("VERIFY-00", "--trust", "abc")]
    [InlineData("There is no option", "--tabel")]
    public void What_cannot_be_asked_ends_with_two(string rule, params string[] arguments)
    {
        (int code, _, string errors) = Run([_stick, .. arguments]);
        Assert.Equal(2, code);
        Assert.Contains(rule, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_verify_is_refused_by_name_and_nothing_is_answered()
    {
        string empty = Folder("empty"), other = Folder("other"), told = Folder("told"), old = Folder("old");
        File.WriteAllBytes(Path.Combine(old, RecordStick.OldFileName), [1]);
        // One answer changed, and every hash after it put right: the chain holds, the story does not.
        ImmutableArray<Entry> changed = [Entries[0]];
        foreach (Entry entry in Entries.Skip(1))
            changed = changed.Add(Entry.Following(changed[^1], entry.Ceremony, entry.Utc, entry.Step, entry.Body is RoomOpened r
                ? new RoomOpened(r.People.Reverse().ToImmutableArray()) : entry.Body));
        RecordStick.Create(told, changed);
        RecordStick.Create(other, Entries);
        byte[] file = File.ReadAllBytes(RecordStick.PathIn(other));
        file[file.Length / 2] ^= 1;
        File.WriteAllBytes(RecordStick.PathIn(other), file);
        string broken = Folder("broken");
        File.Copy(Path.Combine(_bundle, BundleFiles.StatementPath), Path.Combine(broken, BundleFiles.StatementPath));

        Refused(5, "REGISTER-01", Path.Combine(_place, "nowhere"));
        Refused(5, "REGISTER-01", empty);
        Refused(1, "LEDGER-10", other);
        Refused(1, "LEDGER-09", old);
        Refused(1, "REGISTER-03", told);
        Refused(4, "REGISTER-04", broken);
        Refused(1, "REGISTER-04", _bundle, "--trust", new string('a', 64));
        Refused(1, "LEDGER-10", _stick, other, broken);
    }

    [Fact]
    public void Two_stories_of_one_ledger_are_refused()
    {
        // Played once more under the same number, with other keys.
        string other = Folder("other");
        var again = new SoftwareRoom();
        again.Play(SoftwareRoom.Script("root-creation.md"));
        RecordStick.Create(other, again.Entries);
        Refused(1, "REGISTER-05", _stick, other);
    }

    [Fact]
    public void Sources_are_only_read_and_the_temporary_file_is_gone()
    {
        string before = Fingerprint(_stick) + Fingerprint(_bundle);
        File.SetUnixFileMode(RecordStick.PathIn(_stick), UnixFileMode.UserRead);
        Assert.Equal(0, Run(_stick, _bundle, "--query", "SELECT COUNT(*) AS n FROM bags").Code);
        Assert.Equal(2, Run(_stick, _bundle, "--query", "SELECT name FROM people WHERE").Code);
        Assert.Equal(1, Run(_stick, _bundle, "--trust", new string('a', 64)).Code);
        Assert.Equal(before, Fingerprint(_stick) + Fingerprint(_bundle));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp));
    }

    [Fact]
    public void Nothing_temporary_is_written_to_a_stick_or_a_bundle()
    {
        foreach (string place in new[] { _stick, Path.Combine(_bundle, "certificates") })
        {
            (int code, _, string errors) = RunWith(place, _stick, "--of", "people");
            Assert.Equal(1, code);
            Assert.Contains("REGISTER-07", errors, StringComparison.Ordinal);
        }
        Assert.Equal([RecordStick.FileName], Directory.EnumerateFileSystemEntries(_stick).Select(Path.GetFileName));
    }

    [Fact]
    public void A_torn_line_is_not_counted_and_told_of()
    {
        File.AppendAllText(RecordStick.PathIn(_stick), new string('0', 40));
        (int code, string said, string errors) = Run(_stick);
        Assert.Equal(0, code);
        Assert.Contains($"{Entries.Length} entries", said, StringComparison.Ordinal);
        Assert.Contains("40 bytes of a line that was being written", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ledger_that_is_open_is_left_alone()
    {
        (RecordStick? stick, _) = RecordStick.Open(_stick);
        using (stick)
            Refused(1, "REGISTER-02", _stick);
    }

    /// <summary>The folder is there, nobody else may look into it, and Ctrl-C takes it away.</summary>
    [Fact]
    public void Control_c_leaves_nothing_behind()
    {
        // Read four hundred times over it lasts long enough to be interrupted.
        using Process process = Process.Start(Start(_temp, [.. Enumerable.Repeat(_stick, 400), "--of", "people"]))!;
        var watch = Stopwatch.StartNew();
        while (!Directory.EnumerateDirectories(_temp, "keyceremony-register-*").Any() && watch.Elapsed < TimeSpan.FromSeconds(60)
            && !process.HasExited)
            Thread.Sleep(5);
        string folder = Assert.Single(Directory.GetDirectories(_temp, "keyceremony-register-*"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Process.Start("kill", ["-INT", $"{process.Id}"]).WaitForExit();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.Equal(130, process.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp));
    }

    private void Refused(int expected, string rule, params string[] arguments)
    {
        (int code, string said, string errors) = Run(arguments);
        Assert.True((expected, "") == (code, said), $"{code} {errors}");
        Assert.Contains(rule, errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temp));
    }

    private (int Code, string Said, string Errors) Run(params string[] arguments) => RunWith(_temp, arguments);

    private static (int Code, string Said, string Errors) RunWith(string temp, params string[] arguments) =>
        EndedProcess.Of(Start(temp, arguments));

    private static ProcessStartInfo Start(string temp, params string[] arguments) => new("dotnet", [ProgramRun.Path, "register",
        .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
        // Of the runtime's own files none is looked for here.
        Environment = { ["TMPDIR"] = temp, ["DOTNET_EnableDiagnostics"] = "0" },
    };

    private static string Fingerprint(string folder) => string.Concat(Directory.EnumerateFiles(folder, "*",
        SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}\n"));

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_place, name)).FullName;
}
