using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>Preview, lint, sign: the order, the refusals, and a device that does wrong.</summary>
public sealed class CertificateSigningTests
{
    public static TheoryData<string> Profiles => Samples.ProfileNames;

    [Fact]
    public void A_real_key_of_another_kind_is_refused()
    {
        ThrowAwayKey key = Samples.Key("other", KeyAlgorithm.EcP256);
        Assert.False(CertificateSigning.TrySign(Samples.Linted(Samples.Plan("root")),
            key.SubjectPublicKeyInfo.Span, key.Generator, out ParsedCertificate? certificate, out Refusal? refusal));
        Assert.Null(certificate);
        Assert.Equal("PLAN-06", refusal.Rule);
    }

    [Fact]
    public void A_self_signed_certificate_signed_by_another_key_is_refused()
    {
        ThrowAwayKey key = Samples.Key("root", KeyAlgorithm.EcP384);
        ThrowAwayKey other = Samples.Key("other", KeyAlgorithm.EcP384);
        Assert.False(CertificateSigning.TrySign(Samples.Linted(Samples.Plan("root")),
            key.SubjectPublicKeyInfo.Span, other.Generator, out _, out Refusal? refusal));
        Assert.Equal("PLAN-07", refusal.Rule);
    }

    [Fact]
    public void An_issued_certificate_signed_by_another_key_than_the_issuers_is_refused()
    {
        ThrowAwayKey key = Samples.Key("tls-intermediate", KeyAlgorithm.EcP256);
        Assert.False(CertificateSigning.TrySign(Samples.Linted(Samples.Plan("tls-intermediate")),
            key.SubjectPublicKeyInfo.Span, key.Generator, out _, out Refusal? refusal));
        Assert.Equal("PLAN-07", refusal.Rule);
    }

