using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>
/// A partner's CA that names its key by the SHA-256 of it (RFC 7093 2, method 1), certified by our root: what it has issued is found
/// through our certificate.
/// </summary>
[Trait("Needs", "packages")]
public sealed class CarriedIdentifierTests
{
    private static readonly ThrowAwayKey PartnerKey = Samples.Key("cross-certificate", KeyAlgorithm.EcP384);
    private static readonly byte[] Identifier = SHA256.HashData(PartnerKey.SubjectPublicKeyInfo.Span)[..20];
    private static readonly X500DistinguishedName PartnerName = new(Plan().Subject.Der.Span);

    private static CertificatePlan Plan() => Samples.Plan("cross-certificate") with
    {
        SubjectKeyIdentifier = Convert.ToHexStringLower(Identifier),
    };

    [Fact]
    public void Our_certificate_names_the_partners_key_as_the_partner_does()
    {
        ParsedCertificate cross = Samples.Sign(Plan());
        Assert.Equal(Identifier, cross.ToBeSigned.SubjectKeyIdentifier!.Value.ToArray());
        Assert.Empty(CertificateChecks.Verify(cross.Der, Samples.Preview(Plan()).ToBeSigned, Plan()).Findings);
        // Another plan's certificate is not this plan's.
        Assert.Contains(CertificateChecks.Verify(cross.Der, Samples.Preview(Plan()).ToBeSigned,
            Plan() with { SubjectKeyIdentifier = null }).Findings, f => f.Rule.Id == "CERT-13");
    }

    [Fact]
    public void Others_find_the_path_from_the_partners_leaf_to_our_root()
    {
        ParsedCertificate root = Samples.Certificate("root"), cross = Samples.Sign(Plan()), leaf = Leaf();
        (int exitCode, string output) = OtherTools.Run("openssl",
            ["verify", "-x509_strict", "-attime", "1800000000", "-CAfile", "root.pem", "-untrusted", "cross.pem", "leaf.pem"],
            ("root.pem", [root]), ("cross.pem", [cross]), ("leaf.pem", [leaf]));
        Assert.True(exitCode == 0, output);
        if (OtherTools.HasCertTool)
        {
            (exitCode, output) = OtherTools.Run("certtool", ["--verify", "--load-ca-certificate", "root.pem", "--infile", "chain.pem"],
                ("root.pem", [root]), ("chain.pem", [leaf, cross]));
            Assert.True(exitCode == 0, output);
        }
        using X509Certificate2 anchor = X509CertificateLoader.LoadCertificate(root.Der.Span);
        using X509Certificate2 between = X509CertificateLoader.LoadCertificate(cross.Der.Span);
        using X509Certificate2 end = X509CertificateLoader.LoadCertificate(leaf.Der.Span);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        chain.ChainPolicy.ExtraStore.Add(between);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = Samples.Start.AddYears(1).UtcDateTime;
        Assert.True(chain.Build(end), string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation)));
        Assert.Equal(3, chain.ChainElements.Count);
    }

    [Fact]
    public void Without_it_OpenSSL_finds_no_path()
    {
        (int exitCode, _) = OtherTools.Run("openssl",
            ["verify", "-attime", "1800000000", "-CAfile", "root.pem", "-untrusted", "cross.pem", "leaf.pem"],
            ("root.pem", [Samples.Certificate("root")]), ("cross.pem", [Samples.Sign(Plan() with { SubjectKeyIdentifier = null })]),
            ("leaf.pem", [Leaf()]));
        Assert.NotEqual(0, exitCode);
    }

    /// <summary>
    /// easy-rsa's and others' "keyid,issuer:always": a leaf that names its issuer by name and serial number, which a cross-certificate has
    /// not. Nothing helps against that, so it is said of a CA whose own certificate is written so.
    /// </summary>
    [Fact]
    public void A_leaf_that_names_its_issuer_by_serial_number_has_no_path_and_its_CA_is_told_so()
    {
        byte[] serial = [0x12, 0x34];
        var named = X509AuthorityKeyIdentifierExtension.Create(Identifier, PartnerName, serial);
        (int exitCode, string output) = OtherTools.Run("openssl",
            ["verify", "-attime", "1800000000", "-CAfile", "root.pem", "-untrusted", "cross.pem", "leaf.pem"],
            ("root.pem", [Samples.Certificate("root")]), ("cross.pem", [Samples.Sign(Plan())]), ("leaf.pem", [Leaf(named)]));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("unable to get local issuer certificate", output, StringComparison.Ordinal);

        Assert.Contains("no path from them through a cross-certificate", CrossScope.NoPath(Leaf(named).ToBeSigned),
            StringComparison.Ordinal);
        Assert.Null(CrossScope.NoPath(Leaf().ToBeSigned));
        Assert.Null(CrossScope.NoPath(Samples.Certificate("root").ToBeSigned));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("AB")]
    [InlineData("xy")]
    public void What_is_no_identifier_is_refused(string identifier) =>
        Assert.Equal("PLAN-08", PlanRules.Check(Plan() with { SubjectKeyIdentifier = identifier })?.Rule);

    [Fact]
    public void It_is_1_to_64_octets()
    {
        Assert.Null(PlanRules.Check(Plan() with { SubjectKeyIdentifier = new string('a', 128) }));
        Assert.Equal("PLAN-08", PlanRules.Check(Plan() with { SubjectKeyIdentifier = new string('a', 130) })?.Rule);
        Assert.Equal("PLAN-08", PlanRules.Check(Samples.Plan("root") with { SubjectKeyIdentifier = "aa" })?.Rule);
        Assert.Equal("PLAN-08", PlanRules.Check(Samples.Plan("ocsp-responder") with { SubjectKeyIdentifier = "aa" })?.Rule);
    }

    [Fact]
    public void The_journal_keeps_it_and_says_nothing_where_there_is_none()
    {
        Assert.True(PlanJson.TryRead(PlanJson.Write(Plan()), out CertificatePlan? read, out _));
        Assert.Equal(Convert.ToHexStringLower(Identifier), read.SubjectKeyIdentifier);
        Assert.DoesNotContain("subjectKeyIdentifier",
            System.Text.Encoding.UTF8.GetString(PlanJson.Write(Plan() with { SubjectKeyIdentifier = null })), StringComparison.Ordinal);
    }

    private static ParsedCertificate Leaf(X509AuthorityKeyIdentifierExtension? authority = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=device 1"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(authority ?? X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(Identifier));
        using X509Certificate2 leaf = request.Create(
            PartnerName, PartnerKey.Generator, Samples.Start, Samples.Start.AddYears(5), [1, 2, 3]);
        return CertificateReader.TryReadCertificate(leaf.RawData, out ParsedCertificate? parsed, out Refusal? refusal)
            ? parsed
            : throw new ArgumentException(refusal.ToString());
    }
}
