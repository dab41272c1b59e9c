using System.Diagnostics;

namespace KeyCeremony.Core.Manifest;

/// <summary>A verified block of a pack: its devices stand in the tree whose root the pack's header names.</summary>
public sealed class ProofBlock
{
    private readonly ProofPackLayout _layout;
    private readonly byte[] _bytes;
    private readonly long _number;
    private readonly byte[] _leaves;
    private readonly int _pathBytes;

    private ProofBlock(ProofPackLayout layout, byte[] bytes, long number)
    {
        (_layout, _bytes, _number) = (layout, bytes, number);
        Count = layout.DevicesIn(number);
        _leaves = new byte[Count * TreeHash.Length];
        _pathBytes = InclusionProof.PathLength(number, layout.Blocks) * TreeHash.Length;
    }

    /// <summary>Index of the first device.</summary>
    public long First => _number * ProofPackLayout.BlockDevices;

    /// <summary>Devices in the block.</summary>
    public int Count { get; }

    /// <summary>The proof of a device of this block, which holds.</summary>
    /// <param name="i">From 0, within the block.</param>
    public DeviceProof Prove(int i)
    {
        byte[] path = new byte[InclusionProof.PathLength(First + i, _layout.TreeSize) * TreeHash.Length];
        ReadOnlySpan<byte> within = InclusionProof.Of(Range(0, i), Range(i + 1, Count)).Path.Span;
        within.CopyTo(path);
        UpperPath.CopyTo(path.AsSpan(within.Length));
        return new DeviceProof(_layout.BatchId, Device(i), new InclusionProof(First + i, _layout.TreeSize, path));
    }

    public DeviceRecord Device(int i) => ProofPackLayout.Describe(Record(i));

    /// <summary>Refused: PROOF-05 when the block is not well formed, PROOF-04 when it does not lead to the root.</summary>
    /// <param name="bytes">The whole block; it becomes the block's own.</param>
    internal static Refusal? Verify(ProofPackLayout layout, byte[] bytes, long number, out ProofBlock? verified)
    {
        verified = null;
        var block = new ProofBlock(layout, bytes, number);
        if (bytes.AsSpan(block._pathBytes, layout.PathBytes - block._pathBytes).ContainsAnyExcept((byte)0))
            return ProofPackLayout.NotAPack($"Something stands behind the path of block {number}.");
        for (int i = 0; i < block.Count; i++)
            if (!layout.TryHash(block.Record(i), block.Leaf(i)))
                return ProofPackLayout.NotAPack($"Device {block.First + i} has no serial number, or something stands behind it.");
        Span<byte> root = stackalloc byte[TreeHash.Length];
        if (!InclusionProof.TryRoot(block.Range(0, block.Count).Root(), number, layout.Blocks, block.UpperPath, root))
            throw new UnreachableException("The path was cut to its length.");
        if (!root.SequenceEqual(layout.Root.Span))
            return BatchRules.Root.Refuse(
                $"The devices {block.First} to {block.First + block.Count - 1} do not lead to the root that the pack names.",
                "The pack is not as it was written: take it again from there. A copy that broke off or a failing medium looks the same.");
        verified = block;
        return null;
    }

    private ReadOnlySpan<byte> UpperPath => _bytes.AsSpan(0, _pathBytes);

    private ReadOnlySpan<byte> Record(int i) => _bytes.AsSpan(_layout.PathBytes + (i * _layout.RecordBytes), _layout.RecordBytes);

    private Span<byte> Leaf(int i) => _leaves.AsSpan(i * TreeHash.Length, TreeHash.Length);

    // Within the block, from leaf 0: a block is a tree of its own.
    private MerkleRange Range(int start, int end)
    {
        var range = MerkleRange.At(start);
        for (int i = start; i < end; i++)
            range.Append(Leaf(i));
        return range;
    }
}