    /// <summary>A signer that verifies its own signatures is still asked whose they are, and is given exactly what was previewed.</summary>
    [Fact]
    public void A_signer_that_verifies_for_itself_must_be_the_right_one()
    {
        CertificatePlan plan = Samples.Plan("tls-intermediate");
        ThrowAwayKey key = Samples.Key("tls-intermediate", KeyAlgorithm.EcP256);
        Assert.False(CertificateSigning.TrySign(Samples.Linted(plan), key.SubjectPublicKeyInfo.Span,
            new VerifiedSigner(key.Generator), out _, out Refusal? refusal));
        Assert.Equal("PLAN-07", refusal.Rule);
        Assert.True(CertificateSigning.TrySign(Samples.Linted(plan), key.SubjectPublicKeyInfo.Span,
            new VerifiedSigner(Samples.SignerOf(plan).Generator), out ParsedCertificate? certificate, out _));
        Assert.True(certificate.IsSignedBy(plan.Issuer!.ToBeSigned.SubjectPublicKeyInfo.Span));
        Assert.Equal(Samples.Tbs(plan), certificate.ToBeSigned.Der.ToArray());
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("other bytes")]
    [InlineData("empty")]
    public void A_device_that_signs_badly_is_an_exception_that_names_the_call(string how)
    {
        ThrowAwayKey key = Samples.Key("root", KeyAlgorithm.EcP384);
        var device = new BadDevice(key, how);
        CryptographicException failure = Assert.ThrowsAny<CryptographicException>(() =>
            CertificateSigning.TrySign(Samples.Linted(Samples.Plan("root")), key.SubjectPublicKeyInfo.Span, device, out _, out _));
        Assert.Contains("SignData", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("other bytes")]
    [InlineData("empty")]
    public void An_issuers_device_that_signs_badly_is_found_each_time(string how)
    {
        CertificatePlan plan = Samples.Plan("tls-intermediate");
        ThrowAwayKey key = Samples.Key("tls-intermediate", KeyAlgorithm.EcP256);
        // The issuer's key is kept from one certificate to the next.
        foreach (BadDevice? device in new[] { new BadDevice(Samples.SignerOf(plan), "well"),
            new BadDevice(Samples.SignerOf(plan), how), new BadDevice(Samples.SignerOf(plan), how) })
        {
            bool Signs() => CertificateSigning.TrySign(Samples.Linted(plan), key.SubjectPublicKeyInfo.Span, device, out _, out _);
            if (device.DoesWell)
                Assert.True(Signs());
            else
                Assert.ThrowsAny<CryptographicException>(() => Signs());
        }
    }

    [Fact]
    public void The_preview_of_an_issued_certificate_is_signed_by_nobody_and_that_of_a_root_by_its_own_key()
    {
        PreviewedCertificate root = Samples.Preview(Samples.Plan("root"));
        Assert.True(root.ThrowAwaySigned!.IsSignedBy(root.Tbs.SubjectPublicKeyInfo.Span));

        CertificatePlan plan = Samples.Plan("tls-intermediate");
        using ThrowAwayKey signer = plan.SignerKey!.CreateThrowAway();
        ReadOnlyMemory<byte> subject = Samples.Key("tls-intermediate", KeyAlgorithm.EcP256).SubjectPublicKeyInfo;
        Assert.True(CertificatePreview.TryMake(plan, subject.Span, signer, out PreviewedCertificate? preview, out _));
        Assert.False(preview.ThrowAwaySigned!.IsSignedBy(signer.SubjectPublicKeyInfo.Span));
        Assert.False(preview.ThrowAwaySigned.IsSignedBy(plan.Issuer!.ToBeSigned.SubjectPublicKeyInfo.Span));
    }

    [Fact]
    public void A_device_with_another_signature_algorithm_is_an_exception_before_it_signs()
    {
        ThrowAwayKey key = Samples.Key("root", KeyAlgorithm.EcP384);
        var device = new BadDevice(key, "other algorithm");
        KeyFaultException failure = Assert.Throws<KeyFaultException>(() =>
            CertificateSigning.TrySign(Samples.Linted(Samples.Plan("root")), key.SubjectPublicKeyInfo.Span, device, out _, out _));
        Assert.Contains("GetSignatureAlgorithmIdentifier", failure.Message, StringComparison.Ordinal);
        Assert.Null(device.Signed);
    }

    [Fact]
    public void The_device_is_given_exactly_the_bytes_that_stand_in_the_certificate()
    {
        ThrowAwayKey key = Samples.Key("root", KeyAlgorithm.EcP384);
        var device = new BadDevice(key, "well");
        Assert.True(CertificateSigning.TrySign(Samples.Linted(Samples.Plan("root")),
            key.SubjectPublicKeyInfo.Span, device, out ParsedCertificate? certificate, out _));
        Assert.Equal(certificate.ToBeSigned.Der.ToArray(), device.Signed);
    }

    [Fact]
    public void A_plan_that_cannot_be_written_is_refused_at_the_preview()
    {
        CertificatePlan root = Samples.Plan("root");
        Refused("PLAN-02", root with { Issuer = Samples.Certificate("root") });
        Refused("PLAN-02", Samples.Plan("tls-intermediate") with { Issuer = null });
        Refused("PLAN-03", root with { NotBefore = new DateTimeOffset(1949, 12, 31, 23, 59, 59, TimeSpan.Zero) });
        Refused("PLAN-04", Samples.Plan("mtls-intermediate") with { Issuer = WithoutSubjectKeyIdentifier() });
        Refused("PLAN-05", root with { Policies = ["2.5.29.x"] });
        Refused("PLAN-05", root with { Policies = [.. Enumerable.Repeat("2.5.29.32.0", 9)] });
        Refused("PLAN-05", root with { PathLength = -1 });
        Refused("PLAN-05", root with { CrlDistributionPoints = ["http://b\u00FCcher.example/"] });
        Refused("PLAN-05", root with { CrlDistributionPoints = ["ldap://crl.example/"] });
    }

    [Fact]
    public void A_throw_away_key_of_another_kind_is_refused_at_the_preview()
    {
        ThrowAwayKey key = Samples.Key("other", KeyAlgorithm.EcP256);
        ThrowAwayKey root = Samples.Key("root", KeyAlgorithm.EcP384);
        Assert.False(CertificatePreview.TryMake(Samples.Plan("root"), key, out _, out Refusal? refusal));
        Assert.Equal("PLAN-06", refusal.Rule);
        Assert.False(CertificatePreview.TryMake(Samples.Plan("root"), root.SubjectPublicKeyInfo.Span,
            Samples.Key("other", KeyAlgorithm.EcP384), out _, out refusal));
        Assert.Equal("PLAN-07", refusal.Rule);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void After_a_crash_the_journalled_plan_and_TBS_give_the_same_preview_and_sign(string profile)
    {
        CertificatePlan plan = Samples.Plan(profile);
        PreviewedCertificate before = Samples.Preview(plan);

        Assert.True(PlanJson.TryRead(PlanJson.Write(plan), out CertificatePlan? journalled, out _));
        Assert.True(CertificatePreview.TryRestore(journalled, before.ToBeSigned, out PreviewedCertificate? after, out _));
        Assert.True(CertificateLint.Check(after).TryAccept(out LintedCertificate? linted, out _));
        Assert.True(CertificateSigning.TrySign(linted, Samples.Key(profile, plan.Key).SubjectPublicKeyInfo.Span,
            Samples.SignerOf(plan).Generator, out ParsedCertificate? certificate, out _));

        Assert.Equal(before.Sha256(), after.Sha256());
        Assert.Equal(Samples.Tbs(plan), certificate.ToBeSigned.Der.ToArray());
    }

    [Fact]
    public void A_journalled_TBS_that_the_plan_does_not_write_is_not_restored()
    {
        CertificatePlan plan = Samples.Plan("root");
        PreviewedCertificate other = Samples.Preview(plan with { Serial = Samples.Serial(9) });
        Assert.False(CertificatePreview.TryRestore(plan, other.ToBeSigned, out PreviewedCertificate? preview, out Refusal? refusal));
        Assert.Null(preview);
        Assert.Equal("TBS-03", refusal.Rule);
    }

    private static void Refused(string rule, CertificatePlan plan)
    {
        Assert.False(CertificatePreview.TryMake(plan, Samples.Key("any", plan.Key), out _, out Refusal? refusal));
        Assert.Equal(rule, refusal.Rule);
    }

    private static ParsedCertificate WithoutSubjectKeyIdentifier()
    {
        var whole = DerNode.Parse(Samples.Certificate("root").Der);
        var tbs = new TbsEdit(whole[0].Encode());
        tbs.Remove(Oids.SubjectKeyIdentifier);
        whole[0] = tbs.Fields;
        return CertificateReader.TryReadCertificate(whole.Encode(), out ParsedCertificate? certificate, out Refusal? refusal)
            ? certificate
            : throw new ArgumentException(refusal.ToString());
    }

    private sealed class BadDevice(ThrowAwayKey key, string how) : X509SignatureGenerator
    {
        public byte[]? Signed { get; private set; }

        public bool DoesWell => how == "well";

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            how == "other algorithm"
                ? KeyAlgorithm.EcP256.SignatureAlgorithmIdentifier()
                : key.Generator.GetSignatureAlgorithmIdentifier(hashAlgorithm);

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            Signed = data;
            return how switch
            {
                "garbage" => new byte[104],
                "empty" => [],
                "other bytes" => key.Generator.SignData([.. data, 0], hashAlgorithm),
                _ => key.Generator.SignData(data, hashAlgorithm),
            };
        }

        protected override PublicKey BuildPublicKey() => PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
    }
}
