using System.Security.Cryptography;

namespace KeyCeremony.Core.Manifest;

/// <summary>The hashes of a Merkle tree. RFC 9162 2.1.1 with SHA-256: the first byte tells a leaf from a node.</summary>
public static class TreeHash
{
    /// <summary>Bytes of every hash.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>What a statement calls this way of hashing.</summary>
    public const string Algorithm = "rfc9162-sha256";

    private const byte LeafPrefix = 0x00;
    private const byte NodePrefix = 0x01;

    // A device's leaf is shorter.
    private const int LeafOnStack = 256;

    /// <summary>SHA-256(0x00 ‖ leaf) into 32 bytes.</summary>
    public static void Leaf(ReadOnlySpan<byte> leaf, Span<byte> hash)
    {
        Span<byte> input = leaf.Length < LeafOnStack ? stackalloc byte[LeafOnStack] : new byte[1 + leaf.Length];
        input[0] = LeafPrefix;
        leaf.CopyTo(input[1..]);
        SHA256.HashData(input[..(1 + leaf.Length)], hash);
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right) into 32 bytes, which may be those of left or right.</summary>
    public static void Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Length)];
        input[0] = NodePrefix;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Length)..]);
        SHA256.HashData(input, hash);
    }

    /// <summary>The root of a tree without leaves: SHA-256 of nothing.</summary>
    public static byte[] Empty() => SHA256.HashData([]);
}
