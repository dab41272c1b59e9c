using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

public class PgpWordsTests
{
    // The fingerprint that descriptions of the list use as their example.
    private const string Fingerprint = "E58294F2E9A227486E8B061B31CC528FD7FA3F19";

    private const string Spoken =
        "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa "
        + "afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless";

    [Fact]
    public void The_known_fingerprint_is_spoken_as_everywhere() =>
        Assert.Equal(Spoken, PgpWords.Of(Convert.FromHexString(Fingerprint)));

    [Fact]
    public void Spoken_words_are_read_in_any_case()
    {
        Assert.True(PgpWords.TryParse(" " + Spoken.ToUpperInvariant() + "\n", out byte[]? bytes, out _));
        Assert.Equal(Fingerprint, Convert.ToHexString(bytes));
    }

    [Fact]
    public void Every_byte_has_a_word_of_its_own_at_even_and_at_odd_places()
    {
        byte[] bytes = Enumerable.Range(0, 256).SelectMany(value => new[] { (byte)value, (byte)value }).ToArray();
        Assert.Equal(512, PgpWords.Words(bytes).Select(word => word.ToUpperInvariant()).Distinct().Count());
        foreach (byte[] chunk in bytes.Chunk(PgpWords.MaxWords))
        {
            Assert.True(PgpWords.TryParse(PgpWords.Of(chunk), out byte[]? read, out _));
            Assert.Equal(chunk, read);
        }
    }

    [Theory]
    [InlineData("topmost Istambul", "PGPWORD-01", 2)]
    [InlineData("topmost Pluto", "PGPWORD-02", 2)]
    [InlineData("Istanbul topmost", "PGPWORD-02", 1)]
    public void A_wrong_word_is_pointed_at(string text, string rule, int number)
    {
        Assert.False(PgpWords.TryParse(text, out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
        Assert.StartsWith($"Word {number} ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_left_out_or_said_twice_is_noticed()
    {
        string[] words = Spoken.Split(' ');
        for (int i = 0; i < words.Length - 1; i++)
        {
            IEnumerable<string> shorter = words.Where((_, place) => place != i);
            IEnumerable<string> stutter = words.Take(i + 1).Concat(words.Skip(i));
            Assert.False(PgpWords.TryParse(string.Join(' ', shorter), out _, out _));
            Assert.False(PgpWords.TryParse(string.Join(' ', stutter), out _, out _));
        }
    }

    [Fact]
    public void More_words_than_a_digest_has_are_refused()
    {
        Assert.False(PgpWords.TryParse(PgpWords.Of(new byte[PgpWords.MaxWords + 1]), out _, out Refusal? refusal));
        Assert.Equal(ShareRules.TooManyPgpWordsId, refusal.Rule);
    }
}
