using System.Numerics;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>
/// What hardware, clouds and programs sign in another way than they name: each is told how, and nobody that a file was changed or that a
/// key is not theirs.
/// </summary>
public sealed class OddSignatureTests
{
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly RSA Rsa = RSA.Create(3072);

    private static readonly Dictionary<string, (Func<byte[], byte[]> Sign, string How)> Ecdsas = new()
    {
        ["hashed twice"] = (data => SignHash(SHA256.HashData(SHA256.HashData(data))), "hash of the hash"),
        ["hashed twice, bare"] = (data => Ec.SignData(SHA256.HashData(data), HashAlgorithmName.SHA256), "hash of the hash"),
        ["not hashed"] = (data => SignHash(data[..32]), "over the bytes themselves"),
        ["another hash"] = (data => SignHash(SHA384.HashData(data)), "made with SHA-384, where SHA-256 is named"),
#pragma warning disable CA5350 // what an old signer made
        ["SHA-1"] = (data => SignHash(SHA1.HashData(data)), "made with SHA-1, where SHA-256 is named"),
#pragma warning restore CA5350
        ["zeros in front"] = (data => Numbered(data, number => [0, 0, .. number]), "not written as DER writes them"),
        ["numbers of one length"] = (data => Numbered(data, number => number), "not written as DER writes them"),
    };

    private static readonly Dictionary<string, (Func<byte[], byte[]> Sign, string How)> Rsas = new()
    {
        ["hashed twice"] = (data => Signed(SHA256.HashData(data), RSASignaturePadding.Pkcs1), "hash of the hash"),
        ["another hash"] = (data => Rsa.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1), "made with SHA-512"),
        ["RSA-PSS"] = (data => Signed(data, RSASignaturePadding.Pss), "made with RSASSA-PSS, where RSA PKCS #1"),
        ["turned round"] = (data => [.. Enumerable.Reverse(Signed(data, RSASignaturePadding.Pkcs1))], "last byte first"),
        ["without the hash's name"] = (data => Padded(SHA256.HashData(data)), "without its algorithm's name"),
    };

    public static TheoryData<string> OfEcdsa => [.. Ecdsas.Keys];

    public static TheoryData<string> OfRsa => [.. Rsas.Keys];

    [Theory]
    [MemberData(nameof(OfEcdsa))]
    public void A_request_of_an_EC_key_is_told_how_it_was_signed(string which) =>
        Told(RequestWriter.With(Ec) with { Signer = Ecdsas[which].Sign }, Ecdsas[which].How);

    [Theory]
    [MemberData(nameof(OfRsa))]
    public void A_request_of_an_RSA_key_is_told_how_it_was_signed(string which) => Told(new RequestWriter
    {
        Spki = Rsa.ExportSubjectPublicKeyInfo(),
        Algorithm = KeyAlgorithm.Rsa3072.SignatureAlgorithmIdentifier(),
        Signer = Rsas[which].Sign,
    }, Rsas[which].How);

    [Fact]
    public void Another_key_s_signature_is_nobody_s()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach ((Func<byte[], byte[]> sign, _) in Ecdsas.Values)
        {
            Assert.False(RequestFile.TryRead((RequestWriter.With(other) with { Signer = sign }).Write(), out _, out Refusal? refusal));
            Assert.Equal("REQ-12", refusal.Rule);
        }
        foreach (byte[] nothing in new byte[][] { [], new byte[8], new byte[72], [0x30, 0x06, 2, 1, 0, 2, 1, 0], [0x30, 0x81] })
            Assert.Null(OddSignature.Of(other.ExportSubjectPublicKeyInfo(), RequestSignature.All[0], [1, 2, 3], nothing));
    }

    private static void Told(RequestWriter request, string how)
    {
        Assert.False(RequestFile.TryRead(request.Write(), out _, out Refusal? refusal));
        Assert.Equal("REQ-11", refusal.Rule);
        Assert.StartsWith("The request's signature is its key's, and ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(how, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("is its key's, and made", refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Signed(byte[] data, RSASignaturePadding padding) => Rsa.SignData(data, HashAlgorithmName.SHA256, padding);

    private static byte[] SignHash(byte[] hash) => Ec.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);

    // Until one of the numbers has its first bit set, which DER would put a zero in front of.
    private static byte[] Numbered(byte[] data, Func<byte[], byte[]> written)
    {
        byte[] bare;
        do
            bare = Ec.SignData(data, HashAlgorithmName.SHA256);
        while (bare[0] < 0x80);
        return Der.Sequence(Der.Value(2, written(bare[..32])), Der.Value(2, written(bare[32..])));
    }

    // RFC 8017 5.2.1 over 00 01 FF .. FF 00 and the bare hash.
    private static byte[] Padded(byte[] hash)
    {
        RSAParameters key = Rsa.ExportParameters(includePrivateParameters: true);
        byte[] plain = [0, 1, .. Enumerable.Repeat((byte)0xFF, 384 - 3 - hash.Length), 0, .. hash];
        byte[] power = BigInteger.ModPow(new BigInteger(plain, isUnsigned: true, isBigEndian: true),
            new BigInteger(key.D, isUnsigned: true, isBigEndian: true), new BigInteger(key.Modulus, isUnsigned: true, isBigEndian: true))
            .ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[384 - power.Length], .. power];
    }
}
