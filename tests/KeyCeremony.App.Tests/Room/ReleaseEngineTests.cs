using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;
using System.Text.Json;
using KeyCeremony.App.Tests.Bundle;
using KeyCeremony.App.Tests.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Tests.Room;

/// <summary>Releases: what is signed, what is refused, what the ledger asks of the next one, and what is withdrawn.</summary>
public sealed class ReleaseEngineTests(ReleaseRooms rooms) : IClassFixture<ReleaseRooms>
{
    private const string Signing = "release-signing.md";
    private const string Withdrawal = "release-withdrawal.md";

    private static readonly string Script = SoftwareRoom.Script(Signing);

    [Theory]
    [InlineData("raw")]
    [InlineData("mcuboot")]
    public void The_digest_that_was_shown_is_signed_and_leaves_with_its_record(string format)
    {
        SoftwareRoom room = rooms.New();
        ReleaseFolder folder = format == "raw" ? new()
            : new() { Format = format, Image = ReleaseFolder.Mcuboot, Version = "1.15.0+7", Counter = 18 };
        folder.Put(room, "application-1");
        room.Through(Signing);

        ReleaseSigned signed = Assert.Single(Of<ReleaseSigned>(room));
        ReleaseSignature signature = Assert.Single(signed.Signatures);
        using ECDsa key = Signer(room);
        Assert.True(key.VerifyHash(Convert.FromHexString(signature.Digest), Convert.FromBase64String(signature.Signature),
            DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal(format == "raw", signature.Digest == Convert.ToHexStringLower(SHA256.HashData(folder.Image)));
        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> bundle = room.Bundle();
        Assert.Equal(["releases/application-1.builder.json", "releases/application-1.signature", "releases/application-1.signature.b64",
            "releases/application-2.builder.json", "releases/application.chain.pem", "releases/application.pub.pem",
            "releases/application.record.json", "releases/application.release.yaml"],
            bundle.Keys.Where(f => f.StartsWith("releases/", StringComparison.Ordinal)));
        using var record = JsonDocument.Parse(bundle["releases/application.record.json"]);
        Assert.Equal(signature.Digest, record.RootElement.GetProperty("images")[0].GetProperty("digest").GetString());
        Assert.Contains(room.Entries, e => e.HashHex == record.RootElement.GetProperty("head").GetString() && e.Body is ReleaseSigned);
        Verifies(room);
    }

    /// <summary>What leaves is one CMS over what was shown, with the time of the attempt in it.</summary>
    [Theory]
    [InlineData("swupdate")]
    [InlineData("rauc-verity")]
    [InlineData("cms")]
    [InlineData("efi")]
    public void A_format_that_asks_for_CMS_leaves_as_one(string format)
    {
        SoftwareRoom room = rooms.New();
        var folder = ReleaseFolder.Of(format);
        folder.Put(room, "application-1");
        room.Through(Signing);

        ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> bundle = room.Bundle();
        Assert.Equal(["releases/application-1.builder.json", "releases/application-1.cms", "releases/application-2.builder.json",
            "releases/application.chain.pem", "releases/application.pub.pem", "releases/application.record.json",
            "releases/application.release.yaml"], bundle.Keys.Where(f => f.StartsWith("releases/", StringComparison.Ordinal)));
        using var record = JsonDocument.Parse(bundle["releases/application.record.json"]);
        Assert.Equal("releases/application-1.cms", record.RootElement.GetProperty("images")[0].GetProperty("signature").GetString());
        var cms = new SignedCms(new ContentInfo(folder.Image), detached: format is "swupdate" or "cms");
        cms.Decode(bundle["releases/application-1.cms"].Span);
        cms.CheckSignature(verifySignatureOnly: true);
        Assert.Equal(format == "efi" ? 0 : 1, cms.ContentInfo.Content.AsSpan().SequenceEqual(folder.Image) ? 1 : 0);
        var time = (Pkcs9SigningTime)cms.SignerInfos[0].SignedAttributes.Cast<CryptographicAttributeObject>()
            .Single(a => a.Oid.Value == "1.2.840.113549.1.9.5").Values[0];
        Assert.Equal(room.Entries.Last(e => e.Body is Attempted && e.Step == "sign").Utc.ToUnixTimeSeconds(),
            new DateTimeOffset(time.SigningTime).ToUnixTimeSeconds());
        ImageSeen seen = Assert.Single(Assert.Single(Of<ReleasePreviewed>(room)).Images);
        Assert.Equal(format is "swupdate" or "rauc-verity" ? Convert.ToBase64String(folder.Image) : null, seen.Text);
        Verifies(room);
    }

    /// <summary>RSA 3072 signs as RSASSA-PSS what takes a digest, and nothing that takes CMS.</summary>
    [Fact]
    public void A_release_key_of_RSA_signs_digests_as_PSS_and_no_CMS()
    {
        SoftwareRoom room = rooms.New();
        room.Open(SoftwareRoom.Script("release-key.md").Replace("algorithm: ec-p256", "algorithm: rsa-3072", StringComparison.Ordinal)
            .Replace("release-application", "release-rsa", StringComparison.Ordinal)
            .Replace("Release Signer 1", "Release Signer 2", StringComparison.Ordinal)
            .Replace("release backup share card", "RSA backup share card", StringComparison.Ordinal));
        room.GoOn();
        ReleaseFolder.Of("cms").Put(room, "a-file-with-cms");
        new ReleaseFolder { Format = "mcuboot", Image = ReleaseFolder.Mcuboot, Version = "1.15.0+7", Counter = 18 }.Put(room, "boot");
        room.Saying("file", "a-file-with-cms", "boot").Saying("refused", "again");
        room.Open(Script.Replace("release-application", "release-rsa", StringComparison.Ordinal));
        room.GoOn();

        Assert.Equal("FIRMWARE-06", Assert.Single(Of<ImportRefused>(room)).Rule);
        ReleaseSignature signature = Assert.Single(Assert.Single(Of<ReleaseSigned>(room)).Signatures);
        using var key = RSA.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(room.Bundle()["releases/application.pub.pem"].Span));
        Assert.True(key.VerifyHash(Convert.FromHexString(signature.Digest), Convert.FromBase64String(signature.Signature),
            HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
        Verifies(room);
    }

    public static TheoryData<string, string> HostileImages => new()
    {
        { "a truncated UEFI program", "EFI-02" },
        { "overlapping sections", "EFI-02" },
        { "a table of certificates outside the file", "EFI-04" },
        { "a description without a version", "SWUPDATE-02" },
        { "a description of another version", "RELEASE-07" },
        { "a description for other hardware", "RELEASE-09" },
        { "a truncated manifest", "RAUC-01" },
        { "a manifest of another device", "RELEASE-09" },
        { "texts that are too long together", "FIRMWARE-07" },
    };

    [Theory]
    [MemberData(nameof(HostileImages))]
    public void A_hostile_image_is_refused_in_the_room_by_its_rule(string what, string rule)
    {
        SoftwareRoom room = rooms.New();
        ReleaseFolder efi = ReleaseFolder.Of("efi"), description = ReleaseFolder.Of("swupdate"), manifest = ReleaseFolder.Of("rauc-verity");
        ReleaseFolder bad = what switch
        {
            "a truncated UEFI program" => efi with { Image = efi.Image[..^1] },
            "overlapping sections" => efi with { Image = Changed(efi.Image, 328 + 21, 1) },
            "a table of certificates outside the file" => efi with { Image = Changed(efi.Image, 88 + 112 + 32 + 1, 0x7F) },
            "a description without a version" => description with { Image = Changed(description.Image, "version", "revision") },
            "a description of another version" => description with { Image = Changed(description.Image, "1.15.0", "1.15.1") },
            "a description for other hardware" => description with { Image = Changed(description.Image, "C3", "C4") },
            "a truncated manifest" => manifest with { Image = manifest.Image[..^25] },
            "a manifest of another device" => manifest with { Image = Changed(manifest.Image, "LOCK-1", "LOCK-2") },
            _ => manifest with { Image = [.. Encoding.ASCII.GetBytes($"#{new string('x', 60 * 1024)}\n"), .. manifest.Image] },
        };
        bad.Put(room, "bad");
        if (rule == "FIRMWARE-07")
            // The statements have nearly all that they may have.
            Pad(room, "bad", 150 * 1024);
        room.Open(Script);
        Assert.Equal(rule, room.Until("preview", "refused").Blocked?.Rule);
    }

    /// <summary>END-01, before a request is read.</summary>
    [Fact]
    public void A_release_key_that_ended_signs_nothing_more()
    {
        SoftwareRoom room = rooms.New().Saying("check/1/set", "done");
        room.Open(SoftwareRoom.Script("key-destruction.md").Replace("key: root\n", "key: release-application\n", StringComparison.Ordinal));
        room.GoOn();
        Assert.True(room.State is { Ended: true, Aborted: false });

        room.Open(Script);
        for (int moves = 0; moves < 2000 && Director.Next(room.State) is not Ask { Question.Id: "stopped" }; moves++)
            room.Step();
        Assert.Equal("END-01", Assert.IsType<Ask>(Director.Next(room.State)).Question.Blocked?.Rule);
        Assert.DoesNotContain(room.Entries, e => e.Body is ReleasePreviewed);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "another environment", "FIRMWARE-01" },
        { "another product", "FIRMWARE-02" },
        { "another component", "FIRMWARE-02" },
        { "a lower counter", "FIRMWARE-04" },
        { "a header with another version", "RELEASE-07" },
        { "a header with another counter", "RELEASE-08" },
        { "an image of a test key", "RELEASE-10" },
        { "another image than was named", "RELEASE-06" },
        { "a file that nobody names", "RELEASE-05" },
        { "no release", "RELEASE-01" },
        { "one builder twice", "BUILDER-02" },
        { "one key twice", "BUILDER-02" },
        { "a builder whom the ledger does not know", "BUILDER-03" },
        { "a statement that another signed", "BUILDER-04" },
        { "builders who disagree", "BUILDER-08" },
        { "a statement that is missing", "IN-02" },
        { "statements that are too long", "FIRMWARE-07" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_request_that_does_not_fit_is_refused_by_its_own_rule_and_another_one_is_taken(string what, string rule)
    {
        SoftwareRoom room = Released(new());
        Delete(room, "application-1");
        ReleaseFolder next = new() { Version = "1.15.0+7", Counter = 18 };
        ReleaseFolder boot = next with { Format = "mcuboot", Image = ReleaseFolder.Mcuboot };
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ReleaseFolder bad = what switch
        {
            "another environment" => next with { Environment = "production" },
            "another product" => next with { Product = "LOCK-2" },
            "another component" => next with { Component = "boot loader" },
            "a lower counter" => next with { Counter = 16 },
            "a header with another version" => boot with { Version = "1.15.1" },
            "a header with another counter" => boot with { Counter = 19 },
            "an image of a test key" => boot with { Image = Made("mcuboot-test-key.bin") },
            "no release" => next with { Change = y => y + "colour: red\n" },
            "one builder twice" => next with { Change = y => y.Replace(ReleaseFolder.IdB, ReleaseFolder.IdA, StringComparison.Ordinal) },
            "one key twice" => next with { NamedB = ReleaseFolder.KeyA, SignerB = ReleaseFolder.KeyA },
            "a builder whom the ledger does not know" => next with { NamedB = stranger, SignerB = stranger },
            "a statement that another signed" => next with { SignerB = stranger },
            "builders who disagree" => next with { OtherImage = [1, 2, 3] },
            _ => next,
        };
        bad.Put(room, "a-bad-one");
        string path = Path.Combine(room.Stick, "a-bad-one");
        if (what == "another image than was named")
            File.AppendAllText(Path.Combine(path, "application.bin"), "!");
        else if (what == "a file that nobody names")
            File.WriteAllText(Path.Combine(path, "application.elf"), "!");
        else if (what == "a statement that is missing")
            File.Delete(Path.Combine(path, "runner-b.dsse.json"));
        else if (what == "statements that are too long")
            File.WriteAllBytes(Path.Combine(path, "runner-b.dsse.json"), new byte[200 * 1024]);
        next.Put(room, "the-right-one");
        room.Saying("file", "a-bad-one", "the-right-one").Saying("refused", "again").Through(Signing);

        ImportRefused refused = Assert.Single(Of<ImportRefused>(room));
        Assert.Equal((rule, "a-bad-one"), (refused.Rule, refused.File));
        Assert.Equal(2, Of<ReleaseSigned>(room).Count());
        Verifies(room);
    }

    [Theory]
    [InlineData("application.bin")]
    [InlineData("release.yaml")]
    [InlineData("runner-a.dsse.json")]
    public void What_was_changed_after_it_was_shown_is_not_signed(string file)
    {
        SoftwareRoom room = rooms.New();
        new ReleaseFolder().Put(room, "application-1");
        room.Open(Script);
        room.Until("approve", "confirm");
        string path = Path.Combine(room.Stick, "application-1", file);
        byte[] shown = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [.. shown[..^1], (byte)(shown[^1] ^ 1)]);

        Assert.Equal("FIRMWARE-08", room.Until("sign", "refused").Blocked?.Rule);
        Assert.Empty(Of<ReleaseSigned>(room));
        File.WriteAllBytes(path, shown);
        Assert.Null(room.Say("again"));
        room.GoOn();
        Assert.Single(Of<ReleaseSigned>(room));
        Verifies(room);
    }

    [Theory]
    [InlineData("1.14.0", true)]
    [InlineData("1.13.9", true)]
    [InlineData("1.15.0-rc1", true)]
    [InlineData("1.14.0+1", false)]
    [InlineData("1.14.1", false)]
    public void A_version_that_is_not_the_next_one_is_an_exception(string version, bool isOne)
    {
        SoftwareRoom room = Released(new());
        Delete(room, "application-1");
        new ReleaseFolder { Version = version }.Put(room, "application-2");
        room.Through(Signing);

        Assert.Equal(isOne ? ["FIRMWARE-05"] : [], Of<ExceptionRaised>(room).Select(x => x.Rule));
        Assert.Equal(2, Of<ReleaseSigned>(room).Count());
        Verifies(room);
    }

    [Fact]
    public void A_key_signs_one_component_of_one_product()
    {
        SoftwareRoom room = Released(new());
        Delete(room, "application-1");
        new ReleaseFolder { Product = "LOCK-2" }.Put(room, "other");
        room.Open(Script.Replace("LOCK-1", "LOCK-2", StringComparison.Ordinal));

        Assert.Equal("FIRMWARE-03", room.Until("preview", "refused").Blocked?.Rule);
    }

    [Fact]
    public void A_key_that_is_no_release_key_signs_none()
    {
        SoftwareRoom room = rooms.New();
        room.Open(Script.Replace("signer: release-application", "signer: root", StringComparison.Ordinal));

        Assert.Equal("FIRMWARE-09", room.Until("preview", "stopped").Blocked?.Rule);
    }

    [Fact]
    public void A_release_can_be_left_out()
    {
        SoftwareRoom room = rooms.New().Saying("file", "leave-out").Through(Signing);

        Assert.Empty(Of<ReleaseSigned>(room));
        Verifies(room);
    }

    [Fact]
    public void A_withdrawal_raises_the_lowest_counter_and_leaves_as_a_notice()
    {
        SoftwareRoom room = Released(new() { Version = "1.15.0+7", Counter = 18 });
        Delete(room, "application-1");
        room.Through(Withdrawal);

        using var notice = JsonDocument.Parse(room.Bundle()["releases/application.withdrawn.json"]);
        Assert.Equal(19, notice.RootElement.GetProperty("lowestSecurityCounter").GetInt64());
        Verifies(room);

        new ReleaseFolder { Version = "1.15.1", Counter = 18 }.Put(room, "too-low");
        room.Open(Script);
        Assert.Equal("FIRMWARE-04", room.Until("preview", "refused").Blocked?.Rule);
        new ReleaseFolder { Version = "1.15.1", Counter = 19 }.Put(room, "high-enough");
        Assert.Null(room.Say("again"));
        Assert.Null(room.Say("high-enough"));
        room.GoOn();
        Assert.Equal(2, Of<ReleaseSigned>(room).Count());
        Verifies(room);
    }

    [Theory]
    [InlineData("version: 1.15.0+7", "version: 1.15.1", "FIRMWARE-11")]
    [InlineData("release: application", "release: boot-loader", "FIRMWARE-11")]
    [InlineData("counter-floor: 19", "counter-floor: 18", "FIRMWARE-12")]
    public void Nothing_else_is_withdrawn(string find, string instead, string rule)
    {
        SoftwareRoom room = Released(new() { Version = "1.15.0+7", Counter = 18 });
        room.Open(SoftwareRoom.Script(Withdrawal).Replace(find, instead, StringComparison.Ordinal));

        Assert.Equal(rule, room.Until("withdraw", "stopped").Blocked?.Rule);
    }

    [Fact]
    public void A_release_is_withdrawn_once()
    {
        SoftwareRoom room = Released(new() { Version = "1.15.0+7", Counter = 18 }).Through(Withdrawal);
        room.Open(SoftwareRoom.Script(Withdrawal));

        Assert.Equal("FIRMWARE-11", room.Until("withdraw", "stopped").Blocked?.Rule);
    }

    [Theory]
    [InlineData("the key of the other builder", "FIRMWARE-13")]
    [InlineData("an RSA key", "BUILDER-01")]
    [InlineData("a private key", "REQ-13")]
    [InlineData("nothing", "BUILDER-01")]
    public void A_builder_has_a_key_of_its_own(string what, string rule)
    {
        SoftwareRoom room = rooms.New();
        using var rsa = RSA.Create(3072);
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        room.Put("runner-c.pub.pem", what switch
        {
            "the key of the other builder" => Encoding.ASCII.GetBytes(ReleaseFolder.KeyA.ExportSubjectPublicKeyInfoPem()),
            "an RSA key" => rsa.ExportSubjectPublicKeyInfo(),
            "a private key" => Encoding.ASCII.GetBytes(fresh.ExportPkcs8PrivateKeyPem()),
            _ => "-----BEGIN PUBLIC KEY-----\n"u8.ToArray(),
        });
        room.Open(SoftwareRoom.Script("release-key.md").Replace("builder: runner-a", "builder: runner-c", StringComparison.Ordinal));

        Assert.Equal(rule, room.Until("builder-a", "refused").Blocked?.Rule);
    }

    [Fact]
    public void A_builder_may_get_another_key_and_the_old_one_is_none_any_more()
    {
        SoftwareRoom room = rooms.New();
        using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        room.Put("runner-b.pub.pem", fresh.ExportSubjectPublicKeyInfo());
        room.Open(SoftwareRoom.Script("release-key.md").Replace("release-application", "release-boot", StringComparison.Ordinal)
            .Replace("Release Signer 1", "Release Signer 2", StringComparison.Ordinal)
            .Replace("release backup share card", "boot backup share card", StringComparison.Ordinal));
        room.GoOn();
        new ReleaseFolder().Put(room, "old-key");
        new ReleaseFolder { NamedB = fresh, SignerB = fresh }.Put(room, "new-key");
        room.Saying("file", "old-key", "new-key").Saying("refused", "again").Through(Signing);

        Assert.Equal("BUILDER-03", Assert.Single(Of<ImportRefused>(room)).Rule);
        Assert.Single(Of<ReleaseSigned>(room));
        Verifies(room);
    }

    [Fact]
    public void Broken_off_behind_any_entry_it_signs_what_was_shown()
    {
        SoftwareRoom room = rooms.New();
        new ReleaseFolder().Put(room, "application-1");
        var failed = new HashSet<string>(StringComparer.Ordinal);
        room.PowerFails = entry => entry is { Step: "preview" or "sign", Body: not (Reopened or Answered) }
            && failed.Add($"{entry.Step} {entry.Body.GetType().Name}");
        room.Through(Signing);

        Assert.True(failed.Count > 5);
        Assert.Single(Of<ReleaseSigned>(room));
        Verifies(room);
    }

    private static byte[] Changed(byte[] image, int at, byte one)
    {
        byte[] changed = [.. image];
        changed[at] = one;
        return changed;
    }

    private static byte[] Changed(byte[] text, string find, string instead) =>
        Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(text).Replace(find, instead, StringComparison.Ordinal));

    private static void Pad(SoftwareRoom room, string folder, int bytes)
    {
        // JSON may have blanks: a statement's envelope is as long as one likes.
        foreach (string statement in new[] { "runner-a.dsse.json", "runner-b.dsse.json" })
            File.AppendAllText(Path.Combine(room.Stick, folder, statement), new string(' ', bytes / 2));
    }

    private SoftwareRoom Released(ReleaseFolder folder)
    {
        SoftwareRoom room = rooms.New();
        folder.Put(room, "application-1");
        return room.Through(Signing);
    }

    private static void Delete(SoftwareRoom room, string folder) => Directory.Delete(Path.Combine(room.Stick, folder), recursive: true);

    private static IEnumerable<T> Of<T>(SoftwareRoom room) where T : EntryBody =>
        room.Entries.Where(e => e.Ceremony != "0001-root-creation").Select(e => e.Body).OfType<T>();

    private static ECDsa Signer(SoftwareRoom room)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(room.Bundle()["releases/application.pub.pem"].Span));
        return key;
    }

    private static byte[] Made(string name) =>
        File.ReadAllBytes(TestFiles.PathOf("tests", "KeyCeremony.Core.Tests", "Release", "made", name));

    private static void Verifies(SoftwareRoom room) => Assert.Empty(BundleVerify.Check("b",
        new BundleContent("", room.Bundle(), BundleList.Of(room.Entries)), new VerifyOptions()).Verdict.Checks.Where(c => !c.Passed)
        .SelectMany(c => c.Flaws));
}
