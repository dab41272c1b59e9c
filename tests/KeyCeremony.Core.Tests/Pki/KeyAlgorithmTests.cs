using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class KeyAlgorithmTests
{
    public static TheoryData<string> Names => [.. KeyAlgorithm.All.Select(algorithm => algorithm.ScriptName)];

    [Theory]
    [InlineData("rsa-2048")]
    [InlineData("EC-P256")]
    [InlineData("")]
    public void An_unknown_name_is_refused(string name) => Assert.False(KeyAlgorithm.TryParse(name, out _));

    [Fact]
    public void Foreign_keys_are_none_of_ours()
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        Assert.Null(KeyAlgorithm.Of(rsa.ExportSubjectPublicKeyInfo()));
        Assert.Null(KeyAlgorithm.Of(curve.ExportSubjectPublicKeyInfo()));
        Assert.Null(KeyAlgorithm.Of([]));
    }

    [Fact]
    public void A_point_off_the_curve_a_compressed_point_and_a_trailing_byte_are_refused()
    {
        byte[] good = Samples.Key("key", KeyAlgorithm.EcP256).SubjectPublicKeyInfo.ToArray();
        var offCurve = DerNode.Parse(good);
        offCurve[1].Value[^1] ^= 1;
        var compressed = DerNode.Parse(good);
        compressed[1].Value = [0, 0x02, .. compressed[1].Value[2..34]];
        Assert.Same(KeyAlgorithm.EcP256, KeyAlgorithm.Of(good));
        Assert.Null(KeyAlgorithm.Of(offCurve.Encode()));
        Assert.Null(KeyAlgorithm.Of(compressed.Encode()));
        Assert.Null(KeyAlgorithm.Of([.. good, 0]));
    }

    [Theory]
    [InlineData("ec-p256")]
    [InlineData("ec-p384")]
    public void A_point_with_a_flipped_bit_is_refused_as_OpenSSL_refuses_it(string name)
    {
        Assert.True(KeyAlgorithm.TryParse(name, out KeyAlgorithm? algorithm));
        byte[] good = Samples.Key("key", algorithm).SubjectPublicKeyInfo.ToArray();
        Assert.True(Imports(good));
        for (int place = good.Length - (2 * algorithm.Bits / 8); place < good.Length; place++)
        {
            byte[] bad = [.. good];
            bad[place] ^= (byte)(1 << (place % 8));
            Assert.False(Imports(bad));
            Assert.Null(KeyAlgorithm.Of(bad));
        }
    }

    [Theory]
    [InlineData("ec-p256", 0xff)] // beyond the field
    [InlineData("ec-p384", 0xff)]
    [InlineData("ec-p256", 0x00)] // the origin, which stands for infinity elsewhere
    [InlineData("ec-p384", 0x00)]
    public void A_point_of_the_same_bytes_throughout_is_refused_as_OpenSSL_refuses_it(string name, byte all)
    {
        Assert.True(KeyAlgorithm.TryParse(name, out KeyAlgorithm? algorithm));
        byte[] bad = Samples.Key("key", algorithm).SubjectPublicKeyInfo.ToArray();
        bad.AsSpan(bad.Length - (2 * algorithm.Bits / 8)).Fill(all);
        Assert.False(Imports(bad));
        Assert.Null(KeyAlgorithm.Of(bad));
    }

    [Fact]
    public void An_RSA_key_with_another_exponent_is_refused()
    {
        var spki = DerNode.Parse(Samples.Key("key", KeyAlgorithm.Rsa3072).SubjectPublicKeyInfo);
        var key = DerNode.Parse(spki[1].Value.AsMemory(1));
        key[1].Value = [3];
        spki[1].Value = [0, .. key.Encode()];
        Assert.Null(KeyAlgorithm.Of(spki.Encode()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_throw_away_key_is_of_its_kind_and_its_signature_verifies(string name)
    {
        Assert.True(KeyAlgorithm.TryParse(name, out KeyAlgorithm? algorithm));
        ThrowAwayKey key = Samples.Key("key", algorithm);
        byte[] signature = key.Generator.SignData("to be signed"u8.ToArray(), algorithm.Hash);

        Assert.Same(algorithm, KeyAlgorithm.Of(key.SubjectPublicKeyInfo.Span));
        Assert.Equal(algorithm.SignatureAlgorithmIdentifier(), key.Generator.GetSignatureAlgorithmIdentifier(algorithm.Hash));
        Assert.True(signature.Length <= algorithm.LongestSignature);
        Assert.True(algorithm.Verify(key.SubjectPublicKeyInfo.Span, "to be signed"u8, signature));
        Assert.False(algorithm.Verify(key.SubjectPublicKeyInfo.Span, "to be sign3d"u8, signature));
    }

    [Fact]
    public void A_signature_does_not_verify_as_of_another_kind() =>
        Assert.False(KeyAlgorithm.EcP384.Verify(Samples.Key("key", KeyAlgorithm.EcP256).SubjectPublicKeyInfo.Span, "x"u8, new byte[72]));

    private static bool Imports(byte[] subjectPublicKeyInfo)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
