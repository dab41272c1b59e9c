namespace KeyCeremony.Core.Pki;

/// <summary>Whether a foreign certificate is that of a CA. RFC 5280 4.2.1.3, 4.2.1.9.</summary>
public static class CaStanding
{
    /// <summary>
    /// Why it is not taken as a CA's, in a sentence; null when it is one. A keyUsage that is absent forbids nothing: it restricts a key
    /// only where it stands.
    /// </summary>
    public static string? WhyNot(ParsedTbs certificate) => certificate switch
    {
        { Version: < 3, Extensions.Count: > 0 } =>
            $"The certificate is of version {certificate.Version} and carries extensions, which version 3 alone has (RFC 5280 4.1.2.1): "
                + "some programs go by them and some pass them over.",
        { BasicConstraints: null, Version: < 3 } =>
            $"The certificate is of version {certificate.Version}, which cannot say whether it is a CA's.",
        { BasicConstraints: null } => "The certificate does not say that it is a CA's: it has no basicConstraints.",
        { BasicConstraints.IsCa: false } => "The certificate says that it is no CA's: cA is FALSE in its basicConstraints.",
        { KeyUsage: { } usage } when !usage.HasFlag(KeyUsages.KeyCertSign) =>
            $"The certificate's keyUsage does not allow its key to sign certificates: it names {Named(usage)}.",
        _ => null,
    };

    private static string Named(KeyUsages usage) =>
        usage == KeyUsages.None ? "nothing" : string.Join(", ", CertificateText.UsageNames(usage));
}
