using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Crl;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Tests.Pki;
using KeyCeremony.Core.Tests.Pki.Crl;

namespace KeyCeremony.Core.Tests.Reading;

/// <summary>A file of another kind is named by its kind at every door, in DER and under the label of what is asked for.</summary>
public sealed class DerKindTests
{
    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly Dictionary<string, (byte[] Der, string Said)> Files = new()
    {
        ["certificate"] = (Samples.Certificate("root").Der.ToArray(), "The file is a certificate;"),
        ["certificate of version 1"] = (VersionOne(), "The file is a certificate;"),
        ["request"] = (new CertificateRequest("CN=x", Ec, HashAlgorithmName.SHA256).CreateSigningRequest(),
            "The file is a PKCS #10 request;"),
        ["request without a name"] = (new CertificateRequest("", Ec, HashAlgorithmName.SHA256).CreateSigningRequest(),
            "The file is a PKCS #10 request;"),
        ["list"] = (CrlRoom.P256.Issue(CrlRoom.Entry("01")), "The file is a revocation list;"),
        ["PKCS #7"] = (Collection().Export(X509ContentType.Pkcs7)!, "The file is a PKCS #7 bundle"),
        ["PKCS #12"] = (Collection().Export(X509ContentType.Pkcs12, "x")!, "The file is a PKCS #12 file"),
        ["PKCS #8"] = (Ec.ExportPkcs8PrivateKey(), "holds a private key."),
        ["PKCS #8 of RSA"] = (Rsa.ExportPkcs8PrivateKey(), "holds a private key."),
        ["PKCS #8, encrypted"] = (Ec.ExportEncryptedPkcs8PrivateKey("x", Encryption), "holds a private key."),
        ["SEC 1"] = (Ec.ExportECPrivateKey(), "holds a private key."),
        ["PKCS #1"] = (Rsa.ExportRSAPrivateKey(), "holds a private key."),
        ["public key"] = (Ec.ExportSubjectPublicKeyInfo(), "The file is a public key"),
    };

