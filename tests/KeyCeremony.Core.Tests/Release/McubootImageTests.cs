using System.Security.Cryptography;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Images of MCUboot: written from its document, and made by its own tool.</summary>
public sealed class McubootImageTests
{
    private const string Format = "mcuboot";

    /// <summary>See made/README.md.</summary>
    private static readonly string Made = Repository.PathOf("tests", "KeyCeremony.Core.Tests", "Release", "made");

    public static TheoryData<string, string> Hostile => new()
    {
        { "an empty file", "MCUBOOT-01" },
        { "another magic number", "MCUBOOT-01" },
        { "big endian", "MCUBOOT-01" },
        { "a header of 31 bytes", "MCUBOOT-01" },
        { "an empty image", "MCUBOOT-01" },
        { "something in what is reserved", "MCUBOOT-01" },
        { "encrypted", "MCUBOOT-02" },
        { "compressed", "MCUBOOT-02" },
        { "an unknown flag", "MCUBOOT-02" },
        { "cut off in the image", "MCUBOOT-03" },
        { "cut off in the protected records", "MCUBOOT-03" },
        { "cut off in the records", "MCUBOOT-03" },
        { "no records", "MCUBOOT-03" },
        { "an image size of 4 GiB", "MCUBOOT-03" },
        { "another length of the protected records", "MCUBOOT-03" },
        { "records too long for their area", "MCUBOOT-03" },
        { "something behind", "MCUBOOT-03" },
        { "an unknown protected record", "MCUBOOT-04" },
        { "a counter of eight bytes", "MCUBOOT-04" },
        { "two counters", "MCUBOOT-04" },
        { "two dependencies on one image", "MCUBOOT-04" },
        { "a counter that is not protected", "MCUBOOT-04" },
        { "an encrypted key", "MCUBOOT-04" },
        { "signed whole", "MCUBOOT-04" },
        { "a changed byte of the image", "MCUBOOT-05" },
        { "a changed version", "MCUBOOT-05" },
        { "a changed counter", "MCUBOOT-05" },
        { "two hashes", "MCUBOOT-05" },
        { "no counter", "MCUBOOT-06" },
        { "the test key's hash", "RELEASE-10" },
        { "the test key's hash, SHA-384", "RELEASE-10" },
        { "a signature", "RELEASE-11" },
        { "a public key", "RELEASE-11" },
    };

    private static byte[] Good { get; } = ImageBytes.Mcuboot();

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_image_is_refused(string name, string rule) => Assert.Equal(rule, ImageBytes.Refused(Format, Make(name))?.Rule);

