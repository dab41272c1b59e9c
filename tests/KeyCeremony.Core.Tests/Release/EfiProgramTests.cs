using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>UEFI programs that were written from the specification; those of other tools are in <see cref="EfiToolTests"/>.</summary>
public sealed class EfiProgramTests
{
    private const string Format = "efi";
    private const int Table = 8;

    public static TheoryData<string, string> Hostile => new()
    {
        { "an empty file", "EFI-01" },
        { "no MZ", "EFI-01" },
        { "a PE header before its time", "EFI-01" },
        { "a PE header at 4 GiB", "EFI-01" },
        { "no PE", "EFI-01" },
        { "an unknown machine", "EFI-01" },
        { "no sections", "EFI-01" },
        { "65535 sections", "EFI-01" },
        { "an optional header of 65535 bytes", "EFI-01" },
        { "no optional header", "EFI-01" },
        { "four directories", "EFI-01" },
        { "4 billion directories", "EFI-01" },
        { "a Windows program", "EFI-01" },
        { "headers that end within the sections' table", "EFI-01" },
        { "headers longer than the file", "EFI-01" },
        { "cut off in the headers", "EFI-01" },
        { "a gap before the section", "EFI-02" },
        { "a section within the headers", "EFI-02" },
        { "a section of 4 GiB", "EFI-02" },
        { "cut off in the section", "EFI-02" },
        { "a wrong checksum", "EFI-03" },
        { "a table before the file's end", "EFI-04" },
        { "a table within the section", "EFI-04" },
        { "a table of no bytes", "EFI-04" },
        { "an entry longer than the table", "EFI-04" },
        { "an entry of no bytes", "EFI-04" },
        { "an entry that is no PKCS #7", "EFI-04" },
        { "signed by what nobody can read", "RELEASE-11" },
        { "signed", "RELEASE-11" },
    };

    private static byte[] Good { get; } = ImageBytes.Efi();

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_program_is_refused(string name, string rule) => Assert.Equal(rule, ImageBytes.Refused(Format, Make(name))?.Rule);

