using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Pki.Requests;

public sealed class ToldHashTests
{
    private static readonly byte[] Hash = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 37 % 256))];

    [Fact]
    public void Any_writing_of_the_right_hash_is_accepted()
    {
        string hex = Convert.ToHexStringLower(Hash), words = PgpWords.Of(Hash);

        Assert.All(
            new[]
            {
                hex, hex.ToUpperInvariant(), $"  {hex}\n", string.Join(':', hex.Chunk(2).Select(two => new string(two))),
                string.Join(' ', hex.Chunk(4).Select(four => new string(four))),
                words, words.ToUpperInvariant(), words.ToLowerInvariant(), words.Replace(" ", ",  ", StringComparison.Ordinal),
                words.Replace(" ", "\r\n", StringComparison.Ordinal), words.Replace(' ', '-'),
            },
            typed => Assert.Null(ToldHash.Compare(Hash, typed)));
    }

    [Fact]
    public void The_first_wrong_word_is_named_and_the_right_one_is_not()
    {
        byte[] other = Hash.ToArray();
        other[6] ^= 0x10;
        other[20] ^= 0x01;

        Refusal? refusal = ToldHash.Compare(Hash, PgpWords.Of(other));

        Assert.Equal("REQ-41", refusal?.Rule);
        Assert.StartsWith($"Word 7, '{PgpWords.Words(other)[6]}'", refusal!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(PgpWords.Words(Hash)[6], refusal.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("in DER and in PEM", refusal.Remedy, StringComparison.Ordinal);
        // The statement of a batch is told in the same way, by a factory, and has no other form.
        foreach (string typed in new[] { PgpWords.Of(other), Convert.ToHexString(other) })
        {
            Refusal? batch = ToldHash.Compare(Hash, typed, ofBatch: true);
            Assert.Equal("REQ-41", batch?.Rule);
            Assert.StartsWith("Ask the factory", batch!.Remedy, StringComparison.Ordinal);
            Assert.DoesNotContain("DER", batch.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_first_wrong_group_of_digits_is_named_and_the_right_one_is_not()
    {
        byte[] other = Hash.ToArray();
        other[7] ^= 0x10;

        Refusal? refusal = ToldHash.Compare(Hash, Convert.ToHexString(other));

        Assert.Equal("REQ-41", refusal?.Rule);
        Assert.StartsWith($"Digits 13 to 16, '{Convert.ToHexString(other)[12..16]}'", refusal!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(Hash)[12..16], refusal.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("REQ-40", "")]
    [InlineData("REQ-40", " \t ")]
    [InlineData("REQ-40", "00254a")]
    [InlineData("PGPWORD-01", "hello world")]
    public void What_is_no_whole_hash_is_refused(string rule, string typed) => Assert.Equal(rule, ToldHash.Compare(Hash, typed)?.Rule);

    [Fact]
    public void Words_left_out_or_swapped_are_refused()
    {
        ImmutableArray<string> words = PgpWords.Words(Hash);

        Assert.Equal("REQ-40", ToldHash.Compare(Hash, string.Join(' ', words.Take(31)))?.Rule);
        Assert.Equal("PGPWORD-02", ToldHash.Compare(Hash, string.Join(' ', words.Skip(1)))?.Rule);
        Assert.Equal("REQ-40", ToldHash.Compare(Hash, new string('a', 2000))?.Rule);
    }

    [Fact]
    public void No_other_hash_is_accepted()
    {
        Gen<(int at, int flip)> change = from at in Gen.Choose(0, 31) from flip in Gen.Choose(1, 255) select (at, flip);
        Prop.ForAll(change.ToArbitrary(), c =>
        {
            byte[] other = Hash.ToArray();
            other[c.at] ^= (byte)c.flip;
            return ToldHash.Compare(Hash, Convert.ToHexString(other))?.Rule == "REQ-41"
                && ToldHash.Compare(Hash, PgpWords.Of(other))?.Rule == "REQ-41";
        }).QuickCheckThrowOnFailure();
    }
}
