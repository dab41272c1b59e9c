using System.Diagnostics;
using System.Globalization;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Benchmarks;

/// <summary>
/// Device batches: the whole of <c>keyceremony manifest</c> as processes, next to the bare hashing of the same leaves and nodes by
/// libcrypto, and what a proof takes.
/// </summary>
internal static class ManifestRows
{
    private const int Devices = 10_000_000;
    private const int Repetitions = 3;
    private const int SerialLength = 12;
    private const string Batch = "bench-2026-01";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private static readonly string Program =
        Path.Combine(Results.Root(), "src", "KeyCeremony.App", "bin", "Release", "net10.0", "keyceremony.dll");

    private static readonly string Example = Path.Combine(Results.Root(), "docs", "examples", "batch");

    public static IReadOnlyList<Row> Measure()
    {
        string folder = Directory.CreateTempSubdirectory("keyceremony-bench-").FullName;
        try
        {
            string tree = CompileTree(folder);
            WriteInputs(folder);
            return [.. Builds(folder, tree), .. Proofs(folder)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Row> Builds(string folder, string tree)
    {
        Manifest(folder, "salts", "--out", "batch.salts");
        ChildRun one = Fastest(folder, "one", threads: 1);
        ChildRun two = Fastest(folder, "two", threads: 2);
        (ChildRun? together, ChildRun? merging) = Shards(folder);
        // The peer hashes each message as libcrypto's manual has it, the limit feeds it padded blocks.
        yield return new("manifest build, 10M devices, one thread (ms)", one.Milliseconds,
            Hashing(tree, 1, "digests"), Hashing(tree, 1, "blocks"), PeakMemoryMB: one.PeakMemoryMB);
        yield return new("manifest build, 10M devices, two threads (ms)", two.Milliseconds,
            Hashing(tree, 2, "digests"), Hashing(tree, 2, "blocks"), PeakMemoryMB: two.PeakMemoryMB);
        // Two processes of one thread each should take half of what one takes.
        yield return new("two shards of it side by side, one thread each (ms)", together.Milliseconds,
            Limit: one.Milliseconds / 2, PeakMemoryMB: together.PeakMemoryMB);
        yield return new("manifest merge of the two (ms)", merging.Milliseconds, PeakMemoryMB: merging.PeakMemoryMB);
        int drafts = new[] { "one", "two",
            "merged" }.Select(name => File.ReadAllText(Path.Combine(folder, name, Batch + ".statement.json"))).Distinct().Count();
        if (drafts != 1)
            throw new InvalidOperationException("the three ways did not make the same statement");
    }

    private static IEnumerable<Row> Proofs(string folder)
    {
        string[] from = ["--statement", $"one/{Batch}.statement.json", "--devices", "devices.csv", "--salts", "batch.salts", "--out", "."];
        ChildRun proving = Manifest(folder, ["prove", "--serial", Serial(Devices / 3), .. from]);
        yield return new("manifest prove, one of 10M (ms)", proving.Milliseconds, PeakMemoryMB: proving.PeakMemoryMB);
        ChildRun all = Manifest(folder, ["prove", "--all", .. from]);
        yield return new("manifest prove --all, 10M (ms)", all.Milliseconds, PeakMemoryMB: all.PeakMemoryMB);

        BatchStatement statement = Read<BatchStatement>(File.ReadAllBytes(Path.Combine(folder, "one", Batch + ".statement.json")),
            BatchStatement.TryRead);
        byte[] proof = File.ReadAllBytes(Directory.GetFiles(folder, "*.proof.json").Single());
        string pack = Directory.GetFiles(folder, "*.proofs").Single();
        yield return new("proof of one of 10M, a file of its own (bytes)", proof.Length, Limit: 24 * TreeHash.Length);
        yield return new("proof of one of 10M, its share of the pack (bytes)", new FileInfo(pack).Length / (double)Devices);
        yield return new("proof of one of 10M, read and verified (ns)",
            Timing.Nanoseconds(Repetitions * 5, 1000, () => Fail(Read<DeviceProof>(proof, DeviceProof.TryRead).CheckAgainst(statement))),
            Limit: Path24());
        yield return new("every proof of the pack, read and verified, each (ns)",
            Timing.Nanoseconds(1, 1, () => VerifyPack(pack, statement)) / Devices);
    }

    private delegate bool Reader<T>(ReadOnlySpan<byte> file, out T? read, out Core.Refusal? refusal);

    private static T Read<T>(byte[] file, Reader<T> reader)
    {
        bool isRead = reader(file, out T? read, out Refusal? refusal);
        Fail(refusal);
        return isRead ? read! : throw new UnreachableException();
    }

    private static void Fail(Core.Refusal? refusal)
    {
        if (refusal is not null)
            throw new InvalidOperationException(refusal.ToString());
    }

    private static void VerifyPack(string path, BatchStatement statement)
    {
        using FileStream file = File.OpenRead(path);
        if (!ProofPackReader.TryOpen(file, out ProofPackReader? pack, out Refusal? refusal))
            Fail(refusal);
        Fail(pack!.CheckAgainst(statement));
        long devices = 0;
        while (pack.TryNext(out ProofBlock? block, out refusal))
            devices += block.Count;
        Fail(refusal);
        if (devices != Devices)
            throw new InvalidOperationException($"{devices} devices in the pack");
    }

    /// <summary>A leaf and the 24 nodes above it, hashed and nothing else.</summary>
    private static double Path24()
    {
        (byte[]? leaf, byte[]? hash) = (new byte[DeviceLeaf.MaxLength], new byte[TreeHash.Length]);
        return Timing.Nanoseconds(Repetitions * 5, 1000, () =>
        {
            TreeHash.Leaf(leaf.AsSpan(0, LeafLength), hash);
            for (int level = 0; level < 24; level++)
                TreeHash.Node(hash, hash, hash);
        });
    }

    private static int LeafLength => DeviceLeaf.Write(new byte[DeviceLeaf.MaxLength], new byte[DeviceLeaf.SaltLength],
        new byte[SerialLength].Select(_ => (byte)'0').ToArray(), new byte[TreeHash.Length], new byte[TreeHash.Length]);

    private static ChildRun Fastest(string folder, string output, int threads) => ChildRun.Fastest(Repetitions, () =>
    {
        Renew(folder, output);
        return Manifest(folder, ["build", .. Of(output), "--threads", Text(threads)]);
    });

    private static (ChildRun Together, ChildRun Merging) Shards(string folder)
    {
        var together = ChildRun.Fastest(Repetitions, () =>
        {
            Renew(folder, "shards");
            var watch = Stopwatch.StartNew();
            ChildRun[] runs = Task.WhenAll(new[] { "1/2", "2/2" }.Select(
                part => Task.Run(() => Manifest(folder, ["build", .. Of("shards"), "--threads", "1", "--shard", part])))).Result;
            return new ChildRun(watch.Elapsed.TotalMilliseconds, runs.Max(run => run.PeakMemoryMB), "", WasStopped: false);
        });
        var merging = ChildRun.Fastest(Repetitions, () =>
        {
            Renew(folder, "merged");
            return Manifest(folder, ["merge", $"shards/{Batch}-1-of-2.shard", $"shards/{Batch}-2-of-2.shard", .. Of("merged")]);
        });
        return (together, merging);
    }

    private static string[] Of(string output) =>
        ["--batch", "batch.yaml", "--devices", "devices.csv", "--salts", "batch.salts", "--out", output];

    private static void Renew(string folder, string output)
    {
        string path = Path.Combine(folder, output);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        Directory.CreateDirectory(path);
    }

    private static ChildRun Manifest(string folder, params string[] arguments) =>
        ChildRun.Start("dotnet", folder, Patience, [Program, "manifest", .. arguments]);

    private static double Hashing(string tree, int threads, string by) =>
        Enumerable.Range(0, Repetitions)
            .Min(_ => double.Parse(ChildRun.Start(tree, ".", Patience, Text(Devices), Text(LeafLength + 1), Text(threads), by).Output,
                CultureInfo.InvariantCulture));

    private static string CompileTree(string folder)
    {
        string program = Path.Combine(folder, "tree");
        ChildRun.Start("gcc", folder, Patience, "-O2", "-std=gnu17", "-Wall", "-pthread",
            "-o", program, Path.Combine(AppContext.BaseDirectory, "native", "tree.c"), "-ldl");
        return program;
    }

    private static void WriteInputs(string folder)
    {
        string yaml = File.ReadAllText(Path.Combine(Example, "batch.yaml"))
            .Replace("built: 5", $"built: {Devices}", StringComparison.Ordinal);
        File.WriteAllLines(Path.Combine(folder, "batch.yaml"), yaml.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.StartsWith("batchId:", StringComparison.Ordinal) ? $"batchId: {Batch}" : line));
        Directory.CreateDirectory(Path.Combine(folder, "firmware"));
        foreach (string? file in Directory.GetFiles(Example, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("batch.yaml", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(folder, Path.GetRelativePath(Example, file)), overwrite: true);
        using var list = new StreamWriter(Path.Combine(folder, "devices.csv")) { NewLine = "\n" };
        list.WriteLine("serialNo,certSha256,spkiSha256");
        var random = new Random(1);
        Span<byte> hashes = stackalloc byte[2 * TreeHash.Length];
        for (int i = 0; i < Devices; i++)
        {
            random.NextBytes(hashes);
            list.WriteLine(
                $"{Serial(i)},{Convert.ToHexStringLower(hashes[..TreeHash.Length])},{Convert.ToHexStringLower(hashes[TreeHash.Length..])}");
        }
    }

    private static string Serial(int device) => $"SN-{device.ToString("D9", CultureInfo.InvariantCulture)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