    [Fact]
    public void Version_counter_and_digest_are_those_of_the_header()
    {
        byte[] dependency = ImageBytes.Record(0x40, [1, 0, 0, 0, 2, 3, 4, 0, 5, 0, 0, 0]);
        byte[] image = ImageBytes.Mcuboot(inside: [.. dependency, .. ImageBytes.Record(0x01A0, [1, 2])], flags: 0x20);
        ImageFacts facts = ImageBytes.Taken(Format, image);

        Assert.Equal((ImageBytes.Version, ImageBytes.Counter, null), (facts.Version, facts.SecurityCounter, facts.Target));
        Assert.Contains(facts.Lines, line => line.Value == "image 1, version 2.3.4+5 or later");
        Assert.Contains(facts.Lines, line => line.Label == "vendor's record 01a0");
        Assert.Contains(facts.Lines, line => line.Value == "loaded into RAM");
        int signed = image.Length - 4 - 4 - SHA256.HashSizeInBytes;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(image.AsSpan(0, signed))), Assert.Single(facts.Digests).Hex);
    }

    [Theory]
    [InlineData(0x11, "SHA-384", 48)]
    [InlineData(0x12, "SHA-512", 64)]
    public void The_digest_is_of_the_kind_that_the_image_has(ushort kind, string algorithm, int bytes)
    {
        SigningDigest digest = Assert.Single(ImageBytes.Taken(Format, ImageBytes.Mcuboot(hash: kind)).Digests);
        Assert.Equal((algorithm, 2 * bytes), (digest.Algorithm, digest.Hex.Length));
    }

    [Fact]
    public void No_changed_byte_passes()
    {
        for (int at = 0; at < Good.Length; at++)
            Assert.NotNull(ImageBytes.Refused(Format, ImageBytes.Changed(Good, at, (byte)(Good[at] ^ 0x40))));
    }

    /// <summary>imgtool made it, openssl signed our digest of it, imgtool attached the signature and verified it.</summary>
    [Theory]
    [InlineData("mcuboot")]
    [InlineData("mcuboot-p384")]
    public void What_imgtool_made_is_read_and_the_signature_over_our_digest_is_the_one_that_it_attached(string name)
    {
        ImageFacts facts = ImageBytes.Taken(Format, File.ReadAllBytes(Path.Combine(Made, $"{name}.bin")));
        Assert.Equal((ImageBytes.Version, ImageBytes.Counter), (facts.Version, facts.SecurityCounter));

        byte[] signed = File.ReadAllBytes(Path.Combine(Made, $"{name}.signed.bin"));
        Assert.Equal("RELEASE-11", ImageBytes.Refused(Format, signed)?.Rule);
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(Made, $"{name}.pub.pem")));
        // The last record is the signature, IMAGE_TLV_ECDSA_SIG; DER says where it ends.
        int at = signed.AsSpan().LastIndexOf([.. ImageBytes.U16(0x22)]) + 4;
        byte[] digest = Convert.FromHexString(Assert.Single(facts.Digests).Hex);
        Assert.True(key.VerifyHash(digest, signed.AsSpan(at), DSASignatureFormat.Rfc3279DerSequence));
        digest[0] ^= 1;
        Assert.False(key.VerifyHash(digest, signed.AsSpan(at), DSASignatureFormat.Rfc3279DerSequence));
    }

    /// <summary>The same with an RSA key: IMAGE_TLV_RSA3072_PSS.</summary>
    [Fact]
    public void The_signature_of_an_RSA_key_that_imgtool_attached_is_the_one_over_our_digest()
    {
        byte[] signed = File.ReadAllBytes(Path.Combine(Made, "mcuboot-rsa.signed.bin"));
        Assert.Equal("RELEASE-11", ImageBytes.Refused(Format, signed)?.Rule);
        int at = signed.Length - ImageBytes.RsaSignature;
        Assert.Equal([.. ImageBytes.U16(0x23), .. ImageBytes.U16(ImageBytes.RsaSignature)], signed[(at - 4)..at]);
        byte[] digest = Convert.FromHexString(Assert.Single(
            ImageBytes.Taken(Format, File.ReadAllBytes(Path.Combine(Made, "mcuboot.bin"))).Digests).Hex);
        Assert.True(ImageBytes.HoldsRsa(digest, signed[at..]));
        digest[0] ^= 1;
        Assert.False(ImageBytes.HoldsRsa(digest, signed[at..]));
    }

    [Fact]
    public void What_imgtool_signed_with_its_test_key_is_refused_by_name()
    {
        Refusal? refusal = ImageBytes.Refused(Format, File.ReadAllBytes(Path.Combine(Made, "mcuboot-test-key.bin")));
        Assert.Equal("RELEASE-10", refusal?.Rule);
        Assert.Contains("root-rsa-3072", refusal!.Message, StringComparison.Ordinal);
    }

    private static byte[] Make(string name)
    {
        byte[] counter = ImageBytes.Record(0x50, ImageBytes.U32(ImageBytes.Counter));
        byte[] dependency = ImageBytes.Record(0x40, [1, .. new byte[11]]);
        int end = ImageBytes.McubootHeader + ImageBytes.Payload.Length;
        return name switch
        {
            "an empty file" => [],
            "another magic number" => ImageBytes.Changed(Good, 0, 0x3c),
            "big endian" => ImageBytes.Changed(Good, 0, 0x96, 0xf3, 0xb8, 0x3d),
            "a header of 31 bytes" => ImageBytes.Changed(Good, 8, 31),
            "an empty image" => ImageBytes.Changed(Good, 12, 0, 0, 0, 0),
            "something in what is reserved" => ImageBytes.Changed(Good, 31, 1),
            "encrypted" => ImageBytes.Mcuboot(flags: 0x04),
            "compressed" => ImageBytes.Mcuboot(flags: 0x400),
            "an unknown flag" => ImageBytes.Mcuboot(flags: 0x02),
            "cut off in the image" => Good[..100],
            "cut off in the protected records" => Good[..(end + 6)],
            "cut off in the records" => Good[..^1],
            "no records" => Good[..(end + 12)],
            "an image size of 4 GiB" => ImageBytes.Changed(Good, 12, 0xFF, 0xFF, 0xFF, 0xFF),
            "another length of the protected records" => ImageBytes.Changed(Good, end + 2, 8),
            "records too long for their area" => ImageBytes.Changed(Good, end + 6, 5),
            "something behind" => [.. Good, 0],
            "an unknown protected record" => ImageBytes.Mcuboot(inside: ImageBytes.Record(0x99, [1])),
            "a counter of eight bytes" => ImageBytes.Mcuboot(hasCounter: false, inside: ImageBytes.Record(0x50, new byte[8])),
            "two counters" => ImageBytes.Mcuboot(inside: counter),
            "two dependencies on one image" => ImageBytes.Mcuboot(inside: [.. dependency, .. dependency]),
            "a counter that is not protected" => ImageBytes.Mcuboot(outside: counter),
            "an encrypted key" => ImageBytes.Mcuboot(outside: ImageBytes.Record(0x32, new byte[113])),
            "signed whole" => ImageBytes.Mcuboot(outside: ImageBytes.Record(0x25, [1])),
            "a changed byte of the image" => ImageBytes.Changed(Good, 200, 0xFF),
            "a changed version" => ImageBytes.Changed(Good, 21, 16),
            "a changed counter" => ImageBytes.Changed(Good, end + 8, 17),
            "two hashes" => ImageBytes.Mcuboot(outside: ImageBytes.Record(0x11, new byte[48])),
            "no counter" => ImageBytes.Mcuboot(hasCounter: false),
            "the test key's hash" => ImageBytes.Mcuboot(outside: ImageBytes.Record(0x01,
                Convert.FromHexString("e30466f6b8470c1f29070b17f1e2d3e94d445e3f608087fdc711e4382bb538b6"))),
            "the test key's hash, SHA-384" => ImageBytes.Mcuboot(hash: 0x11, outside: ImageBytes.Record(0x01, Convert.FromHexString(
                "85b7bd5f5dff9a03a99927adaf6ca6febde822c1a480928324a8e60323715c5779461c496a95aee8c4f90b99779f848a"))),
            "a signature" => ImageBytes.Mcuboot(outside: ImageBytes.Record(0x22, new byte[70])),
            "a public key" => ImageBytes.Mcuboot(outside: ImageBytes.Record(0x02, new byte[91])),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }
}
