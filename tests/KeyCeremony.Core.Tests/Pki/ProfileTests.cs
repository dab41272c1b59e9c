using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>A good certificate of every profile, before our lint and before other people's software.</summary>
[Trait("Needs", "packages")]
public sealed class ProfileTests
{
    public static TheoryData<string> Names => Samples.ProfileNames;

    /// <summary>Those that every OpenSSL knows; of ML-DSA see <see cref="PostQuantumFilesTests"/>.</summary>
    public static TheoryData<string> KeyNames => [.. KeyAlgorithm.All.Where(one => !one.IsMlDsa).Select(one => one.ScriptName)];

    [Theory]
    [InlineData("Root")]
    [InlineData("paa")]
    [InlineData("")]
    public void An_unknown_profile_is_refused(string name) => Assert.False(CertificateProfile.TryParse(name, out _));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_good_certificate_passes_every_check_without_a_word(string profile)
    {
        CertificatePlan plan = Samples.Plan(profile);
        LintReport report = CertificateChecks.Verify(Samples.Certificate(profile).Der, Samples.Preview(plan).ToBeSigned, plan);
        Assert.Empty(report.Findings);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void DotNet_reads_the_same_certificate(string profile)
    {
        ParsedCertificate ours = Samples.Certificate(profile);
        using X509Certificate2 theirs = X509CertificateLoader.LoadCertificate(ours.Der.Span);
        X509BasicConstraintsExtension? constraints = theirs.Extensions.OfType<X509BasicConstraintsExtension>().SingleOrDefault();
        Assert.Equal(ours.ToBeSigned.Subject.Der.ToArray(), theirs.SubjectName.RawData);
        Assert.Equal(ours.ToBeSigned.NotAfter.Value.UtcDateTime, theirs.NotAfter.ToUniversalTime());
        Assert.Equal(Convert.ToHexString(ours.ToBeSigned.Serial.Span), theirs.SerialNumber);
        Assert.Equal(CertificateProfile.TryParse(profile, out CertificateProfile? known) && known.IsCa,
            constraints?.CertificateAuthority ?? false);
        Assert.Equal(ours.ToBeSigned.BasicConstraints?.PathLength ?? -1,
            constraints is { HasPathLengthConstraint: true } ? constraints.PathLengthConstraint : -1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OpenSSL_verifies_it_strictly(string profile)
    {
        (int exitCode, string? output) = OtherTools.Run(
            "openssl",
            ["verify", "-x509_strict", "-check_ss_sig", "-attime", "1800000000", "-CAfile", "roots.pem", "certificate.pem"],
            ("roots.pem", [Anchor(profile)]),
            ("certificate.pem", [Samples.Certificate(profile)]));
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OpenSSL_prints_every_extension_by_name(string profile)
    {
        (int exitCode, string? output) = OtherTools.Run("openssl", ["x509", "-in", "certificate.pem", "-noout", "-text"],
            ("certificate.pem", [Samples.Certificate(profile)]));
        Assert.True(exitCode == 0, output);
        Assert.Contains("Version: 3", output, StringComparison.Ordinal);
        Assert.Contains("X509v3 Subject Key Identifier", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unable", output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<INVALID>", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GnuTLS_verifies_it(string profile)
    {
        // certtool is no part of the tools we need; where it is installed it must agree.
        if (!OtherTools.HasCertTool)
            return;
        (int exitCode, string? output) = OtherTools.Run(
            "certtool",
            ["--verify", "--load-ca-certificate", "roots.pem", "--infile", "certificate.pem"],
            ("roots.pem", [Anchor(profile)]),
            ("certificate.pem", [Samples.Certificate(profile)]));
        Assert.True(exitCode == 0, output);
        Assert.Contains("Verified. The certificate is trusted.", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(KeyNames))]
    public void A_root_of_every_key_kind_passes_lint_OpenSSL_and_DotNet(string key)
    {
        Assert.True(KeyAlgorithm.TryParse(key, out KeyAlgorithm? algorithm));
        ParsedCertificate root = Samples.Sign(Samples.Plan("root") with { Key = algorithm });
        (int exitCode, string? output) = OtherTools.Run("openssl",
            ["verify", "-x509_strict", "-check_ss_sig", "-attime", "1800000000", "-CAfile", "root.pem", "root.pem"], ("root.pem", [root]));
        Assert.True(exitCode == 0, output);
        using X509Certificate2 theirs = X509CertificateLoader.LoadCertificate(root.Der.Span);
        Assert.Equal(Oids.NameOf(algorithm.SignatureOid), Oids.NameOf(theirs.SignatureAlgorithm.Value!));
    }

    [Fact]
    public void A_transcript_signer_may_be_self_signed()
    {
        ParsedCertificate signer = Samples.Sign(Samples.Plan("transcript-signer") with { Issuer = null });
        (int exitCode, string? output) = OtherTools.Run("openssl",
            ["verify", "-x509_strict", "-check_ss_sig", "-attime", "1800000000", "-CAfile", "signer.pem", "signer.pem"],
            ("signer.pem", [signer]));
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void A_Matter_PAA_is_small_and_has_exactly_its_extensions()
    {
        ParsedCertificate paa = Samples.Certificate("matter-paa");
        Assert.InRange(paa.Der.Length, 1, 600);
        Assert.Equal(
            [Oids.BasicConstraints, Oids.KeyUsage, Oids.SubjectKeyIdentifier, Oids.AuthorityKeyIdentifier],
            paa.ToBeSigned.Extensions.Select(extension => extension.Oid));
        Assert.Equal("99991231235959Z", paa.ToBeSigned.NotAfter.Text);
        Assert.Equal(20, paa.ToBeSigned.SubjectKeyIdentifier!.Value.Length);
    }

    [Fact]
    public void The_longest_signature_is_never_shorter_than_the_real_one()
    {
        DistinguishedName name = Samples.Name(("CN", "PAA"), ("vid", "FFF1"));
        CertificatePlan longest = Samples.Plan("matter-paa") with { Subject = name };
        var lengths = Enumerable.Range(0, 40).Select(_ => Samples.SignWithoutLint(longest).Der.Length).ToList();
        int limit = Samples.Tbs(longest).Length + 4 + 12 + 3 + KeyAlgorithm.EcP256.LongestSignature;
        Assert.All(lengths, length => Assert.InRange(length, limit - 12, limit));
    }

    private static ParsedCertificate Anchor(string profile)
    {
        CertificatePlan plan = Samples.Plan(profile);
        return plan.Issuer ?? Samples.Certificate(profile);
    }
}
