using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Manifest;

/// <summary>Whose key may sign a manifest.</summary>
internal static class SignerChecks
{
    // What this code understands; RFC 5280 4.2 forbids to go past any other that is critical.
    private static readonly string[] Understood = [Oids.BasicConstraints, Oids.KeyUsage,
        Oids.SubjectKeyIdentifier, Oids.AuthorityKeyIdentifier];

    /// <summary>The manifest signer under this trust. Refused: DSSE-05, DSSE-06, DSSE-07, DSSE-09.</summary>
    public static Refusal? Find(BatchTrust trust, DateTimeOffset finishedOn, out ParsedCertificate? signer)
    {
        ParsedCertificate trusted = trust.Trusted;
        bool direct = trusted.ToBeSigned.BasicConstraints is not { IsCa: true };
        signer = direct ? trusted : trust.Chain.FirstOrDefault();
        if (signer is null)
            return BatchRules.Chain.Refuse("The trusted certificate is an authority's, and the signer's certificate is not given.",
                "Give the chain that left the room with the envelope.");
        return CheckKey(signer)
            ?? (direct ? null : CheckIssued(signer.ToBeSigned, signer, trusted))
            ?? CheckMoment(finishedOn, signer, trusted)
            ?? CheckCosigners(trust, signer, finishedOn);
    }

    /// <summary>DSSE-05: an end entity whose key signs, of a kind we verify.</summary>
    public static Refusal? CheckKey(ParsedCertificate certificate)
    {
        ParsedTbs tbs = certificate.ToBeSigned;
        string? wrong = tbs.BasicConstraints is { IsCa: true } ? "is an authority's"
            : tbs.KeyUsage is not { } usage || !usage.HasFlag(KeyUsages.DigitalSignature) ? "does not allow digitalSignature"
            : tbs.KeyAlgorithm is not { IsRsa: false } ? "has no EC key on P-256 or P-384 and no ML-DSA key"
            : UnknownCritical(tbs);
        return wrong is null ? null
            : BatchRules.Signer.Refuse($"The certificate of {CertificateText.Visible(tbs.Subject.ToString())} {wrong}.",
                "Give the certificate whose key signed.");
    }

    // No authority in between, and no purpose of its own: whatever else stands below the root, a device, a server, a
    // responder, cannot pass for the manifest signer.
    private static Refusal? CheckIssued(ParsedTbs tbs, ParsedCertificate signer, ParsedCertificate issuer)
    {
        if (tbs.ExtendedKeyUsage is not null)
            return BatchRules.Signer.Refuse("The signer's certificate is for another purpose: it has an extKeyUsage.",
                "Give the manifest signer's certificate.");
        ParsedTbs authority = issuer.ToBeSigned;
        if (authority.KeyUsage is not { } usage || !usage.HasFlag(KeyUsages.KeyCertSign) || UnknownCritical(authority) is not null)
            return BatchRules.Chain.Refuse(
                "The trusted certificate does not allow keyCertSign, or has a critical extension that is unknown.",
                "Give the certificate of the authority that issued the signer's.");
        return tbs.Issuer.Equals(authority.Subject) && signer.IsSignedBy(authority.SubjectPublicKeyInfo.Span) ? null
            : BatchRules.Chain.Refuse("The signer's certificate is not issued by the trusted one.",
                "Trust the authority that issued the manifest signer's certificate, and give the chain with that certificate first.");
    }

    private static Refusal? CheckCosigners(BatchTrust trust, ParsedCertificate signer, DateTimeOffset finishedOn)
    {
        foreach (ParsedCertificate cosigner in trust.Cosigners)
            if ((CheckKey(cosigner) ?? CheckMoment(finishedOn, cosigner)) is { } refusal)
                return refusal;
        return trust.Cosigners.Append(signer).GroupBy(Dsse.KeyId).All(same => same.Count() == 1) ? null
            : BatchRules.Cosigned.Refuse("Two of the certificates are of the same key.",
                "Give the manifest signer's certificate in the chain alone, and each co-signer's once.");
    }

    /// <summary>
    /// DSSE-07. Signed it was after the batch was finished and while every certificate was valid. When, no byte of a statement proves; so
    /// what is asked is whether there was such a moment, and never what time it is now.
    /// </summary>
    public static Refusal? CheckMoment(DateTimeOffset finishedOn, params ParsedCertificate[] certificates)
    {
        DateTimeOffset from = certificates.Select(one => one.ToBeSigned.NotBefore.Value).Append(finishedOn).Max();
        DateTimeOffset to = certificates.Min(one => one.ToBeSigned.NotAfter.Value);
        return from <= to ? null
            : BatchRules.Moment.Refuse("There was no moment after the batch was finished at which every certificate was valid.",
                "Look whether the right certificates were given; a statement about a later day than its signer's last cannot be right.");
    }

    private static string? UnknownCritical(ParsedTbs tbs) =>
        tbs.Extensions.Any(extension => extension.Critical && !Understood.Contains(extension.Oid))
            ? "has a critical extension that is unknown"
            : null;
}
