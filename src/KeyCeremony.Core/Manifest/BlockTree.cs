namespace KeyCeremony.Core.Manifest;

/// <summary>
/// The tree above the blocks of a pack. A block's root is the RFC 9162 root of its own leaves; because a block has a
/// power of two of leaves, the roots of the blocks are the leaves of a tree that has the batch's root.
/// </summary>
public sealed class BlockTree
{
    // The roots of the blocks, then each level above; a node without a neighbour goes up as it is.
    private readonly List<byte[]> _levels = [];

    /// <param name="blockRoots">32 bytes a block, at least one block. The array becomes the tree's own.</param>
    public BlockTree(byte[] blockRoots)
    {
        if (blockRoots.Length == 0 || blockRoots.Length % TreeHash.Length != 0)
            throw new ArgumentException("There is no block, or half a hash.", nameof(blockRoots));
        _levels.Add(blockRoots);
        while (_levels[^1].Length > TreeHash.Length)
            _levels.Add(Above(_levels[^1]));
    }

    public long Blocks => _levels[0].Length / TreeHash.Length;

    /// <summary>The batch's.</summary>
    public ReadOnlyMemory<byte> Root => _levels[^1];

    /// <summary>From the block's root to the batch's: hashes of 32 bytes, the block's neighbour first. Returns how many bytes.</summary>
    /// <param name="path">At least 30 hashes long, or as many as there are levels.</param>
    public int WritePath(long block, Span<byte> path)
    {
        int written = 0;
        for (int level = 0; level < _levels.Count - 1; level++, block >>= 1)
        {
            int neighbour = (int)(block ^ 1) * TreeHash.Length;
            if (neighbour >= _levels[level].Length)
                continue;
            _levels[level].AsSpan(neighbour, TreeHash.Length).CopyTo(path[written..]);
            written += TreeHash.Length;
        }
        return written;
    }

    private static byte[] Above(byte[] level)
    {
        int count = level.Length / TreeHash.Length;
        byte[] above = new byte[(count + 1) / 2 * TreeHash.Length];
        for (int i = 0; i < count; i += 2)
        {
            Span<byte> node = above.AsSpan(i / 2 * TreeHash.Length, TreeHash.Length);
            Span<byte> left = level.AsSpan(i * TreeHash.Length, TreeHash.Length);
            if (i + 1 < count)
                TreeHash.Node(left, level.AsSpan((i + 1) * TreeHash.Length, TreeHash.Length), node);
            else
                left.CopyTo(node);
        }
        return above;
    }
}
