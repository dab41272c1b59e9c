using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>What tests may do and the product must not: shares as text, randomness from a seed.</summary>
internal static class Cards
{
    public static FillRandom Seeded(int seed)
    {
        var random = new Random(seed);
        return random.NextBytes;
    }

    public static SecretBytes Secret(int length, int seed = 1) => SecretBytes.Random(length, Seeded(seed));

    public static SecretBytes FromHex(string hex) => SecretBytes.Copy(Convert.FromHexString(hex));

    public static string Hex(SecretBytes secret) => Convert.ToHexStringLower(secret.Span);

    public static GroupPlan Plan(int threshold, int count) => Plan(1, new Group(threshold, count));

    public static GroupPlan Plan(int groupThreshold, params Group[] groups)
    {
        Assert.True(GroupPlan.TryCreate(groupThreshold, groups, out GroupPlan? plan, out Refusal? refusal), refusal?.ToString());
        return plan;
    }

    public static ShareSet Deal(int threshold, int count, int length = 32, int seed = 1)
    {
        using SecretBytes secret = Secret(length, seed);
        return Slip39.Split(secret, Plan(threshold, count), Seeded(seed + 1000));
    }

    public static string Text(Share share) =>
        string.Join(' ', Enumerable.Range(1, share.WordCount).Select(number => Encoding.ASCII.GetString(share.Word(number))));

    public static Share Read(string words)
    {
        Assert.True(Slip39.TryParseWords(words, out Share? share, out Refusal? refusal), refusal?.ToString());
        return share;
    }

    public static Refusal ReadRefused(string words)
    {
        Assert.False(Slip39.TryParseWords(words, out Share? share, out Refusal? refusal), "was read as " + share?.Header);
        return refusal;
    }

    public static string Combine(IReadOnlyList<Share> shares, string passphrase = "")
    {
        Assert.True(Slip39.TryCombine(shares, Encoding.ASCII.GetBytes(passphrase), out SecretBytes? secret, out Refusal? refusal),
            refusal?.ToString());
        using (secret)
            return Hex(secret);
    }

    public static Refusal CombineRefused(params Share[] shares)
    {
        Assert.False(Slip39.TryCombine(shares, default, out _, out Refusal? refusal));
        return refusal;
    }

    /// <summary>The card with one value bit flipped and the checksum made to hold again: what a forger hands in.</summary>
    public static Share Forge(Share share)
    {
        using var value = SecretBytes.Copy(share.Value.Span);
        value.Span[^1] ^= 1;
        return ShareCodec.Encode(share.Header, SecretBytes.Copy(value.Span));
    }

    /// <summary>The card with another header and a checksum that holds.</summary>
    public static Share Claim(Share share, Func<ShareHeader, ShareHeader> change) =>
        ShareCodec.Encode(change(share.Header), SecretBytes.Copy(share.Value.Span));
}
