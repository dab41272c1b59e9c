using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>Digest and check value against values computed with Python's hashlib and hmac.</summary>
public class ShareDigestTests
{
    private const string Words =
        "testify swimming academic academic column loyalty smear include exotic bedroom "
        + "exotic wrist lobe cover grief golden smart junior estimate learn";

    [Fact]
    public void It_is_the_sha256_of_the_words_and_single_spaces()
    {
        using Share share = Cards.Read(Words.ToUpperInvariant().Replace(" ", "  ", StringComparison.Ordinal));
        Assert.Equal("c24ad8405b85603d0805d808070bb4b1ed725220a1851afd59be7f1e8a909ba1", Convert.ToHexStringLower(ShareDigest.Of(share)));
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(Words)), ShareDigest.Of(share));
    }

    [Fact]
    public void A_valid_card_that_is_not_the_recorded_one_is_refused()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using Share forged = Cards.Forge(set.Shares[2]);
        byte[] recorded = ShareDigest.Of(set.Shares[2]);
        Assert.True(ShareDigest.TryMatch(set.Shares[2], recorded, out _));
        Assert.False(ShareDigest.TryMatch(forged, recorded, out Refusal? refusal));
        Assert.Equal(ShareRules.RecordedDigestId, refusal.Rule);
        Assert.Contains("card 3", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("000102030405060708090a0b0c0d0e0f", "03d2f0847bf57098")]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "271a7368969677b0")]
    public void The_check_value_is_the_first_half_of_the_hmac(string secret, string expected)
    {
        using SecretBytes bytes = Cards.FromHex(secret);
        Assert.Equal(expected, KeyCheckValue.Of(bytes));
        Assert.True(KeyCheckValue.TryMatch(bytes, expected, out _));
    }

    [Fact]
    public void A_secret_short_enough_to_guess_has_no_check_value()
    {
        using var pin = SecretBytes.Copy("12345678"u8);
        Assert.Throws<ArgumentException>(() => KeyCheckValue.Of(pin));
    }
}
