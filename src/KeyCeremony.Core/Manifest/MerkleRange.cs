using System.Numerics;

namespace KeyCeremony.Core.Manifest;

/// <summary>
/// The leaves [<see cref="Start"/>, <see cref="End"/>) of a larger tree, kept as the roots of the complete subtrees
/// that cover them, left to right: at most two a level. Ranges that touch compose, so a tree can be built in pieces
/// anywhere and has the same root. RFC 9162 2.1.1.
/// </summary>
public sealed class MerkleRange
{
    // Two subtrees a level of a tree with up to 2^63 leaves, and the one that is being appended.
    private const int MaxSubtrees = 127;

    private readonly byte[] _hashes = new byte[MaxSubtrees * TreeHash.Length];
    private readonly byte[] _levels = new byte[MaxSubtrees];
    private int _count;

    private MerkleRange(long start) => (Start, End) = (start, start);

    /// <summary>The first leaf, from 0.</summary>
    public long Start { get; }

    /// <summary>Behind the last leaf.</summary>
    public long End { get; private set; }

    public long Count => End - Start;

    /// <summary>The subtrees' roots one behind the other; with start and end they are the whole range.</summary>
    public ReadOnlySpan<byte> Hashes => _hashes.AsSpan(0, _count * TreeHash.Length);

    /// <summary>An empty range before this leaf.</summary>
    public static MerkleRange At(long start)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        return new MerkleRange(start);
    }

    /// <summary>A range from what <see cref="Hashes"/> gave; null when there are not exactly as many as the range needs.</summary>
    public static MerkleRange? From(long start, long end, ReadOnlySpan<byte> hashes)
    {
        if (start < 0 || end < start)
            return null;
        MerkleRange range = At(start);
        while (range.End < end)
        {
            if (hashes.Length < TreeHash.Length)
                return null;
            range.Push(LargestLevel(range.End, end), hashes[..TreeHash.Length]);
            hashes = hashes[TreeHash.Length..];
        }
        return hashes.IsEmpty ? range : null;
    }

    /// <summary>Puts one leaf behind the last.</summary>
    /// <param name="leafHash">32 bytes, from <see cref="TreeHash.Leaf"/>.</param>
    public void Append(ReadOnlySpan<byte> leafHash) => Push(0, leafHash);

    /// <summary>Puts another range behind this one.</summary>
    /// <param name="next">It starts where this one ends.</param>
    public void Append(MerkleRange next)
    {
        if (next.Start != End)
            throw new ArgumentException($"The range starts at {next.Start} and not at {End}.", nameof(next));
        for (int i = 0; i < next._count; i++)
            Push(next._levels[i], next.HashAt(i));
    }

    /// <summary>Of the tree that holds these leaves and no more; the range starts at 0.</summary>
    public byte[] Root()
    {
        if (Start != 0)
            throw new InvalidOperationException("A range that does not start at leaf 0 has no root.");
        if (_count == 0)
            return TreeHash.Empty();
        byte[] root = HashAt(_count - 1).ToArray();
        for (int i = _count - 2; i >= 0; i--)
            TreeHash.Node(HashAt(i), root, root);
        return root;
    }

    // The largest complete subtree that begins here and does not reach beyond the end.
    private static int LargestLevel(long at, long end) =>
        Math.Min(at == 0 ? 62 : BitOperations.TrailingZeroCount(at), BitOperations.Log2((ulong)(end - at)));

    private void Push(int level, ReadOnlySpan<byte> hash)
    {
        long at = End;
        End += 1L << level;
        hash.CopyTo(_hashes.AsSpan(_count * TreeHash.Length, TreeHash.Length));
        _levels[_count++] = (byte)level;
        // Two halves of the same parent become the parent: the second of them has an odd place in its level.
        while (_count > 1 && _levels[_count - 2] == level && ((at >> level) & 1) == 1)
        {
            TreeHash.Node(HashAt(_count - 2), HashAt(_count - 1), HashAt(_count - 2));
            _count--;
            _levels[_count - 1] = (byte)++level;
        }
    }

    private Span<byte> HashAt(int i) => _hashes.AsSpan(i * TreeHash.Length, TreeHash.Length);
}
