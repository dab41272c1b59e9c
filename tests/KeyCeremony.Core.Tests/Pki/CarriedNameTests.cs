using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>
/// A partner's CA has the name that it has: DC and e-mail, no O, a country as UTF8String. Our cross-certificate carries it byte for byte,
/// or no path leads through it (RFC 5280 6.1.3).
/// </summary>
[Trait("Needs", "packages")]
public sealed class CarriedNameTests
{
    public static TheoryData<string> Names => ["adcs", "email", "no-o", "two-cn", "long", "blanks"];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_carried_byte_for_byte_and_the_certificate_passes_lint(string name)
    {
        CertificatePlan plan = Plan(NameOf(name));
        ParsedCertificate cross = Samples.Sign(plan);

        Assert.Equal(NameOf(name).Der.ToArray(), cross.ToBeSigned.Subject.Der.ToArray());
        Assert.DoesNotContain(CertificateChecks.Verify(cross.Der, Samples.Preview(plan).ToBeSigned, plan).Findings,
            f => f.Severity == LintSeverity.Error);
        // Without its mark it is a name of ours, and would not pass.
        Assert.NotEmpty(CertificateChecks.Verify(cross.Der, Samples.Preview(plan).ToBeSigned,
            plan with { CarriesSubject = false }).Findings);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OpenSSL_finds_the_path_from_the_partners_leaf_to_our_root(string name)
    {
        ParsedCertificate root = Samples.Certificate("root"), cross = Samples.Sign(Plan(NameOf(name))), leaf = Leaf(NameOf(name));
        (int exitCode, string output) = OtherTools.Run("openssl",
            ["verify", "-x509_strict", "-attime", "1800000000", "-CAfile", "root.pem", "-untrusted", "cross.pem", "leaf.pem"],
            ("root.pem", [root]), ("cross.pem", [cross]), ("leaf.pem", [leaf]));
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_journal_keeps_the_bytes(string name)
    {
        byte[] json = PlanJson.Write(Plan(NameOf(name)));
        Assert.True(PlanJson.TryRead(json, out CertificatePlan? read, out Refusal? refusal), refusal?.ToString());
        Assert.True(read.CarriesSubject);
        Assert.Equal(NameOf(name), read.Subject);
        Assert.DoesNotContain("subjectDer", System.Text.Encoding.UTF8.GetString(PlanJson.Write(Samples.Plan("cross-certificate"))),
            StringComparison.Ordinal);
    }

    /// <summary>openssl reads a certificate with any other type in a name not at all.</summary>
    [Fact]
    public void The_types_that_others_read_are_carried_and_no_other()
    {
        NameString[] strings = [NameString.Utf8, NameString.Printable, NameString.Ia5, NameString.Teletex, NameString.Bmp,
            NameString.Universal, NameString.Numeric];
        foreach (NameString read in Enum.GetValues<NameString>().Where(s => s is not NameString.NoString))
            Assert.Equal(strings.Contains(read), NameHygiene.UnreadByOthers([new NameAttribute("2.5.4.3", read, "x")]) is null);
        for (int tag = 1; tag < 256; tag++)
            Assert.Equal(tag is 0x03 or 0x30, NameHygiene.UnreadByOthers([new NameAttribute("2.5.4.3", NameString.Utf8, "x"),
                new NameAttribute("2.5.4.3", NameString.NoString, $"#{tag:x2}00")]) is null);
    }

    [Fact]
    public void No_other_certificate_carries_a_name() =>
        Assert.All(CertificateProfile.All.Where(p => p.ScriptName != "cross-certificate"),
            p => Assert.Equal("PLAN-09", PlanRules.Check(Samples.Plan(p.ScriptName) with { CarriesSubject = true })?.Rule));

    [Fact]
    public void What_deceives_its_reader_is_refused_where_it_comes_in()
    {
        Assert.Equal("NAME-09", CertificatePlanning.RefuseCarried(NameOf("turned"))?.Rule);
        Assert.Equal("NAME-12", CertificatePlanning.RefuseCarried(NameOf("mixed"))?.Rule);
        Assert.Equal("NAME-01", CertificatePlanning.RefuseCarried(NameOf("empty"))?.Rule);
        foreach (string name in new[] { "adcs", "email", "no-o", "two-cn", "long", "blanks" })
            Assert.Null(CertificatePlanning.RefuseCarried(NameOf(name)));
    }

    private static CertificatePlan Plan(DistinguishedName name) =>
        Samples.Plan("cross-certificate") with { Subject = name, CarriesSubject = true };

    private static DistinguishedName NameOf(string kind)
    {
        var name = new X500DistinguishedNameBuilder();
        if (kind != "empty")
            name.AddCommonName(kind switch
            {
                "turned" => "Example \u202EAC",
                "mixed" => "Ex\u0430mple CA",
                "long" => new string('a', 90),
                "blanks" => "Partner  Root ",
                _ => "Partner Root",
            });
        if (kind == "two-cn")
            name.AddCommonName("Partner Root of 2019");
        if (kind == "email")
            name.AddEmailAddress("pki@partner.example");
        if (kind != "no-o" && kind != "adcs" && kind != "empty")
            name.AddOrganizationName("Partner GmbH");
        if (kind == "adcs")
        {
            name.AddDomainComponent("example");
            name.AddDomainComponent("com");
        }
        return DistinguishedName.TryDecode(name.Build().RawData, out DistinguishedName? read, out Refusal? refusal)
            ? read
            : throw new ArgumentException(refusal.ToString());
    }

    private static ParsedCertificate Leaf(DistinguishedName issuer)
    {
        ThrowAwayKey partner = Samples.Key("cross-certificate", Samples.Plan("cross-certificate").Key);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=device 1"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
            Samples.Sign(Plan(issuer)).ToBeSigned.SubjectKeyIdentifier!.Value.Span));
        using X509Certificate2 leaf = request.Create(new X500DistinguishedName(issuer.Der.Span), partner.Generator, Samples.Start,
            Samples.Start.AddYears(5), [1, 2, 3]);
        return CertificateReader.TryReadCertificate(leaf.RawData, out ParsedCertificate? parsed, out Refusal? refusal)
            ? parsed
            : throw new ArgumentException(refusal.ToString());
    }
}
