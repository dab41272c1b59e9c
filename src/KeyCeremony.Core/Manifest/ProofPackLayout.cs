using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace KeyCeremony.Core.Manifest;

/// <summary>
/// Where everything stands in a pack, which holds the proofs of all devices of a batch: a header, then blocks of
/// <see cref="BlockDevices"/> devices. A block begins with the path from its own root to the batch's, once for all of
/// its devices, and each device's record follows; all that is missing for one device's proof is computed from its
/// block. Every part has a fixed size, so one device is found by its index, blocks can be written in any order, and
/// each block is verified alone. docs/formats/batch-manifest.md.
/// </summary>
/// <param name="Root">32 bytes.</param>
/// <param name="SerialBytes">Room for a serial number: the batch's longest.</param>
public sealed record ProofPackLayout(string BatchId, long TreeSize, ReadOnlyMemory<byte> Root, int SerialBytes)
{
    /// <summary>
    /// The upper path then costs less than a byte a device, and a block stays below 200 KiB. A power of two: a block is
    /// a subtree.
    /// </summary>
    public const int BlockDevices = 1024;

    /// <summary>Magic, batch id, tree size, root, room for a serial number.</summary>
    public const int HeaderBytes = 8 + BatchIdBytes + 8 + TreeHash.Length + 1;

    private const int BatchIdBytes = 64;
    private const int SizeAt = 8 + BatchIdBytes;
    private const int RootAt = SizeAt + 8;
    private const int SerialBytesAt = RootAt + TreeHash.Length;
    private const int SerialLengthAt = DeviceLeaf.SaltLength + (2 * DeviceLeaf.HashLength);

    private static ReadOnlySpan<byte> Magic => "KCPROOF1"u8;

    public long Blocks => (TreeSize + BlockDevices - 1) / BlockDevices;

    /// <summary>Room for the longest upper path; shorter ones are followed by zeros.</summary>
    public int PathBytes => TreeHash.Length * LongestPath(Blocks);

    /// <summary>Salt, hash of the certificate, hash of the key, length of the serial number, serial number, zeros.</summary>
    public int RecordBytes => SerialLengthAt + 1 + SerialBytes;

    /// <summary>Of every block but the last.</summary>
    public int BlockBytes => PathBytes + (BlockDevices * RecordBytes);

    public long FileBytes => HeaderBytes + (Blocks * PathBytes) + (TreeSize * RecordBytes);

    /// <summary>Where a block begins in the file; blocks are counted from 0.</summary>
    public long BlockAt(long block) => HeaderBytes + (block * BlockBytes);

    /// <summary>Where a device's record begins in the file.</summary>
    public long RecordAt(long index) => BlockAt(index / BlockDevices) + PathBytes + (index % BlockDevices * RecordBytes);

    /// <summary>1024, or what is left for the last block.</summary>
    public int DevicesIn(long block) => (int)Math.Min(BlockDevices, TreeSize - (block * BlockDevices));

    public byte[] WriteHeader()
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        Encoding.ASCII.GetBytes(BatchId, header.AsSpan(Magic.Length, BatchIdBytes));
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(SizeAt), TreeSize);
        Root.Span.CopyTo(header.AsSpan(RootAt));
        header[SerialBytesAt] = (byte)SerialBytes;
        return header;
    }

    /// <summary>Else refused: PROOF-05, BATCH-03.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, [NotNullWhen(true)] out ProofPackLayout? layout,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        layout = null;
        refusal = NotAPack("It does not begin like one.");
        if (header.Length != HeaderBytes || !header.StartsWith(Magic))
            return false;
        string batchId = Encoding.Latin1.GetString(header.Slice(Magic.Length, BatchIdBytes)).TrimEnd('\0');
        var read = new ProofPackLayout(batchId, BinaryPrimitives.ReadInt64BigEndian(header[SizeAt..]),
            header.Slice(RootAt, TreeHash.Length).ToArray(), header[SerialBytesAt]);
        if ((refusal = BatchChecks.CheckName(batchId)) is not null)
            return false;
        refusal = read.TreeSize is < 1 or > BatchStatement.MaxDevices || read.SerialBytes is < 1 or > DeviceLeaf.MaxSerialBytes
            ? NotAPack("Its header names a tree or a serial number of a size that cannot be.") : null;
        layout = refusal is null ? read : null;
        return layout is not null;
    }

    /// <summary>One device into <see cref="RecordBytes"/> bytes.</summary>
    public void WriteRecord(Span<byte> record, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> serialNo,
        ReadOnlySpan<byte> certSha256, ReadOnlySpan<byte> spkiSha256)
    {
        record.Clear();
        salt.CopyTo(record);
        certSha256.CopyTo(record[DeviceLeaf.SaltLength..]);
        spkiSha256.CopyTo(record[(DeviceLeaf.SaltLength + DeviceLeaf.HashLength)..]);
        record[SerialLengthAt] = (byte)serialNo.Length;
        serialNo.CopyTo(record.Slice(SerialLengthAt + 1, SerialBytes));
    }

    /// <summary>The leaf's hash of a record; false when its serial number is none, or it holds something behind it.</summary>
    internal bool TryHash(ReadOnlySpan<byte> record, Span<byte> hash)
    {
        byte length = record[SerialLengthAt];
        if (length > SerialBytes || !DeviceLeaf.IsSerial(SerialOf(record))
            || record[(SerialLengthAt + 1 + length)..].ContainsAnyExcept((byte)0))
            return false;
        Span<byte> leaf = stackalloc byte[DeviceLeaf.MaxLength];
        int written = DeviceLeaf.Write(leaf, record[..DeviceLeaf.SaltLength],
            SerialOf(record), record.Slice(DeviceLeaf.SaltLength, DeviceLeaf.HashLength),
            record.Slice(DeviceLeaf.SaltLength + DeviceLeaf.HashLength, DeviceLeaf.HashLength));
        TreeHash.Leaf(leaf[..written], hash);
        return true;
    }

    internal static ReadOnlySpan<byte> SerialOf(ReadOnlySpan<byte> record) =>
        record.Slice(SerialLengthAt + 1, Math.Min((int)record[SerialLengthAt], record.Length - SerialLengthAt - 1));

    /// <summary>Of a record that was hashed.</summary>
    internal static DeviceRecord Describe(ReadOnlySpan<byte> record) => new(
        Convert.ToHexStringLower(record[..DeviceLeaf.SaltLength]),
        Encoding.ASCII.GetString(SerialOf(record)),
        Convert.ToHexStringLower(record.Slice(DeviceLeaf.SaltLength, DeviceLeaf.HashLength)),
        Convert.ToHexStringLower(record.Slice(DeviceLeaf.SaltLength + DeviceLeaf.HashLength, DeviceLeaf.HashLength)));

    internal static Refusal NotAPack(string found) =>
        BatchRules.Pack.Refuse($"This is not a pack of proofs: {found}",
            "Take the file again as 'keyceremony manifest prove --all' wrote it.");

    // Neighbours on the way up from a leaf of a full tree.
    private static int LongestPath(long leaves) => leaves == 1 ? 0 : System.Numerics.BitOperations.Log2((ulong)(leaves - 1)) + 1;
}
