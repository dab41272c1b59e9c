using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

public sealed class KnownKeyTests
{
    private const string Low = "0000000000000000000000000000000000000000000000000000000000000001",
        High = "f000000000000000000000000000000000000000000000000000000000000001";

    private static readonly CheckedKey Key = PublicKeyChecks.TryCheck(Samples.Key("known", KeyAlgorithm.EcP256).SubjectPublicKeyInfo,
        out CheckedKey? key, out Refusal? refusal) ? key : throw new ArgumentException(refusal.ToString());

    [Fact]
    public void A_key_that_any_environment_knows_is_refused_and_says_where_it_was_seen()
    {
        var register = KeyRegister.Of([new KnownKey(Low, "production", ""),
            new KnownKey(Key.Sha256, "staging", "0003-intermediate-signing")]);

        Refusal? refusal = register.Check(Key);

        Assert.Equal("PUBKEY-20", refusal?.Rule);
        Assert.Contains("staging, 0003-intermediate-signing", refusal!.Message, StringComparison.Ordinal);
        Assert.Null(KeyRegister.Of([new KnownKey(Low, "staging", "")]).Check(Key));
        Assert.Equal("PUBKEY-20", KeyRegister.Empty.With(new KnownKey(Key.Sha256, "development", "")).Check(Key)?.Rule);
    }

    [Fact]
    public void A_file_of_known_keys_is_read_as_it_was_written()
    {
        KnownKey[] keys = [new(High, "staging", "second"), new(Low, "development", "first, \"quoted\" é"),
            new(Low, "development", "again")];

        Assert.True(KnownKeysFile.TryRead(KnownKeysFile.Write(keys), out ImmutableArray<KnownKey> read, out _));

        Assert.Equal([new KnownKey(Low, "development", "first? ?quoted? ?"), new KnownKey(High, "staging", "second")], read.ToArray());
        Assert.True(KnownKeysFile.TryRead(KnownKeysFile.Write([]), out ImmutableArray<KnownKey> none, out _));
        Assert.Empty(none);
    }

    [Theory]
    [InlineData("")]
    [InlineData("spkiSha256,environment,note")]
    [InlineData("spkiSha256;environment\n")]
    [InlineData("spkiSha256,environment,note\n\n")]
    [InlineData($"spkiSha256,environment,note\n{High},staging,a\n{Low},staging,b\n")]
    [InlineData($"spkiSha256,environment,note\n{Low},staging,a\n{Low},staging,b\n")]
    [InlineData($"spkiSha256,environment,note\n{Low},moon,a\n")]
    [InlineData($"spkiSha256,environment,note\n{Low},staging\n")]
    [InlineData($"spkiSha256,environment,note\n{Low},staging,a,b\n")]
    [InlineData($"spkiSha256,environment,note\n{Low},staging,\u0007\n")]
    [InlineData($"spkiSha256,environment,note\n{Low},staging,a")]
    [InlineData("spkiSha256,environment,note\nABCDEF,staging,a\n")]
    public void A_file_that_is_not_the_form_is_refused(string text)
    {
        Assert.False(KnownKeysFile.TryRead(Encoding.Latin1.GetBytes(text), out ImmutableArray<KnownKey> keys, out Refusal? refusal));
        Assert.Equal("PUBKEY-21", refusal.Rule);
        Assert.Empty(keys);
    }
}
