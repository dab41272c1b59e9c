using System.Security.Cryptography.X509Certificates;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.App.Tests.Room;

/// <summary>zlint beside our own lint. <c>make test</c> installs it; without it these tests say so, and fail where CI=true.</summary>
public sealed class ZlintTests
{
    private const string Missing = "zlint is not there: make test fetches it into artifacts/tools, or apt-get install zlint";

    [Theory]
    [MemberData(nameof(Samples.ProfileNames), MemberType = typeof(Samples))]
    public void Every_profile_has_exactly_its_expected_findings(string name)
    {
        if (!IsThere()) return;
        var found = new HashSet<string>();
        foreach (PreviewedCertificate? preview in Variants(name).Select(Samples.Preview))
        {
            ZlintReport report = Ours().Run(preview.ThrowAwaySigned!.Der.Span, preview.Plan.Profile)!;

            Assert.True(report.LintsAsked > 300, $"only {report.LintsAsked} lints");
            Assert.True(report.Findings.IsEmpty, string.Join('\n', report.Findings));
            Assert.All(report.Recorded(), f => Assert.Equal("pass", f.Result));
            found.UnionWith(report.Explained.Select(e => e.Lint));
        }
        // Nothing is explained in advance: each line of the table is met.
        Assert.Equal(ZlintExpected.Of(Samples.Profile(name)).Select(e => e.Lint).Order(StringComparer.Ordinal),
            found.Order(StringComparer.Ordinal));
    }

    /// <summary>Which it does not know: what it finds is explained, and nothing is explained in advance.</summary>
    [Fact]
    public void Of_an_ML_DSA_root_it_finds_what_its_page_says()
    {
        if (!IsThere()) return;
        CertificatePlan plan = Samples.Plan("root") with { Key = KeyAlgorithm.MlDsa65 };
        using ThrowAwayKey key = plan.Key.CreateThrowAway();
        Assert.True(CertificatePreview.TryMake(plan, key.SubjectPublicKeyInfo.ToArray(), key, out PreviewedCertificate? preview,
            out Refusal? refusal), $"{refusal}");

        ZlintReport report = Ours().Run(preview.ThrowAwaySigned!.Der.Span, plan.Profile, isMlDsa: true)!;

        Assert.True(report.Findings.IsEmpty, string.Join('\n', report.Findings));
        Assert.Equal(ZlintExpected.Of(plan.Profile, isMlDsa: true).Select(e => e.Lint).Order(StringComparer.Ordinal),
            report.Explained.Select(e => e.Lint).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_table_of_ML_DSA_stands_in_its_page()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "formats", "zlint.md"));

        foreach ((string lint, string why, bool ofRoots) in ZlintExpected.MlDsa)
        {
            string of = ofRoots ? "a root of ML-DSA" : "any of ML-DSA, or under it";
            Assert.Contains($"| {of} | `{lint}` | {why} |", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_table_stands_in_its_page()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "formats", "zlint.md"));

        Assert.Equal(
            ZlintExpected.All.Select(e => $"| `{e.Profile}` | `{e.Lint}` | {e.Why} |").Order(StringComparer.Ordinal),
            page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_finding_that_nothing_explains_is_refused()
    {
        if (!IsThere()) return;
        ParsedCertificate nameless = Samples.SignWithoutLint(Samples.Plan("root") with
        {
            Subject = Samples.Name(("CN", "Example Root R1")),
        });

        ZlintReport report = Ours().Run(nameless.Der.Span, CertificateProfiles.Root)!;

        Assert.Contains(report.Findings, f => f.Lint == "e_ca_country_name_missing");
        Assert.Contains(report.Recorded(),
            f => f is { Id: "ZLINT-02", Result: "fail" } && f.Text.Contains("e_ca_country_name_missing", StringComparison.Ordinal));
    }

    [Fact]
    public void What_zlint_cannot_read_is_refused()
    {
        if (!IsThere()) return;
        CeremonyException refused = Assert.Throws<CeremonyException>(() => Ours().Run("no certificate"u8, CertificateProfiles.Root));
        Assert.Equal("ZLINT-01", refused.Refusal.Rule);
    }

    [Theory]
    [InlineData("/bin/false")]
    [InlineData("/bin/echo")]
    public void A_program_that_is_not_zlint_is_refused(string program)
    {
        CeremonyException refused = Assert.Throws<CeremonyException>(() => new Zlint(Path.GetTempPath(), program).Run("any"u8,
            CertificateProfiles.Root));
        Assert.Equal("ZLINT-01", refused.Refusal.Rule);
        // echo says what it was asked: what another program writes goes nowhere.
        Assert.DoesNotContain("-version", refused.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_is_not_installed_there_is_no_report() =>
        Assert.Null(new Zlint(Path.GetTempPath(), "zlint-that-is-not-installed").Run("any"u8, CertificateProfiles.Root));

    [Fact]
    public void Nothing_is_expected_of_a_profile_that_does_not_exist_or_twice_of_one()
    {
        Assert.All(ZlintExpected.All, e => Assert.True(CertificateProfile.TryParse(e.Profile, out _), e.Profile));
        Assert.Equal(ZlintExpected.All.Count, ZlintExpected.All.Select(e => (e.Profile, e.Lint)).Distinct().Count());
        Assert.All(ZlintExpected.All, e => Assert.True(e.Why.Length > 20, e.Lint));
    }

    /// <summary>What a script may vary and zlint looks at.</summary>
    private static IEnumerable<CertificatePlan> Variants(string name)
    {
        CertificatePlan plan = Samples.Plan(name);
        yield return plan;
        if (name == "transcript-signer")
            yield return plan with { Issuer = null };
        // Other people's CAs have names of every kind, and a cross-certificate carries them as they are.
        foreach (X500DistinguishedNameBuilder partner in name == "cross-certificate" ? Partners() : [])
            yield return plan with
            {
                Subject = DistinguishedName.TryDecode(partner.Build().RawData, out DistinguishedName? read, out Refusal? refusal)
                    ? read : throw new ArgumentException(refusal.ToString()),
                CarriesSubject = true,
            };
        if (name == "crl-signer")
            yield return plan with
            {
                Subject = Samples.Name(("C", "DE"), ("O", "Example Devices GmbH"), ("CN", "Example CRL signer"), ("vid", "FFF1")),
            };
    }

    private static IEnumerable<X500DistinguishedNameBuilder> Partners()
    {
        var bare = new X500DistinguishedNameBuilder();
        bare.AddCommonName("Partner Root");
        yield return bare;
        var mail = new X500DistinguishedNameBuilder();
        mail.AddEmailAddress("pki@partner.example");
        mail.AddCommonName("Partner Root");
        yield return mail;
        var domain = new X500DistinguishedNameBuilder();
        domain.AddCommonName("Partner Root");
        domain.AddDomainComponent("partner");
        domain.AddDomainComponent("example");
        yield return domain;
    }

    private static Zlint Ours() => new(Path.GetTempPath(), Program());

    private static bool IsThere()
    {
        bool there = Program() is not null;
        Assert.True(there || Environment.GetEnvironmentVariable("CI") != "true", Missing);
        if (!there)
            Console.WriteLine(Missing);
        return there;
    }

    /// <summary>On PATH, or where <c>make test</c> puts it.</summary>
    private static string? Program()
    {
        return Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(path => Path.Combine(path, "zlint"))
            .Append(Path.Combine(Root(), "artifacts", "tools", "zlint")).FirstOrDefault(File.Exists);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "KeyCeremony.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
