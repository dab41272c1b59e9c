using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Secure Boot variables: what is signed for firmware, with which keys, and what is refused.</summary>
public sealed class EfiVariableRoomTests(ReleaseRooms rooms) : IClassFixture<ReleaseRooms>
{
    private const string Signing = "release-signing.md", Signer = "release-application", RsaSigner = "release-rsa";
    private const uint Added = 0x67;

    private static readonly string Script = SoftwareRoom.Script(Signing);

    private static ReleaseFolder Good { get; } = Update("db", EfiVariables.Hashes("db", 10, "a program"));

    [Fact]
    public void An_update_is_kept_shown_and_leaves_as_the_CMS_that_firmware_takes()
    {
        SoftwareRoom room = rooms.New();
        Good.Put(room, "application-1");
        room.Open(Script);
        ImmutableArray<string> shown = room.Until("preview", "take").Evidence;
        Assert.Contains("last update of db: none in this ledger", shown);
        Assert.Contains("    2026-11-22 10:00:00 UTC; firmware takes none that is not later than the last", shown);
        Assert.Contains($"    {Convert.ToHexStringLower(SHA256.HashData("a program"u8))}", shown);
        room.GoOn();

        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> bundle = room.Bundle();
        Assert.Equal(["releases/application-1.builder.json", "releases/application-1.cms", "releases/application-2.builder.json",
            "releases/application.chain.pem", "releases/application.pub.pem", "releases/application.record.json",
            "releases/application.release.yaml"], bundle.Keys.Where(f => f.StartsWith("releases/", StringComparison.Ordinal)));
        SignedCms cms = Cms(bundle, Good.Image);
        Assert.Empty(cms.SignerInfos[0].SignedAttributes);
        using var key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(bundle["releases/application.pub.pem"].Span));
        Assert.True(key.VerifyData(Good.Image, cms.SignerInfos[0].GetSignature(), HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal(Convert.ToBase64String(Good.Image), Assert.Single(Assert.Single(Of<ReleasePreviewed>(room)).Images).Text);
        Verifies(room);
    }

    /// <summary>What UEFI asks for: RSA as PKCS #1 v1.5, of variables and of programs. One key signs both, and no digest alone.</summary>
    [Fact]
    public void A_release_key_of_RSA_signs_for_firmware_as_PKCS_1_and_then_no_digest()
    {
        SoftwareRoom room = WithRsa();
        Good.Put(room, "variable");
        Sign(room, "variable", RsaSigner);
        SignedCms cms = Cms(room.Bundle(), Good.Image);
        Assert.Equal("1.2.840.113549.1.1.1", cms.SignerInfos[0].SignatureAlgorithm.Value);
        using RSA key = cms.SignerInfos[0].Certificate!.GetRSAPublicKey()!;
        Assert.True(key.VerifyData(Good.Image, cms.SignerInfos[0].GetSignature(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Verifies(room);

        (ReleaseFolder.Of("efi") with { Version = "1.15.0" }).Put(room, "program");
        Sign(room, "program", RsaSigner);
        var program = new SignedCms();
        program.Decode(room.Bundle()["releases/application-1.cms"].Span);
        program.CheckSignature(verifySignatureOnly: true);
        Verifies(room);

        new ReleaseFolder { Version = "1.16.0" }.Put(room, "digest");
        Assert.Equal("FIRMWARE-14", Refused(room, "digest", RsaSigner));
    }

    [Fact]
    public void A_key_that_signed_digests_signs_no_variable()
    {
        SoftwareRoom room = rooms.New();
        new ReleaseFolder().Put(room, "digest");
        Sign(room, "digest", Signer);
        Good.Put(room, "variable");
        Assert.Equal("FIRMWARE-14", Refused(room, "variable", Signer));
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "the vendor of another variable", "EFIVAR-01" },
        { "bytes behind the lists", "EFIVAR-02" },
        { "added to db", "EFIVAR-04" },
        { "two platform keys", "EFIVAR-05" },
        { "another target", "RELEASE-09" },
        { "the time of the last update", "FIRMWARE-15" },
        { "an earlier time", "FIRMWARE-15" },
        { "a time in a year", "FIRMWARE-15" },
        { "a platform key of nobody here", "FIRMWARE-16" },
        { "a platform key of the root", "FIRMWARE-16" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_update_is_refused_by_its_own_rule_and_a_later_one_is_taken(string what, string rule)
    {
        SoftwareRoom room = rooms.New();
        Good.Put(room, "first");
        Sign(room, "first", Signer);
        byte[] lists = EfiVariables.Hashes("db", 11, "a program");
        ReleaseFolder bad = what switch
        {
            "the vendor of another variable" => Update("db", [.. Encoding.Unicode.GetBytes("db"), .. EfiVariables.Global, .. lists[20..]]),
            "bytes behind the lists" => Update("db", [.. lists, 0, 0, 0, 0]),
            "added to db" => Update("db", EfiVariables.Hashes("db", 11, "a program", Added)),
            "two platform keys" => Update("PK", EfiVariables.Certificates("PK", 11, Stranger(), Stranger())),
            "another target" => Update("dbx", lists),
            "the time of the last update" => Update("db", EfiVariables.Hashes("db", 10, "another program")),
            "an earlier time" => Update("db", EfiVariables.Hashes("db", 9, "another program")),
            "a time in a year" => Update("db", EfiVariables.Hashes("db", 11, "a program", year: 2027)),
            "a platform key of nobody here" => Update("PK", EfiVariables.Certificates("PK", 11, Stranger())),
            _ => Update("PK", EfiVariables.Certificates("PK", 11, Certificate(room, "root"))),
        };
        (bad with { Version = "1.15.0" }).Put(room, "a-bad-one");
        Assert.Equal(rule, Refused(room, "a-bad-one", Signer));

        (Update("db", lists) with { Version = "1.15.0" }).Put(room, "the-right-one");
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("the-right-one"));
        room.GoOn();
        Assert.Equal(2, Of<ReleaseSigned>(room).Count());
        Verifies(room);
    }

    /// <summary>Firmware takes updates of PK and KEK from the certificate that PK is.</summary>
    [Fact]
    public void The_platform_key_is_set_to_its_signer_and_to_the_release_key_that_takes_its_place()
    {
        SoftwareRoom room = WithRsa();
        Update("PK", EfiVariables.Certificates("PK", 10, Certificate(room, RsaSigner))).Put(room, "first");
        Sign(room, "first", RsaSigner);
        (Update("PK", EfiVariables.Certificates("PK", 11, Certificate(room, Signer))) with { Version = "1.15.0" }).Put(room, "next");
        Sign(room, "next", RsaSigner);

        Assert.Equal(2, Of<ReleaseSigned>(room).Count());
        Verifies(room);
    }

    private static ReleaseFolder Update(string variable, byte[] image) =>
        new() { Format = "efi-variable", Target = variable, Image = image };

    private SoftwareRoom WithRsa()
    {
        SoftwareRoom room = rooms.New();
        room.Open(SoftwareRoom.Script("release-key.md").Replace("algorithm: ec-p256", "algorithm: rsa-3072", StringComparison.Ordinal)
            .Replace(Signer, RsaSigner, StringComparison.Ordinal)
            .Replace("Release Signer 1", "Release Signer 2", StringComparison.Ordinal)
            .Replace("release backup share card", "RSA backup share card", StringComparison.Ordinal));
        room.GoOn();
        return room;
    }

    private static void Sign(SoftwareRoom room, string folder, string signer)
    {
        room.Saying("file", folder);
        room.Open(Script.Replace(Signer, signer, StringComparison.Ordinal));
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });
        Directory.Delete(Path.Combine(room.Stick, folder), recursive: true);
    }

    private static string? Refused(SoftwareRoom room, string folder, string signer)
    {
        room.Saying("file", folder);
        room.Open(Script.Replace(Signer, signer, StringComparison.Ordinal));
        return room.Until("preview", "refused").Blocked?.Rule;
    }

    private static SignedCms Cms(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> bundle, byte[] image)
    {
        var cms = new SignedCms(new ContentInfo(image), detached: true);
        cms.Decode(bundle["releases/application-1.cms"].Span);
        cms.CheckSignature(verifySignatureOnly: true);
        return cms;
    }

    private static byte[] Certificate(SoftwareRoom room, string name)
    {
        CertificateSigned signed = room.Entries.Select(e => e.Body).OfType<CertificateSigned>().Last(c => c.Certificate == name);
        return Convert.FromBase64String(signed.Der);
    }

    private static byte[] Stranger()
    {
        using var key = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=Stranger", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(SoftwareRoom.Morning.AddYears(-1), SoftwareRoom.Morning.AddYears(9));
        return certificate.RawData;
    }

    private static IEnumerable<T> Of<T>(SoftwareRoom room) where T : EntryBody => room.Entries.Select(e => e.Body).OfType<T>();

    private static void Verifies(SoftwareRoom room) => Assert.Empty(BundleVerify.Check("b",
        new BundleContent("", room.Bundle(), BundleList.Of(room.Entries)), new VerifyOptions()).Verdict.Checks.Where(c => !c.Passed)
        .SelectMany(c => c.Flaws));
}

/// <summary>What is signed to set a Secure Boot variable. UEFI 2.10 8.2.2, 32.4.1.</summary>
internal static class EfiVariables
{
    private static readonly byte[] Database = new Guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f").ToByteArray();

    private static readonly Guid Program = new("c1c41626-504c-4092-aca9-41f936934328"),
        X509 = new("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");

    public static byte[] Global { get; } = new Guid("8be4df61-93ca-11d2-aa0d-00e098032b8c").ToByteArray();

    /// <summary>One hash, of what is hashed here.</summary>
    public static byte[] Hashes(string variable, byte hour, string program, uint attributes = 0x27, ushort year = 2026) =>
        Variable(variable, hour, year, attributes, List(Program, SHA256.HashData(Encoding.UTF8.GetBytes(program))));

    public static byte[] Certificates(string variable, byte hour, params byte[][] certificates) =>
        Variable(variable, hour, 2026, 0x27, [.. certificates.SelectMany(one => List(X509, one))]);

    // EFI_TIME: 22 November of the year, at the hour
    private static byte[] Variable(string name, byte hour, ushort year, uint attributes, byte[] lists) =>
    [
        .. Encoding.Unicode.GetBytes(name), .. name is "PK" or "KEK" ? Global : Database, .. BitConverter.GetBytes(attributes),
        .. BitConverter.GetBytes(year), 11, 22, hour, .. new byte[11], .. lists,
    ];

    private static byte[] List(Guid type, byte[] entry) =>
    [
        .. type.ToByteArray(), .. BitConverter.GetBytes(28 + 16 + entry.Length), .. BitConverter.GetBytes(0),
        .. BitConverter.GetBytes(16 + entry.Length), .. new byte[16], .. entry,
    ];
}
