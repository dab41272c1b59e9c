using System.Text;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>For every lint rule a certificate that breaks exactly this one.</summary>
public sealed class LintTests
{
    private static readonly byte[] NotCa = [0x30, 0x00];
    private static readonly byte[] NotCaWithPathLength = [0x30, 0x03, 0x02, 0x01, 0x00];
    private static readonly byte[] CaUnlimited = [0x30, 0x03, 0x01, 0x01, 0xFF];
    private static readonly byte[] CaDepthTwo = [0x30, 0x06, 0x01, 0x01, 0xFF, 0x02, 0x01, 0x02];
    private static readonly byte[] CertSignOnly = [0x03, 0x02, 0x02, 0x04];
    private static readonly byte[] DigitalSignatureOnly = [0x03, 0x02, 0x07, 0x80];

    private static readonly Dictionary<string, Func<LintSubject>> Table = new()
    {
        // General
        ["CERT-02"] = Edit("root", tbs => tbs.Version.Value = [1]),
        ["CERT-03"] = Edit("root", tbs => tbs.Serial.Value[0] |= 0x80),
        ["CERT-04"] = Edit("root", tbs => tbs.Signature = DerNode.Parse(KeyAlgorithm.EcP256.SignatureAlgorithmIdentifier())),
        ["CERT-05"] = Edit("root", tbs => tbs.Fields.Children!.Insert(7, DerNode.Primitive(0x82, 0x00, 0xAB))),
        ["CERT-06"] = Edit("root", tbs => (tbs.NotBefore.Tag, tbs.NotBefore.Value) = (0x18, "20260101000000Z"u8.ToArray())),
        ["CERT-07"] = Edit("matter-paa", tbs => (tbs.NotAfter.Tag, tbs.NotAfter.Value) = (0x17, "251231235959Z"u8.ToArray())),
        ["CERT-08"] = Plan("mtls-intermediate", plan => plan with { NotAfter = Samples.Start.AddYears(30) }),
        ["CERT-09"] = Edit("tls-intermediate", tbs => tbs.Issuer[1][0][1].Tag = 0x13),
        ["CERT-10"] = Edit("root", tbs => tbs.Extensions.Add(tbs.Extension(Oids.SubjectKeyIdentifier))),
        ["CERT-11"] = Edit("root", tbs => tbs.ToggleCritical(Oids.BasicConstraints)),
        ["CERT-12"] = Edit("root", tbs => tbs.Add("1.3.6.1.4.1.99999.1", critical: false, 0x05, 0x00)),
        ["CERT-13"] = Edit("tls-intermediate", tbs => tbs.ValueOf(Oids.SubjectKeyIdentifier)[^1] ^= 1),
        ["CERT-14"] = Edit("tls-intermediate", tbs => tbs.ValueOf(Oids.AuthorityKeyIdentifier)[^1] ^= 1),
        ["CERT-15"] = Edit("root", tbs => tbs.ChangeKeyBits(point => point[^1] ^= 1)),
        ["CERT-16"] = Edit("root", tbs =>
        {
            tbs.Subject[2][0][1].Value = Encoding.UTF8.GetBytes("Example \u202ERoot");
            tbs.Issuer = tbs.Subject;
        }),
        ["CERT-17"] = UnderIssuer("mtls-intermediate", () => Samples.SignWithoutLint(Samples.Plan("root") with { PathLength = 0 })),
        ["CERT-18"] = Plan("tls-intermediate", plan => plan with { CrlDistributionPoints = ["https://crl.example.com/root-r1.crl"] }),
        ["CERT-19"] = Lint("root", subject => subject with
        {
            Whole = Samples.Certificate("root"),
            SignerKey = Samples.Certificate("matter-paa").ToBeSigned.SubjectPublicKeyInfo,
        }),
        ["CERT-20"] = Plan("root",
            plan => plan with { Subject = Samples.Name(("C", "DE"), ("O", "Example"), ("CN", "Root"), ("vid", "FFF1")) }),

        ["ROOT-01"] = UnderIssuer("root", () => Samples.Certificate("root")),
        ["ROOT-02"] = Plan("root", plan => plan with { NotAfter = plan.NotAfter.AddSeconds(1) }),
        ["ROOT-03"] = Edit("root", tbs => tbs.SetValue(Oids.BasicConstraints, NotCa)),
        ["ROOT-04"] = Plan("root", plan => plan with { PathLength = 2 }),
        ["ROOT-05"] = Edit("root", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["ROOT-06"] = Edit("root", tbs => tbs.Remove(Oids.AuthorityKeyIdentifier)),
        ["ROOT-07"] = Plan("root", plan => plan with { Policies = ["2.5.29.32.0"] }),
        ["ROOT-08"] = Plan("root", plan => plan with { Subject = Samples.Name(("O", "Example"), ("CN", "Root")) }),
        ["ROOT-09"] = Plan("root",
            plan => plan with { Subject = Samples.Name(("C", "DE"), ("O", "Example"), ("OU", "Unit"), ("CN", "Name")) }),
        ["ROOT-10"] = Plan("root", plan => plan with { Subject = Samples.Name(("CN", "Name"), ("O", "Example"), ("C", "DE")) }),

        ["TLS-01"] = SelfSigned("tls-intermediate"),
        ["TLS-02"] = Edit("tls-intermediate", tbs => tbs.SetValue(Oids.BasicConstraints, NotCa)),
        ["TLS-03"] = Edit("tls-intermediate", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["TLS-04"] = Plan("tls-intermediate", plan => plan with { ExtendedKeyUsage = [Oids.ServerAuth, Oids.CodeSigning] }),
        ["TLS-05"] = Plan("tls-intermediate", plan => plan with { Policies = [] }),
        ["TLS-06"] = Plan("tls-intermediate", plan => plan with { CrlDistributionPoints = [] }),
        ["TLS-07"] = Plan("tls-intermediate", plan => plan with { Subject = Samples.Name(("C", "DE"), ("CN", "TLS")) }),
        ["TLS-08"] = Edit("tls-intermediate", tbs => tbs.Add(Oids.OcspNoCheck, critical: false, 0x05, 0x00)),
        ["TLS-09"] = Plan("tls-intermediate",
            plan => plan with { Subject = Samples.Name(("C", "DE"), ("O", "Example"), ("OU", "Unit"), ("CN", "Name")) }),
        ["TLS-10"] = Plan("tls-intermediate", plan => plan with { Subject = Samples.Name(("CN", "Name"), ("O", "Example"), ("C", "DE")) }),

        ["MTLS-01"] = SelfSigned("mtls-intermediate"),
        ["MTLS-02"] = Edit("mtls-intermediate", tbs => tbs.SetValue(Oids.BasicConstraints, NotCaWithPathLength)),
        ["MTLS-03"] = Edit("mtls-intermediate", tbs => tbs.SetValue(Oids.BasicConstraints, CaUnlimited)),
        ["MTLS-04"] = Edit("mtls-intermediate", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["MTLS-05"] = Plan("mtls-intermediate", plan => plan with { ExtendedKeyUsage = [Oids.ServerAuth] }),
        ["MTLS-06"] = Plan("mtls-intermediate", plan => plan with { CrlDistributionPoints = ["http://a.example/1", "http://a.example/2"] }),
        ["MTLS-07"] = Plan("mtls-intermediate", plan => plan with { Subject = Samples.Name(("C", "DE"), ("CN", "mTLS")) }),
        ["MTLS-08"] = Edit("mtls-intermediate", tbs => tbs.Add(Oids.OcspNoCheck, critical: false, 0x05, 0x00)),

        ["CROSS-01"] = SelfSigned("cross-certificate"),
        ["CROSS-02"] = Edit("cross-certificate", tbs => tbs.SetValue(Oids.BasicConstraints, NotCa)),
        ["CROSS-03"] = Edit("cross-certificate", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["CROSS-04"] = Plan("cross-certificate", plan => plan with { CrlDistributionPoints = [] }),
        ["CROSS-05"] = Plan("cross-certificate", plan => plan with { Subject = Samples.Name(("C", "DE"), ("CN", "Cross")) }),
        ["CROSS-06"] = Edit("cross-certificate", tbs => tbs.Add(Oids.OcspNoCheck, critical: false, 0x05, 0x00)),

        ["IDEV-01"] = SelfSigned("idevid-ca"),
        ["IDEV-02"] = Edit("idevid-ca", tbs => tbs.SetValue(Oids.BasicConstraints, NotCaWithPathLength)),
        ["IDEV-03"] = Edit("idevid-ca", tbs => tbs.SetValue(Oids.BasicConstraints, CaUnlimited)),
        ["IDEV-04"] = Edit("idevid-ca", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["IDEV-05"] = Plan("idevid-ca", plan => plan with { ExtendedKeyUsage = [Oids.ClientAuth] }),
        ["IDEV-06"] = Plan("idevid-ca", plan => plan with { Subject = Samples.Name(("C", "DE"), ("CN", "IDevID")) }),
        ["IDEV-07"] = Plan("idevid-ca", plan => plan with { CrlDistributionPoints = ["http://a.example/1", "http://a.example/2"] }),

        ["PAA-01"] = UnderIssuer("matter-paa", () => Samples.Certificate("matter-paa"), plan => plan with { PathLength = null }),
        ["PAA-02"] = Plan("matter-paa", plan => plan with { Key = KeyAlgorithm.EcP384 }),
        ["PAA-03"] = Plan("matter-paa",
            plan => plan with { Subject = Samples.Name(("O", new string('x', 64)), ("OU", new string('y', 64)), ("CN", "PAA")) }),
        ["PAA-04"] = Edit("matter-paa", tbs => tbs.SetValue(Oids.BasicConstraints, NotCa)),
        ["PAA-05"] = Edit("matter-paa", tbs => tbs.SetValue(Oids.BasicConstraints, CaDepthTwo)),
        ["PAA-06"] = Edit("matter-paa", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["PAA-07"] = Plan("matter-paa", plan => plan with { Subject = Samples.Name(("CN", "PAA"), ("vid", "FFF1"), ("pid", "8000")) }),
        ["PAA-08"] = Plan("matter-paa", plan => plan with { Policies = ["2.5.29.32.0"] }),

        ["PAI-01"] = SelfSigned("matter-pai"),
        ["PAI-02"] = Plan("matter-pai", plan => plan with { Key = KeyAlgorithm.EcP384 }),
        ["PAI-03"] = Plan("matter-pai", plan => plan with
        {
            Subject = Samples.Name(("O", new string('x', 64)), ("OU", new string('y', 64)),
                ("ST", new string('z', 120)), ("CN", "PAI"), ("vid", "FFF1")),
        }),
        ["PAI-04"] = Edit("matter-pai", tbs => tbs.SetValue(Oids.BasicConstraints, NotCaWithPathLength)),
        ["PAI-05"] = UnderIssuer("matter-pai", () => Samples.Sign(Samples.Plan("matter-paa") with { PathLength = null }),
            plan => plan with { PathLength = null }),
        ["PAI-06"] = Edit("matter-pai", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["PAI-07"] = UnderIssuer("matter-pai",
            () => Samples.Sign(Samples.Plan("matter-paa") with { Subject = Samples.Name(("CN", "PAA without vid")) }),
            plan => plan with { Subject = Samples.Name(("CN", "PAI")) }),
        ["PAI-08"] = Plan("matter-pai", plan => plan with { Subject = Samples.Name(("CN", "PAI"), ("vid", "FFF2")) }),
        ["PAI-09"] = Plan("matter-pai", plan => plan with { CrlDistributionPoints = ["http://a.example/1", "http://a.example/2"] }),

        ["FW-01"] = SelfSigned("firmware-signing-ca"),
        ["FW-02"] = Edit("firmware-signing-ca", tbs => tbs.SetValue(Oids.BasicConstraints, NotCaWithPathLength)),
        ["FW-03"] = Edit("firmware-signing-ca", tbs => tbs.SetValue(Oids.BasicConstraints, CaUnlimited)),
        ["FW-04"] = Edit("firmware-signing-ca", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["FW-05"] = Plan("firmware-signing-ca", plan => plan with { ExtendedKeyUsage = [Oids.CodeSigning, Oids.TimeStamping] }),
        ["FW-06"] = Plan("firmware-signing-ca", plan => plan with { Key = KeyAlgorithm.Rsa3072 }),
        ["FW-07"] = Plan("firmware-signing-ca", plan => plan with { Subject = Samples.Name(("CN", "Firmware")) }),
        ["FW-08"] = Plan("firmware-signing-ca", plan => plan with { CrlDistributionPoints = ["http://a.example/1", "http://a.example/2"] }),

        ["CODE-01"] = SelfSigned("code-signing-ca"),
        ["CODE-02"] = Edit("code-signing-ca", tbs => tbs.SetValue(Oids.BasicConstraints, NotCa)),
        ["CODE-03"] = Edit("code-signing-ca", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["CODE-04"] = Plan("code-signing-ca", plan => plan with { ExtendedKeyUsage = [Oids.CodeSigning, Oids.TimeStamping] }),
        ["CODE-05"] = Plan("code-signing-ca", plan => plan with { Key = KeyAlgorithm.Rsa3072 }),
        ["CODE-06"] = Plan("code-signing-ca", plan => plan with { Policies = [] }),
        ["CODE-07"] = Plan("code-signing-ca", plan => plan with { CrlDistributionPoints = [] }),
        ["CODE-08"] = Plan("code-signing-ca", plan => plan with { Subject = Samples.Name(("O", "Example"), ("CN", "Code")) }),
        ["CODE-09"] = Edit("code-signing-ca", tbs => tbs.Add(Oids.OcspNoCheck, critical: false, 0x05, 0x00)),

        ["TSA-01"] = SelfSigned("timestamping-ca"),
        ["TSA-02"] = Edit("timestamping-ca", tbs => tbs.SetValue(Oids.BasicConstraints, NotCa)),
        ["TSA-03"] = Edit("timestamping-ca", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["TSA-04"] = Plan("timestamping-ca", plan => plan with { ExtendedKeyUsage = [Oids.TimeStamping, Oids.CodeSigning] }),
        ["TSA-05"] = Plan("timestamping-ca", plan => plan with { Key = KeyAlgorithm.Rsa3072 }),
        ["TSA-06"] = Plan("timestamping-ca", plan => plan with { Policies = [] }),
        ["TSA-07"] = Plan("timestamping-ca", plan => plan with { CrlDistributionPoints = [] }),
        ["TSA-08"] = Plan("timestamping-ca", plan => plan with { Subject = Samples.Name(("O", "Example"), ("CN", "Time")) }),
        ["TSA-09"] = Edit("timestamping-ca", tbs => tbs.Add(Oids.OcspNoCheck, critical: false, 0x05, 0x00)),

        ["OCSP-01"] = SelfSigned("ocsp-responder"),
        ["OCSP-02"] = Edit("ocsp-responder", tbs => tbs.Add(Oids.BasicConstraints, critical: true, CaUnlimited)),
        ["OCSP-03"] = Edit("ocsp-responder", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["OCSP-04"] = Plan("ocsp-responder", plan => plan with { ExtendedKeyUsage = [Oids.OcspSigning, Oids.ServerAuth] }),
        ["OCSP-05"] = Edit("ocsp-responder", tbs => tbs.SetValue(Oids.OcspNoCheck, 0x30, 0x00)),
        ["OCSP-06"] = Plan("ocsp-responder", plan => plan with { CrlDistributionPoints = ["http://a.example/1"] }),

        ["CRLS-01"] = SelfSigned("crl-signer"),
        ["CRLS-02"] = Edit("crl-signer", tbs => tbs.Remove(Oids.BasicConstraints)),
        ["CRLS-03"] = Edit("crl-signer", tbs => tbs.SetValue(Oids.KeyUsage, DigitalSignatureOnly)),
        ["CRLS-04"] = Plan("crl-signer", plan => plan with { Key = KeyAlgorithm.EcP384 }),
        ["CRLS-05"] = Plan("crl-signer", plan => plan with { ExtendedKeyUsage = [Oids.CodeSigning] }),
        ["CRLS-06"] = Plan("crl-signer", plan => plan with { Subject = Samples.Name(("CN", "CRL signer")) }),

        ["TRANS-01"] = Edit("transcript-signer", tbs => tbs.SetValue(Oids.BasicConstraints, CaUnlimited)),
        ["TRANS-02"] = Edit("transcript-signer", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["TRANS-03"] = Plan("transcript-signer", plan => plan with { ExtendedKeyUsage = [Oids.CodeSigning] }),

        ["MSIG-01"] = SelfSigned("manifest-signer"),
        ["MSIG-02"] = Edit("manifest-signer", tbs => tbs.SetValue(Oids.BasicConstraints, CaUnlimited)),
        ["MSIG-03"] = Edit("manifest-signer", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["MSIG-04"] = Plan("manifest-signer", plan => plan with { Key = KeyAlgorithm.Rsa4096 }),
        ["MSIG-05"] = Plan("manifest-signer", plan => plan with { ExtendedKeyUsage = [Oids.CodeSigning] }),

        ["RSIG-01"] = SelfSigned("release-signer"),
        ["RSIG-02"] = Edit("release-signer", tbs => tbs.SetValue(Oids.BasicConstraints, CaUnlimited)),
        ["RSIG-03"] = Edit("release-signer", tbs => tbs.SetValue(Oids.KeyUsage, CertSignOnly)),
        ["RSIG-04"] = Plan("release-signer", plan => plan with { Key = KeyAlgorithm.Rsa4096 }),
        ["RSIG-05"] = Plan("release-signer", plan => plan with { ExtendedKeyUsage = [Oids.CodeSigning, Oids.ServerAuth] }),
        ["RSIG-06"] = Plan("release-signer", plan => plan with { Policies = ["2.23.140.1.4.1"] }),
    };

    public static TheoryData<string> Rules => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_certificate_that_breaks_one_rule_is_found_by_this_rule_alone(string rule)
    {
        IReadOnlyList<LintFinding> findings = CertificateLint.Check(Table[rule]()).Findings;

        Assert.Equal([rule], findings.Select(finding => finding.Rule.Id));
        Assert.All(findings, finding => Assert.EndsWith(".", finding.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_lint_rule_has_a_certificate_that_breaks_it()
    {
        IEnumerable<string> rules = CertificateRules.General.Concat(CertificateProfile.All.SelectMany(profile => profile.Rules))
            .Select(rule => rule.Rule.Id);
        Assert.Equal(rules.Order(), Table.Keys.Order());
    }

    [Theory]
    [InlineData("ROOT-04")]
    [InlineData("ROOT-06")]
    public void A_recommendation_not_followed_is_a_warning_only(string rule)
    {
        LintReport report = CertificateLint.Check(Table[rule]());
        Assert.False(report.HasErrors);
        Assert.Equal(LintSeverity.Warning, Assert.Single(report.Findings).Severity);
    }

    [Theory]
    [InlineData("serial too short", "020101")]
    [InlineData("serial zero", "020100")]
    [InlineData("serial of 21 bytes", "0215010101010101010101010101010101010101010101")]
    public void A_serial_out_of_its_bounds_is_found(string why, string der)
    {
        var edit = new TbsEdit(Samples.Tbs(Samples.Plan("root")));
        edit.Serial.Value = Convert.FromHexString(der)[2..];
        LintReport report = CertificateLint.Check(new LintSubject(CertificateProfiles.Root, Samples.Parsed(edit.Encode()), null));
        Assert.True(report.Findings is [{ Rule.Id: "CERT-03" }], why);
    }

    [Fact]
    public void A_report_with_an_error_gives_nothing_to_sign()
    {
        CertificatePlan plan = Samples.Plan("root") with { NotAfter = Samples.Start.AddYears(3) };
        LintReport report = CertificateLint.Check(Samples.Preview(plan));
        Assert.False(report.TryAccept(out LintedCertificate? linted, out Refusal? refusal));
        Assert.Null(linted);
        Assert.Equal("ROOT-02", refusal.Rule);
    }

    [Fact]
    public void Lint_of_a_certificate_without_a_preview_gives_nothing_to_sign()
    {
        LintReport report = CertificateLint.Check(new LintSubject(CertificateProfiles.Root, Samples.Certificate("root").ToBeSigned, null));
        Assert.Empty(report.Findings);
        Assert.False(report.TryAccept(out _, out _));
    }

    [Fact]
    public void An_outer_algorithm_that_differs_from_the_inner_is_found()
    {
        var whole = DerNode.Parse(Samples.Certificate("root").Der);
        whole[1] = DerNode.Parse(KeyAlgorithm.EcP256.SignatureAlgorithmIdentifier());
        Assert.True(CertificateReader.TryReadCertificate(whole.Encode(), out ParsedCertificate? certificate, out _));
        LintReport report = CertificateLint.Check(new LintSubject(CertificateProfiles.Root, certificate.ToBeSigned, null, certificate));
        Assert.Equal("CERT-19", Assert.Single(report.Findings).Rule.Id);
    }

    private static Func<LintSubject> Edit(string profile, Action<TbsEdit> edit) => () =>
    {
        CertificatePlan plan = Samples.Plan(profile);
        var tbs = new TbsEdit(Samples.Tbs(plan));
        edit(tbs);
        return new LintSubject(plan.Profile, Samples.Parsed(tbs.Encode()), plan.Issuer);
    };

    private static Func<LintSubject> Plan(string profile, Func<CertificatePlan, CertificatePlan> change) => () =>
    {
        CertificatePlan plan = change(Samples.Plan(profile));
        return new LintSubject(plan.Profile, Samples.Parsed(Samples.Tbs(plan)), plan.Issuer);
    };

    private static Func<LintSubject> SelfSigned(string profile) => Plan(profile, plan => plan with { Issuer = null });

    private static Func<LintSubject> UnderIssuer(string profile, Func<ParsedCertificate> issuer,
        Func<CertificatePlan, CertificatePlan>? change = null) => () =>
    {
        CertificatePlan plan = (change ?? (same => same))(Samples.Plan(profile)) with { Issuer = issuer() };
        return new LintSubject(plan.Profile, Samples.Parsed(Samples.Tbs(plan)), plan.Issuer);
    };

    private static Func<LintSubject> Lint(string profile, Func<LintSubject, LintSubject> change) => () =>
        change(new LintSubject(Samples.Profile(profile), Samples.Parsed(Samples.Tbs(Samples.Plan(profile))), Samples.Plan(profile).Issuer));
}
