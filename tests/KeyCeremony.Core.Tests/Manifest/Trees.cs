using System.Security.Cryptography;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>The tree as RFC 9162 2.1.1 defines it, by recursion: slow, and nothing like the code under test.</summary>
internal static class Trees
{
    public static byte[] Leaf(long i) => SHA256.HashData([0x00, .. BitConverter.GetBytes(i)]);

    public static byte[][] Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => Leaf(i))];

    /// <summary>MTH(D_n), the leaves already hashed.</summary>
    public static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.IsEmpty)
            return SHA256.HashData([]);
        if (leaves.Length == 1)
            return leaves[0];
        int k = Split(leaves.Length);
        return SHA256.HashData([0x01, .. Root(leaves[..k]), .. Root(leaves[k..])]);
    }

    /// <summary>PATH(m, D_n). RFC 9162 2.1.3.1.</summary>
    public static byte[] Path(int m, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
            return [];
        int k = Split(leaves.Length);
        return m < k ? [.. Path(m, leaves[..k]), .. Root(leaves[k..])] : [.. Path(m - k, leaves[k..]), .. Root(leaves[..k])];
    }

    public static MerkleRange Range(byte[][] leaves, int start, int end)
    {
        var range = MerkleRange.At(start);
        for (int i = start; i < end; i++)
            range.Append(leaves[i]);
        return range;
    }

    private static int Split(int n)
    {
        int k = 1;
        while (2 * k < n)
            k *= 2;
        return k;
    }
}
