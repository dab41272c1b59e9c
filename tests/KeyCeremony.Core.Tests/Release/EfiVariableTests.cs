using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>What is signed to set a Secure Boot variable.</summary>
public sealed class EfiVariableTests
{
    private const string Format = "efi-variable";

    private static readonly byte[] Database = new Guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f").ToByteArray();
    private static readonly byte[] Owner = new Guid("11111111-2222-3333-4444-555555555555").ToByteArray();
    private static readonly byte[] Sha256Type = new Guid("c1c41626-504c-4092-aca9-41f936934328").ToByteArray();
    private static readonly byte[] CertificateType = new Guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").ToByteArray();

    public static TheoryData<string, string> Hostile => new()
    {
        { "an empty file", "EFIVAR-01" },
        { "another variable", "EFIVAR-01" },
        { "the vendor of another variable", "EFIVAR-01" },
        { "cut off in the time", "EFIVAR-01" },
        { "without authentication", "EFIVAR-01" },
        { "the 31st of February", "EFIVAR-01" },
        { "a zone", "EFIVAR-01" },
        { "more than 64 KiB", "EFIVAR-01" },
        { "nothing", "EFIVAR-02" },
        { "a list cut off", "EFIVAR-02" },
        { "a list of 4 GiB", "EFIVAR-02" },
        { "a list of no entries", "EFIVAR-02" },
        { "entries of no bytes", "EFIVAR-02" },
        { "entries of another size", "EFIVAR-02" },
        { "a header in a list", "EFIVAR-02" },
        { "an entry twice", "EFIVAR-02" },
        { "an unknown type", "EFIVAR-03" },
        { "a certificate that is none", "EFIVAR-03" },
        { "a byte behind the lists", "EFIVAR-02" },
        { "a list's head behind the lists", "EFIVAR-02" },
        { "161 entries", "EFIVAR-02" },
        { "a revocation at no time", "EFIVAR-03" },
        { "a certificate that is added", "EFIVAR-04" },
        { "a hash that is added to db", "EFIVAR-04" },
        { "a hash as PK", "EFIVAR-05" },
        { "a hash among KEK", "EFIVAR-05" },
        { "two platform keys", "EFIVAR-05" },
        { "a sample key", "RELEASE-10" },
    };

    private static byte[] Global { get; } = new Guid("8be4df61-93ca-11d2-aa0d-00e098032b8c").ToByteArray();

    private static byte[] Good { get; } = Variable("db", Database, List(Sha256Type, Hash(1), Hash(2)));

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_variable_is_refused(string name, string rule) => Assert.Equal(rule, ImageBytes.Refused(Format, Make(name))?.Rule);

