using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// xoshiro256** (Blackman and Vigna), seeded with SHA-256 of a seed: sender and receiver draw the same numbers. Not secret,
/// not for keys. BCR-2024-001 4.
/// </summary>
internal sealed class Xoshiro256
{
    private const double TwoTo64 = 18446744073709551616.0;

    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    public Xoshiro256(ReadOnlySpan<byte> seed)
    {
        Span<byte> state = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(seed, state);
        (_a, _b) = (BinaryPrimitives.ReadUInt64BigEndian(state), BinaryPrimitives.ReadUInt64BigEndian(state[8..]));
        (_c, _d) = (BinaryPrimitives.ReadUInt64BigEndian(state[16..]), BinaryPrimitives.ReadUInt64BigEndian(state[24..]));
    }

    public ulong Next()
    {
        ulong result = unchecked(BitOperations.RotateLeft(_b * 5, 7) * 9);
        ulong shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    public double NextDouble() => Next() / TwoTo64;

    /// <summary>0 to <paramref name="count"/> − 1.</summary>
    public int NextBelow(int count) => (int)(NextDouble() * count);
}
