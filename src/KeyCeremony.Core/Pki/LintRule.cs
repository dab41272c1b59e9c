namespace KeyCeremony.Core.Pki;

/// <summary>How much a finding weighs: an error stops the certificate, a warning is read aloud.</summary>
public enum LintSeverity
{
    Info,
    Warning,
    Error,
}

/// <summary>What lint looks at: the bytes read back, never the plan they were written from.</summary>
/// <param name="Issuer">The issuer's certificate; null when the certificate is to be self-signed.</param>
/// <param name="Whole">The signed certificate where there is one.</param>
/// <param name="SignerKey">DER SubjectPublicKeyInfo of whoever signed <paramref name="Whole"/>, where known.</param>
/// <param name="CarriedIdentifier"><see cref="CertificatePlan.SubjectKeyIdentifier"/> of the plan, where there is one.</param>
/// <param name="CarriesSubject"><see cref="CertificatePlan.CarriesSubject"/> of the plan.</param>
public sealed record LintSubject(
    CertificateProfile Profile,
    ParsedTbs Tbs,
    ParsedCertificate? Issuer,
    ParsedCertificate? Whole = null,
    ReadOnlyMemory<byte>? SignerKey = null,
    string? CarriedIdentifier = null,
    bool CarriesSubject = false)
{
    public bool IsSelfSigned => Issuer is null;

    /// <summary>The key whose kind decides the signature algorithm.</summary>
    internal KeyAlgorithm? IssuerKey => (Issuer?.ToBeSigned ?? Tbs).KeyAlgorithm;
}

/// <summary>A rule with its check.</summary>
/// <param name="Violation">What was found, as a sentence; null when the rule holds.</param>
public sealed record LintRule(PkiRule Rule, LintSeverity Severity, Func<LintSubject, string?> Violation);
