using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KeyCeremony.Benchmarks;

/// <summary>
/// <c>keyceremony verify</c> of two bundles that real ceremonies wrote: a root's, and one whose revocation list has a million
/// entries. The limit is what hashing the files alone takes; the peer is openssl, which reads the list and checks its signature.
/// </summary>
internal static class VerifyRows
{
    private const int Repetitions = 3;
    private const int Starts = 9;
    private const int Entries = 1_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly string Program =
        Path.Combine(Results.Root(), "src", "KeyCeremony.App", "bin", "Release", "net10.0", "keyceremony.dll");

    private static readonly string Native = Path.Combine(Results.Root(), "artifacts", "verifier", "keyceremony-verify");

    private static readonly string Scripts = Path.Combine(Results.Root(), "ceremony-scripts");

    public static IReadOnlyList<Row> Measure()
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-bench-").FullName;
        try
        {
            return [.. Measure(folder)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Row> Measure(string folder)
    {
        yield return new Row("start of the native verifier (ms)",
            ChildRun.Fastest(Starts, () => ChildRun.Start(Native, folder, Patience, "--version")).Milliseconds,
            ChildRun.Fastest(Starts, () => ChildRun.Start("dotnet", folder, Patience, Program, "--version")).Milliseconds);
        Run(folder, 0, "root-creation.md", "--answers", Path.Combine(Scripts, "rehearsal", "root-creation.json"));
        foreach (Row row in Of(folder, "0001-root-creation", "a root's bundle", null))
            yield return row;

        Directory.CreateDirectory(Path.Combine(folder, "in"));
        File.WriteAllLines(Path.Combine(folder, "in", "million.csv"),
            Enumerable.Range(1, Entries).Select(i => $"5e{i:x6},2026-01-02T03:04:05Z,superseded").Prepend("serial,date,reason"));
        // Whoever answers that there is one more file goes in a circle and is stopped; then it is said that that was all.
        Run(folder, 1, "crl-signing.md", "--answers", Answers(folder, "file"), "--in", Path.Combine(folder, "in"));
        Run(folder, 0, null, "--answers", Answers(folder, "done"), "--in", Path.Combine(folder, "in"));
        foreach (Row row in Of(folder, "0002-crl-signing", "a bundle with a list of a million entries", "crls/root-1.crl"))
            yield return row;
    }

    private static IEnumerable<Row> Of(string folder, string ceremony, string name, string? list)
    {
        string bundle = Directory.GetDirectories(Path.Combine(folder, "out"), $"*-{ceremony}").Single();
        var ours = ChildRun.Fastest(Repetitions,
            () => ChildRun.Start("dotnet", folder, Patience, Program, "verify", "--trust", RootOf(folder), bundle));
        var hashing = ChildRun.Fastest(Repetitions, () => ChildRun.Start("sh", bundle, Patience, "-c", "sha256sum -c SHA256SUMS"));
        ChildRun? peer = list is null ? null : ChildRun.Fastest(Repetitions, () =>
            ChildRun.Start("openssl", bundle, Patience, "crl", "-inform", "DER",
                "-in", list, "-noout", "-verify", "-CAfile", "certificates/root.pem"));
        yield return new Row($"verify {name} (ms)",
            ours.Milliseconds, peer?.Milliseconds, hashing.Milliseconds, ours.PeakMemoryMB);
        var native = ChildRun.Fastest(Repetitions,
            () => ChildRun.Start(Native, folder, Patience, "verify", "--trust", RootOf(folder), bundle));
        yield return new Row($"verify {name}, native (ms)",
            native.Milliseconds, peer?.Milliseconds, hashing.Milliseconds, native.PeakMemoryMB);
    }

    private static string RootOf(string folder)
    {
        string root = Directory.GetFiles(Path.Combine(folder, "out"), "root.der", SearchOption.AllDirectories)[0];
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(root)));
    }

    private static string Answers(string folder, string more)
    {
        JsonObject answers = JsonNode.Parse(File.ReadAllText(Path.Combine(Scripts, "rehearsal", "periodic.json")))!.AsObject();
        answers[":more"] = more;
        answers[":file"] = "million.csv";
        string path = Path.Combine(folder, $"answers-{more}.json");
        File.WriteAllText(path, answers.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return path;
    }

    private static void Run(string folder, int exitCode, string? script, params string[] more)
    {
        string[] arguments = [Program, "run", .. script is null ? [] : new[] { Path.Combine(Scripts, script) },
            "--ledger", Path.Combine(folder, "a"), "--ledger", Path.Combine(folder, "b"),
            "--softhsm", Path.Combine(folder, "hsm"), "--out", Path.Combine(folder, "out"),
            "--envelopes", Path.Combine(folder, "envelopes"), .. more];
        foreach (string? place in new[] { "a", "b", "out" })
            Directory.CreateDirectory(Path.Combine(folder, place));
        using Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> said = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != exitCode)
            throw new InvalidOperationException(
                $"{script ?? "the resumed ceremony"} ended with {process.ExitCode}: {said.Result} {errors}");
    }
}
