using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Tests.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>Certificates, requests and envelopes of ML-DSA keys: what may stand under what, and that no bit of them can change.</summary>
public sealed class MlDsaCertificateTests
{
    private static readonly KeyAlgorithm[] Kinds = [KeyAlgorithm.MlDsa44, KeyAlgorithm.MlDsa65, KeyAlgorithm.MlDsa87];

    public static TheoryData<string> Names => [.. Kinds.Select(kind => kind.ScriptName)];

    /// <summary>Who takes an ML-DSA key; every other profile says why it does not.</summary>
    private static readonly string[] Taking = ["root", "cross-certificate", "idevid-ca", "firmware-signing-ca", "ocsp-responder",
        "transcript-signer", "manifest-signer"];

    [Fact]
    public void Profiles_whose_readers_do_not_know_it_refuse_it_with_the_reason()
    {
        ParsedCertificate root = Root(KeyAlgorithm.MlDsa87);
        foreach (CertificateProfile profile in CertificateProfile.All)
        {
            CertificatePlan plan = Samples.Plan(profile.ScriptName) with { Key = KeyAlgorithm.MlDsa65 };
            Refusal? refusal = PlanRules.Check(plan.IsSelfSigned ? plan : plan with { Issuer = root });
            Assert.Equal(Taking.Contains(profile.ScriptName) ? null : "PLAN-10", refusal?.Rule);
            Assert.EndsWith(profile.WhyNoMlDsa ?? "", refusal?.Message ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_classical_key_under_ML_DSA_is_refused_and_the_other_way_needs_a_reason()
    {
        CertificatePlan under = Samples.Plan("idevid-ca") with { Issuer = Root(KeyAlgorithm.MlDsa65) };
        Assert.Equal("PLAN-11", PlanRules.Check(under)?.Rule);
        Assert.Null(PlanRules.Check(under with { Key = KeyAlgorithm.MlDsa44 }));

        KeyAlgorithm classical = KeyAlgorithm.EcP384, mlDsa = KeyAlgorithm.MlDsa65;
        Assert.Equal("PLAN-12", PlanRules.CheckUnderClassical(mlDsa, classical, reason: "")?.Rule);
        Assert.Null(PlanRules.CheckUnderClassical(mlDsa, classical, "devices in the field know the old root"));
        Assert.Null(PlanRules.CheckUnderClassical(mlDsa, mlDsa, reason: ""));
        Assert.Null(PlanRules.CheckUnderClassical(classical, classical, reason: ""));
        Assert.Null(PlanRules.CheckUnderMlDsa(classical, signer: null));
    }

    [Fact]
    public void The_plan_of_a_ceremony_asks_for_the_reason()
    {
        ParsedCertificate issuer = Samples.Certificate("root");
        PreviewCertificateStep step = Step("idevid-ca", "ml-dsa-65") with { PathLength = 0 };
        Assert.False(CertificatePlanning.TryPlan(Effect(step, issuer), Samples.Serial(), out _, out Refusal? refusal));
        Assert.Equal("PLAN-12", refusal.Rule);
        Assert.True(CertificatePlanning.TryPlan(Effect(step with { UnderClassical = "a year of both" }, issuer),
            Samples.Serial(), out CertificatePlan? plan, out refusal), refusal?.ToString());
        Assert.Same(KeyAlgorithm.MlDsa65, plan.Key);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_root_and_what_hangs_under_it_pass_every_rule_and_no_bit_of_them_can_change(string name)
    {
        Assert.True(KeyAlgorithm.TryParse(name, out KeyAlgorithm? kind));
        CertificatePlan plan = RootPlan(kind);
        ParsedCertificate root = Samples.Sign(plan);
        PreviewedCertificate preview = Samples.Preview(plan);
        Assert.Empty(CertificateChecks.Verify(root.Der, preview.ToBeSigned, plan).Findings);
        Assert.Same(kind, root.ToBeSigned.KeyAlgorithm);
        Assert.Equal(kind.LongestSignature, root.Signature.Length);

        CertificatePlan below = Samples.Plan("firmware-signing-ca") with { Issuer = root, Key = kind };
        ParsedCertificate issued = Samples.Sign(below);
        Assert.Empty(CertificateLint.Check(new LintSubject(below.Profile, issued.ToBeSigned, root, issued,
            root.ToBeSigned.SubjectPublicKeyInfo)).Findings);

        int accepted = 0;
        byte[] der = root.Der.ToArray();
        // A step of a prime number: every field is hit, and each bit of a byte somewhere.
        for (int at = 0; at < der.Length; at += 7)
        {
            byte[] bad = [.. der];
            bad[at] ^= (byte)(1 << (at % 8));
            if (CertificateReader.TryReadCertificate(bad, out ParsedCertificate? read, out _)
                && read.IsSignedBy(root.ToBeSigned.SubjectPublicKeyInfo.Span))
                accepted++;
        }
        Assert.Equal(0, accepted);
    }

    [Fact]
    public void An_ML_DSA_key_that_shall_encipher_is_found()
    {
        CertificatePlan plan = Samples.Plan("transcript-signer") with { Issuer = Root(KeyAlgorithm.MlDsa65), Key = KeyAlgorithm.MlDsa65 };
        var tbs = new TbsEdit(Samples.Tbs(plan));
        // digitalSignature, keyEncipherment
        tbs.SetValue(Oids.KeyUsage, [0x03, 0x02, 0x05, 0xA0]);
        IReadOnlyList<LintFinding> findings = CertificateLint.Check(
            new LintSubject(plan.Profile, Samples.Parsed(tbs.Encode()), plan.Issuer)).Findings;
        Assert.Equal(["CERT-15", "TRANS-02"], findings.Select(finding => finding.Rule.Id));
        Assert.Contains("keyEncipherment", findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_screen_stand_the_hashes_of_a_key_and_a_signature()
    {
        ParsedCertificate root = Root(KeyAlgorithm.MlDsa87);
        IReadOnlyList<TextLine> lines = CertificateText.Describe(root);
        Assert.Contains(new TextLine("key", "ML-DSA-87"), lines);
        Assert.Contains(lines, line => line.Label == "key value, 2592 bytes, SHA-256");
        Assert.Contains(lines, line => line.Label == "signatureValue, 4627 bytes, SHA-256");
        Assert.All(lines, line => Assert.True(line.Value.Length < 200, line.Label));
    }

    [Theory]
    [InlineData("ML-DSA-44")]
    [InlineData("ML-DSA-87")]
    [InlineData("SLH-DSA-SHA2-128f")]
    public void A_request_proves_its_key(string title)
    {
        (PureSignature kind, byte[] spki, Func<byte[], byte[]> sign) = PureSignatureTests.Key(title);
        var writer = new RequestWriter { Spki = spki, Algorithm = kind.AlgorithmIdentifier(), Signer = sign };
        if (kind.SignatureBytes + kind.KeyBytes > 15_000)
        {
            Assert.Equal("REQ-01", RuleOf(writer.Write()));
            return;
        }
        Assert.True(RequestFile.TryRead(writer.Write(), out RequestFile? request, out Refusal? refusal), refusal?.ToString());
        Assert.Equal(title, request.Key.Title);
        Assert.Equal(KeyAlgorithm.Of(spki), request.Key.Algorithm);
        Assert.Contains(new TextLine("proof of possession", $"{title}, holds"), request.Describe());

        Assert.Equal("REQ-12", RuleOf((writer with { Signer = data => sign([.. data, 0]) }).Write()));
        Assert.Equal("REQ-11", RuleOf((writer with { Algorithm = KeyAlgorithm.EcP256.SignatureAlgorithmIdentifier() }).Write()));
        Assert.Equal("REQ-11", RuleOf((writer with { Algorithm = PureSignature.MlDsa65.AlgorithmIdentifier() }).Write()));
    }

    [Fact]
    public void An_SLH_DSA_request_of_the_small_set_is_read_and_granted_by_no_plan()
    {
        (PureSignature kind, byte[] spki, Func<byte[], byte[]> sign) = PureSignatureTests.Key("SLH-DSA-SHA2-128s");
        var writer = new RequestWriter { Spki = spki, Algorithm = kind.AlgorithmIdentifier(), Signer = sign };
        Assert.True(RequestFile.TryRead(writer.Write(), out RequestFile? request, out Refusal? refusal), refusal?.ToString());
        Assert.Equal("SLH-DSA-SHA2-128s", request.Key.Title);
        Assert.Null(request.Key.Algorithm);
        foreach (KeyAlgorithm granted in KeyAlgorithm.All)
        {
            Refusal? contradiction = RequestDifference.Between(request, Samples.Plan("idevid-ca") with { Key = granted }, "production")
                .Contradiction;
            Assert.Equal("REQ-23", contradiction?.Rule);
            Assert.Contains("SLH-DSA-SHA2-128s", contradiction!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_envelope_holds_by_ML_DSA_over_its_encoding()
    {
        ParsedCertificate root = Root(KeyAlgorithm.MlDsa65);
        CertificatePlan plan = Samples.Plan("manifest-signer") with { Issuer = root, Key = KeyAlgorithm.MlDsa65 };
        ParsedCertificate signer = Samples.Sign(plan);
        byte[] pae = Dsse.Pae("{}"u8);
        byte[] signature = Samples.Key("manifest-signer", KeyAlgorithm.MlDsa65).Generator.SignData(pae, default);
        Assert.True(Dsse.Holds(signer, pae, signature));
        Assert.False(Dsse.Holds(signer, Dsse.Pae("{ }"u8), signature));
        Assert.False(Dsse.Holds(root, pae, signature));
        Assert.Null(SignerChecks.CheckKey(signer));
        Assert.True(DsseEnvelope.TryRead(new DsseEnvelope([.. "{}"u8], [new DsseSignature(Dsse.KeyId(signer), [.. signature])]).Write(),
            out DsseEnvelope? read, out Refusal? refusal), refusal?.ToString());
        Assert.Equal(signature, read.Signatures[0].Sig);
    }

    internal static ParsedCertificate Root(KeyAlgorithm kind) => Samples.Sign(RootPlan(kind));

    private static CertificatePlan RootPlan(KeyAlgorithm kind) => Samples.Plan("root") with { Key = kind };

    private static string RuleOf(byte[] file) => RequestFile.TryRead(file, out _, out Refusal? refusal) ? "accepted" : refusal.Rule;

    private static PreviewCertificate Effect(PreviewCertificateStep step, ParsedCertificate issuer) =>
        new(step, Samples.Start, "production", Convert.ToBase64String(issuer.Der.Span), "", true);

    private static PreviewCertificateStep Step(string profile, string algorithm) => new("preview", 1, "Preview", "", "", "operator", 1,
        "below", KeySource.Generated, "below", "root", profile, algorithm,
        [new SubjectAttribute("O", "Example"), new SubjectAttribute("CN", "Example below")], 365, null,
        ImmutableArray<string>.Empty, [], []);
}
