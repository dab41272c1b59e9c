using System.Numerics;

namespace KeyCeremony.Core.Manifest;

/// <summary>That one leaf stands in a tree: the hashes beside its way up to the root. RFC 9162 2.1.3.</summary>
/// <param name="Index">Of the leaf, from 0.</param>
/// <param name="TreeSize">Leaves of the whole tree.</param>
/// <param name="Path">Hashes of 32 bytes, one behind the other, the leaf's neighbour first.</param>
public sealed record InclusionProof(long Index, long TreeSize, ReadOnlyMemory<byte> Path)
{
    /// <summary>
    /// From all leaves before a leaf and all behind it; the leaf's index is where the first range ends. One pass over
    /// the leaves with little memory, so the proof of one device needs no stored tree.
    /// </summary>
    /// <param name="before">From 0 to the leaf.</param>
    /// <param name="after">From behind the leaf to the end of the tree.</param>
    public static InclusionProof Of(MerkleRange before, MerkleRange after)
    {
        if (before.Start != 0 || after.Start != before.End + 1)
            throw new ArgumentException($"One leaf does not stand between leaf {before.End} and leaf {after.Start}.", nameof(after));
        (long index, long size) = (before.End, after.End);
        byte[] path = new byte[PathLength(index, size) * TreeHash.Length];
        Span<byte> rest = path;
        // The ranges' subtrees are the leaf's neighbours: from the last one back on the left, from the first one on on the right.
        ReadOnlySpan<byte> left = before.Hashes, right = after.Hashes;
        for ((int level, long place) = (0, index); !rest.IsEmpty; level++, place >>= 1)
        {
            if ((place & 1) == 1)
            {
                left[^TreeHash.Length..].CopyTo(rest);
                left = left[..^TreeHash.Length];
            }
            else if (place + 2 <= size >> level)
            {
                right[..TreeHash.Length].CopyTo(rest);
                right = right[TreeHash.Length..];
            }
            else if ((place + 1) << level < size)
            {
                Fold(right, rest[..TreeHash.Length]);
            }
            else
            {
                // The last node of a level has no neighbour and goes up alone.
                continue;
            }
            rest = rest[TreeHash.Length..];
        }
        return new InclusionProof(index, size, path);
    }

    /// <summary>Hashes in the path of this leaf, exactly.</summary>
    public static int PathLength(long index, long treeSize)
    {
        // Up to where the ways of this leaf and of the last one meet, a neighbour a level; above, only neighbours to the left.
        int inner = BitLength(index ^ (treeSize - 1));
        return inner + BitOperations.PopCount((ulong)(index >> inner));
    }

    /// <summary>
    /// The root that leaf and path lead to. False when the index is outside of the tree or the path is not exactly as long as it must be.
    /// </summary>
    /// <param name="leafHash">From <see cref="TreeHash.Leaf"/>.</param>
    public bool TryRoot(ReadOnlySpan<byte> leafHash, Span<byte> root) => TryRoot(leafHash, Index, TreeSize, Path.Span, root);

    /// <summary>RFC 9162 2.1.3.2.</summary>
    public static bool TryRoot(ReadOnlySpan<byte> leafHash, long index, long treeSize, ReadOnlySpan<byte> path, Span<byte> root)
    {
        if (index < 0 || index >= treeSize || path.Length % TreeHash.Length != 0)
            return false;
        leafHash.CopyTo(root);
        (long fn, long sn) = (index, treeSize - 1);
        for (; !path.IsEmpty; path = path[TreeHash.Length..])
        {
            if (sn == 0)
                return false;
            ReadOnlySpan<byte> p = path[..TreeHash.Length];
            if ((fn & 1) == 1 || fn == sn)
            {
                TreeHash.Node(p, root, root);
                while ((fn & 1) == 0 && fn != 0)
                    (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                TreeHash.Node(root, p, root);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0;
    }

    private static int BitLength(long number) => 64 - BitOperations.LeadingZeroCount((ulong)number);

    // What is left on the right of a tree that is not full is one node.
    private static void Fold(ReadOnlySpan<byte> hashes, Span<byte> node)
    {
        hashes[^TreeHash.Length..].CopyTo(node);
        for (hashes = hashes[..^TreeHash.Length]; !hashes.IsEmpty; hashes = hashes[..^TreeHash.Length])
            TreeHash.Node(hashes[^TreeHash.Length..], node, node);
    }
}
