using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

public sealed class CertificateChecksTests
{
    private static readonly CertificatePlan Plan = Samples.Plan("root");
    private static readonly ReadOnlyMemory<byte> Preview = Samples.Preview(Plan).ToBeSigned;

    [Fact]
    public void Any_flipped_byte_of_a_certificate_is_found()
    {
        byte[] der = Samples.Certificate("root").Der.ToArray();
        for (int i = 0; i < der.Length; i++)
        {
            der[i] ^= 0x01;
            Assert.True(CertificateChecks.Verify(der, Preview, Plan).HasErrors, $"byte {i}");
            der[i] ^= 0x01;
        }
        Assert.Empty(CertificateChecks.Verify(der, Preview, Plan).Findings);
    }

    [Fact]
    public void Any_flipped_byte_of_the_preview_outside_its_key_is_found()
    {
        byte[] tbs = Preview.ToArray();
        ParsedTbs read = Samples.Parsed(tbs);
        for (int i = 0; i < tbs.Length; i++)
        {
            tbs[i] ^= 0x01;
            bool found = CertificateChecks.Verify(Samples.Certificate("root").Der, tbs, Plan).HasErrors;
            tbs[i] ^= 0x01;
            // The throw-away key and what follows from it are not the certificate's; nothing binds them here.
            Assert.True(found || IsOfTheKey(read, tbs, i), $"byte {i}");
        }
    }

    [Fact]
    public void A_certificate_of_another_plan_is_found()
    {
        IReadOnlyList<LintFinding> findings =
            CertificateChecks.Verify(Samples.Certificate("root").Der, Preview, Plan with { Serial = Samples.Serial(9) }).Findings;
        Assert.Equal("TBS-03", Assert.Single(findings).Rule.Id);
    }

    [Fact]
    public void A_certificate_signed_again_with_another_content_is_found()
    {
        ParsedCertificate other = Samples.SignWithoutLint(Plan with { NotAfter = Plan.NotAfter.AddDays(-1) });
        IReadOnlyList<LintFinding> findings = CertificateChecks.Verify(other.Der, Preview, Plan).Findings;
        Assert.Equal(["TBS-01", "TBS-03"], findings.Select(finding => finding.Rule.Id));
        Assert.Contains("notAfter", findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_issued_certificate_is_verified_under_its_issuers_key()
    {
        CertificatePlan plan = Samples.Plan("mtls-intermediate");
        ParsedCertificate stranger =
            Samples.SignWithoutLint(Samples.Plan("root") with { Key = KeyAlgorithm.EcP384, Serial = Samples.Serial(8) });
        var whole = DerNode.Parse(Samples.Certificate("mtls-intermediate").Der);
        whole[2] = DerNode.Parse(stranger.Der)[2];
        IReadOnlyList<LintFinding> findings = CertificateChecks.Verify(whole.Encode(), Samples.Preview(plan).ToBeSigned, plan).Findings;
        Assert.Equal("CERT-19", Assert.Single(findings).Rule.Id);
    }

    private static bool IsOfTheKey(ParsedTbs read, byte[] tbs, int index)
    {
        bool Within(ReadOnlyMemory<byte> field)
        {
            int start = tbs.AsSpan().IndexOf(field.Span);
            return index >= start && index < start + field.Length;
        }
        int authority = tbs.AsSpan().LastIndexOf(read.SubjectKeyIdentifier!.Value.Span);
        return Within(read.PublicKeyBits) || Within(read.SubjectKeyIdentifier.Value) || (index >= authority && index < authority + 20);
    }
}
