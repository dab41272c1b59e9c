using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>Statements, devices and envelopes that the tests build on.</summary>
internal static class Batches
{
    public static readonly DateTimeOffset Started = new(2026, 11, 22, 6, 0, 0, TimeSpan.Zero);

    /// <summary>A hash of this text, lower-case hex.</summary>
    public static string Hex(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    /// <summary>A draft that every rule accepts.</summary>
    public static BatchStatement Draft(string id = "b-2026-0142", long devices = 3, string? root = null) => new()
    {
        Subjects = [new("devices.csv", Hex("devices")), new("boot.bin", Hex("boot")),
            new("app.bin", Hex("app")), new("board.cdx.json", Hex("hbom"))],
        BatchId = id,
        Environment = "rehearsal",
        Site = "Zürich Nord",
        Line = "SMT 4",
        Operator = "Example Manufacturing AG",
        StartedOn = Started,
        FinishedOn = Started.AddHours(9),
        Product = new("FFF1", "8001", "LOCK-1", "C2"),
        Firmware = [new("bootloader", "2.0.1", Hex("boot"), 4, "fw-key-2"), new("application", "1.14.0+5", Hex("app"), 17, "fw-key-2")],
        Hardware = new(Hex("hbom"), [new("STM32H573", "Example Silicon", "L4711", "2614"),
            new("ATECC608B", "Example \"Parts\" & Söhne", "7/9", "2026-04-01", new("ATECC608A", "ECO-2026-17"))]),
        IssuingCa = new(Hex("ca"), Hex("ca key")),
        Devices = new(devices, root ?? Hex("root")),
        Yield = new(devices, 2, 1),
    };

    /// <summary>As the ceremony would have written it.</summary>
    public static BatchStatement Final(string id = "b-2026-0142", long devices = 3, string? root = null) =>
        Draft(id, devices, root) with { CeremonyTranscriptHash = Hex("transcript") };

    public static DsseEnvelope Sign(BatchStatement statement, params Signer[] signers)
    {
        byte[] payload = statement.Write();
        return new([.. payload], [.. signers.Select(signer => signer.SignEnvelope(payload))]);
    }

    public static BatchStatement Read(byte[] json)
    {
        Assert.True(BatchStatement.TryRead(json, out BatchStatement? statement, out Refusal? refusal), refusal?.ToString());
        return statement;
    }

    public static string Refused(ReadOnlySpan<byte> json)
    {
        Assert.False(BatchStatement.TryRead(json, out BatchStatement? statement, out Refusal? refusal));
        Assert.Null(statement);
        return refusal.Rule;
    }

    /// <summary>Every byte string that differs from this one in a single bit.</summary>
    public static IEnumerable<byte[]> Flips(byte[] bytes)
    {
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return flipped;
        }
    }
}

/// <summary>A batch of so many devices, with its tree.</summary>
internal sealed class Batch
{
    public Batch(int count, string id = "b-2026-0142", int longestSerial = 12)
    {
        Devices = [.. Enumerable.Range(0, count).Select(i => new DeviceRecord(
            Batches.Hex($"{id} salt {i}"), $"SN-{i}".PadRight(i == 0 ? longestSerial : 4, 'x'),
            Batches.Hex($"certificate {i}"), Batches.Hex($"key {i}")))];
        Leaves = [.. Devices.Select(device => device.LeafHash())];
        Root = Trees.Range(Leaves, 0, count).Root();
        Statement = Batches.Final(id, count, Convert.ToHexStringLower(Root));
    }

    public ImmutableArray<DeviceRecord> Devices { get; }

    public byte[][] Leaves { get; }

    public byte[] Root { get; }

    public BatchStatement Statement { get; }

    public DeviceProof Prove(int i) =>
        new(Statement.BatchId, Devices[i], InclusionProof.Of(Trees.Range(Leaves, 0, i), Trees.Range(Leaves, i + 1, Leaves.Length)));

    public ProofPackLayout Layout => new(Statement.BatchId, Devices.Length, Root, Devices.Max(device => device.SerialNo.Length));

    public byte[] Pack()
    {
        IEnumerable<byte[]> blocks = Enumerable.Range(0, (int)Layout.Blocks).Select(block => Block(block));
        using var pack = new MemoryStream();
        var writer = new ProofPackWriter(pack, Layout, new BlockTree([.. blocks.SelectMany(root => root)]));
        foreach (DeviceRecord device in Devices)
            writer.Add(Convert.FromHexString(device.Salt), Encoding.ASCII.GetBytes(device.SerialNo),
                Convert.FromHexString(device.CertSha256), Convert.FromHexString(device.SpkiSha256));
        writer.Finish();
        return pack.ToArray();
    }

    // A block is a tree of its own, counted from its own first leaf.
    private byte[] Block(int block)
    {
        var range = MerkleRange.At(0);
        foreach (byte[]? leaf in Leaves.Skip(block * ProofPackLayout.BlockDevices).Take(ProofPackLayout.BlockDevices))
            range.Append(leaf);
        return range.Root();
    }
}
