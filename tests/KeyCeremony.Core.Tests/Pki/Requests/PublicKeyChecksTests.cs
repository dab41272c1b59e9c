using System.Numerics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>What the hostile folder cannot show: that the numbers we check against are the right ones.</summary>
public sealed partial class PublicKeyChecksTests
{
    [Theory]
    [InlineData("1.2.840.10045.3.1.7")]
    [InlineData("1.3.132.0.34")]
    [InlineData("1.3.132.0.35")]
    public void Our_curves_are_those_of_OpenSSL(string oid)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromValue(oid));
        ECCurve parameters = key.ExportExplicitParameters(includePrivateParameters: false).Curve;
        EcCurve curve = EcCurve.ByOid(oid)!;

        Assert.Equal(Number(parameters.Prime!), curve.Prime);
        Assert.Equal(Number(parameters.B!), curve.B);
        Assert.Equal(curve.Prime - 3, Number(parameters.A!));
        Assert.Equal([1], parameters.Cofactor);
        Assert.True(curve.Holds(Number(parameters.G.X!), Number(parameters.G.Y!)));
        Assert.False(curve.Holds(Number(parameters.G.X!) + 1, Number(parameters.G.Y!)));
    }

    [Fact]
    public void Keys_of_OpenSSL_are_accepted_and_named()
    {
        foreach (ECCurve curve in new[] { ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521 })
        {
            using var key = ECDsa.Create(curve);
            Assert.Equal($"EC P-{key.KeySize}", Checked(key.ExportSubjectPublicKeyInfo()).Title);
        }
        using var rsa = RSA.Create(2048);
        Assert.Equal("RSA 2048", Checked(rsa.ExportSubjectPublicKeyInfo()).Title);
        Assert.Null(Checked(rsa.ExportSubjectPublicKeyInfo()).Algorithm);
    }

    /// <summary>Some HSMs' tools leave it out: they are told exactly that.</summary>
    [Theory]
    [InlineData(false, "without parameters")]
    [InlineData(true, "has parameters")]
    public void An_RSA_key_whose_algorithm_has_no_NULL_is_told_so(bool other, string found)
    {
        byte[] algorithm = Der.Sequence(Der.Oid(Oids.RsaEncryption), other ? Der.Integer(1) : []);
        byte[] spki = Der.Sequence(algorithm, Der.Bits(WeakRsa.OfSize(2048).PublicKey));
        Assert.False(PublicKeyChecks.TryCheck(spki, out _, out Refusal? refusal));
        Assert.Equal("PUBKEY-01", refusal.Rule);
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("NULL", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fermats_method_finds_primes_as_far_apart_as_100_rounds_reach()
    {
        BigInteger a = BigInteger.Pow(10, 40) + 121;

        Assert.True(RsaModulus.FermatFactors(a * a));
        Assert.True(RsaModulus.FermatFactors(a * (a + 1_000)));
        Assert.False(RsaModulus.FermatFactors(a * (a * 3)));
    }

    [Fact]
    public void Sound_keys_do_not_bear_the_fingerprint() =>
        Assert.False(RsaModulus.IsRoca(WeakRsa.OfSize(2048).Modulus));

    [Fact]
    public void Every_rule_stands_in_the_page_in_the_words_of_the_code()
    {
        string page = File.ReadAllText(Repository.PathOf("docs", "formats", "request.md"));
        var rules = RequestRules.All.Concat(PublicKeyRules.All).ToList();

        Assert.All(rules, rule => Assert.Contains($"| {rule.Id} | {rule.Text} | {rule.Source} | ", page, StringComparison.Ordinal));
        Assert.Equal(rules.Select(rule => rule.Id), RuleRow().Matches(page).Select(match => match.Groups[1].Value));
    }

    private static CheckedKey Checked(byte[] spki) =>
        PublicKeyChecks.TryCheck(spki, out CheckedKey? key, out Refusal? refusal) ? key : throw new ArgumentException(refusal.ToString());

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    [GeneratedRegex(@"^\| ((?:REQ|PUBKEY)-\d\d) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();
}