    private static readonly Dictionary<string, (string Asked, string Label, Func<byte[], Refusal?> Read)> Doors = new()
    {
        ["a request"] = ("request", "CERTIFICATE REQUEST", file => RequestFile.TryRead(file, out _, out Refusal? refusal) ? null : refusal),
        ["a certificate"] = ("certificate", "CERTIFICATE",
            file => PemBlock.TryUnwrap(file, ["CERTIFICATE"], out _, out Refusal? refusal) ? null : refusal),
        ["a list"] = ("list", "X509 CRL",
            file => CrlReader.TryRead(new MemoryStream(file), each: null, out _, out Refusal? refusal) ? null : refusal),
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string file in Files.Keys)
                foreach (string door in Doors.Keys)
                    all.Add(file, door);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_of_another_kind_is_named(string file, string door)
    {
        (byte[] der, string said) = Files[file];
        (string asked, string label, Func<byte[], Refusal?> read) = Doors[door];
        Refusal? refusal = read(der);
        Refusal? labelled = read(Encoding.ASCII.GetBytes(PemEncoding.WriteString(label, der)));
        if (file.StartsWith(asked, StringComparison.Ordinal))
        {
            Assert.True(refusal is null && labelled is null, $"{refusal} {labelled}");
            return;
        }
        // What a list's reader says of a key is that it is one; it keeps nothing of it.
        Assert.Contains(door == "a list" ? said.Replace("holds", "is", StringComparison.Ordinal).TrimEnd('.') : said, refusal!.Message,
            StringComparison.Ordinal);
        if (door != "a list")
            Assert.Equal(refusal, labelled);
        Assert.DoesNotContain("not well formed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Anything_else_is_nothing_that_is_known()
    {
        for (int length = 0; length < 300; length++)
            foreach (byte[] start in new byte[][] { new byte[length], [.. Enumerable.Repeat((byte)0x30, length)],
                [0x30, .. new byte[length]], SHA512.HashData(BitConverter.GetBytes(length)),
                [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, .. new byte[length]] })
                Assert.False(Core.Reading.DerKind.IsAnother(start, Core.Reading.DerKind.Crl, out string? sentence, out _), sentence);
        foreach ((byte[] der, string _) in Files.Values)
            for (int length = 0; length < der.Length; length++)
                _ = Core.Reading.DerKind.IsAnother(der.AsSpan(0, length), Core.Reading.DerKind.Crl, out _, out _);
    }

    /// <summary>The list's reader sees some hundred bytes, and an issuer's name alone may take a thousand.</summary>
    [Fact]
    public void Of_what_goes_on_behind_what_was_seen_nothing_is_inferred()
    {
        foreach ((byte[] der, string said) in Files.Values)
            for (int length = 0; length <= der.Length; length++)
                if (Core.Reading.DerKind.IsAnother(der.AsSpan(0, length), "nothing", out string? sentence, out bool isPrivateKey))
                    Assert.True(isPrivateKey == said.StartsWith("holds", StringComparison.Ordinal)
                        && sentence.StartsWith(isPrivateKey ? "The file is a private key;" : said, StringComparison.Ordinal), sentence);
        Assert.All(Files.Values, file => Assert.True(
            Core.Reading.DerKind.IsAnother(file.Der.AsSpan(0, Math.Min(file.Der.Length, 512)), "nothing", out _, out _)));
    }

    [Fact]
    public void A_list_of_an_issuer_with_the_longest_name_is_a_list()
    {
        int longest = 0;
        for (int units = 0; units < 14; units++)
            for (int letters = 1; letters <= 64; letters += 7)
            {
                if (!DistinguishedName.TryCreate([("CN", "Example CRL Issuer"), ("O", "Example"),
                    .. Enumerable.Range(0, units).Select(at => ("OU", $"{(char)('a' + at)}{new string('x', letters - 1)}"))],
                    out DistinguishedName? name, out _))
                    continue;
                byte[] crl = CrlRoom.Named(name.Der.ToArray()).Issue(CrlRoom.Entry("01"));
                Assert.True(CrlReader.TryRead(new MemoryStream(crl), each: null, out CrlFacts? facts, out Refusal? refusal), $"{refusal}");
                Assert.Equal(name, facts.Issuer);
                for (int length = 0; length < Math.Min(crl.Length, 1500); length++)
                    Assert.False(Core.Reading.DerKind.IsAnother(crl.AsSpan(0, length), Core.Reading.DerKind.Crl, out string? said, out _),
                        said);
                longest = Math.Max(longest, name.Der.Length);
            }
        Assert.InRange(longest, 900, 1024);
    }

    /// <summary>certreq writes a full request for a renewal, and under the label of a request: PKCS #7 around PKIData.</summary>
    [Fact]
    public void A_full_request_is_told_how_a_plain_one_is_made()
    {
        var cms = new SignedCms(new ContentInfo(new Oid("1.3.6.1.5.5.7.12.2"), [0x30, 0x00]));
        using X509Certificate2 signer = new CertificateRequest("CN=x", Ec, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        cms.ComputeSignature(new CmsSigner(signer));
        string pem = PemEncoding.WriteString("NEW CERTIFICATE REQUEST", cms.Encode());
        Assert.False(RequestFile.TryRead(Encoding.ASCII.GetBytes(pem), out _, out Refusal? refusal));
        Assert.StartsWith("The file is a full request (CMC)", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("RequestType = PKCS10", refusal.Remedy, StringComparison.Ordinal);
    }

    /// <summary>Whoever reads that a key of theirs was seen destroys it: what merely begins like one is not told so.</summary>
    [Theory]
    [InlineData("a digest", "3031300d060960864801650304020105000420" + Zeros)]
    [InlineData("a time stamp's query", "3041020101" + "3031300d060960864801650304020105000420" + Zeros + "0201010201010101FF")]
    [InlineData("a time stamp's answer", "3018" + "3003020100" + "3011" + "06092a864886f70d010702" + "a00430020500")]
    [InlineData("a curve's parameters",
        "301c020101" + "300c06072a8648ce3d010102010d" + "3006040101040101" + "0401FF")]
    [InlineData("two numbers", "3006020101020101")]
    [InlineData("a version and octets", "3006020100040100")]
    [InlineData("an attribute certificate", "30163014020101" + "300da00b3009a407300531003000020101")]
    public void What_begins_like_another_is_not_told_as_one(string what, string hex)
    {
        byte[] der = Convert.FromHexString(hex);
        for (int length = 0; length <= der.Length; length++)
            Assert.False(Core.Reading.DerKind.IsAnother(der.AsSpan(0, length), "nothing", out string? sentence, out _),
                $"{what}: {sentence}");
    }

    private static X509Certificate2Collection Collection() => [X509CertificateLoader.LoadCertificate(Samples.Certificate("root").Der.Span)];

    // SEQUENCE { SEQUENCE { serial, algorithm, issuer, validity, subject, key }, algorithm, signature }.
    private static byte[] VersionOne()
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                WriteAlgorithm(writer);
                writer.WriteEncodedValue(new X500DistinguishedName("CN=x").RawData);
                using (writer.PushSequence())
                {
                    writer.WriteUtcTime(DateTimeOffset.UnixEpoch);
                    writer.WriteUtcTime(DateTimeOffset.UnixEpoch.AddYears(9));
                }
                writer.WriteEncodedValue(new X500DistinguishedName("CN=x").RawData);
                writer.WriteEncodedValue(Ec.ExportSubjectPublicKeyInfo());
            }
            WriteAlgorithm(writer);
            writer.WriteBitString([0]);
        }
        return writer.Encode();
    }

    private static void WriteAlgorithm(System.Formats.Asn1.AsnWriter writer)
    {
        using (writer.PushSequence())
            writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
    }
}
