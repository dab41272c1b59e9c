using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>All devices' proofs in one file.</summary>
public class ProofPackTests
{
    private static readonly Batch Small = new(3, longestSerial: 6);
    private static readonly Batch ThreeBlocks = new((2 * ProofPackLayout.BlockDevices) + 5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(2053)]
    [InlineData(5 * 1024)]
    public void Every_device_of_a_pack_has_the_proof_that_it_has_alone(int devices)
    {
        var batch = new Batch(devices);
        byte[] bytes = batch.Pack();
        Assert.Equal(batch.Layout.FileBytes, bytes.Length);
        ProofPackReader reader = Open(bytes);
        Assert.Null(reader.CheckAgainst(batch.Statement));

        long seen = 0;
        while (reader.TryNext(out ProofBlock? block, out Refusal? refusal))
        {
            Assert.Null(refusal);
            Assert.Equal(seen, block.First);
            for (int i = 0; i < block.Count; i++)
                Assert.Equal(batch.Devices[(int)seen++], block.Device(i));
            foreach (int i in new[] { 0, block.Count / 2, block.Count - 1 })
                Assert.Equal(batch.Prove((int)block.First + i).Write(), block.Prove(i).Write());
        }
        Assert.Equal(devices, seen);
        Assert.False(reader.TryNext(out _, out Refusal? atTheEnd));
        Assert.Null(atTheEnd);
    }

