using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>Whose signature counts, and over which bytes.</summary>
public class BatchVerificationTests
{
    private static readonly BatchStatement Statement = Batches.Final();
    private static readonly DsseEnvelope Envelope = Batches.Sign(Statement, Signers.Manifest);

    // One signature to verify and not two: for the tests that flip thousands of bits.
    private static readonly BatchTrust Pinned = new(Signers.Manifest.Certificate, [], []);

    [Fact]
    public void A_signature_under_the_trusted_root_holds()
    {
        BatchVerification verified = Verified(Envelope, Trust());

        Assert.Equal(Statement.Write(), verified.Statement.Write());
        Assert.Equal(Signers.Manifest.Certificate.Der.ToArray(), verified.Signer.Der.ToArray());
        Assert.Equal([SignatureStanding.Manifest], verified.Signatures.Select(finding => finding.Standing));
        Assert.Contains(verified.Describe(),
            line => line.Label == "manifest signer" && line.Value.Contains("Example Manifest Signer", StringComparison.Ordinal));
        Assert.Contains(verified.Describe(), line => line.Value == Statement.Sha256());
    }

    [Fact]
    public void The_signers_certificate_itself_may_be_trusted() =>
        Assert.Contains(Verified(Envelope, new(Signers.Manifest.Certificate, [], [])).Describe(),
            line => line.Value == "the trusted certificate itself");

    [Fact]
    public void A_draft_is_not_taken_for_a_signed_statement() =>
        Assert.Equal("BATCH-15", Refused(Batches.Sign(Batches.Draft(), Signers.Manifest), Trust()));

    [Fact]
    public void A_signed_text_that_is_no_statement_is_refused()
    {
        byte[] payload = Encoding.UTF8.GetBytes("{\"_type\":\"https://in-toto.io/Statement/v1\"}\n");
        Assert.Equal("BATCH-01", Refused(new([.. payload], [Signers.Manifest.SignEnvelope(payload)]), Trust()));
    }

    /// <summary>A device's certificate stands below the same root and may sign, too.</summary>
    [Fact]
    public void A_device_of_the_batch_cannot_sign_a_manifest()
    {
        DsseEnvelope forged = Batches.Sign(Statement, Signers.Device);
        Assert.Equal("DSSE-06", Refused(forged, Trust(Signers.Root, Signers.Device)));
        Assert.Equal("DSSE-06", Refused(forged, Trust(Signers.Root, Signers.Device, Signers.IssuingCa, Signers.Root)));
    }

