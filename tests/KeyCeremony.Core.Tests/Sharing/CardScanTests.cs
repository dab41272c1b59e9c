using System.Text;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>A card's code in place of typing: the same checks, and what is refused leaves nothing behind.</summary>
public sealed class CardScanTests
{
    [Fact]
    public void The_code_of_the_dealt_card_is_the_whole_card()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using var entry = WordEntry.ReadBack(set.Shares[1]);
        entry.Type('z');
        Assert.Null(entry.Scan(Digits(set.Shares[1])));
        Assert.True(entry.IsComplete);
        Assert.True(entry.TryFinish(out Share? share, out Refusal? refusal), refusal?.ToString());
        using (share)
            Assert.True(share.Indices.SequenceEqual(set.Shares[1].Indices));
    }

    [Theory]
    [InlineData("")]
    [InlineData("UR:COMPRESSED/AAAA")]
    [InlineData("http://example.org/")]
    public void A_foreign_code_is_refused(string code) =>
        AssertRefused(ShareRules.NumericId, WordEntry.Any(20), Encoding.ASCII.GetBytes(code));

    [Fact]
    public void Digits_that_are_no_card_are_refused()
    {
        using ShareSet set = Cards.Deal(2, 3, 16);
        byte[] digits = Digits(set.Shares[0]);
        AssertRefused(ShareRules.NumericId, WordEntry.Any(20), digits[..^1]);
        AssertRefused(ShareRules.NumericId, WordEntry.Any(33), digits);
        AssertRefused(ShareRules.NumericId, WordEntry.Any(20), [.. "1024"u8, .. digits[4..]]);
        AssertRefused(ShareRules.ChecksumId, WordEntry.Any(20),
            [.. digits[..^4], .. digits.AsSpan(^4..).SequenceEqual("0000"u8) ? "0001"u8 : "0000"u8]);
    }

    [Fact]
    public void Another_card_of_the_set_is_not_the_dealt_one_and_another_set_is_told()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using ShareSet other = Cards.Deal(2, 3, seed: 7);
        AssertRefused(ShareRules.NotTheDealtWordId, WordEntry.ReadBack(set.Shares[0]), Digits(set.Shares[1]));
        AssertRefused(ShareRules.OtherSetId, WordEntry.OfSet(33, set.Shares[0].Header), Digits(other.Shares[0]));
    }

    [Fact]
    public void A_refused_code_leaves_what_was_typed()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using var entry = WordEntry.Any(33);
        foreach (char key in "acid ac")
            Assert.Null(entry.Type(key));
        byte[] digits = Digits(set.Shares[0]);
        digits[^1] = (byte)(digits[^1] == '0' ? '1' : '0');
        Assert.NotNull(entry.Scan(digits));
        Assert.Equal((1, 2, "ac"), (entry.Filled, entry.Current, Encoding.ASCII.GetString(entry.Partial)));
        Assert.Equal("acid", Encoding.ASCII.GetString(entry.Word(1)));
    }

    /// <summary>The page's example: <c>docs/formats/share-card.md</c>.</summary>
    [Fact]
    public void The_worked_example_is_what_the_code_writes()
    {
        const string Words = "testify swimming academic academic column loyalty "
            + "smear include exotic bedroom exotic wrist lobe cover grief golden smart junior estimate learn";
        using Share share = Cards.Read(Words);
        string page = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "formats", "share-card.md"));
        Assert.Contains(Encoding.ASCII.GetString(Digits(share)), page, StringComparison.Ordinal);
        using var code = CardCode.Of(share);
        Assert.Equal(29, code.Side);
        IEnumerable<string> rows = Enumerable.Range(0, code.Side)
            .Select(row => string.Concat(Enumerable.Range(0, code.Side).Select(column => code.IsDark(row, column) ? '#' : '.')));
        Assert.True(page.Contains(string.Join('\n', rows), StringComparison.Ordinal), string.Join('\n', rows));
    }

    [Fact]
    public void A_code_says_nothing_of_itself()
    {
        using ShareSet set = Cards.Deal(2, 3);
        using var code = CardCode.Of(set.Shares[0]);
        Assert.Equal("•••", code.ToString());
        Assert.False(code.IsDark(-1, 0) || code.IsDark(0, code.Side));
        code.Dispose();
        Assert.Throws<ObjectDisposedException>(() => code.IsDark(0, 0));
    }

    private static byte[] Digits(Share share)
    {
        byte[] digits = new byte[share.NumericLength];
        share.WriteNumeric(digits);
        return digits;
    }

    private static void AssertRefused(string rule, WordEntry entry, byte[] code)
    {
        using (entry)
        {
            Assert.Equal(rule, entry.Scan(code)?.Rule);
            Assert.Equal(0, entry.Filled);
        }
    }
}
