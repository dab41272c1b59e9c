using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>What builders state, and under which keys.</summary>
public sealed class BuilderTests : IDisposable
{
    /// <summary>MCUboot's root-ec-p256: its SubjectPublicKeyInfo.</summary>
    private static readonly byte[] TestKey = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d030107034200"
        + "042acb403ce8feed5ba44995a1a91daee8dbbe1937cd14fb2f245737e5953988d9"
        + "94b9d65aebd7cdd5308ad6fe48b24a6a810ee5f07d8b6834cc3a6afc538efac1");

    private readonly Releases _release = new Releases().Fill();

    public void Dispose() => _release.Dispose();

    private string Hash => Releases.ImageHash(_release.Files[Releases.ImageName]);

    private string Good => Releases.Provenance(Releases.IdA, Releases.ImageName, Hash);

    [Theory]
    [InlineData("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1", "BUILDER-05")]
    [InlineData("https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2", "BUILDER-05")]
    [InlineData("\"buildType\":", "\"buildtype\":", "BUILDER-05")]
    [InlineData("\"externalParameters\":{}", "\"externalParameters\":[]", "BUILDER-05")]
    [InlineData("\"runDetails\":", "\"runDetail\":", "BUILDER-05")]
    [InlineData("{\"id\":", "{\"name\":", "BUILDER-05")]
    [InlineData("\"subject\":[", "\"subject\":[7,", "BUILDER-05")]
    [InlineData("\"sha256\":\"", "\"sha256\":\"A", "BUILDER-05")]
    [InlineData("{\"name\":\"sdk\"}", "[]", "BUILDER-05")]
    [InlineData("\"_type\"", "\"_type\":\"x\",\"_type\"", "BUILDER-05")]
    [InlineData("https://ci.example.com/runner-a", "\\ud800", "BUILDER-05")]
    [InlineData("https://ci.example.com/runner-a", "https://ci.example.com/runner-b", "BUILDER-06")]
    [InlineData("\"name\":\"application.bin\"", "\"name\":\"application.hex\"", "BUILDER-07")]
    [InlineData("\"name\":\"application.elf\"", "\"name\":\"application.bin\"", "BUILDER-07")]
    public void A_statement_that_says_something_else_is_refused(string find, string instead, string rule)
    {
        Assert.Contains(find, Good, StringComparison.Ordinal);
        int at = Good.IndexOf(find, StringComparison.Ordinal);
        _release.Files[Releases.FileA] = Releases.Envelope(_release.KeyA, Good[..at] + instead + Good[(at + find.Length)..]);
        Refusal refusal = Assert.Single(_release.Judge());
        Assert.Equal(rule, refusal.Rule);
        Assert.StartsWith("'runner-a.dsse.json': ", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>release.yaml has no folders: that the image is to be named as the builder named it would be no help.</summary>
    [Theory]
    [InlineData("build/application.bin")]
    [InlineData("./application.bin")]
    public void A_subject_with_its_folder_is_named(string subject)
    {
        _release.Files[Releases.FileA] = Releases.Envelope(_release.KeyA,
            Good.Replace("\"name\":\"application.bin\"", $"\"name\":\"{subject}\"", StringComparison.Ordinal));
        Refusal refusal = Assert.Single(_release.Judge());
        Assert.Equal("BUILDER-07", refusal.Rule);
        Assert.Contains($"It names '{subject}', with a folder, and not 'application.bin'.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("without folders", refusal.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_without_our_hash_of_an_image_is_refused()
    {
        _release.Files[Releases.FileA] = Releases.Envelope(_release.KeyA,
            Good.Replace("\"sha256\":", "\"sha256sum\":", StringComparison.Ordinal));
        Assert.Equal("BUILDER-07", Assert.Single(_release.Judge()).Rule);
    }

    [Fact]
    public void Builders_that_disagree_are_refused()
    {
        _release.Files[Releases.FileB] = Releases.Envelope(_release.KeyB,
            Releases.ReleaseBuild(Releases.IdB, Releases.ImageName, Releases.ImageHash([1])));
        Refusal refusal = Assert.Single(_release.Judge());
        Assert.Equal("BUILDER-08", refusal.Rule);
        Assert.Contains(Hash, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_builder_alone_or_twice_is_refused()
    {
        string yaml = _release.Yaml();
        string second = yaml[yaml.LastIndexOf("  - id:", StringComparison.Ordinal)..];
        Assert.Equal("BUILDER-02", Assert.Single(_release.Judge(yaml.Replace(second, "", StringComparison.Ordinal))).Rule);
        Assert.Equal("BUILDER-02", Assert.Single(_release.Judge(yaml.Replace(Releases.IdB, Releases.IdA, StringComparison.Ordinal))).Rule);
        Assert.Equal("BUILDER-02", Assert.Single(_release.Judge(yaml.Replace(Releases.Key(_release.KeyB).Sha256,
            Releases.Key(_release.KeyA).Sha256, StringComparison.Ordinal))).Rule);
    }

    [Fact]
    public void A_key_that_nobody_gave_is_refused()
    {
        Assert.Equal(["BUILDER-03", "BUILDER-03"], _release.Judge(keys: []).Select(one => one.Rule));
        Assert.Equal("BUILDER-03", Assert.Single(_release.Judge(keys: [Releases.Key(_release.KeyB)])).Rule);
    }

    [Fact]
    public void A_statement_under_another_key_or_changed_after_it_was_signed_is_refused()
    {
        _release.Files[Releases.FileA] = Releases.Envelope(_release.KeyB, Good);
        Assert.Equal("BUILDER-04", Assert.Single(_release.Judge()).Rule);

        Assert.True(DsseEnvelope.TryRead(Releases.Envelope(_release.KeyA, Good), out DsseEnvelope? envelope, out _));
        _release.Files[Releases.FileA] = (envelope with { Payload = [.. envelope.Payload, (byte)' '] }).Write();
        Assert.Equal("BUILDER-04", Assert.Single(_release.Judge()).Rule);
    }

    [Fact]
    public void Signatures_of_others_and_key_ids_of_any_kind_do_not_hinder()
    {
        Assert.True(DsseEnvelope.TryRead(Releases.Envelope(_release.KeyA, Good), out DsseEnvelope? envelope, out _));
        _release.Files[Releases.FileA] = (envelope with
        {
            Signatures = [new DsseSignature("somebody", [1, 2, 3]), envelope.Signatures[0] with { KeyId = "runner" }],
        }).Write();
        Assert.Empty(_release.Judge());
    }

    [Theory]
    [InlineData("application/vnd.in-toto+json", "text/plain", "DSSE-02")]
    [InlineData("{\"payloadType\"", "[{\"payloadType\"", "DSSE-01")]
    [InlineData("\"payload\":\"", "\"payload\":\" ", "DSSE-03")]
    public void What_is_no_envelope_of_a_statement_is_refused_with_what_the_builder_can_do(string find, string instead, string rule)
    {
        string envelope = Encoding.UTF8.GetString(_release.Files[Releases.FileA]);
        _release.Files[Releases.FileA] = Encoding.UTF8.GetBytes(envelope.Replace(find, instead, StringComparison.Ordinal));
        Refusal refusal = Assert.Single(_release.Judge());
        Assert.Equal((rule, "Ask the builder for the envelope again, as its tool wrote it."), (refusal.Rule, refusal.Remedy));
    }

    /// <summary>What builders' tools hand out in place of an envelope: each is named, with what can be done.</summary>
    [Theory]
    [InlineData("a bundle", "a bundle of Sigstore", "jq -c .dsseEnvelope")]
    [InlineData("a bare statement", "the statement itself, without an envelope", "Have the builder sign it")]
    [InlineData("two lines", "more than one envelope", "the one of this release alone")]
    public void What_builders_hand_out_in_place_of_an_envelope_is_named(string what, string found, string remedy)
    {
        string envelope = Encoding.UTF8.GetString(_release.Files[Releases.FileA]).TrimEnd();
        _release.Files[Releases.FileA] = Encoding.UTF8.GetBytes(what switch
        {
            "a bundle" => "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificationMaterial\":{},"
                + $"\"dsseEnvelope\":{envelope}}}\n",
            "a bare statement" => Good,
            _ => $"{envelope}\n{envelope}\n",
        });
        Refusal refusal = Assert.Single(_release.Judge());
        Assert.Equal("DSSE-01", refusal.Rule);
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, refusal.Remedy, StringComparison.Ordinal);
    }

    /// <summary>As PowerShell writes a text: what it did is named.</summary>
    [Fact]
    public void An_envelope_with_a_byte_order_mark_or_in_UTF_16_is_told_so()
    {
        byte[] envelope = _release.Files[Releases.FileA];
        foreach ((byte[] file, string found) in new[]
        {
            ([0xEF, 0xBB, 0xBF, .. envelope], "Line 1 begins with a byte-order mark."),
            (new byte[] { 0xFF, 0xFE }.Concat(Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(envelope))).ToArray(), "Line 1 is UTF-16"),
        })
        {
            _release.Files[Releases.FileA] = file;
            Refusal refusal = Assert.Single(_release.Judge());
            Assert.Equal("DSSE-01", refusal.Rule);
            Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Azure and PKCS #11 give it so: nobody changed anything.</summary>
    [Fact]
    public void A_statement_whose_signature_is_r_and_s_side_by_side_is_told_so()
    {
        byte[] payload = Encoding.UTF8.GetBytes(Good);
        byte[] bare = _release.KeyA.SignData(Dsse.Pae(payload), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        _release.Files[Releases.FileA] = new DsseEnvelope([.. payload], [new DsseSignature("", [.. bare])]).Write();
        Refusal refusal = Assert.Single(_release.Judge());
        Assert.Equal("BUILDER-04", refusal.Rule);
        Assert.Contains("is the builder's, and is written as r and s side by side", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Tools from before DSSE sign the payload, services hash a hash: it is told, and nobody that it was changed.</summary>
    [Theory]
    [InlineData("the payload", "over the payload alone")]
    [InlineData("its base64", "over the payload alone")]
    [InlineData("the encoding of its base64", "over the encoding of the payload's base64")]
    [InlineData("the hash", "hash of the hash")]
    [InlineData("SHA-384", "made with SHA-384, where SHA-256 is named")]
    public void A_statement_that_was_signed_in_another_way_is_told_so(string what, string said)
    {
        byte[] payload = Encoding.UTF8.GetBytes(Good), coded = Encoding.ASCII.GetBytes(Convert.ToBase64String(payload));
        byte[] data = what switch
        {
            "the payload" => payload,
            "its base64" => coded,
            "the encoding of its base64" => Dsse.Pae(coded),
            "the hash" => SHA256.HashData(Dsse.Pae(payload)),
            _ => Dsse.Pae(payload),
        };
        byte[] signature = _release.KeyA.SignData(data, what == "SHA-384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence);
        _release.Files[Releases.FileA] = new DsseEnvelope([.. payload], [new DsseSignature("", [.. signature])]).Write();
        Refusal refusal = Assert.Single(_release.Judge());
        Assert.Equal("BUILDER-04", refusal.Rule);
        Assert.Contains("The signature in it is the builder's, and ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_envelope_that_never_ends_is_refused()
    {
        _release.Files[Releases.FileA] = new byte[DsseEnvelope.MaxBytes + 1];
        Assert.Equal("DSSE-01", Assert.Single(_release.Judge()).Rule);
    }

    [Fact]
    public void Keys_given_twice_of_another_kind_or_published_for_tests_are_refused()
    {
        using var rsa = RSA.Create(3072);
        CheckedKey a = Releases.Key(_release.KeyA), b = Releases.Key(_release.KeyB);
        Assert.Equal("BUILDER-01", Assert.Single(_release.Judge(keys: [a, b, a])).Rule);
        Assert.Equal("BUILDER-01", Assert.Single(_release.Judge(keys: [a, b, Releases.Key(rsa)])).Rule);
        Assert.True(PublicKeyChecks.TryCheck(TestKey, out CheckedKey? published, out _));
        Refusal refusal = Assert.Single(_release.Judge(keys: [a, b, published]));
        Assert.Equal("BUILDER-01", refusal.Rule);
        Assert.Contains("MCUboot root-ec-p256", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_is_one_public_key()
    {
        string pem = _release.KeyA.ExportSubjectPublicKeyInfoPem() + "\n";
        Assert.Equal("", Rule(Encoding.ASCII.GetBytes(pem)));
        Assert.Equal("", Rule(_release.KeyA.ExportSubjectPublicKeyInfo()));
        Assert.Equal("REQ-13", Rule(Encoding.ASCII.GetBytes(_release.KeyA.ExportPkcs8PrivateKeyPem() + "\n")));
        Assert.Equal("REQ-13", Rule(_release.KeyA.ExportPkcs8PrivateKey()));
        Assert.Equal("BUILDER-01", Rule(Encoding.ASCII.GetBytes(pem + pem)));
        Assert.Equal("BUILDER-01", Rule(new byte[BuilderKeyFile.MaxBytes + 1]));
        Assert.Equal("PUBKEY-01", Rule([0x30, 0]));
    }

    private static string Rule(byte[] file) => BuilderKeyFile.TryRead(file, out _, out Refusal? refusal) ? "" : refusal.Rule;
}
