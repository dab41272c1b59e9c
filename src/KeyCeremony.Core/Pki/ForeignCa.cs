namespace KeyCeremony.Core.Pki;

/// <summary>
/// What is asked of another CA's own certificate before its key is certified: that RFC 5280 lets anybody use it, that it was not changed,
/// and that a cross-certificate, which carries name and key alone, gives its key no more than it does itself.
/// </summary>
public static class ForeignCa
{
    /// <summary>Why its key is not certified, in a sentence; null: none of this speaks against it.</summary>
    public static string? WhyNot(ParsedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ParsedTbs tbs = certificate.ToBeSigned;
        if (tbs.Subject.Attributes.Count == 0)
            return "The certificate's subject is empty, and a CA has a name (RFC 5280 4.1.2.6).";
        if (tbs.Extensions.GroupBy(e => e.Oid).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return $"{Oids.NameOfExtension(twice.Key)} stands in the certificate more than once, so that programs may read either "
                + "(RFC 5280 4.2).";
        if (tbs.Extensions.FirstOrDefault(e => e.Critical && !IsUnderstood(e.Oid)) is { } critical)
            return $"The certificate has the critical extension {Oids.NameOfExtension(critical.Oid)}, which no cross-certificate of this "
                + "program carries: the CA would be trusted for more than its own certificate says.";
        if (!certificate.SignatureAlgorithm.Span.SequenceEqual(tbs.SignatureAlgorithm.Span))
            return "The certificate names one signature algorithm inside and another outside (RFC 5280 4.1.1.2).";
        if (!IsSignedByItself(tbs))
            return null;
        return ForeignSignature.Judge(tbs.SubjectPublicKeyInfo.Span, certificate.SignatureAlgorithm, tbs.Der.Span,
            certificate.Signature.Span) switch
        {
            SignatureVerdict.DoesNotHold => "The certificate names itself as its issuer, and its signature does not hold under its own "
                + "key: it was changed, or another key of that CA signed it.",
            SignatureVerdict.OtherKind => "The certificate names itself as its issuer, and its signature algorithm "
                + ForeignSignature.OfOtherKind(certificate.SignatureAlgorithm),
            _ => null,
        };
    }

    private static bool IsUnderstood(string oid) => oid is Oids.BasicConstraints or Oids.KeyUsage or Oids.ExtendedKeyUsage
        or Oids.SubjectKeyIdentifier or Oids.AuthorityKeyIdentifier or Oids.CertificatePolicies or Oids.CrlDistributionPoints
        or Oids.SubjectAlternativeName;

    // A new key that the old one of the same name signed says so by its key identifier, or by the old one's issuer and serial number; of
    // that one nothing is known here.
    private static bool IsSignedByItself(ParsedTbs tbs) => tbs.Issuer.Equals(tbs.Subject)
        && (tbs.AuthorityKeyIdentifier is not { } authority
            || (authority.KeyIdentifier is { } key ? tbs.SubjectKeyIdentifier is { } own && own.Span.SequenceEqual(key.Span)
                : !authority.NamesAnother(tbs)));
}
