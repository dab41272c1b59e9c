using System.Security.Cryptography;
using KeyCeremony.Core.Release.Images;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>Applications of an ESP32 before Secure Boot V2 signs them, and what its tool makes of our digest.</summary>
public sealed class EspImageTests
{
    private const string Format = "esp-secure-boot-v2";
    private const int Sector = 4096;

    private static readonly string Made = Repository.PathOf("tests", "KeyCeremony.Core.Tests", "Release", "made");

    public static TheoryData<string, string> Hostile => new()
    {
        { "an empty file", "ESP-01" },
        { "another magic number", "ESP-01" },
        { "no segment", "ESP-01" },
        { "17 segments", "ESP-01" },
        { "an unknown chip", "ESP-01" },
        { "no hash appended", "ESP-01" },
        { "a segment longer than the file", "ESP-02" },
        { "a third segment that is not there", "ESP-02" },
        { "a changed byte of a segment", "ESP-02" },
        { "cut off behind the segments", "ESP-02" },
        { "a changed entry address", "ESP-03" },
        { "cut off behind the checksum", "ESP-03" },
        { "not filled", "ESP-04" },
        { "filled with zeros", "ESP-04" },
        { "something behind", "ESP-04" },
        { "no description", "ESP-05" },
        { "a version that is empty", "ESP-05" },
        { "a version with a control character", "ESP-05" },
        { "a signature sector", "RELEASE-11" },
    };

    private static byte[] Good { get; } = ImageBytes.Esp();

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_image_is_refused(string name, string rule) => Assert.Equal(rule, ImageBytes.Refused(Format, Make(name))?.Rule);

    [Fact]
    public void Version_counter_chip_and_digests_are_those_of_the_image()
    {
        ImageFacts facts = ImageBytes.Taken(Format, Good);

        Assert.Equal((ImageBytes.Version, ImageBytes.Counter, "esp32c3"), (facts.Version, facts.SecurityCounter, facts.Target));
        Assert.Contains(facts.Lines, line => line.Value == "from 0.3 to 1.99");
        Assert.Contains(facts.Lines, line => line.Value == "Nov 22 2026 10:00:00, with ESP-IDF v5.4.1");
        Assert.Equal([Convert.ToHexStringLower(SHA256.HashData(Good)), Convert.ToHexStringLower(SHA384.HashData(Good))],
            facts.Digests.Select(digest => digest.Hex));
    }

    [Fact]
    public void No_changed_byte_passes()
    {
        for (int at = 0; at < Good.Length; at++)
            Assert.NotNull(ImageBytes.Refused(Format, ImageBytes.Changed(Good, at, (byte)(Good[at] ^ 0x40))));
    }

    /// <summary>espsecure made the signature sector from a signature that openssl made over our digest, and verified it.</summary>
    [Fact]
    public void The_signature_sector_that_espsecure_made_holds_our_digest()
    {
        byte[] signed = File.ReadAllBytes(Path.Combine(Made, "esp.signed.bin"));
        byte[] image = signed[..^Sector];
        Assert.Equal(Good, image);
        Assert.Equal("RELEASE-11", ImageBytes.Refused(Format, signed)?.Rule);

        // Secure Boot V2: magic, version, two reserved, digest of the image; then curve, point, signature in little endian.
        ReadOnlySpan<byte> block = signed.AsSpan(image.Length);
        byte[] digest = Convert.FromHexString(ImageBytes.Taken(Format, image).Digests[0].Hex);
        Assert.Equal(new byte[] { 0xE7, 3, 0, 0 }, block[..4].ToArray());
        Assert.Equal(digest, block[4..36].ToArray());
        byte[] number(int at) => [.. Enumerable.Reverse(signed[(image.Length + at)..(image.Length + at + 32)])];
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = number(37), Y = number(69) },
        });
        byte[] signature = [.. number(101), .. number(133)];
        Assert.True(key.VerifyHash(digest, signature));
        digest[0] ^= 1;
        Assert.False(key.VerifyHash(digest, signature));
    }

    /// <summary>The same with an RSA key: version 2 of the block, its signature in little endian.</summary>
    [Fact]
    public void The_signature_of_an_RSA_key_that_espsecure_attached_is_the_one_over_our_digest()
    {
        const int signature = 36 + 384 + 4 + 384 + 4;
        byte[] signed = File.ReadAllBytes(Path.Combine(Made, "esp-rsa.signed.bin")), image = signed[..^Sector], block = signed[^Sector..];
        Assert.Equal(Good, image);
        byte[] digest = Convert.FromHexString(ImageBytes.Taken(Format, image).Digests[0].Hex);
        Assert.Equal([0xE7, 2, 0, 0, .. digest], block[..36]);
        byte[] bigEndian = [.. Enumerable.Reverse(block[signature..(signature + ImageBytes.RsaSignature)])];
        Assert.True(ImageBytes.HoldsRsa(digest, bigEndian));
        digest[0] ^= 1;
        Assert.False(ImageBytes.HoldsRsa(digest, bigEndian));
    }

    private static byte[] Make(string name)
    {
        const int checksumEnd = 608;
        return name switch
        {
            "an empty file" => [],
            "another magic number" => ImageBytes.Changed(Good, 0, 0xEA),
            "no segment" => ImageBytes.Changed(Good, 1, 0),
            "17 segments" => ImageBytes.Changed(Good, 1, 17),
            "an unknown chip" => ImageBytes.Esp(chip: 99),
            "no hash appended" => ImageBytes.Changed(Good, 23, 0),
            "a segment longer than the file" => ImageBytes.Changed(Good, 28, 0xFF, 0xFF, 0xFF, 0xFF),
            "a third segment that is not there" => ImageBytes.Changed(Good, 1, 3),
            "a changed byte of a segment" => ImageBytes.Changed(Good, 400, 0xFF),
            "cut off behind the segments" => Good[..(checksumEnd - 4)],
            "a changed entry address" => ImageBytes.Changed(Good, 4, 4),
            "cut off behind the checksum" => Good[..(checksumEnd + 8)],
            "not filled" => Good[..^1],
            "filled with zeros" => ImageBytes.Changed(Good, Good.Length - 1, 0),
            "something behind" => [.. Good, .. new byte[Sector]],
            "no description" => ImageBytes.Esp(magic: 0xABCD5433),
            "a version that is empty" => ImageBytes.Esp(version: ""),
            "a version with a control character" => ImageBytes.Esp(version: "1.15\u001b[2J"),
            "a signature sector" => [.. Good, 0xE7, .. new byte[Sector - 1]],
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }
}
