using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Hsm.Tests;

/// <summary>A ceremony that waits for a quorum to unlock its HSM; every test lays its own cards in the envelopes.</summary>
public sealed class WaitingForAQuorum : IDisposable
{
    public WaitingForAQuorum()
    {
        Table["approve:confirm"] = "no";
        Table.Run(Script.Root).Expect(1);
        Table["approve:confirm"] = null;
    }

    internal Table Table { get; } = Table.Laid();

    public void Dispose() => Table.Dispose();
}

/// <summary>
/// Cards that do not fit are refused with a sentence that helps; nothing is used up, and the right cards still open the HSM.
/// </summary>
public sealed class RefusedShareTests(WaitingForAQuorum waiting) : IClassFixture<WaitingForAQuorum>
{
    private const string Set = "0001-activation-1";

    [Fact]
    public void A_forged_card_is_known_by_its_digest() =>
        Refused("PRESENT-03", "was not dealt here", cards => File.WriteAllText(cards.CardFile(Set, 2), Forged(cards.Card(Set, 2))));

    [Fact]
    public void A_card_of_another_set_is_refused()
    {
        using var other = Table.Laid();
        other["approve:confirm"] = "no";
        other.Run(Script.Root).Expect(1);
        Refused("PRESENT-01", Set, cards => File.Copy(other.CardFile(Set, 2), cards.CardFile(Set, 2), overwrite: true));
    }

    [Fact]
    public void The_same_card_twice_is_one_card() =>
        Refused("PRESENT-02", "Another custodian", cards => File.Copy(cards.CardFile(Set, 1), cards.CardFile(Set, 2), overwrite: true));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public void A_mistyped_word_breaks_the_checksum(int word) =>
        Refused(ShareRules.ChecksumId, "word",
            cards => File.WriteAllText(cards.CardFile(Set, 2), Cards.Mistyped(cards.Card(Set, 2), word) + " "));

    [Fact]
    public void A_word_that_is_none_is_pointed_at() =>
        Refused(ShareRules.UnknownWordId, "word", cards => File.WriteAllText(cards.CardFile(Set, 2), "keyceremony " + cards.Card(Set, 2)));

    [Fact]
    public void A_card_with_a_word_missing_is_not_whole() =>
        Refused("SHARE-21", "word",
            cards => File.WriteAllText(cards.CardFile(Set, 2), string.Join(' ', cards.Card(Set, 2).Split(' ')[..^1]) + " "));

    [Fact]
    public void Too_few_cards_do_not_open_it()
    {
        using Table table = waiting.Table.Copy();
        foreach (int card in new[] { 2, 3 })
            File.Delete(table.CardFile(Set, card));
        Ran refused = table.Run(null).Expect(1);
        Assert.DoesNotContain("Unhandled exception", refused.Said, StringComparison.Ordinal);
        Assert.DoesNotContain(table.Entries(), e => e.Body is TokenUnlocked or SecretRebuilt);
    }

    [Fact]
    public void Upper_and_lower_case_are_the_same_word()
    {
        using Table table = waiting.Table.Copy();
        File.WriteAllText(table.CardFile(Set, 1), table.Card(Set, 1).ToUpperInvariant() + " ");
        File.WriteAllText(table.CardFile(Set, 2),
            string.Join(' ', table.Card(Set, 2).Split(' ').Select(w => char.ToUpperInvariant(w[0]) + w[1..4])) + " ");
        table.Run(null).Expect(0);
    }

    private void Refused(string rule, string helps, Action<Table> lay)
    {
        using Table table = waiting.Table.Copy();
        string right = File.ReadAllText(table.CardFile(Set, 2));
        lay(table);
        Ran refused = table.Run(null).Expect(1);
        Assert.Contains($"{rule} ", refused.Err, StringComparison.Ordinal);
        Assert.Contains(helps, refused.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", refused.Said, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(table.Entries().Select(e => e.Body).OfType<SharePresented>()).Share);

        File.WriteAllText(table.CardFile(Set, 2), right);
        table.Run(null).Expect(0);
        table.Verifies();
    }

    /// <summary>Another value under the same identifier, index and threshold, with a checksum that holds.</summary>
    private static string Forged(string words)
    {
        int[] positions = [.. words.Split(' ').Select(w => WordList.Words.IndexOf(w))];
        positions[8] ^= 1;
        int checksum = Checksum([.. positions[..^3], 0, 0, 0]) ^ 1;
        for (int i = 0; i < 3; i++)
            positions[^(i + 1)] = (checksum >> (10 * i)) & 1023;
        string forged = string.Join(' ', positions.Select(p => WordList.Words[p]));
        using Share whole = Cards.Read(forged);
        return forged + " ";
    }

    /// <summary>RS1024 of SLIP-39, written down a second time.</summary>
    private static int Checksum(int[] positions)
    {
        uint[] generator = [0xE0E040, 0x1C1C080, 0x3838100, 0x7070200, 0xE0E0009,
            0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x3F3F120];
        uint sum = 1;
        foreach (int position in "shamir_extendable".Select(c => (int)c).Concat(positions))
        {
            uint top = sum >> 20;
            sum = ((sum & 0xFFFFF) << 10) ^ (uint)position;
            for (int i = 0; i < 10; i++)
                if (((top >> i) & 1) != 0)
                    sum ^= generator[i];
        }
        return (int)sum;
    }
}