    [Fact]
    public void Name_time_and_entries_are_told_and_the_digest_is_of_all()
    {
        ImageFacts facts = ImageBytes.Taken(Format, Good);

        Assert.Equal(("db", null, null), (facts.Target, facts.Version, facts.SecurityCounter));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Good)), Assert.Single(facts.Digests).Hex);
        Assert.Contains(facts.Lines, line => line.Value.StartsWith("2026-11-22 10:00:00 UTC", StringComparison.Ordinal));
        Assert.Contains(facts.Lines, line => line.Value == $"{new string('0', 62)}02");
        Assert.Equal(2, facts.Lines.Count(line => line is { Label: "  owner", Value: "11111111-2222-3333-4444-555555555555" }));
        Assert.Equal(Good, facts.Text.ToArray());
        Assert.Contains(facts.Lines, line => line.Value.StartsWith("REPLACES", StringComparison.Ordinal));
        Assert.Contains(ImageBytes.Taken(Format, Variable("dbx", Database, List(Sha256Type, Hash(1)), attributes: 0x67)).Lines,
            line => line.Value.StartsWith("added", StringComparison.Ordinal));
    }

    [Fact]
    public void A_certificate_is_told_with_its_key_and_how_long_it_is_valid()
    {
        using X509Certificate2 certificate = SelfSigned("CN=Platform");
        ImageFacts facts = ImageBytes.Taken(Format, Variable("PK", Global, List(CertificateType, certificate.RawData)));

        Assert.Equal(["CN=Platform", Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)), "RSA",
            "2020-01-01 to 2049-01-01; firmware does not look at it"],
            facts.Lines.SkipWhile(line => line.Label != "certificate").Take(4).Select(line => line.Value));
    }

    [Fact]
    public void When_a_revoked_certificate_counts_no_more_is_told()
    {
        byte[] revoked = new Guid("3bd2a492-96c0-4079-b420-fcf98ef103ed").ToByteArray();
        ImageFacts always = ImageBytes.Taken(Format, Variable("dbx", Database, List(revoked, [.. Hash(1), .. new byte[16]])));
        Assert.Contains(always.Lines, line => line is { Label: "  revoked", Value: "always" });
        ImageFacts later = ImageBytes.Taken(Format, Variable("dbx", Database, List(revoked, [.. Hash(1), .. Time(2030)])));
        Assert.Contains(later.Lines, line => line is { Label: "  revoked", Value: "from 2030-11-22 10:00:00 UTC on" });
    }

    /// <summary>RFC 8017 8.2, as firmware takes it; the same key's RSASSA-PSS over the digest is none.</summary>
    [Fact]
    public void A_signature_for_firmware_holds_in_the_one_form_that_firmware_takes()
    {
        using var key = RSA.Create(3072);
        byte[] digest = SHA256.HashData(Good), spki = key.ExportSubjectPublicKeyInfo();
        SignedContent content = ReleaseSigning.Content(Format, digest, [.. Good])!;
        bool holds(SignedContent? over, RSASignaturePadding scheme) => ReleaseSigning.Holds(spki, over, digest,
            DateTimeOffset.UnixEpoch, key.SignHash(digest, HashAlgorithmName.SHA256, scheme));

        Assert.True(holds(content, RSASignaturePadding.Pkcs1));
        Assert.False(holds(content, RSASignaturePadding.Pss));
        Assert.True(holds(null, RSASignaturePadding.Pss));
        Assert.False(holds(null, RSASignaturePadding.Pkcs1));
        Assert.False(holds(ReleaseSigning.Content("cms", digest, []), RSASignaturePadding.Pkcs1));
    }

    /// <summary>What firmware asks for at fixed places of SignedData: lengths of two bytes, SHA-256 at byte 13, no attributes.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_attached_has_the_form_that_sign_efi_sig_list_writes(bool isRsa)
    {
        using AsymmetricAlgorithm key = isRsa ? RSA.Create(3072) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = SelfSigned("CN=Signer", key);
        Assert.True(CertificateReader.TryReadCertificate(certificate.RawData, out ParsedCertificate? signer, out _));
        byte[] digest = SHA256.HashData(Good);
        SignedContent content = ReleaseSigning.Content(Format, digest, [.. Good])!;
        byte[] signature = key is RSA rsa ? rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ((ECDsa)key).SignHash(digest, DSASignatureFormat.Rfc3279DerSequence);
        byte[] cms = SignedDataForm.Write(content, [signer], DateTimeOffset.UnixEpoch, signature);

        byte[] data = cms[19..];
        Assert.Equal((byte[])[0x30, 0x82], data[..2]);
        Assert.Equal(data.Length, (data[2] << 8) + data[3] + 4);
        // version 1, digestAlgorithms: SHA-256 with NULL, contentInfo: data
        Assert.Equal(Convert.FromHexString("020101310f300d06096086480165030402010500300b06092a864886f70d010701"), data[4..37]);
        byte[] end = isRsa ? [.. Convert.FromHexString("300d06092a864886f70d0101010500"), 0x04, 0x82, 0x01, 0x80, .. signature]
            : [.. Convert.FromHexString("300a06082a8648ce3d040302"), 0x04, (byte)signature.Length, .. signature];
        // digestAlgorithm, then at once the signature's: there are no attributes.
        Assert.Equal((byte[])[.. Convert.FromHexString("300d06096086480165030402010500"), .. end], data[^(15 + end.Length)..]);
        var decoded = new SignedCms(new ContentInfo(Good), detached: true);
        decoded.Decode(cms);
        decoded.CheckSignature(verifySignatureOnly: true);
    }

    /// <summary>efitools make the lists and what is signed of them, and put a signature over it in front.</summary>
    [Fact]
    [Trait("Needs", "packages")]
    public void What_efitools_make_is_read_and_the_update_that_they_finish_holds_a_signature_over_our_digest()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-efivar-");
        try
        {
            (int code, string said) run(string tool, params string[] arguments)
            {
                (int ended, string output, string errors) = EndedProcess.Of(
                    new ProcessStartInfo(tool, arguments) { WorkingDirectory = folder.FullName });
                return (ended, output + errors);
            }
            void done((int Code, string Said) ended) => Assert.True(ended.Code == 0, ended.Said);
            using var key = RSA.Create(2048);
            using X509Certificate2 certificate = SelfSigned("CN=Platform", key);
            File.WriteAllText(Path.Combine(folder.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(Path.Combine(folder.FullName, "platform.pem"), certificate.ExportCertificatePem());
            done(run("cert-to-efi-sig-list", "-g", "11111111-2222-3333-4444-555555555555", "platform.pem", "db.esl"));
            done(run("sign-efi-sig-list", "-o", "-t", "2026-11-22 10:00:00", "db", "db.esl", "db.tbs"));
            byte[] signed = File.ReadAllBytes(Path.Combine(folder.FullName, "db.tbs"));
            ImageFacts facts = ImageBytes.Taken(Format, signed);
            Assert.Contains(facts.Lines, line => line is { Label: "certificate", Value: "CN=Platform" });

            done(run("openssl", "cms", "-sign", "-binary", "-noattr", "-in", "db.tbs", "-signer", "platform.pem", "-inkey", "key.pem",
                "-md", "sha256", "-outform", "DER", "-out", "db.p7"));
            done(run("sign-efi-sig-list", "-i", "db.p7", "-t", "2026-11-22 10:00:00", "db", "db.esl", "db.auth"));

            // EFI_VARIABLE_AUTHENTICATION_2: the time, WIN_CERTIFICATE_UEFI_GUID of 24 bytes, then PKCS #7 and the lists.
            byte[] update = File.ReadAllBytes(Path.Combine(folder.FullName, "db.auth"));
            byte[] lists = File.ReadAllBytes(Path.Combine(folder.FullName, "db.esl"));
            Assert.Equal(lists, update[^lists.Length..]);
            Assert.Equal(signed[24..40], update[..16]); // behind the name of four bytes, the vendor and the attributes
            var cms = new SignedCms(new ContentInfo(signed), detached: true);
            cms.Decode(update.AsSpan(40, update.Length - 40 - lists.Length));
            cms.CheckSignature([certificate], verifySignatureOnly: true);
            Assert.True(key.VerifyHash(Convert.FromHexString(facts.Digests[0].Hex), cms.SignerInfos[0].GetSignature(),
                HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static X509Certificate2 SelfSigned(string subject)
    {
        using var key = RSA.Create(2048);
        return SelfSigned(subject, key);
    }

    private static X509Certificate2 SelfSigned(string subject, AsymmetricAlgorithm key)
    {
        CertificateRequest request = key is RSA rsa ? new(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(79));
    }

    private static byte[] Variable(string name, byte[] vendor, byte[] lists, uint attributes = 0x27) =>
        [.. Encoding.Unicode.GetBytes(name), .. vendor, .. ImageBytes.U32(attributes), .. Time(2026), .. lists];

    private static byte[] Time(ushort year) => [.. ImageBytes.U16(year), 11, 22, 10, 0, 0, .. new byte[9]];

    private static byte[] List(byte[] type, params byte[][] entries) =>
    [
        .. type, .. ImageBytes.U32((uint)(28 + entries.Sum(entry => 16 + entry.Length))), .. ImageBytes.U32(0),
        .. ImageBytes.U32((uint)(16 + entries[0].Length)), .. entries.SelectMany(entry => (byte[])[.. Owner, .. entry]),
    ];

    private static byte[] Platform(string subject = "CN=Platform")
    {
        using X509Certificate2 certificate = SelfSigned(subject);
        return certificate.RawData;
    }

    private static byte[] Hash(byte last) => [.. new byte[31], last];

    private static byte[] Make(string name)
    {
        const int attributes = 20, time = 24, list = 40;
        return name switch
        {
            "an empty file" => [],
            "another variable" => Variable("dbz", Database, List(Sha256Type, Hash(1))),
            "the vendor of another variable" => Variable("PK", Database, List(Sha256Type, Hash(1))),
            "cut off in the time" => Good[..(time + 15)],
            "without authentication" => ImageBytes.Changed(Good, attributes, 0x07),
            "the 31st of February" => ImageBytes.Changed(Good, time + 2, 2, 31),
            "a zone" => ImageBytes.Changed(Good, time + 12, 60),
            "more than 64 KiB" => new byte[(64 * 1024) + 1],
            "nothing" => Good[..list],
            "a list cut off" => Good[..^1],
            "a list of 4 GiB" => ImageBytes.Changed(Good, list + 16, 0xFF, 0xFF, 0xFF, 0xFF),
            "a list of no entries" => ImageBytes.Changed(Good, list + 16, 28),
            "entries of no bytes" => ImageBytes.Changed(Good, list + 24, 0),
            "entries of another size" => ImageBytes.Changed(Good, list + 24, 96),
            "a header in a list" => ImageBytes.Changed(Good, list + 20, 4),
            "an entry twice" => Variable("db", Database, [.. List(Sha256Type, Hash(1)), .. List(Sha256Type, Hash(1))]),
            "an unknown type" => Variable("db", Database, List(Owner, Hash(1))),
            "a byte behind the lists" => [.. Good, 0],
            "a list's head behind the lists" => [.. Good, .. Sha256Type, .. new byte[12]],
            "161 entries" => Variable("dbx", Database, List(Sha256Type, [.. Enumerable.Range(0, 161).Select(i => Hash((byte)i))])),
            "a revocation at no time" => Variable("dbx", Database, List(new Guid("3bd2a492-96c0-4079-b420-fcf98ef103ed").ToByteArray(),
                [.. Hash(1), .. Time(2026)[..15], 1])),
            "a certificate that is added" => Variable("KEK", Global, List(CertificateType, Platform()), attributes: 0x67),
            "a hash that is added to db" => Variable("db", Database, List(Sha256Type, Hash(1)), attributes: 0x67),
            "a hash as PK" => Variable("PK", Global, List(Sha256Type, Hash(1))),
            "a hash among KEK" => Variable("KEK", Global, [.. List(CertificateType, Platform()), .. List(Sha256Type, Hash(1))]),
            "two platform keys" => Variable("PK", Global, [.. List(CertificateType, Platform()), .. List(CertificateType, Platform())]),
            "a sample key" => Variable("PK", Global, List(CertificateType, Platform("CN=DO NOT TRUST - AMI Test PK"))),
            "a certificate that is none" => Variable("db", Database, List(CertificateType, new byte[] { 0x30, 0 })),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }
}
