using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Reading;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Reading;

/// <summary>Whoever sent a private key hears of it at every door, however it was written down.</summary>
public sealed class PrivateKeyTracesTests
{
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly RSA Rsa = RSA.Create(3072);
    private static readonly byte[] Pkcs8 = Ec.ExportPkcs8PrivateKey(), RsaPkcs1 = Rsa.ExportRSAPrivateKey();
    private static readonly byte[] Certificate = Samples.Certificate("root").Der.ToArray();

    private static readonly Dictionary<string, byte[]> Keys = new()
    {
        ["PEM in UTF-16 with its mark"] = [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Ec.ExportPkcs8PrivateKeyPem())],
        ["PEM in UTF-16"] = Encoding.Unicode.GetBytes(Ec.ExportPkcs8PrivateKeyPem()),
        ["PEM in UTF-16, the other way round"] = [.. Encoding.BigEndianUnicode.Preamble,
            .. Encoding.BigEndianUnicode.GetBytes(Rsa.ExportRSAPrivateKeyPem())],
        ["PEM behind a certificate in UTF-16"] = Encoding.Unicode.GetBytes(
            PemEncoding.WriteString("CERTIFICATE", Certificate) + "\n" + Ec.ExportECPrivateKeyPem()),
        ["base64"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(Pkcs8)),
        ["base64 in lines"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(Pkcs8, Base64FormattingOptions.InsertLineBreaks) + "\n"),
        ["base64 of PKCS #1"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(RsaPkcs1, Base64FormattingOptions.InsertLineBreaks)),
        ["base64url"] = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Pkcs8)),
        ["hexadecimal digits"] = Encoding.ASCII.GetBytes(Convert.ToHexString(Pkcs8)),
        ["a JSON Web Key"] = """{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","d":"AAAA"}"""u8.ToArray(),
        ["JSON Web Keys"] = "{ \"keys\": [ { \"d\" : \"AAAA\", \"kty\" : \"RSA\" } ] }\n"u8.ToArray(),
        ["PuTTY's"] = "PuTTY-User-Key-File-3: ecdsa-sha2-nistp256\nEncryption: none\n"u8.ToArray(),
        ["OpenPGP's"] = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n"u8.ToArray(),
    };

    private static readonly Dictionary<string, byte[]> Others = new()
    {
        ["a certificate in UTF-16"] = Encoding.Unicode.GetBytes(PemEncoding.WriteString("CERTIFICATE", Certificate)),
        ["a certificate in base64"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(Certificate)),
        ["a certificate in hexadecimal digits"] = Encoding.ASCII.GetBytes(Convert.ToHexString(Certificate)),
        ["a public key in base64"] = Encoding.ASCII.GetBytes(Convert.ToBase64String(Ec.ExportSubjectPublicKeyInfo())),
        ["a public JSON Web Key"] = """{"kty":"EC","crv":"P-256","x":"d","y":"AAAA","use":"d"}"""u8.ToArray(),
        ["JSON"] = """{"d":"AAAA"}"""u8.ToArray(),
        ["a sentence"] = "The private key stays where it is."u8.ToArray(),
        ["nothing"] = [],
        ["blanks"] = "  \n\n"u8.ToArray(),
    };

    public static TheoryData<string> KeyNames => [.. Keys.Keys];

    public static TheoryData<string> OtherNames => [.. Others.Keys];

    [Theory]
    [MemberData(nameof(KeyNames))]
    public void A_private_key_is_told_at_every_door(string which)
    {
        byte[] file = Keys[which];
        Assert.True(PrivateKeyTraces.AreIn(file));
        Assert.False(RequestFile.TryRead(file, out _, out Refusal? asRequest));
        Assert.False(PemBlock.TryUnwrap(file, ["CERTIFICATE"], out _, out Refusal? asCertificate));
        Assert.Equal(("REQ-13", "REQ-13"), (asRequest.Rule, asCertificate.Rule));
        Assert.Contains("destroy it wherever it lies", asRequest.Remedy, StringComparison.Ordinal);
        Assert.False(CrlReader.TryRead(new MemoryStream(file), each: null, out _, out Refusal? asList));
        Assert.True(asList.Message.Contains("private key", StringComparison.Ordinal)
            || which == "PEM behind a certificate in UTF-16", asList.Message);
    }

    [Theory]
    [MemberData(nameof(OtherNames))]
    public void What_is_public_is_none(string which)
    {
        byte[] file = Others[which];
        Assert.False(PrivateKeyTraces.AreIn(file));
        Assert.False(RequestFile.TryRead(file, out _, out Refusal? refusal));
        Assert.NotEqual("REQ-13", refusal.Rule);
    }

    [Fact]
    public void The_whole_of_a_key_is_not_needed_and_nothing_falls_over_a_part()
    {
        foreach (byte[] file in Keys.Values.Concat(Others.Values))
            for (int length = 0; length <= file.Length; length++)
                _ = PrivateKeyTraces.AreIn(file.AsSpan(0, length));
        Assert.True(PrivateKeyTraces.AreIn(Keys["base64 of PKCS #1"].AsSpan(0, 1400)));
    }
}
