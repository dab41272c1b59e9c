using System.Diagnostics;
using System.Globalization;
using KeyCeremony.App.Tests;
using KeyCeremony.Core.Tests;
using KeyCeremony.GoldenBundles;

namespace KeyCeremony.Verifier.Tests;

/// <summary>
/// The verifier as one native file says what the program says, word for word: of the last golden bundle of every ledger, of every forged
/// bundle, and of the manifest that is the worked example. <c>make verifier</c> builds it, and <c>make test</c> before the tests; without
/// it these tests say so, and fail where CI=true.
/// </summary>
public sealed class NativeVerifierTests : IDisposable
{
    private const string Missing = "artifacts/verifier/keyceremony-verify is not there: make verifier";
    private const long MaxBytes = 16_800_000;

    private static readonly string Root = Path.GetFullPath(Path.Combine(GoldenArchive.Folder, "..", ".."));
    private static readonly string Program = Path.Combine(Root, "artifacts", "verifier", "keyceremony-verify");

    private readonly string _place = Directory.CreateTempSubdirectory("native").FullName;

    public static TheoryData<string> Golden => GoldenBundleTests.Last;

    public static TheoryData<string, int, string, string> Forged => ForgedBundleTests.Bundles;

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [MemberData(nameof(Golden))]
    public void A_bundle_of_every_format_verifies_and_both_reports_are_those_of_the_program(string name)
    {
        if (!IsThere())
            return;
        GoldenBundle golden = GoldenBundle.All.Single(b => b.Name == name);
        string bundle = GoldenArchive.Unpack(golden.Archive, _place);
        VerifyReport report = BundleVerify.Run([bundle], golden.Options);

        Assert.Equal((0, report.Text, ""), Run("verify", "--trust", golden.Trust, bundle));
        Assert.Equal((0, report.Json, ""), Run("verify", "--trust", golden.Trust, "--json", bundle));
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public void A_forged_bundle_is_refused_in_the_same_words(string name, int exit, string rule, string trust)
    {
        if (!IsThere())
            return;
        string bundle = GoldenArchive.Unpack(Path.Combine(GoldenArchive.Forged, name + GoldenArchive.Ending), _place);

        (int code, string said, string errors) = Run("verify", "--trust", trust, "--json", bundle);

        Assert.Equal((exit, ""), (code, errors));
        Assert.Contains($"\"{rule}\"", said, StringComparison.Ordinal);
        Assert.Equal(BundleVerify.Run([bundle], VerifyOptions.Trusting(trust)!).Json, said);
    }

    [Fact]
    public void All_bundles_of_a_ledger_verify_together()
    {
        if (!IsThere())
            return;
        GoldenBundle[] golden = [.. GoldenBundle.All.GroupBy(b => b.Ledger).MaxBy(ledger => ledger.Count())!];
        string[] bundles = [.. golden.Select(b => GoldenArchive.Unpack(b.Archive, _place))];

        Assert.Equal((0, BundleVerify.Run([.. bundles], golden[0].Options).Json, ""),
            Run(["verify", "--trust", golden[0].Trust, "--json", .. bundles]));
    }

    [Fact]
    public void Its_exit_codes_are_those_of_the_contract()
    {
        if (!IsThere())
            return;
        GoldenBundle golden = GoldenBundle.All[0];
        string bundle = GoldenArchive.Unpack(golden.Archive, _place);

        Assert.Equal(3, Run("verify", bundle).Code);
        Assert.Equal(1, Run("verify", "--trust", new string('0', 64), bundle).Code);
        Assert.Equal(5, Run("verify", _place + "/nothing").Code);
        File.Delete(Path.Combine(bundle, "report.pdf"));
        Assert.Equal(4, Run("verify", bundle).Code);
        foreach (string[] misspelt in (string[][])
        [
            ["verify"], ["verify", "--trsut", bundle], ["verify", "--trust", "12", bundle], ["verify", "--words", "no such words", bundle],
        ])
            Assert.Equal(2, Run(misspelt).Code);
        foreach (string other in (string[])["run", "ledger", "crl"])
            Assert.Equal(2, Run(other).Code);
    }

    [Fact]
    public void A_manifest_and_its_evidence_are_verified_as_by_the_program()
    {
        if (!IsThere())
            return;
        const string id = "b-2026-0142";
        const string proof = $"{id}-SN-0002.proof.json";
        string[] envelope = ["manifest", "verify", "--envelope", $"{id}.dsse.json"];
        foreach ((int code, string[] rest) in ((int, string[])[])
        [
            (0, ["--trust", "root.pem"]),
            (0, ["--trust", "root.pem", "--cosigner", "officer.pem", "--require", "1", "--proof", proof, "--certificate", "SN-0002.pem",
                "--proofs", $"{id}.proofs", "--firmware", "boot.bin", "app.bin"]),
            (1, ["--trust", "root.pem", "--proof", proof, "--certificate", "officer.pem", "--firmware", "devices.csv"]),
            (1, ["--trust", "issuing-ca.pem"]),
            (1, ["--trust", "boot.bin"]),
            (1, ["--trust", "root.pem", "--require", "1"]),
            (0, ["--trust", "root.pem", "--json"]),
            (2, ["--trust", "root.pem", "--certificate", "SN-0002.pem"]),
        ])
        {
            (int Code, string Said, string Errors) program = ProgramRun.In(Example, [.. envelope, .. rest]);
            Assert.Equal(code, program.Code);
            // What it is called stands in what is said of a line that was not understood.
            string errors = program.Errors.Replace("keyceremony ", "keyceremony-verify ", StringComparison.Ordinal);
            Assert.Equal((program.Code, program.Said, errors), Run([.. envelope, .. rest]));
        }
    }

    [Fact]
    public void It_is_one_small_file_that_needs_the_c_library_alone()
    {
        if (!IsThere())
            return;
        var program = new FileInfo(Program);

        Assert.InRange(program.Length, 1, MaxBytes);
        string copy = Path.Combine(_place, "alone");
        File.Copy(Program, copy);
        Assert.Equal(0, Run(copy, ["--version"]).Code);
        string needed = Run("/usr/bin/env", ["LD_TRACE_LOADED_OBJECTS=1", copy]).Said;
        Assert.All(needed.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches(@"linux-vdso|/libc\.so|/libm\.so|/ld-linux|/libdl\.so|/libpthread\.so|/librt\.so", line));
    }

    private static string Example => Path.Combine(Root, "docs", "formats", "batch-manifest");

    private static bool IsThere()
    {
        bool there = File.Exists(Program);
        Assert.True(there || Environment.GetEnvironmentVariable("CI") != "true", Missing);
        if (!there)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nameof(NativeVerifierTests)}: {Missing}"));
        return there;
    }

    private static (int Code, string Said, string Errors) Run(params string[] arguments) => Run(Program, arguments);

    private static (int Code, string Said, string Errors) Run(string program, string[] arguments) =>
        EndedProcess.Of(new ProcessStartInfo(program, arguments) { WorkingDirectory = Example });
}
