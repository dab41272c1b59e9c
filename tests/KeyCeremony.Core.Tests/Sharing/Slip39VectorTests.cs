using System.Text.Json;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Sharing;

/// <summary>The official vectors: [description, mnemonics, secret or "", xprv].</summary>
public class Slip39VectorTests
{
    private const int Official = 45;
    private const int Valid = 15;

    [Fact]
    public void Every_official_vector_gives_its_secret_or_is_refused()
    {
        if (TestFiles.Vector("slip39.json") is not { } path)
            return;

        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        var vectors = file.RootElement.EnumerateArray().Select(vector => (
            Name: vector[0].GetString()!,
            Words: vector[1].EnumerateArray().Select(words => words.GetString()!).ToList(),
            Secret: vector[2].GetString()!)).ToList();

        Assert.Equal(Official, vectors.Count);
        Assert.Equal(Valid, vectors.Count(vector => vector.Secret.Length > 0));
        Assert.All(vectors, vector => Assert.Equal((vector.Name, vector.Secret), (vector.Name, Recover(vector.Words, out _))));
    }

    [Theory]
    [InlineData(2, "SHARE-05")] // checksum
    [InlineData(3, "SHARE-06")] // padding
    [InlineData(5, "SHARE-12")] // one of two shares
    [InlineData(6, "SHARE-08")] // identifiers
    [InlineData(7, "SHARE-08")] // iteration exponents
    [InlineData(8, "SHARE-08")] // group thresholds
    [InlineData(9, "SHARE-08")] // group counts
    [InlineData(10, "SHARE-07")] // group threshold above group count
    [InlineData(11, "SHARE-10")] // member indices
    [InlineData(12, "SHARE-11")] // member thresholds
    [InlineData(13, "SHARE-16")] // digest
    [InlineData(14, "SHARE-14")] // groups
    [InlineData(16, "SHARE-12")] // members of one group
    [InlineData(39, "SHARE-04")] // length
    [InlineData(40, "SHARE-04")] // length of the secret
    public void An_invalid_vector_is_refused_for_its_own_reason(int number, string rule)
    {
        if (TestFiles.Vector("slip39.json") is not { } path)
            return;

        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        var words = file.RootElement[number - 1][1].EnumerateArray().Select(word => word.GetString()!).ToList();
        _ = Recover(words, out Refusal? refusal);
        Assert.Equal(rule, refusal?.Rule);
    }

    // The secret in hex, or "" where anything on the way was refused.
    private static string Recover(List<string> mnemonics, out Refusal? refusal)
    {
        refusal = null;
        var shares = new List<Share>();
        foreach (string mnemonic in mnemonics)
        {
            if (!Slip39.TryParseWords(mnemonic, out Share? share, out refusal))
                return "";
            shares.Add(share);
        }

        if (!Slip39.TryCombine(shares, "TREZOR"u8, out SecretBytes? secret, out refusal))
            return "";
        using (secret)
            return Cards.Hex(secret);
    }
}
