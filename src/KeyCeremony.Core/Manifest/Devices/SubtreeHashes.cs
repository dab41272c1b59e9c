using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Leaf hashes of a piece of the tree, side by side, and what becomes of them: <see cref="MerkleRange"/>s.</summary>
/// <param name="inLanes">As for <see cref="LaneMessages"/>.</param>
internal sealed class SubtreeHashes(bool inLanes)
{
    private const int Length = TreeHash.Length;

    // A node's message begins with a prefix: it is read from one byte before its first child.
    private const int Front = Length;

    // Behind the last hash: eight pairs are always loaded.
    private const int Behind = 2 * Sha256Lanes.Count * Length;

    private const uint NodePrefix = 0x01;
    private const uint NodeBits = (1 + (2 * Length)) * 8;
    private const int HalfBlockWords = LaneWords.Length / 2;

    private readonly List<byte> _hashesOfRange = [];
    private readonly List<byte[]> _right = [];
    private byte[] _hashes = [];

    /// <summary>Where the leaf hashes are written.</summary>
    public Span<byte> Leaves(int count)
    {
        if (_hashes.Length < Front + (count * Length) + Behind)
            _hashes = new byte[Front + (count * Length) + Behind];
        return _hashes.AsSpan(Front, count * Length);
    }

    /// <summary>The range of some of the leaves in <see cref="Leaves"/>, which are used up.</summary>
    /// <param name="first">Of them, its place in <see cref="Leaves"/>.</param>
    /// <param name="start">Of them, its place in the whole tree.</param>
    public MerkleRange Range(int first, int count, long start)
    {
        _hashesOfRange.Clear(); // first what has no left neighbour, from small to large
        _right.Clear();         // then what has no right neighbour, from large to small
        long at = start;
        for (int rest = count; rest > 0; at /= 2, rest /= 2)
        {
            int skipped = (int)(at & 1);
            if (skipped == 1)
            {
                _hashesOfRange.AddRange(At(first));
                (at, rest) = (at + 1, rest - 1);
            }
            if ((rest & 1) == 1)
                _right.Add(At(first + skipped + rest - 1).ToArray());
            HashPairs(first + skipped, first, rest / 2);
        }
        foreach (byte[]? subtree in Enumerable.Reverse(_right))
            _hashesOfRange.AddRange(subtree);
        return MerkleRange.From(start, start + count, CollectionsMarshal.AsSpan(_hashesOfRange))!;
    }

    /// <summary>Nodes from pairs of hashes; in place, for <paramref name="to"/> does not lie behind <paramref name="from"/>.</summary>
    private void HashPairs(int from, int to, int pairs)
    {
        if (inLanes)
            for (int pair = 0; pair < pairs; pair += Sha256Lanes.Count)
                HashLanes(from + (2 * pair), to + pair, Math.Min(Sha256Lanes.Count, pairs - pair));
        else
            for (int pair = 0; pair < pairs; pair++)
                TreeHash.Node(At(from + (2 * pair)), At(from + (2 * pair) + 1), At(to + pair));
    }

    // Lanes behind the last pair hash what happens to lie there.
    private void HashLanes(int from, int to, int count)
    {
        LaneState state = default;
        LaneWords words = default;
        Sha256Lanes.Start(ref state);
        // The first block is the prefix and all but the last byte of the children.
        Span<byte> children = _hashes.AsSpan(Front + (from * Length));
        Sha256Lanes.Load(words[..HalfBlockWords], _hashes.AsSpan(Front + (from * Length) - 1), 2 * Length);
        Sha256Lanes.Load(words[HalfBlockWords..], children[(Length - 1)..], 2 * Length);
        words[0] = (words[0] & Vector256.Create(0x00FFFFFFu)) | Vector256.Create(NodePrefix << 24);
        Sha256Lanes.Compress(ref state, ref words);
        LoadLastBlock(ref words, children);
        Sha256Lanes.Compress(ref state, ref words);
        Sha256Lanes.Finish(ref state);
        for (int lane = 0; lane < count; lane++)
            state[lane].AsByte().CopyTo(At(to + lane));
    }

    // The last byte and the padding, which is the same for every node.
    private static void LoadLastBlock(ref LaneWords words, ReadOnlySpan<byte> children)
    {
        Span<uint> last = stackalloc uint[Sha256Lanes.Count];
        for (int lane = 0; lane < Sha256Lanes.Count; lane++)
            last[lane] = ((uint)children[(2 * Length * lane) + (2 * Length) - 1] << 24) | 0x800000;
        words = default;
        words[0] = Vector256.Create(last);
        words[LaneWords.Length - 1] = Vector256.Create(NodeBits);
    }

    private Span<byte> At(int place) => _hashes.AsSpan(Front + (place * Length), Length);
}
