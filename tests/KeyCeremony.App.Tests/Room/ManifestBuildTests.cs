using System.Diagnostics;
using System.Text;
using KeyCeremony.App.Commands;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.App.Tests.Room;

/// <summary>What the factory does with <c>keyceremony manifest</c>, on the example of docs/examples/batch.</summary>
public sealed class ManifestBuildTests : IDisposable
{
    private const string Id = "lock-2026-0142";
    private const string Statement = $"{Id}.statement.json";
    private const string Salts = $"{Id}.salts";

    private readonly string _folder = Directory.CreateTempSubdirectory("keyceremony-test-").FullName;

    public ManifestBuildTests()
    {
        string example = Path.Combine(TestFiles.Root, "docs", "examples", "batch");
        Directory.CreateDirectory(In("firmware"));
        foreach (string file in Directory.EnumerateFiles(example, "*", SearchOption.AllDirectories))
            File.Copy(file, In(Path.GetRelativePath(example, file)));
        // The other folder is made by the program.
        Directory.CreateDirectory(In("out"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_example_is_built_proven_and_verified()
    {
        (int code, string? said, string? errors) = Build();
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("draft of the factory", said, StringComparison.Ordinal);
        Assert.Equal([Salts, Statement], Files("out"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In($"out/{Salts}")));
        Assert.DoesNotContain(File.ReadAllText(In($"out/{Salts}")).TrimEnd(), said, StringComparison.Ordinal);
        Assert.True(BatchStatement.TryRead(File.ReadAllBytes(In($"out/{Statement}")), out BatchStatement? statement, out _));
        Assert.Equal((5, true), (statement.Devices.TreeSize, statement.IsDraft));

        Assert.Equal(0, Prove("--serial", "LK264700003").Code);
        Assert.Equal(0, Prove("--all").Code);
        Assert.Equal([$"{Id}-LK264700003.proof.json", $"{Id}.proofs", Salts, Statement], Files("out"));
        Assert.True(DeviceProof.TryRead(File.ReadAllBytes(In($"out/{Id}-LK264700003.proof.json")), out DeviceProof? proof, out _));
        Assert.Null(proof.CheckAgainst(statement));
    }

    [Fact]
    public void Two_builds_have_different_salts_and_so_different_roots()
    {
        Build();
        Run("build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out", "other");
        Assert.NotEqual(File.ReadAllText(In($"out/{Salts}")), File.ReadAllText(In($"other/{Salts}")));
        Assert.NotEqual(File.ReadAllText(In($"out/{Statement}")), File.ReadAllText(In($"other/{Statement}")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Shards_make_the_same_files_byte_for_byte(int shards)
    {
        Assert.Equal(0, Run("salts", "--out", "shared.salts").Code);
        Assert.Equal(0, Run("build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out", "out", "--salts", "shared.salts").Code);
        for (int i = shards; i >= 1; i--)
            Assert.Equal((0, $"other/{Id}-{i}-of-{shards}.shard\n", ""), Run("build", "--batch",
                "batch.yaml", "--devices", "devices.csv", "--out", "other", "--salts", "shared.salts", "--shard", $"{i}/{shards}"));

        (int code, string _, string? errors) = Merge("other", Directory.GetFiles(In("other"), "*.shard"));

        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(File.ReadAllBytes(In($"out/{Statement}")), File.ReadAllBytes(In($"other/{Statement}")));
        Assert.Equal(File.ReadAllBytes(In($"out/{Salts}")), File.ReadAllBytes(In($"other/{Salts}")));
        Assert.Equal(File.ReadAllBytes(In("shared.salts")), File.ReadAllBytes(In($"out/{Salts}")));
    }

    /// <summary>A manifest does not tell its devices: only the lists can be compared, and before anything is written.</summary>
    [Fact]
    public void A_device_of_an_earlier_batch_is_refused_by_build_and_merge()
    {
        string[] rows = File.ReadAllLines(In("devices.csv"));
        File.WriteAllLines(In("may.csv"), [rows[0], rows[1].Replace("LK264700001", "MAY0001", StringComparison.Ordinal)]);
        File.WriteAllLines(In("june.csv"), [rows[0], $"LK264700003,{new string('a', 64)},{new string('b', 64)}"]);
        string[] build = ["build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out", "out"];

        (int code, string said, string errors) = Run([.. build, "--earlier", "may.csv", "june.csv"]);
        Assert.Equal((1, ""), (code, said));
        Assert.StartsWith("devices.csv:2:1: DEVICE-17 The key ", errors, StringComparison.Ordinal);
        Assert.Contains("stands in line 2 of may.csv, the list of an earlier batch.", errors, StringComparison.Ordinal);
        Assert.Empty(Files("out"));
        Assert.StartsWith("devices.csv:4:1: DEVICE-17 The serial number 'LK264700003'",
            Run([.. build, "--earlier", "june.csv"]).Errors, StringComparison.Ordinal);
        AssertRefused("DEVICE-01", Run([.. build, "--earlier", "april.csv"]));

        Assert.Equal(0, Run("salts", "--out", "shared.salts").Code);
        AssertRefused("BUILD-06", Run([.. build, "--salts", "shared.salts", "--shard", "1/1", "--earlier", "june.csv"]));
        Assert.Equal(0, Run([.. build, "--salts", "shared.salts", "--shard", "1/1"]).Code);
        string[] merge = ["merge", $"out/{Id}-1-of-1.shard", "--batch", "batch.yaml", "--devices", "devices.csv", "--salts", "shared.salts",
            "--out", "other", "--earlier"];
        Assert.Contains("DEVICE-17", Run([.. merge, "june.csv"]).Errors, StringComparison.Ordinal);
        File.WriteAllLines(In("july.csv"), [rows[0], $"JULY0001,{new string('a', 64)},{new string('b', 64)}"]);
        Assert.Equal(0, Run([.. merge, "july.csv"]).Code);
    }

    [Fact]
    public void A_merge_that_is_not_whole_is_refused_and_leaves_nothing()
    {
        Run("salts", "--out", "shared.salts");
        for (int i = 1; i <= 2; i++)
            Run("build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out",
                "other", "--salts", "shared.salts", "--shard", $"{i}/3");

        AssertRefused("SHARD-03", Merge("out", Directory.GetFiles(In("other"), "*.shard")));
        AssertRefused("SHARD-01", Merge("out", "batch.yaml"));
        AssertRefused("SHARD-01", Merge("out", "nothing.shard"));
        Assert.Empty(Files("out"));
    }

    [Fact]
    public void A_bad_list_is_told_row_by_row_and_nothing_is_left()
    {
        File.AppendAllText(In("devices.csv"), "bad\nLK264700001,1,2\n");

        (int code, string? said, string? errors) = Build();

        Assert.Equal((1, ""), (code, said));
        string[] lines = errors.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("devices.csv:7:4: DEVICE-03 ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("devices.csv:8:13: DEVICE-05 ", lines[1], StringComparison.Ordinal);
        Assert.Empty(Files("out"));
    }

    [Fact]
    public void What_else_is_wrong_is_told_before_the_list_is_read()
    {
        AssertEdited("batch.yaml:4: BUILD-01", "batch.yaml", "line: SMT 4", "line: \"\"");
        AssertEdited("BUILD-03", "firmware/bootloader-2.0.1.bin", "example", "Example");
        AssertEdited("BUILD-04", "board-c2.cdx.json", "STM32H573", "STM32H563");
        AssertEdited("BUILD-05", "issuing-ca.pem", "-----BEGIN", "----BEGIN");
        AssertEdited("BUILD-02", "batch.yaml", "issuingCA: issuing-ca.pem", "issuingCA: nothing.pem");
        AssertEdited("BATCH-14", "batch.yaml", "built: 5", "built: 4");
        AssertRefused("BUILD-01", Run("build", "--batch", "nothing.yaml", "--devices", "devices.csv", "--out", "out"));
        AssertRefused("DEVICE-01", Run("build", "--batch", "batch.yaml", "--devices", "nothing.csv", "--out", "out"));
        AssertRefused("BUILD-06", Run("build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out", "batch.yaml"));
        AssertRefused("BUILD-06", Run("build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out", "out", "--shard", "1/2"),
            ExitCodes.Usage);
        foreach (string shard in new[] { "0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2", "1/5000" })
            AssertRefused("BUILD-06", Run("build", "--batch", "batch.yaml", "--devices",
                "devices.csv", "--out", "out", "--salts", "devices.csv", "--shard", shard), ExitCodes.Usage);
        AssertRefused("SALT-01",
            Run("build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out", "out", "--salts", "devices.csv"));
        Assert.Empty(Files("out"));
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        foreach (string there in new[] { Statement, Salts })
        {
            File.WriteAllText(In($"out/{there}"), "there");
            AssertRefused("BUILD-06", Build());
            Assert.Equal([there], Files("out"));
            Assert.Equal("there", File.ReadAllText(In($"out/{there}")));
            File.Delete(In($"out/{there}"));
        }
        Build();
        foreach (string[] what in new[] { new[] { "--serial", "LK264700003" }, ["--all"] })
        {
            Assert.Equal(0, Prove(what).Code);
            AssertRefused("BUILD-06", Prove(what));
        }
        AssertRefused("BUILD-06", Run("salts", "--out", $"out/{Salts}"));
    }

    [Fact]
    public void Proving_from_something_else_is_refused()
    {
        Build();
        AssertRefused("devices.csv:1:1: DEVICE-15", Prove("--serial", "LK264700006"));
        Run("salts", "--out", "wrong.salts");
        AssertRefused("devices.csv:1:1: DEVICE-14", Run("prove", "--statement", $"out/{Statement}",
            "--devices", "devices.csv", "--salts", "wrong.salts", "--all", "--out", "other"));
        File.AppendAllText(In("devices.csv"), $"X,{new string('1', 64)},{new string('2', 64)}\n");
        AssertRefused("devices.csv:1:1: DEVICE-14", Prove("--serial", "LK264700003"));
        Assert.Contains("either --serial or --all", Prove().Errors, StringComparison.Ordinal);
        Assert.Contains("either --serial or --all", Prove("--all", "--serial", "LK264700003").Errors, StringComparison.Ordinal);
        Assert.Empty(Files("other"));
    }

    /// <summary>The signed example of docs/formats, whose list and salts others made.</summary>
    [Fact]
    public void A_whole_batch_is_verified_with_its_list()
    {
        string signed = Path.Combine(TestFiles.Root, "docs", "formats", "batch-manifest");
        string Of(string file) => Path.Combine(signed, file);
        string[] verify = ["verify", "--envelope", Of("b-2026-0142.dsse.json"), "--trust", Of("root.pem")];

        (int code, string? said, string? errors) = Run([.. verify, "--devices", Of("devices.csv"), "--salts", Of("b-2026-0142.salts")]);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("devices.csv is the batch's device list: its 3 devices", said, StringComparison.Ordinal);
        Assert.StartsWith("DEVICE-14", Run([.. verify, "--devices", "devices.csv", "--salts", Of("b-2026-0142.salts")]).Errors,
            StringComparison.Ordinal);
        Assert.Contains("--devices and --salts go together", Run([.. verify, "--devices", Of("devices.csv")]).Errors,
            StringComparison.Ordinal);
        Assert.Equal(0, Run("prove", "--envelope", Of("b-2026-0142.dsse.json"), "--devices",
            Of("devices.csv"), "--salts", Of("b-2026-0142.salts"), "--serial", "SN-0002", "--out", "out").Code);
        Assert.Equal(File.ReadAllText(Of("b-2026-0142-SN-0002.proof.json")), File.ReadAllText(In("out/b-2026-0142-SN-0002.proof.json")));
        Assert.Equal(0, Run("prove", "--statement", Of("b-2026-0142.statement.json"),
            "--devices", Of("devices.csv"), "--salts", Of("b-2026-0142.salts"), "--all", "--out", "out").Code);
        Assert.Equal(File.ReadAllBytes(Of("b-2026-0142.proofs")), File.ReadAllBytes(In("out/b-2026-0142.proofs")));
    }

    [Theory]
    [InlineData("INT", 130, false)]
    [InlineData("TERM", 130, false)]
    [InlineData("KILL", 137, false)]
    [InlineData("INT", 130, true)]
    [InlineData("KILL", 137, true)]
    public void An_interrupted_build_leaves_nothing_under_the_names_of_the_batch(string signal, int expected, bool asShard)
    {
        if (!OperatingSystem.IsLinux())
            return;
        const int Many = 1_500_000;
        WriteLargeList(Many);
        Edit("batch.yaml", "built: 5", $"built: {Many}");
        Run("salts", "--out", "shared.salts");
        string scratch = Directory.CreateDirectory(In("scratch")).FullName;
        string[] arguments = ["build", "--batch", "batch.yaml", "--devices", "devices.csv",
            "--out", "out", "--salts", "shared.salts", "--threads", "1"];

        using Process process = Start(scratch, [.. arguments, .. asShard ? new[] { "--shard", "1/1" } : []]);
        // The first line of progress: it is at work.
        Assert.Contains("rows", process.StandardError.ReadLine(), StringComparison.Ordinal);
        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            kill.WaitForExit();
        process.WaitForExit();

        Assert.Equal(expected, process.ExitCode);
        Assert.DoesNotContain(Files("out"), name => name is Statement or Salts || name.EndsWith(".shard", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFiles(scratch),
            path => Path.GetFileName(path).StartsWith("keyceremony-", StringComparison.Ordinal));
        if (signal != "KILL")
            Assert.Empty(Files("out"));
    }

    private void AssertEdited(string refusal, string file, string part, string instead)
    {
        string before = File.ReadAllText(In(file));
        Edit(file, part, instead);
        AssertRefused(refusal, Build());
        File.WriteAllText(In(file), before);
    }

    private void Edit(string file, string part, string instead)
    {
        string text = File.ReadAllText(In(file));
        Assert.Contains(part, text, StringComparison.Ordinal);
        File.WriteAllText(In(file), text.Replace(part, instead, StringComparison.Ordinal));
    }

    private void WriteLargeList(int devices)
    {
        using var list = new StreamWriter(In("devices.csv"), append: false, Encoding.ASCII, 1 << 16);
        list.Write("serialNo,certSha256,spkiSha256\n");
        for (int i = 0; i < devices; i++)
            list.Write($"SN{i:D8},{i:x64},{i:x32}{~i:x32}\n");
    }

    private static void AssertRefused(string rule, (int Code, string Said, string Errors) run, int code = 1)
    {
        Assert.Equal((code, ""), (run.Code, run.Said));
        Assert.StartsWith(rule, run.Errors, StringComparison.Ordinal);
    }

    private string In(string file) => Path.Combine(_folder, file);

    private IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(In(folder)).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private (int Code, string Said, string Errors) Build() =>
        Run("build", "--batch", "batch.yaml", "--devices", "devices.csv", "--out", "out");

    private (int Code, string Said, string Errors) Merge(string output, params string[] shards) =>
        Run(["merge", .. shards, "--batch", "batch.yaml", "--devices", "devices.csv", "--salts", "shared.salts", "--out", output]);

    private (int Code, string Said, string Errors) Prove(params string[] what) =>
        Run(["prove", "--statement", $"out/{Statement}", "--devices", "devices.csv", "--salts", $"out/{Salts}", "--out", "out", .. what]);

    // Progress is left out: how often it is told depends on the clock.
    private (int Code, string Said, string Errors) Run(params string[] arguments)
    {
        using Process process = Start(Path.GetTempPath(), arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said, string.Concat(errors.Result.Split('\n')
            .Where(line => line.Length > 0 && !line.EndsWith(" left", StringComparison.Ordinal)).Select(line => line + "\n")));
    }

    private Process Start(string scratch, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(Commands.Words).Assembly.Location, "manifest", .. arguments])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TMPDIR"] = scratch },
        })!;
}
