using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using KeyCeremony.Core;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Fuzz.Targets;

/// <summary>What a factory sends and what a device carries: lists, batch.yaml, envelopes, statements, proofs.</summary>
internal static partial class ManifestTargets
{
    private static readonly byte[][] Json = FuzzTarget.WordsOf("{ } [ ] : , \" null true 1e9 \\u0000 \\ud800 -0 payloadType payload "
        + "signatures keyid sig _type subject digest sha256 predicateType predicate batchId treeSize index leaf path salt "
        + "serialNo certSha256 spkiSha256 "
        + "application/vnd.in-toto+json keyceremony-device-proof-v1 certificate");

    private static readonly byte[][] Yaml = FuzzTarget.WordsOf("batchId: environment: site: line: operator: startedOn: finishedOn: "
        + "product: firmware: hardware: issuingCA: yield: prevManifest: criticalParts: substitution: hbom: - ' \" & * ! | > % # --- ... "
        + "[ ] { } ? null ~");

    private static readonly byte[] Salts = [.. Encoding.ASCII.GetBytes(new string('a', SaltKey.FileLength - 1)), (byte)'\n'];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("device-list", 8 * 1024, ReadList, DeviceLists, [.. Json, .. FuzzTarget.WordsOf("serialNo,certSha256,spkiSha256 sep= ; \"\"")]),
        new("batch-file", 8 * 1024, ReadBatch, BatchFiles, Yaml),
        new("dsse", 16 * 1024, ReadEnvelope, Envelopes, Json),
        new("proof", 16 * 1024, ReadProof, Proofs, Json),
    ];

    private static void ReadList(byte[] input)
    {
        List<string> whole = Rows(input, ListPart.Whole, out bool read);
        var parts = new List<string>();
        for (int part = 1; part <= 3; part++)
            parts.AddRange(Rows(input, new ListPart(part, 3), out _));
        Held.That(!read || whole.SequenceEqual(parts), "The rows of the parts are the rows of the list.");
    }

    /// <summary>Each row in words, or why it is wrong.</summary>
    private static List<string> Rows(byte[] input, ListPart part, out bool read)
    {
        using var list = new DeviceListReader(new MemoryStream(input));
        list.Start(part);
        var rows = new List<string>();
        read = DeviceRowReader.TryFind(list, out Func<DeviceRowReader>? newReader, out DeviceListProblems? problems);
        if (!read)
        {
            Held.Ours(problems!.Refusal);
            return rows;
        }
        using var certificates = new DeviceCertificates(null);
        var row = new DeviceRow(certificates);
        DeviceRowReader reader = newReader!();
        var chunk = new ListChunk();
        while (list.TryNext(chunk))
            Rows(chunk, reader, row, rows);
        return rows;
    }

    private static void Rows(ListChunk chunk, DeviceRowReader reader, DeviceRow row, List<string> rows)
    {
        ReadOnlySpan<byte> rest = chunk.Text;
        for (int i = 0; i < chunk.Rows; i++)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            reader.Read(line.EndsWith("\r"u8) ? line[..^1] : line, chunk.FirstLine + i, row);
            if (row.Wrong is { } wrong)
            {
                Held.Ours(wrong);
                Held.That(row.WrongAt > 0, "An error has a column.");
                rows.Add($"{chunk.FirstLine + i} {wrong.Rule} {wrong.Message}");
                continue;
            }
            Held.That(DeviceLeaf.IsSerial(row.Serial), "What is taken as a serial number is one.");
            rows.Add($"{chunk.FirstLine + i} {Convert.ToHexStringLower(row.Serial)} {Convert.ToHexStringLower(row.CertSha256)} "
                + Convert.ToHexStringLower(row.SpkiSha256));
        }
        Held.That(rest.IsEmpty, "A chunk is its rows.");
    }

    private static void ReadBatch(byte[] input)
    {
        if (!BatchFile.TryRead(input, "batch.yaml", out BatchFile? batch, out ImmutableArray<ScriptError> errors))
        {
            Held.Ours(errors);
            foreach (ScriptError error in errors)
                Held.That(!SpeaksOfScripts().IsMatch(error.Message + error.Remedy),
                    $"A factory is not spoken to as a room: {error.Message}");
        }
        else
            Held.That(errors.IsEmpty && BlockFields.IsName(batch.BatchId) && batch.StartedOn.Offset == TimeSpan.Zero,
                "What is read keeps to its form.");
        if (HardwareBom.Check(input, []) is { } refusal)
            Held.Ours(refusal);
    }

    private static void ReadEnvelope(byte[] input)
    {
        if (!DsseEnvelope.TryRead(input, out DsseEnvelope? envelope, out Refusal? refusal))
            Held.Ours(refusal);
        else
        {
            Held.That(DsseEnvelope.TryRead(envelope.Write(), out DsseEnvelope? again, out _), "An envelope that is read is written.");
            Held.Same(again!.Payload.AsSpan(), envelope.Payload.AsSpan(), "The payload stays.");
            Held.That(again.Signatures.Length == envelope.Signatures.Length && again.Signatures.Zip(envelope.Signatures)
                .All(pair => pair.First.KeyId == pair.Second.KeyId && pair.First.Sig.AsSpan().SequenceEqual(pair.Second.Sig.AsSpan())),
                "The signatures stay.");
            ReadStatement(envelope.Payload.AsSpan());
        }
        ReadStatement(input);
        if (!PlanJson.TryRead(input, out CertificatePlan? plan, out refusal))
            Held.Ours(refusal);
        else
            Held.Same(PlanJson.Write(plan), input, "A plan has one form.");
    }

    private static void ReadStatement(ReadOnlySpan<byte> input)
    {
        if (!BatchStatement.TryRead(input, out BatchStatement? statement, out Refusal? refusal))
            Held.Ours(refusal);
        else
            Held.Same(statement.Write(), input, "A statement has one form.");
    }

    private static void ReadProof(byte[] input)
    {
        if (!DeviceProof.TryRead(input, out DeviceProof? proof, out Refusal? refusal))
            Held.Ours(refusal);
        else
        {
            Held.Same(proof.Write(), input, "A proof has one form.");
            Held.That(PlainText.Is(proof.FileName) && !proof.FileName.Contains('/', StringComparison.Ordinal), "Its name is a file's.");
        }
        ReadPack(input);
        if (SaltKey.TryRead(input, out SaltKey? salts, out refusal))
            salts.Dispose();
        else
            Held.Ours(refusal);
    }

    private static void ReadPack(byte[] input)
    {
        if (!ProofPackReader.TryOpen(new MemoryStream(input), out ProofPackReader? pack, out Refusal? refusal))
        {
            Held.Ours(refusal);
            return;
        }
        long devices = 0;
        while (pack.TryNext(out ProofBlock? block, out refusal))
        {
            devices += block.Count;
            for (int i = 0; i < Math.Min(block.Count, 2); i++)
                Held.That(DeviceProof.TryRead(block.Prove(i).Write(), out _, out _), "A device of a pack has a proof.");
        }
        if (refusal is not null)
            Held.Ours(refusal);
        else
            Held.That(devices == pack.Layout.TreeSize, "A whole pack holds every device.");
    }

    private static IEnumerable<byte[]> DeviceLists()
    {
        string hash = new('a', 64);
        return SeedFiles.OfRepository("docs/examples/batch", "devices.csv").Concat(SeedFiles.Texts(
            $"serialNo;certSha256;spkiSha256\r\nSN-1;{hash};{hash}\r\n\"SN 2\";{hash};{hash.ToUpperInvariant()}",
            $$"""{"serialNo":"SN-1","certSha256":"{{hash}}","spkiSha256":"{{hash}}"}""" + "\n"
                + """{"serialNo":"S\u004e-2","certificate":"MIIB"}""" + "\n",
            "serialNo,certificate\nSN-1,"
                + Convert.ToBase64String(SeedFiles.Bundle("format-3/authority/0013-batch-manifest")["certificates/pai-1.der"]) + "\n"));
    }

    private static IEnumerable<byte[]> BatchFiles() =>
        SeedFiles.OfRepository("docs/examples/batch", "batch.yaml").Concat(SeedFiles.OfRepository("docs/examples/batch", "*.json"));

    private static IEnumerable<byte[]> Envelopes() => SeedFiles.OfBundle("manifests/", ".json");

    private static IEnumerable<byte[]> Proofs() => [Proof().Write(), Pack(), Salts];

    private static DeviceProof Proof() => new("b-1",
        new DeviceRecord(new string('0', 64), "SN-0", new string('1', 64), new string('2', 64)),
        new InclusionProof(0, 2, new byte[TreeHash.Length]));

    /// <summary>Two devices in one block, whose root is the batch's.</summary>
    private static byte[] Pack()
    {
        byte[] salt = new byte[DeviceLeaf.SaltLength], hash = new byte[TreeHash.Length], leaf = new byte[DeviceLeaf.MaxLength];
        byte[] hashes = new byte[2 * TreeHash.Length], root = new byte[TreeHash.Length];
        for (int i = 0; i < 2; i++)
        {
            int length = DeviceLeaf.Write(leaf, salt, Serial(i), hash, hash);
            TreeHash.Leaf(leaf.AsSpan(0, length), hashes.AsSpan(i * TreeHash.Length, TreeHash.Length));
        }
        TreeHash.Node(hashes.AsSpan(0, TreeHash.Length), hashes.AsSpan(TreeHash.Length), root);
        var layout = new ProofPackLayout("b-1", 2, root, Serial(0).Length);
        var pack = new MemoryStream();
        var writer = new ProofPackWriter(pack, layout, new BlockTree(root));
        for (int i = 0; i < 2; i++)
            writer.Add(salt, Serial(i), hash, hash);
        writer.Finish();
        return pack.ToArray();
    }

    [GeneratedRegex(@"\baloud\b|\bscript|\bthe block\b|\bstep\b")]
    private static partial Regex SpeaksOfScripts();

    private static byte[] Serial(int number) => Encoding.ASCII.GetBytes($"SN-{number}");
}
