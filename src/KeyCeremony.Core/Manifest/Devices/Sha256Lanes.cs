using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>
/// SHA-256 (FIPS 180-4) of eight messages at a time, each in a lane of AVX2's registers: a call of libcrypto takes longer
/// than hashing the few bytes of a leaf. Every operation is done on eight words, one of each message.
/// </summary>
internal static class Sha256Lanes
{
    /// <summary>Messages at a time.</summary>
    public const int Count = 8;

    public const int BlockLength = 64;

    private const int Rounds = 64;

    public static bool IsSupported => Avx2.IsSupported;

    // FIPS 180-4 4.2.2.
    private static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>The chaining values before the first block. FIPS 180-4 5.3.3.</summary>
    public static void Start(ref LaneState state)
    {
        state[0] = Vector256.Create(0x6a09e667u);
        state[1] = Vector256.Create(0xbb67ae85u);
        state[2] = Vector256.Create(0x3c6ef372u);
        state[3] = Vector256.Create(0xa54ff53au);
        state[4] = Vector256.Create(0x510e527fu);
        state[5] = Vector256.Create(0x9b05688cu);
        state[6] = Vector256.Create(0x1f83d9abu);
        state[7] = Vector256.Create(0x5be0cd19u);
    }

    /// <summary>Eight words of each message.</summary>
    /// <param name="rows">The first message's bytes.</param>
    /// <param name="distance">From one message to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(Span<Vector256<uint>> words, ReadOnlySpan<byte> rows, int distance)
    {
        (Vector256<uint> r0, Vector256<uint> r1, Vector256<uint> r2, Vector256<uint> r3) = (Row(rows),
            Row(rows[distance..]), Row(rows[(2 * distance)..]), Row(rows[(3 * distance)..]));
        (Vector256<uint> r4, Vector256<uint> r5, Vector256<uint> r6, Vector256<uint> r7) = (Row(rows[(4 * distance)..]),
            Row(rows[(5 * distance)..]), Row(rows[(6 * distance)..]), Row(rows[(7 * distance)..]));
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        (words[7], words[6], words[5], words[4]) = (r7, r6, r5, r4);
        (words[3], words[2], words[1], words[0]) = (r3, r2, r1, r0);
    }