    [Fact]
    public void A_certificate_for_another_purpose_cannot_sign_a_manifest()
    {
        var server = Signer.Make("server", Signers.Root, extra: new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var crlSigner = Signer.Make("CRL signer", Signers.Root, usage: X509KeyUsageFlags.CrlSign);
        var ca = Signer.Make("CA", Signers.Root, ca: true, usage: X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature);
        var critical = Signer.Make("critical", Signers.Root, extra: new X509Extension("1.2.3.4", [5, 0], critical: true));
        var large = Signer.Make("P-521", Signers.Root, curve: ECCurve.NamedCurves.nistP521);

        foreach (Signer? signer in new[] { server, crlSigner, ca, critical, large })
            Assert.Equal("DSSE-05", Refused(Batches.Sign(Statement, signer), Trust(Signers.Root, signer)));
        Assert.Equal("DSSE-05", Refused(Batches.Sign(Statement, crlSigner), new(crlSigner.Certificate, [], [])));
    }

    [Fact]
    public void Another_root_or_no_chain_is_refused()
    {
        var otherRoot = Signer.Make("Other Root", ca: true);
        var sameName = Signer.Make("Example Root", ca: true, curve: ECCurve.NamedCurves.nistP384);
        var noSigner = Signer.Make("Example Root", ca: true, usage: X509KeyUsageFlags.CrlSign);

        Assert.Equal("DSSE-06", Refused(Envelope, Trust(Signers.Root)));
        Assert.Equal("DSSE-06", Refused(Envelope, Trust(otherRoot, Signers.Manifest, Signers.Root)));
        Assert.Equal("DSSE-06", Refused(Envelope, Trust(sameName, Signers.Manifest, Signers.Root)));
        Assert.Equal("DSSE-06", Refused(Envelope, Trust(noSigner, Signers.Manifest)));
        // Whoever trusts the issuing CA alone does not trust a signer beside it.
        Assert.Equal("DSSE-06", Refused(Envelope, Trust(Signers.IssuingCa, Signers.Manifest)));
    }

    [Fact]
    public void A_signer_who_was_never_valid_after_the_batch_is_refused()
    {
        var expired = Signer.Make("expired", Signers.Root, to: Statement.FinishedOn.AddSeconds(-1));
        var lastSecond = Signer.Make("last second", Signers.Root, to: Statement.FinishedOn);
        var later = Signer.Make("later", Signers.Root, from: Statement.FinishedOn.AddDays(3));
        var shortRoot = Signer.Make("short root", ca: true, to: Statement.FinishedOn.AddDays(2));
        var apart = Signer.Make("apart", shortRoot, from: Statement.FinishedOn.AddDays(3));

        Assert.Equal("DSSE-07", Refused(Batches.Sign(Statement, expired), Trust(Signers.Root, expired)));
        Assert.Equal("DSSE-07", Refused(Batches.Sign(Statement, apart), Trust(shortRoot, apart)));
        Assert.Equal("DSSE-07", Refused(Batches.Sign(Statement, expired), new(expired.Certificate, [], [])));
        Verified(Batches.Sign(Statement, lastSecond), Trust(Signers.Root, lastSecond));
        // The ceremony may certify its key after the batch was built.
        Verified(Batches.Sign(Statement, later), Trust(Signers.Root, later));
    }

    [Fact]
    public void A_signature_of_somebody_else_does_not_count()
    {
        var other = Signer.Make("Example Manifest Signer", Signers.Root);
        byte[] payload = Statement.Write();
        Assert.Equal("DSSE-08", Refused(Batches.Sign(Statement, other), Trust()));
        // Under the right name.
        Assert.Equal("DSSE-08", Refused(new([.. payload], [other.SignEnvelope(payload) with { KeyId = Signers.Manifest.KeyId }]), Trust()));
        Assert.Equal("DSSE-08", Refused(new([.. payload], [other.SignEnvelope(payload) with { KeyId = "" }]), Trust()));
        // The right key under another name: the hint leads astray.
        Assert.Equal("DSSE-08", Refused(new([.. payload], [Signers.Manifest.SignEnvelope(payload) with { KeyId = other.KeyId }]), Trust()));
        // Over the bare payload, or as another type.
        Assert.Equal("DSSE-08", Refused(new([.. payload], [new(Signers.Manifest.KeyId, [.. Signers.Manifest.Sign(payload)])]), Trust()));
        byte[] otherType = [.. Encoding.ASCII.GetBytes($"DSSEv1 16 application/json {payload.Length} "), .. payload];
        Assert.Equal("DSSE-08", Refused(new([.. payload], [new(Signers.Manifest.KeyId, [.. Signers.Manifest.Sign(otherType)])]), Trust()));
    }

    [Fact]
    public void A_signature_without_a_key_id_is_tried_under_every_key()
    {
        byte[] payload = Statement.Write();
        var envelope = new DsseEnvelope([.. payload], [Signers.Officer.SignEnvelope(payload) with { KeyId = "" },
            Signers.Manifest.SignEnvelope(payload) with { KeyId = "" }, new("", [1, 2, 3])]);

        BatchVerification verified = Verified(envelope, Trust() with { Cosigners = [Signers.Officer.Certificate], Required = 1 });
        Assert.Equal([SignatureStanding.Cosigner, SignatureStanding.Manifest, SignatureStanding.Unknown],
            verified.Signatures.Select(finding => finding.Standing));
    }

    [Fact]
    public void Co_signers_are_counted_by_their_keys()
    {
        DsseEnvelope envelope = Batches.Sign(Statement, Signers.Manifest, Signers.Officer, Signers.OtherOfficer);
        BatchTrust both = Trust() with { Cosigners = [Signers.Officer.Certificate, Signers.OtherOfficer.Certificate], Required = 2 };

        Verified(envelope, both);
        Assert.Equal("DSSE-09", Refused(envelope, both with { Cosigners = [Signers.Officer.Certificate] }));
        Assert.Equal("DSSE-09", Refused(envelope, both with { Required = 3 }));
        Assert.Equal("DSSE-09", Refused(Batches.Sign(Statement, Signers.Manifest, Signers.Officer, Signers.Officer), both));
        // The manifest signer is no co-signer, and nobody is two.
        Assert.Equal("DSSE-09", Refused(envelope, both with { Cosigners = [Signers.Officer.Certificate, Signers.Manifest.Certificate] }));
        Assert.Equal("DSSE-09", Refused(envelope, both with { Cosigners = [Signers.Officer.Certificate, Signers.Officer.Certificate] }));
        Assert.Equal("DSSE-08", Refused(Batches.Sign(Statement, Signers.Officer, Signers.OtherOfficer), both));
        var expired = Signer.Make("expired officer", to: Statement.FinishedOn.AddDays(-1));
        Assert.Equal("DSSE-07",
            Refused(Batches.Sign(Statement, Signers.Manifest, expired), Trust() with { Cosigners = [expired.Certificate], Required = 1 }));
        Assert.Equal("DSSE-05", Refused(envelope, both with { Cosigners = [Signers.IssuingCa.Certificate] }));
    }

    [Fact]
    public void Unknown_and_broken_signatures_are_named_and_not_trusted()
    {
        var stranger = Signer.Make("stranger");
        byte[] payload = Statement.Write();
        var envelope = new DsseEnvelope([.. payload],
        [
            stranger.SignEnvelope(payload),
            Signers.Officer.SignEnvelope([.. payload, 1]),
            Signers.Manifest.SignEnvelope(payload),
            new("\u001b[2Jdate\u202e", [0x30, 0x00]),
        ]);

        BatchVerification verified = Verified(envelope, Trust() with { Cosigners = [Signers.Officer.Certificate] });
        Assert.Equal([SignatureStanding.Unknown, SignatureStanding.Broken, SignatureStanding.Manifest, SignatureStanding.Unknown],
            verified.Signatures.Select(finding => finding.Standing));
        var words = verified.Describe().Where(line => line.Label.StartsWith("signature", StringComparison.Ordinal))
            .Select(line => line.Value).ToList();
        Assert.Contains($"not trusted: {stranger.KeyId}", words[0], StringComparison.Ordinal);
        Assert.Contains("DOES NOT HOLD", words[1], StringComparison.Ordinal);
        Assert.Contains("Officer Ada", words[1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', words[3]);
    }

    /// <summary>Every bit of the envelope's file. The name of the hint may be lost, which DSSE allows; nothing else may change.</summary>
    [Fact]
    [Trait("Takes", "long")]
    public void No_flipped_bit_of_an_envelope_goes_unseen()
    {
        byte[] file = Envelope.Write();
        int hint = file.AsSpan().IndexOf("keyid"u8);
        var survived = new HashSet<int>();
        int bit = 0;
        foreach (byte[] flipped in Batches.Flips(file))
        {
            if (DsseEnvelope.TryRead(flipped, out DsseEnvelope? envelope, out _)
                && BatchVerification.TryVerify(envelope, Pinned, out BatchVerification? verified, out _))
            {
                Assert.Equal(Statement.Write(), verified.Statement.Write());
                survived.Add(bit / 8);
            }
            bit++;
        }
        Assert.Equal([hint, hint + 1, hint + 2, hint + 3, hint + 4], survived.Order());
    }

    [Fact]
    [Trait("Takes", "long")]
    public void No_flipped_bit_of_a_statement_goes_unseen()
    {
        foreach (byte[] flipped in Batches.Flips(Statement.Write()))
            Assert.False(BatchVerification.TryVerify(Envelope with { Payload = [.. flipped] }, Pinned, out _, out _));
    }

    [Fact]
    public void No_flipped_bit_of_a_signature_goes_unseen()
    {
        foreach (byte[] flipped in Batches.Flips([.. Envelope.Signatures[0].Sig]))
            Assert.Equal("DSSE-08", Refused(Envelope with { Signatures = [new(Signers.Manifest.KeyId, [.. flipped])] }, Pinned));
    }

    [Fact]
    public void A_co_signature_is_added_once_and_only_when_it_holds()
    {
        byte[] pae = Dsse.Pae(Envelope.Payload.AsSpan());
        Assert.True(Cosigning.TryAdd(Envelope, Signers.OtherOfficer.Certificate,
            Signers.OtherOfficer.Sign(pae), out DsseEnvelope? cosigned, out Refusal? refusal), refusal?.ToString());

        Assert.Equal(Envelope.Payload, cosigned.Payload);
        Assert.Equal(Envelope.Signatures[0], cosigned.Signatures[0]);
        Verified(cosigned, Trust() with { Cosigners = [Signers.OtherOfficer.Certificate], Required = 1 });

        Assert.Equal("DSSE-11", NotAdded(cosigned, Signers.OtherOfficer, pae));
        Assert.Equal("DSSE-11", NotAdded(Envelope, Signers.Manifest, pae));
        // Also where the first one does not name its key, or only names it.
        Assert.Equal("DSSE-11",
            NotAdded(Envelope with { Signatures = [Envelope.Signatures[0] with { KeyId = "" }] }, Signers.Manifest, pae));
        Assert.Equal("DSSE-11", NotAdded(Envelope with { Signatures = [new(Signers.Officer.KeyId, [1])] }, Signers.Officer, pae));
        Assert.Equal("DSSE-10", NotAdded(Envelope, Signers.Officer, Envelope.Payload.AsSpan().ToArray()));
        Assert.Equal("DSSE-10", NotAdded(Envelope, Signers.Officer, [.. pae, 0]));
        Assert.Equal("DSSE-05", NotAdded(Envelope, Signers.IssuingCa, pae));
        Assert.Equal("BATCH-15", NotAdded(Batches.Sign(Batches.Draft(), Signers.Manifest), Signers.Officer, pae));
        DsseEnvelope full = Envelope with { Signatures = [.. Enumerable.Repeat(new DsseSignature("x", [1]), DsseEnvelope.MaxSignatures)] };
        Assert.Equal("DSSE-04", NotAdded(full, Signers.Officer, pae));
        Assert.False(Cosigning.TryAdd(Envelope, Signers.Officer.Certificate, new byte[5000], out _, out refusal));
        Assert.Equal("DSSE-10", refusal.Rule);
    }

    /// <summary>PKCS #11 gives r and s side by side, programs of clouds base64: nothing was changed, and it is said what to do.</summary>
    [Fact]
    public void A_co_signature_in_another_form_is_told_so()
    {
        byte[] pae = Dsse.Pae(Envelope.Payload.AsSpan()), der = Signers.OtherOfficer.Sign(pae), bare = Signers.OtherOfficer.SignBare(pae);
        Assert.Contains("r and s side by side", NotAdded(bare), StringComparison.Ordinal);
        foreach (byte[] form in new[] { der, bare })
            Assert.Contains("has it in base64", NotAdded(Encoding.ASCII.GetBytes(Convert.ToBase64String(form) + "\n")),
                StringComparison.Ordinal);
        Assert.Contains("over the payload alone", NotAdded(Signers.OtherOfficer.Sign([.. Envelope.Payload])), StringComparison.Ordinal);
        Assert.DoesNotContain("base64", NotAdded(Encoding.ASCII.GetBytes(Convert.ToBase64String(Signers.Officer.Sign(pae)))),
            StringComparison.Ordinal);

        string NotAdded(byte[] signature)
        {
            Assert.False(Cosigning.TryAdd(Envelope, Signers.OtherOfficer.Certificate, signature, out _, out Refusal? refusal));
            Assert.Equal("DSSE-10", refusal.Rule);
            return refusal.Message;
        }
    }

    private static string NotAdded(DsseEnvelope envelope, Signer signer, byte[] over)
    {
        Assert.False(Cosigning.TryAdd(envelope, signer.Certificate, signer.Sign(over), out DsseEnvelope? cosigned, out Refusal? refusal));
        Assert.Null(cosigned);
        return refusal.Rule;
    }

    private static BatchTrust Trust() => Trust(Signers.Root, Signers.Manifest, Signers.Root);

    private static BatchTrust Trust(Signer trusted, params Signer[] chain) =>
        new(trusted.Certificate, [.. chain.Select(one => one.Certificate)], []);

    private static BatchVerification Verified(DsseEnvelope envelope, BatchTrust trust)
    {
        Assert.True(BatchVerification.TryVerify(envelope, trust, out BatchVerification? verified, out Refusal? refusal),
            refusal?.ToString());
        return verified;
    }

    private static string Refused(DsseEnvelope envelope, BatchTrust trust)
    {
        Assert.False(BatchVerification.TryVerify(envelope, trust, out BatchVerification? verified, out Refusal? refusal));
        Assert.Null(verified);
        return refusal.Rule;
    }
}
