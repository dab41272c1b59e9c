using System.Diagnostics.CodeAnalysis;

namespace KeyCeremony.Core.Pki;

/// <summary>A rule that does not hold.</summary>
public sealed record LintFinding(PkiRule Rule, LintSeverity Severity, string Message)
{
    public override string ToString() => $"{Severity.ToString().ToUpperInvariant()} {Rule.Id} {Message}";
}

/// <summary>What lint found and how many rules it asked.</summary>
public sealed class LintReport
{
    private readonly PreviewedCertificate? _preview;

    internal LintReport(IReadOnlyList<LintFinding> findings, int rulesAsked, PreviewedCertificate? preview)
    {
        Findings = findings;
        RulesAsked = rulesAsked;
        _preview = preview;
    }

    /// <summary>In the order of the rules; errors are not sorted first.</summary>
    public IReadOnlyList<LintFinding> Findings { get; }

    public int RulesAsked { get; }

    public bool HasErrors => Findings.Any(finding => finding.Severity == LintSeverity.Error);

    /// <summary>
    /// The certificate that may be signed: only from a preview's report without errors. Else refused with the first error's rule.
    /// </summary>
    public bool TryAccept([NotNullWhen(true)] out LintedCertificate? linted, [NotNullWhen(false)] out Refusal? refusal)
    {
        LintFinding? error = Findings.FirstOrDefault(finding => finding.Severity == LintSeverity.Error);
        linted = error is null && _preview is not null ? new LintedCertificate(_preview) : null;
        refusal = error is not null ? error.Rule.Refuse(error.Message, "Correct the script or the profile and preview again.")
            : _preview is null ? CertificateRules.Encoding.Refuse("Only a previewed certificate is signed.", "Make a preview first.")
            : null;
        return linted is not null;
    }
}

/// <summary>
/// A previewed certificate without lint errors: the only thing that is signed. Only <see cref="LintReport.TryAccept"/> makes one.
/// </summary>
public sealed class LintedCertificate
{
    internal LintedCertificate(PreviewedCertificate preview) => Preview = preview;

    public PreviewedCertificate Preview { get; }

    public CertificatePlan Plan => Preview.Plan;
}

/// <summary>Asks every rule about the encoded bytes, read back.</summary>
public static class CertificateLint
{
    public static LintReport Check(PreviewedCertificate preview)
    {
        // A throw-away issuer's key is known to nobody afterwards; only the self-signed preview can be verified.
        ReadOnlyMemory<byte>? signerKey = preview.Plan.IsSelfSigned ? preview.Tbs.SubjectPublicKeyInfo : default(ReadOnlyMemory<byte>?);
        return Check(new LintSubject(preview.Plan.Profile, preview.Tbs, preview.Plan.Issuer, preview.ThrowAwaySigned, signerKey,
            preview.Plan.SubjectKeyIdentifier, preview.Plan.CarriesSubject), preview);
    }

    /// <summary>Lint of any certificate; its report accepts nothing for signing.</summary>
    public static LintReport Check(LintSubject subject) => Check(subject, preview: null);

    private static LintReport Check(LintSubject subject, PreviewedCertificate? preview)
    {
        var rules = CertificateRules.General.Concat(subject.Profile.Rules).ToList();
        var findings = new List<LintFinding>();
        foreach (LintRule? rule in rules)
            if (rule.Violation(subject) is { } message)
                findings.Add(new LintFinding(rule.Rule, rule.Severity, message));
        return new LintReport(findings, rules.Count, preview);
    }
}