    /// <summary>The eight hashes, a register each, as their bytes lie in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Finish(ref LaneState state)
    {
        (Vector256<uint> r0, Vector256<uint> r1, Vector256<uint> r2, Vector256<uint> r3) = (state[0], state[1], state[2], state[3]);
        (Vector256<uint> r4, Vector256<uint> r5, Vector256<uint> r6, Vector256<uint> r7) = (state[4], state[5], state[6], state[7]);
        Transpose(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
        (state[0], state[1], state[2], state[3]) = (BigEndian(r0), BigEndian(r1), BigEndian(r2), BigEndian(r3));
        (state[4], state[5], state[6], state[7]) = (BigEndian(r4), BigEndian(r5), BigEndian(r6), BigEndian(r7));
    }

    /// <summary>One block of each message. FIPS 180-4 6.2.2. The words are used up.</summary>
    // Compiled at full optimisation at once: what the first tier makes of it is fifty times slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compress(ref LaneState state, ref LaneWords w)
    {
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (state[0], state[1], state[2], state[3]);
        (Vector256<uint> e, Vector256<uint> f, Vector256<uint> g, Vector256<uint> h) = (state[4], state[5], state[6], state[7]);
        for (int t = 0; ; t += LaneWords.Length)
        {
            ReadOnlySpan<uint> k = RoundConstants.Slice(t, LaneWords.Length);
            Round(a, b, c, ref d, e, f, g, ref h, w[0] + Vector256.Create(k[0]));
            Round(h, a, b, ref c, d, e, f, ref g, w[1] + Vector256.Create(k[1]));
            Round(g, h, a, ref b, c, d, e, ref f, w[2] + Vector256.Create(k[2]));
            Round(f, g, h, ref a, b, c, d, ref e, w[3] + Vector256.Create(k[3]));
            Round(e, f, g, ref h, a, b, c, ref d, w[4] + Vector256.Create(k[4]));
            Round(d, e, f, ref g, h, a, b, ref c, w[5] + Vector256.Create(k[5]));
            Round(c, d, e, ref f, g, h, a, ref b, w[6] + Vector256.Create(k[6]));
            Round(b, c, d, ref e, f, g, h, ref a, w[7] + Vector256.Create(k[7]));
            Round(a, b, c, ref d, e, f, g, ref h, w[8] + Vector256.Create(k[8]));
            Round(h, a, b, ref c, d, e, f, ref g, w[9] + Vector256.Create(k[9]));
            Round(g, h, a, ref b, c, d, e, ref f, w[10] + Vector256.Create(k[10]));
            Round(f, g, h, ref a, b, c, d, ref e, w[11] + Vector256.Create(k[11]));
            Round(e, f, g, ref h, a, b, c, ref d, w[12] + Vector256.Create(k[12]));
            Round(d, e, f, ref g, h, a, b, ref c, w[13] + Vector256.Create(k[13]));
            Round(c, d, e, ref f, g, h, a, ref b, w[14] + Vector256.Create(k[14]));
            Round(b, c, d, ref e, f, g, h, ref a, w[15] + Vector256.Create(k[15]));
            if (t == Rounds - LaneWords.Length)
                break;
            Schedule(ref w);
        }
        (state[0], state[1], state[2], state[3]) = (state[0] + a, state[1] + b, state[2] + c, state[3] + d);
        (state[4], state[5], state[6], state[7]) = (state[4] + e, state[5] + f, state[6] + g, state[7] + h);
    }

    // The next sixteen words of the message schedule, in the place of the sixteen before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Schedule(ref LaneWords w)
    {
        w[0] += SmallSigma0(w[1]) + w[9] + SmallSigma1(w[14]);
        w[1] += SmallSigma0(w[2]) + w[10] + SmallSigma1(w[15]);
        w[2] += SmallSigma0(w[3]) + w[11] + SmallSigma1(w[0]);
        w[3] += SmallSigma0(w[4]) + w[12] + SmallSigma1(w[1]);
        w[4] += SmallSigma0(w[5]) + w[13] + SmallSigma1(w[2]);
        w[5] += SmallSigma0(w[6]) + w[14] + SmallSigma1(w[3]);
        w[6] += SmallSigma0(w[7]) + w[15] + SmallSigma1(w[4]);
        w[7] += SmallSigma0(w[8]) + w[0] + SmallSigma1(w[5]);
        w[8] += SmallSigma0(w[9]) + w[1] + SmallSigma1(w[6]);
        w[9] += SmallSigma0(w[10]) + w[2] + SmallSigma1(w[7]);
        w[10] += SmallSigma0(w[11]) + w[3] + SmallSigma1(w[8]);
        w[11] += SmallSigma0(w[12]) + w[4] + SmallSigma1(w[9]);
        w[12] += SmallSigma0(w[13]) + w[5] + SmallSigma1(w[10]);
        w[13] += SmallSigma0(w[14]) + w[6] + SmallSigma1(w[11]);
        w[14] += SmallSigma0(w[15]) + w[7] + SmallSigma1(w[12]);
        w[15] += SmallSigma0(w[0]) + w[8] + SmallSigma1(w[13]);
    }

    // The letters move on by one from round to round, so that only two of the eight values change.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, ref Vector256<uint> d,
        Vector256<uint> e, Vector256<uint> f, Vector256<uint> g, ref Vector256<uint> h, Vector256<uint> wordAndConstant)
    {
        Vector256<uint> t1 = h + BigSigma1(e) + (g ^ (e & (f ^ g))) + wordAndConstant;
        d += t1;
        h = t1 + BigSigma0(a) + ((a & b) | (c & (a | b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> BigSigma0(Vector256<uint> x) =>
        ((x >>> 2) | (x << 30)) ^ ((x >>> 13) | (x << 19)) ^ ((x >>> 22) | (x << 10));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> BigSigma1(Vector256<uint> x) =>
        ((x >>> 6) | (x << 26)) ^ ((x >>> 11) | (x << 21)) ^ ((x >>> 25) | (x << 7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> SmallSigma0(Vector256<uint> x) => ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> SmallSigma1(Vector256<uint> x) => ((x >>> 17) | (x << 15)) ^ ((x >>> 19) | (x << 13)) ^ (x >>> 10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Row(ReadOnlySpan<byte> bytes) => BigEndian(Vector256.Create(bytes).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> BigEndian(Vector256<uint> words) => Avx2.Shuffle(words.AsByte(), Vector256.Create(
        (byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)).AsUInt32();

    // Eight rows of eight words become eight columns: pairs, then fours, then the halves of the registers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector256<uint> r0, ref Vector256<uint> r1, ref Vector256<uint> r2,
        ref Vector256<uint> r3, ref Vector256<uint> r4, ref Vector256<uint> r5, ref Vector256<uint> r6, ref Vector256<uint> r7)
    {
        (Vector256<ulong> p0, Vector256<ulong> p1) = (Avx2.UnpackLow(r0, r1).AsUInt64(), Avx2.UnpackHigh(r0, r1).AsUInt64());
        (Vector256<ulong> p2, Vector256<ulong> p3) = (Avx2.UnpackLow(r2, r3).AsUInt64(), Avx2.UnpackHigh(r2, r3).AsUInt64());
        (Vector256<ulong> p4, Vector256<ulong> p5) = (Avx2.UnpackLow(r4, r5).AsUInt64(), Avx2.UnpackHigh(r4, r5).AsUInt64());
        (Vector256<ulong> p6, Vector256<ulong> p7) = (Avx2.UnpackLow(r6, r7).AsUInt64(), Avx2.UnpackHigh(r6, r7).AsUInt64());
        (Vector256<uint> f0, Vector256<uint> f1) = (Avx2.UnpackLow(p0, p2).AsUInt32(), Avx2.UnpackHigh(p0, p2).AsUInt32());
        (Vector256<uint> f2, Vector256<uint> f3) = (Avx2.UnpackLow(p1, p3).AsUInt32(), Avx2.UnpackHigh(p1, p3).AsUInt32());
        (Vector256<uint> f4, Vector256<uint> f5) = (Avx2.UnpackLow(p4, p6).AsUInt32(), Avx2.UnpackHigh(p4, p6).AsUInt32());
        (Vector256<uint> f6, Vector256<uint> f7) = (Avx2.UnpackLow(p5, p7).AsUInt32(), Avx2.UnpackHigh(p5, p7).AsUInt32());
        (r0, r4) = (Avx2.Permute2x128(f0, f4, 0x20), Avx2.Permute2x128(f0, f4, 0x31));
        (r1, r5) = (Avx2.Permute2x128(f1, f5, 0x20), Avx2.Permute2x128(f1, f5, 0x31));
        (r2, r6) = (Avx2.Permute2x128(f2, f6, 0x20), Avx2.Permute2x128(f2, f6, 0x31));
        (r3, r7) = (Avx2.Permute2x128(f3, f7, 0x20), Avx2.Permute2x128(f3, f7, 0x31));
    }
}

/// <summary>Eight registers: the chaining values of eight messages; at the end a hash each.</summary>
[InlineArray(Sha256Lanes.Count)]
internal struct LaneState
{
    private Vector256<uint> _first;
}

/// <summary>Sixteen registers: the words of a block of eight messages.</summary>
[InlineArray(Length)]
internal struct LaneWords
{
    public const int Length = 16;

    private Vector256<uint> _first;
}
