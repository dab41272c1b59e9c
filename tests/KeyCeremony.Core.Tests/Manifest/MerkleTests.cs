using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

public class MerkleTests
{
    private const int Most = 300;

    private static readonly byte[][] Leaves = Trees.Leaves(Most);

    [Fact]
    public void A_range_that_does_not_touch_is_refused()
    {
        MerkleRange range = Trees.Range(Leaves, 0, 5);

        Assert.Throws<ArgumentException>(() => range.Append(Trees.Range(Leaves, 6, 9)));
        Assert.Throws<ArgumentException>(() => range.Append(Trees.Range(Leaves, 4, 9)));
        Assert.Throws<InvalidOperationException>(() => Trees.Range(Leaves, 1, 5).Root());
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleRange.At(-1));
    }

    [Fact]
    public void A_range_with_a_hash_too_many_or_too_few_is_none()
    {
        byte[] hashes = Trees.Range(Leaves, 5, 20).Hashes.ToArray();

        Assert.NotNull(MerkleRange.From(5, 20, hashes));
        Assert.Null(MerkleRange.From(5, 20, hashes.AsSpan(32)));
        Assert.Null(MerkleRange.From(5, 20, [.. hashes, .. hashes.AsSpan(0, 32)]));
        Assert.Null(MerkleRange.From(5, 20, [.. hashes, 0]));
        Assert.Null(MerkleRange.From(20, 5, hashes));
        Assert.Null(MerkleRange.From(-1, 5, hashes));
    }

    [Fact]
    public void Every_tree_has_the_root_that_the_standard_defines()
    {
        var range = MerkleRange.At(0);
        for (int n = 0; n <= Most; n++)
        {
            Assert.Equal(Trees.Root(Leaves.AsSpan(0, n)), range.Root());
            if (n < Most)
                range.Append(Leaves[n]);
        }
    }

    [Fact]
    public void A_leaf_is_hashed_at_any_length()
    {
        foreach (int length in new[] { 0, 1, 208, 255, 256, 257, 5000 })
        {
            byte[] leaf = RandomNumberGenerator.GetBytes(length);
            byte[] hash = new byte[32];
            TreeHash.Leaf(leaf, hash);
            Assert.Equal(SHA256.HashData([0x00, .. leaf]), hash);
        }
    }

    /// <summary>However a tree is cut into pieces, and however these are put together, it is the same tree.</summary>
    [Fact]
    public void Pieces_compose_to_the_same_tree()
    {
        Gen<int[]> cuts = Gen.Choose(0, Most).ArrayOf();
        Check.QuickThrowOnFailure(Prop.ForAll(cuts.ToArbitrary(), Gen.Choose(0, Most).ToArbitrary(), (at, end) =>
        {
            int[] edges = [0, .. at.Where(cut => cut < end).Order(), end];
            var pieces = edges.Zip(edges.Skip(1)).Select(edge => Trees.Range(Leaves, edge.First, edge.Second)).ToList();
            // From the right, and written down in between.
            while (pieces.Count > 1)
            {
                pieces[^2].Append(MerkleRange.From(pieces[^1].Start, pieces[^1].End, pieces[^1].Hashes)!);
                pieces.RemoveAt(pieces.Count - 1);
            }
            return pieces[0].Root().AsSpan().SequenceEqual(Trees.Root(Leaves.AsSpan(0, end))) && pieces[0].End == end;
        }));
    }

    [Fact]
    public void The_path_of_every_leaf_of_every_tree_is_that_of_the_standard()
    {
        for (int n = 1; n <= 70; n++)
            for (int i = 0; i < n; i++)
            {
                var proof = InclusionProof.Of(Trees.Range(Leaves, 0, i), Trees.Range(Leaves, i + 1, n));
                Assert.Equal((i, n), (proof.Index, proof.TreeSize));
                Assert.Equal(Trees.Path(i, Leaves.AsSpan(0, n)), proof.Path.ToArray());
                Assert.Equal(proof.Path.Length, 32 * InclusionProof.PathLength(i, n));
                byte[] root = new byte[32];
                Assert.True(proof.TryRoot(Leaves[i], root));
                Assert.Equal(Trees.Root(Leaves.AsSpan(0, n)), root);
            }
    }

    [Fact]
    public void A_path_of_another_length_leads_nowhere()
    {
        byte[] root = new byte[32];
        for (int n = 1; n <= 70; n++)
            for (int i = 0; i < n; i++)
            {
                byte[] path = Trees.Path(i, Leaves.AsSpan(0, n));
                Assert.False(InclusionProof.TryRoot(Leaves[i], i, n, [.. path, .. Leaves[0]], root));
                Assert.False(InclusionProof.TryRoot(Leaves[i], i, n, [.. path, 0], root));
                Assert.False(path.Length > 0 && InclusionProof.TryRoot(Leaves[i], i, n, path.AsSpan(32), root));
                Assert.False(InclusionProof.TryRoot(Leaves[i], i + n, n, path, root));
                Assert.False(InclusionProof.TryRoot(Leaves[i], -1, n, path, root));
            }
    }

    /// <summary>No path is good for two places: else a device could be said to stand somewhere else.</summary>
    [Fact]
    public void A_path_holds_at_its_own_index_only()
    {
        byte[] root = new byte[32];
        for (int n = 2; n <= 24; n++)
            for (int i = 0; i < n; i++)
                for (int other = 0; other < n; other++)
                {
                    bool leads = InclusionProof.TryRoot(Leaves[i], other, n, Trees.Path(i, Leaves.AsSpan(0, n)), root);
                    Assert.Equal(i == other, leads && root.AsSpan().SequenceEqual(Trees.Root(Leaves.AsSpan(0, n))));
                }
    }
}