    [Theory]
    [InlineData(0x8664, "x64", true)]
    [InlineData(0xaa64, "aa64", true)]
    [InlineData(0x014c, "ia32", false)]
    public void The_digest_leaves_checksum_and_directory_entry_out(ushort machine, string target, bool isPlus)
    {
        byte[] file = ImageBytes.Efi(machine, behind: [1, 2, 3], isPlus: isPlus);
        ImageFacts facts = ImageBytes.Taken(Format, file);

        int certificates = ImageBytes.CertificatesAt - (isPlus ? 0 : 16);
        byte[] hashed = [.. file[..ImageBytes.ChecksumAt], .. file[(ImageBytes.ChecksumAt + 4)..certificates],
            .. file[(certificates + 8)..], .. new byte[5]];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(hashed)), Assert.Single(facts.Digests).Hex);
        Assert.Equal((target, null, null), (facts.Target, facts.Version, facts.SecurityCounter));
        Assert.Contains(facts.Lines, line => line.Value == "3 bytes, and 5 zeros to fill it, which are signed with the rest");
    }

    /// <summary>Everything but the two fields that are left out changes the digest or is refused.</summary>
    [Fact]
    public void No_changed_byte_keeps_the_digest()
    {
        string good = ImageBytes.Taken(Format, Good).Digests[0].Hex;
        for (int at = 0; at < Good.Length; at++)
        {
            byte[] changed = ImageBytes.Changed(Good, at, (byte)(Good[at] ^ 0x40));
            if (at is >= ImageBytes.ChecksumAt and < ImageBytes.ChecksumAt + 4)
                Assert.Equal("EFI-03", ImageBytes.Refused(Format, changed)?.Rule);
            else
            {
                // Without a checksum nothing but the digest can tell.
                ImageBytes.U32(0).CopyTo(changed, ImageBytes.ChecksumAt);
                bool isTaken = ImageFormat.Of(Format).TryRead(new MemoryStream(changed), changed.Length, out ImageFacts? facts, out _);
                Assert.False(isTaken && facts!.Digests[0].Hex == good, $"byte {at}");
            }
        }
    }

    /// <summary>With a certificate of its name and key the test key would be known; here it is another key.</summary>
    private static byte[] SomeSignature()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        var cms = new SignedCms(new ContentInfo([1, 2, 3]));
        cms.ComputeSignature(new CmsSigner(certificate) { IncludeOption = X509IncludeOption.EndCertOnly });
        return cms.Encode();
    }

    private static byte[] Entry(byte[] content, int? length = null, ushort kind = 2)
    {
        int filled = (Table - (content.Length % Table)) % Table;
        return [.. ImageBytes.U32((uint)(length ?? Table + content.Length)), .. ImageBytes.U16(0x0200), .. ImageBytes.U16(kind),
            .. content, .. new byte[filled]];
    }

    private static byte[] Make(string name)
    {
        const int coff = 64 + 4, optional = coff + 20, section = optional + 112 + 128;
        byte[] unsummed = ImageBytes.Changed(Good, ImageBytes.ChecksumAt, 0, 0, 0, 0);
        return name switch
        {
            "an empty file" => [],
            "no MZ" => ImageBytes.Changed(Good, 0, (byte)'Z'),
            "a PE header before its time" => ImageBytes.Changed(Good, 60, 4, 0, 0, 0),
            "a PE header at 4 GiB" => ImageBytes.Changed(Good, 60, 0xFF, 0xFF, 0xFF, 0xFF),
            "no PE" => ImageBytes.Changed(Good, 64, (byte)'N'),
            "an unknown machine" => ImageBytes.Efi(machine: 0x1234),
            "no sections" => ImageBytes.Changed(Good, coff + 2, 0),
            "65535 sections" => ImageBytes.Changed(Good, coff + 2, 0xFF, 0xFF),
            "an optional header of 65535 bytes" => ImageBytes.Changed(Good, coff + 16, 0xFF, 0xFF),
            "no optional header" => ImageBytes.Changed(Good, coff + 16, 0, 0),
            "four directories" => ImageBytes.Changed(Good, optional + 108, 4),
            "4 billion directories" => ImageBytes.Changed(Good, optional + 108, 0xFF, 0xFF, 0xFF, 0xFF),
            "a Windows program" => ImageBytes.Efi(subsystem: 2),
            "headers that end within the sections' table" => ImageBytes.Changed(Good, optional + 60, 0x10, 0),
            "headers longer than the file" => ImageBytes.Changed(Good, optional + 60, 0, 0x10),
            "cut off in the headers" => Good[..200],
            "a gap before the section" => ImageBytes.Changed(unsummed, section + 20, 0x40, 2),
            "a section within the headers" => ImageBytes.Changed(unsummed, section + 20, 0x40, 0),
            "a section of 4 GiB" => ImageBytes.Changed(unsummed, section + 16, 0xFF, 0xFF, 0xFF, 0xFF),
            "cut off in the section" => Good[..^8],
            "a wrong checksum" => ImageBytes.Changed(Good, Good.Length - 1, 1),
            "a table before the file's end" => [.. ImageBytes.EfiWithTable(Entry([1, 2])), .. new byte[8]],
            "a table within the section" => ImageBytes.Changed(unsummed, ImageBytes.CertificatesAt, 0xF8, 3, 0, 0, 8),
            "a table of no bytes" => ImageBytes.Changed(unsummed, ImageBytes.CertificatesAt, 0, 4, 0, 0),
            "an entry longer than the table" => ImageBytes.EfiWithTable(Entry([1, 2], length: 64)),
            "an entry of no bytes" => ImageBytes.EfiWithTable(Entry([1, 2], length: 0)),
            "an entry that is no PKCS #7" => ImageBytes.EfiWithTable(Entry([1, 2], kind: 1)),
            "signed by what nobody can read" => ImageBytes.EfiWithTable(Entry([0x30, 0x80, 1])),
            "signed" => ImageBytes.EfiWithTable([.. Entry(SomeSignature()), .. Entry(SomeSignature())]),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }
}
