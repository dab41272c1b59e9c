using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Manifest.Devices;

namespace KeyCeremony.Core.Tests.Manifest.Devices;

/// <summary>Eight messages at a time, and one after the other where the processor cannot: both are the base library's SHA-256.</summary>
public sealed class HashLaneTests
{
    public static TheoryData<bool> Ways => Sha256Lanes.IsSupported ? [true, false] : [false];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Every_length_hashes_as_the_base_library_does(bool inLanes)
    {
        var messages = new LaneMessages(inLanes);
        for (int length = 0; length <= LaneMessages.MaxLength; length++)
            AssertHashes(messages, [.. Enumerable.Repeat(length, Sha256Lanes.Count)]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Messages_of_different_lengths_hash_together(bool inLanes)
    {
        var messages = new LaneMessages(inLanes);
        Prop.ForAll(Gen.Choose(0, LaneMessages.MaxLength).ArrayOf().Where(lengths => lengths.Length <= Sha256Lanes.Count).ToArbitrary(),
            lengths => AssertHashes(messages, lengths))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_message_that_is_too_long_is_not_cut()
    {
        var messages = new LaneMessages(inLanes: false);
        Assert.Throws<ArgumentOutOfRangeException>(() => messages.Close(0, LaneMessages.MaxLength + 1));
    }

    [Fact]
    public void The_longest_leaf_fits() => Assert.True(1 + DeviceLeaf.MaxLength <= LaneMessages.MaxLength);

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_piece_of_a_tree_is_the_range_that_single_leaves_make(bool inLanes)
    {
        var subtrees = new SubtreeHashes(inLanes);
        Prop.ForAll(Gen.Choose(0, 5000).ToArbitrary(), Gen.Choose(0, 300).ToArbitrary(), (start, count) =>
        {
            byte[] leaves = RandomNumberGenerator.GetBytes(count * TreeHash.Length);
            var expected = MerkleRange.At(start);
            for (int i = 0; i < count; i++)
                expected.Append(leaves.AsSpan(i * TreeHash.Length, TreeHash.Length));
            leaves.CopyTo(subtrees.Leaves(count));

            MerkleRange range = subtrees.Range(0, count, start);

            Assert.Equal((expected.Start, expected.End), (range.Start, range.End));
            Assert.Equal(expected.Hashes.ToArray(), range.Hashes.ToArray());
        }).QuickCheckThrowOnFailure();
    }

    private static void AssertHashes(LaneMessages messages, int[] lengths)
    {
        byte[][] random = lengths.Select(RandomNumberGenerator.GetBytes).ToArray();
        for (int lane = 0; lane < lengths.Length; lane++)
        {
            random[lane].CopyTo(messages.At(lane));
            messages.Close(lane, lengths[lane]);
        }
        byte[] hashes = new byte[lengths.Length * TreeHash.Length];

        messages.Hash(lengths.Length, hashes);

        Assert.Equal(random.SelectMany(SHA256.HashData), hashes);
    }
}
