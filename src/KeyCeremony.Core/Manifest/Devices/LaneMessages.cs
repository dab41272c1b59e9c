using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>Eight short messages that are hashed together; their lengths may differ.</summary>
/// <param name="inLanes">By <see cref="Sha256Lanes"/>; else one after the other, as any computer can.</param>
internal sealed class LaneMessages(bool inLanes)
{
    /// <summary>A leaf with its prefix is shorter.</summary>
    public const int MaxLength = Capacity - MinPadding;

    private const int MaxBlocks = 4;
    private const int Capacity = MaxBlocks * Sha256Lanes.BlockLength;
    private const int HalfBlockWords = LaneWords.Length / 2;
    private const int LengthBytes = 8;
    private const int MinPadding = 1 + LengthBytes;
    private const byte EndOfMessage = 0x80;

    private readonly byte[] _messages = new byte[Sha256Lanes.Count * Capacity];
    private readonly int[] _lengths = new int[Sha256Lanes.Count];
    private readonly int[] _blocks = new int[Sha256Lanes.Count];

    /// <summary>Where a message is written, from its first byte; then <see cref="Close"/> it.</summary>
    public Span<byte> At(int lane) => _messages.AsSpan(lane * Capacity, Capacity);

    /// <summary>Pads the message. FIPS 180-4 5.1.1.</summary>
    public void Close(int lane, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        int blocks = (length + MinPadding + Sha256Lanes.BlockLength - 1) / Sha256Lanes.BlockLength;
        (_lengths[lane], _blocks[lane]) = (length, blocks);
        Span<byte> padding = At(lane)[length..(blocks * Sha256Lanes.BlockLength)];
        padding.Clear();
        padding[0] = EndOfMessage;
        BinaryPrimitives.WriteUInt64BigEndian(padding[^LengthBytes..], (ulong)length * 8);
    }

    /// <summary>The hashes of the first <paramref name="count"/> messages, one behind the other.</summary>
    public void Hash(int count, Span<byte> hashes)
    {
        if (inLanes)
            HashInLanes(count, hashes);
        else
            for (int lane = 0; lane < count; lane++)
                SHA256.HashData(At(lane)[.._lengths[lane]], hashes.Slice(lane * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes));
    }

    // A message that has ended before the longest is hashed on for nothing: its hash was taken when it ended.
    private void HashInLanes(int count, Span<byte> hashes)
    {
        LaneState state = default;
        LaneWords words = default;
        Sha256Lanes.Start(ref state);
        Span<int> blocks = _blocks.AsSpan(0, count);
        int longest = 0;
        foreach (int length in blocks)
            longest = Math.Max(longest, length);
        for (int block = 1; block <= longest; block++)
        {
            Span<byte> rows = _messages.AsSpan((block - 1) * Sha256Lanes.BlockLength);
            Sha256Lanes.Load(words[..HalfBlockWords], rows, Capacity);
            Sha256Lanes.Load(words[HalfBlockWords..], rows[(Sha256Lanes.BlockLength / 2)..], Capacity);
            Sha256Lanes.Compress(ref state, ref words);
            if (blocks.Contains(block))
                Take(state, block, count, hashes);
        }
    }

    private void Take(LaneState state, int block, int count, Span<byte> hashes)
    {
        Sha256Lanes.Finish(ref state);
        for (int lane = 0; lane < count; lane++)
            if (_blocks[lane] == block)
                state[lane].AsByte().CopyTo(hashes.Slice(lane * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes));
    }
}