    [Fact]
    public void One_block_is_found_and_verified_alone()
    {
        ProofPackReader reader = Open(ThreeBlocks.Pack());
        foreach (long number in new long[] { 2, 0, 1 })
        {
            Assert.True(reader.TryRead(number, out ProofBlock? block, out Refusal? refusal), refusal?.ToString());
            Assert.Equal(number * ProofPackLayout.BlockDevices, block.First);
            Assert.Null(block.Prove(block.Count - 1).CheckAgainst(ThreeBlocks.Statement));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryRead(3, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryRead(-1, out _, out _));
    }

    [Fact]
    public void A_record_stands_where_the_layout_says()
    {
        byte[] bytes = ThreeBlocks.Pack();
        ProofPackLayout layout = ThreeBlocks.Layout;
        foreach (int index in new[] { 0, 1023, 1024, 2052 })
        {
            Span<byte> record = bytes.AsSpan((int)layout.RecordAt(index), layout.RecordBytes);
            Assert.Equal(ThreeBlocks.Devices[index].Salt, Convert.ToHexStringLower(record[..32]));
        }
        Assert.Equal(layout.FileBytes, layout.RecordAt(2052) + layout.RecordBytes);
    }

    [Fact]
    public void No_flipped_bit_of_a_small_pack_goes_unseen()
    {
        foreach (byte[] flipped in Batches.Flips(Small.Pack()))
            Assert.NotEqual("", Flaw(flipped, Small.Statement));
    }

    /// <summary>Header, paths with their zeros, first and last records of every block.</summary>
    [Fact]
    public void No_flipped_bit_of_a_pack_of_blocks_goes_unseen()
    {
        byte[] pack = ThreeBlocks.Pack();
        ProofPackLayout layout = ThreeBlocks.Layout;
        int[] places =
        [
            .. Enumerable.Range(0, ProofPackLayout.HeaderBytes),
            .. Enumerable.Range(0, 3).SelectMany(block => Enumerable.Range((int)layout.BlockAt(block), layout.PathBytes))
                .Where(at => at % 5 == 0),
            .. new[] { 0, 1023, 1024, 2047, 2048,
                2052 }.SelectMany(index => Enumerable.Range((int)layout.RecordAt(index), layout.RecordBytes)).Where(at => at % 11 == 0),
        ];
        foreach (int at in places)
        {
            byte[] flipped = [.. pack];
            flipped[at] ^= (byte)(1 << (at % 8));
            Assert.NotEqual("", Flaw(flipped, ThreeBlocks.Statement));
        }
    }

    [Fact]
    public void A_pack_that_is_cut_off_or_longer_is_refused()
    {
        byte[] pack = Small.Pack();
        for (int length = 0; length < pack.Length; length++)
            Assert.Equal("PROOF-05", Flaw(pack[..length], Small.Statement));
        Assert.Equal("PROOF-05", Flaw([.. pack, 0], Small.Statement));
    }

    [Fact]
    public void A_pack_of_another_batch_is_refused()
    {
        var other = new Batch(3, "b-other", 6);
        Assert.Equal("PROOF-02", Flaw(other.Pack(), Small.Statement));
        // The same devices under the other name, and other devices under the same.
        Assert.Equal("PROOF-02", Flaw(Rename(other.Pack(), Small.Statement.BatchId), Small.Statement));
        Assert.Equal("PROOF-02", Flaw(Rename(Small.Pack(), "b-other"), Small.Statement));
        Assert.Equal("PROOF-02", Flaw(Small.Pack(), Small.Statement with { Devices = Small.Statement.Devices with { TreeSize = 4 } }));
    }

    [Fact]
    public void Two_devices_that_changed_places_are_found()
    {
        byte[] pack = Small.Pack();
        ProofPackLayout layout = Small.Layout;
        byte[] swapped = [.. pack.AsSpan(0, (int)layout.RecordAt(1)), .. pack.AsSpan((int)layout.RecordAt(2), layout.RecordBytes),
            .. pack.AsSpan((int)layout.RecordAt(1), layout.RecordBytes)];
        Assert.Equal("PROOF-04", Flaw(swapped, Small.Statement));
    }

    [Fact]
    public void A_header_that_cannot_be_is_refused()
    {
        byte[] header = Small.Layout.WriteHeader();
        foreach ((int at, byte value) in new (int, byte)[] { (112, 0), (112, 65), (112, 255), (72, 0x80), (76, 0xff), (7, (byte)'2') })
        {
            byte[] edited = [.. header];
            edited[at] = value;
            Assert.False(ProofPackLayout.TryReadHeader(edited, out _, out Refusal? refusal));
            Assert.Equal("PROOF-05", refusal.Rule);
        }
        Assert.False(ProofPackLayout.TryReadHeader(Rename(header, ""), out _, out Refusal? noName));
        Assert.Equal("BATCH-03", noName.Rule);
        Assert.False(ProofPackLayout.TryReadHeader([.. header, 0], out _, out _));
    }

    [Fact]
    public void A_writer_takes_exactly_the_devices_of_its_layout()
    {
        var tree = new BlockTree([.. Small.Root]);
        Assert.Throws<ArgumentException>(() => new ProofPackWriter(Stream.Null, ThreeBlocks.Layout, tree));
        Assert.Throws<ArgumentException>(() => new ProofPackWriter(Stream.Null, Small.Layout with { Root = ThreeBlocks.Root }, tree));
        Assert.Throws<ArgumentException>(() => new BlockTree([]));
        Assert.Throws<ArgumentException>(() => new BlockTree(new byte[33]));

        var writer = new ProofPackWriter(Stream.Null, Small.Layout, tree);
        byte[] hash = new byte[32];
        writer.Add(hash, "A"u8, hash, hash);
        Assert.Throws<InvalidOperationException>(writer.Finish);
        writer.Add(hash, "B"u8, hash, hash);
        writer.Add(hash, "C"u8, hash, hash);
        Assert.Throws<InvalidOperationException>(() => writer.Add(hash, "D"u8, hash, hash));
        writer.Finish();
    }

    [Fact]
    public void The_tree_of_the_blocks_has_the_root_of_all_leaves()
    {
        byte[][] leaves = Trees.Leaves(70);
        for (int n = 1; n <= 70; n++)
        {
            var tree = new BlockTree([.. leaves.Take(n).SelectMany(leaf => leaf)]);
            Assert.Equal(Trees.Root(leaves.AsSpan(0, n)), tree.Root.ToArray());
            for (int i = 0; i < n; i++)
            {
                byte[] path = new byte[30 * 32];
                Assert.Equal(Trees.Path(i, leaves.AsSpan(0, n)), path[..tree.WritePath(i, path)]);
            }
        }
    }

    private static byte[] Rename(byte[] pack, string batchId)
    {
        byte[] renamed = [.. pack];
        renamed.AsSpan(8, 64).Clear();
        Encoding.ASCII.GetBytes(batchId, renamed.AsSpan(8, 64));
        return renamed;
    }

    private static ProofPackReader Open(byte[] pack)
    {
        Assert.True(ProofPackReader.TryOpen(new MemoryStream(pack), out ProofPackReader? reader, out Refusal? refusal),
            refusal?.ToString());
        return reader;
    }

    /// <summary>The rule that finds something wrong, or nothing.</summary>
    private static string Flaw(byte[] pack, BatchStatement statement)
    {
        if (!ProofPackReader.TryOpen(new MemoryStream(pack), out ProofPackReader? reader, out Refusal? refusal))
            return refusal.Rule;
        refusal = reader.CheckAgainst(statement);
        while (refusal is null && reader.TryNext(out _, out refusal))
            continue;
        return refusal?.Rule ?? "";
    }
}
