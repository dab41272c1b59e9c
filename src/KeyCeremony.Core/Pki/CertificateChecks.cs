namespace KeyCeremony.Core.Pki;

/// <summary>Everything that can be said about a signed certificate with its journalled plan and preview, and no device.</summary>
public static class CertificateChecks
{
    /// <summary>
    /// Reads strictly (CERT-01), asks every lint rule of the profile with the signature verified under the issuer's key
    /// or, self-signed, its own (CERT-19), compares with the preview (TBS-01, TBS-02) and with the plan (TBS-03).
    /// </summary>
    /// <param name="certificate">DER.</param>
    /// <param name="previewedToBeSigned">The TBS as journalled at the preview.</param>
    public static LintReport Verify(ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> previewedToBeSigned, CertificatePlan plan)
    {
        if (!CertificateReader.TryReadCertificate(certificate, out ParsedCertificate? read, out Refusal? refusal))
            return Unreadable(refusal);
        if (!CertificateReader.TryReadToBeSigned(previewedToBeSigned, out ParsedTbs? preview, out refusal))
            return Unreadable(refusal);
        ReadOnlyMemory<byte> signerKey = (plan.Issuer?.ToBeSigned ?? read.ToBeSigned).SubjectPublicKeyInfo;
        LintReport lint = CertificateLint.Check(new LintSubject(plan.Profile, read.ToBeSigned, plan.Issuer, read, signerKey,
            plan.SubjectKeyIdentifier, plan.CarriesSubject));
        var findings = new List<LintFinding>(lint.Findings);
        Add(findings, TbsComparison.Compare(preview, read.ToBeSigned).Refuse());
        Add(findings, PlanRules.Check(plan) ?? TbsComparison.CheckPlan(plan, read.ToBeSigned));
        return new LintReport(findings, lint.RulesAsked + TbsComparison.Rules.Count, preview: null);
    }

    private static LintReport Unreadable(Refusal refusal) =>
        new([new LintFinding(CertificateRules.Encoding, LintSeverity.Error, refusal.Message)], rulesAsked: 1, preview: null);

    private static void Add(List<LintFinding> findings, Refusal? refusal)
    {
        if (refusal is not null)
            findings.Add(new LintFinding(PkiRules.ById(refusal.Rule), LintSeverity.Error, refusal.Message));
    }
}
