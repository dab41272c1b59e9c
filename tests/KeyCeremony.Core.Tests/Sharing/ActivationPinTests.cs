using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>Derivations against values computed with a HKDF written in Python.</summary>
public class ActivationPinTests
{
    [Theory]
    [InlineData(PinPurpose.SecurityOfficer, 8, "digits", "72805866")]
    [InlineData(PinPurpose.User, 8, "digits", "88660864")]
    [InlineData(PinPurpose.User, 32, "letters-digits", "0c2oUJz80VOGLMEuaPpxULdYQAWsXHBq")]
    [InlineData(PinPurpose.User, 32, "url-safe", "B18u_4nAkolni6HncJ9HwAGc_iDtQFlR")]
    public void A_pin_is_the_documented_derivation(PinPurpose purpose, int length, string name, string expected) =>
        Assert.Equal(expected, Derive("root-r1/0001", purpose, length, name));

    [Fact]
    public void Another_token_role_or_length_has_another_pin()
    {
        string[] pins = new[]
        {
            Derive("root-r1/0001", PinPurpose.User, 32, "digits"),
            Derive("root-r1/0002", PinPurpose.User, 32, "digits"),
            Derive("root-r1/0001", PinPurpose.SecurityOfficer, 32, "digits"),
            Derive("root-r1/0001", PinPurpose.User, 33, "digits")[..32],
        };
        Assert.Equal(pins.Length, pins.Distinct().Count());
    }

    [Fact]
    public void Every_symbol_comes_about_equally_often()
    {
        Assert.True(PinAlphabet.TryFind("letters-digits", out PinAlphabet? alphabet));
        var symbols = Enumerable.Range(0, 200)
            .SelectMany(i => Derive($"token {i}", PinPurpose.User, ActivationPin.MaxLength, alphabet.Name))
            .CountBy(symbol => symbol)
            .ToDictionary();
        double expected = 200.0 * ActivationPin.MaxLength / alphabet.Size;

        Assert.Equal(alphabet.Size, symbols.Count);
        // 61 degrees of freedom: beyond 130 once in a million; the inputs are fixed, so the answer is, too.
        Assert.InRange(symbols.Values.Sum(seen => Math.Pow(seen - expected, 2) / expected), 0, 130);
    }

    [Theory]
    [InlineData(8, "digits", 26.6)]
    [InlineData(32, "letters-digits", 190.5)]
    [InlineData(16, "url-safe", 96)]
    public void Its_strength_is_told(int length, string name, double bits)
    {
        Assert.True(PinAlphabet.TryFind(name, out PinAlphabet? alphabet));
        Assert.Equal(bits, ActivationPin.EntropyBits(length, alphabet), 1);
    }

    [Fact]
    public void An_unknown_alphabet_is_not_found() => Assert.False(PinAlphabet.TryFind("emoji", out _));

    [Theory]
    [InlineData(3)]
    [InlineData(256)]
    public void A_length_no_token_takes_is_a_mistake_in_the_program(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Derive("t", PinPurpose.User, length, "digits"));

    [Fact]
    public void The_backup_mac_is_the_documented_derivation()
    {
        using SecretBytes wrapKey = Cards.FromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        using SecretBytes key = BackupMac.DeriveKey(wrapKey);
        Assert.Equal("1fefa41d4ef7e8b864da8fe8420966054494fcd7736d5a1c355a08f9f437e1a3", Cards.Hex(key));

        byte[] mac = BackupMac.Compute(key, "blob"u8);
        Assert.Equal("e9eddbf617cb16700439490f7eb795feb74a52f93c5871022c80610a02db0ef3", Convert.ToHexStringLower(mac));
        Assert.True(BackupMac.Holds(key, "blob"u8, mac));
        Assert.False(BackupMac.Holds(key, "blub"u8, mac));
        Assert.False(BackupMac.Holds(key, "blob"u8, mac.AsSpan(0, 31)));
    }

    private static string Derive(string context, PinPurpose purpose, int length, string name)
    {
        Assert.True(PinAlphabet.TryFind(name, out PinAlphabet? alphabet));
        using SecretBytes activation = Cards.FromHex("000102030405060708090a0b0c0d0e0f");
        using SecretBytes pin = ActivationPin.Derive(activation, Encoding.ASCII.GetBytes(context), purpose, length, alphabet);
        return Encoding.ASCII.GetString(pin.Span);
    }
}
