using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

public class MixTests
{
    private static readonly string Rolls = string.Concat(Enumerable.Repeat("123456", 17));

    [Fact]
    public void Every_source_changes_the_key()
    {
        using SecretBytes hsm = Cards.FromHex("0f0f");
        using SecretBytes kernel = Cards.FromHex("00ff");
        using SecretBytes dice = Cards.FromHex("aaaa");
        using SecretBytes two = Mix.Xor(hsm, kernel);
        using SecretBytes three = Mix.Xor(hsm, kernel, dice);
        Assert.Equal(("0ff0", "a55a"), (Cards.Hex(two), Cards.Hex(three)));
    }

    [Fact]
    public void Sources_of_different_length_are_a_mistake_in_the_program()
    {
        using SecretBytes hsm = Cards.Secret(32);
        using SecretBytes kernel = Cards.Secret(16);
        Assert.Throws<ArgumentException>(() => Mix.Xor(hsm, kernel));
        Assert.Throws<ArgumentException>(() => Mix.Xor(hsm, hsm, kernel));
    }

    [Fact]
    public void Rolls_are_hashed_as_their_digits()
    {
        Assert.True(Dice.TryHash(Encoding.ASCII.GetBytes(Rolls), out SecretBytes? hash, out _));
        using (hash)
            Assert.Equal("8fd128918b2e29d6dcbfa5b9a118e5c16d60498c7ba107922a8eb6eb1d36c112", Cards.Hex(hash));
    }

    [Fact]
    public void Too_few_rolls_are_refused_with_how_many_are_missing()
    {
        Refusal refusal = Refused(Rolls[..97]);
        Assert.Equal((ShareRules.TooFewRollsId, "Roll 2 more."), (refusal.Rule, refusal.Remedy));
        Assert.True(Dice.TryHash(Encoding.ASCII.GetBytes(Rolls[..Dice.MinRolls]), out SecretBytes? hash, out _));
        hash.Dispose();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("7")]
    [InlineData(" ")]
    [InlineData("x")]
    public void What_no_die_shows_is_refused_with_its_place(string roll)
    {
        Refusal refusal = Refused(Rolls[..4] + roll + Rolls);
        Assert.Equal((ShareRules.NotADieId, "Correct roll 5."), (refusal.Rule, refusal.Remedy));
    }

    [Fact]
    public void Too_many_rolls_are_refused() => Assert.Equal(ShareRules.NotADieId, Refused(new string('1', Dice.MaxRolls + 1)).Rule);

    private static Refusal Refused(string rolls)
    {
        Assert.False(Dice.TryHash(Encoding.ASCII.GetBytes(rolls), out _, out Refusal? refusal));
        return refusal;
    }
}
