using static KeyCeremony.Core.Pki.CertificateRules;
using static KeyCeremony.Core.Pki.ProfileChecks;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// Every profile with its rules. BR: CA/Browser Forum TLS Baseline Requirements 2.2.6; CSBR: the code-signing
/// ones 3.10; Matter: Core Specification 6.2.
/// </summary>
public static class CertificateProfiles
{
    private const KeyUsages CaUsage = KeyUsages.KeyCertSign | KeyUsages.CrlSign;

    private const string NoMlDsaInTls =
        "those who check TLS certificates take RSA and EC alone (BR 6.1.5), and what TLS does with an ML-DSA certificate is still a draft.";
    private const string NoMlDsaInMatter = "Matter knows P-256 alone, and gives a certificate 600 bytes.";
    private const string NoMlDsaInCsbr = "the code-signing requirements (CSBR 6.1.5) take RSA and EC alone.";

    public static readonly CertificateProfile Root = new()
    {
        ScriptName = "root",
        Title = "Root CA",
        Issuance = Issuance.SelfSigned,
        IsCa = true,
        KeyUsage = CaUsage,
        Rules =
        [
            Error("ROOT-01", "A root is self-signed.", "BR 7.1.2.1", MustBeSelfSigned),
            Error("ROOT-02", "The validity is 2922 to 9132 days.", "BR 7.1.2.1.1", ValidityDays(2922, 9132)),
            Error("ROOT-03", "basicConstraints says cA.", "BR 7.1.2.1.4", MustBeCa),
            Warning("ROOT-04", "basicConstraints has no path length.", "BR 7.1.2.1.4", PathLengthIs([null])),
            Error("ROOT-05", "keyUsage is exactly keyCertSign and cRLSign.", "BR 7.1.2.10.7", KeyUsageIs(CaUsage)),
            Warning("ROOT-06", "authorityKeyIdentifier is present.", "BR 7.1.2.1.3", Has(Oids.AuthorityKeyIdentifier)),
            Error("ROOT-07", "There is no extKeyUsage, no policy, no CRL distribution point and no ocsp-nocheck.",
                "BR 7.1.2.1.2", HasNone(Oids.ExtendedKeyUsage, Oids.CertificatePolicies, Oids.CrlDistributionPoints, Oids.OcspNoCheck)),
            Error("ROOT-08", "The subject has C, O and CN.", "BR 7.1.2.10.2", SubjectHas(Oids.Country, Oids.Organization, Oids.CommonName)),
            Error("ROOT-09", "The subject has no OU.", "BR 7.1.2.10.2", SubjectHasNo(Oids.OrganizationalUnit)),
            Error("ROOT-10", "The subject's attributes stand in the order C, ST, L, O, CN.", "BR 7.1.4.2", SubjectInOrder),
        ],
    };

    public static readonly CertificateProfile TlsIntermediate = new()
    {
        ScriptName = "tls-intermediate",
        Title = "TLS intermediate CA",
        WhyNoMlDsa = NoMlDsaInTls,
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        KeyUsage = CaUsage,
        ExtendedKeyUsage = [Oids.ServerAuth],
        Rules =
        [
            Error("TLS-01", "It is issued by another CA.", "BR 7.1.2.6", MustBeIssued),
            Error("TLS-02", "basicConstraints says cA.", "BR 7.1.2.10.4", MustBeCa),
            Error("TLS-03", "keyUsage is exactly keyCertSign and cRLSign.", "BR 7.1.2.10.7", KeyUsageIs(CaUsage)),
            Error("TLS-04", "extKeyUsage is serverAuth, optionally with clientAuth, nothing else.",
                "BR 7.1.2.10.6", ExtendedKeyUsageIs([Oids.ServerAuth], [Oids.ClientAuth])),
            Error("TLS-05", "At least one policy is present.", "BR 7.1.2.10.5", Has(Oids.CertificatePolicies)),
            Error("TLS-06", "There is exactly one CRL address.", "BR 7.1.2.11.2", CrlAddresses(1, 1)),
            Error("TLS-07", "The subject has C, O and CN.", "BR 7.1.2.10.2", SubjectHas(Oids.Country, Oids.Organization, Oids.CommonName)),
            Error("TLS-08", "There is no ocsp-nocheck.", "RFC 6960 4.2.2.2.1", HasNone(Oids.OcspNoCheck)),
            Error("TLS-09", "The subject has no OU.", "BR 7.1.2.10.2", SubjectHasNo(Oids.OrganizationalUnit)),
            Error("TLS-10", "The subject's attributes stand in the order C, ST, L, O, CN.", "BR 7.1.4.2", SubjectInOrder),
        ],
    };

    public static readonly CertificateProfile MtlsIntermediate = new()
    {
        ScriptName = "mtls-intermediate",
        Title = "mTLS device-cloud intermediate CA",
        WhyNoMlDsa = NoMlDsaInTls,
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        KeyUsage = CaUsage,
        ExtendedKeyUsage = [Oids.ClientAuth],
        Rules =
        [
            Error("MTLS-01", "It is issued by another CA.", "house", MustBeIssued),
            Error("MTLS-02", "basicConstraints says cA.", "RFC 5280 4.2.1.9", MustBeCa),
            Error("MTLS-03", "The path length is 0.", "house", PathLengthIs(0)),
            Error("MTLS-04", "keyUsage is exactly keyCertSign and cRLSign.", "house", KeyUsageIs(CaUsage)),
            Error("MTLS-05", "extKeyUsage is clientAuth, optionally with serverAuth, nothing else.",
                "house", ExtendedKeyUsageIs([Oids.ClientAuth], [Oids.ServerAuth])),
            Error("MTLS-06", "There is exactly one CRL address.", "house", CrlAddresses(1, 1)),
            Error("MTLS-07", "The subject has O and CN.", "house", SubjectHas(Oids.Organization, Oids.CommonName)),
            Error("MTLS-08", "There is no ocsp-nocheck.", "RFC 6960 4.2.2.2.1", HasNone(Oids.OcspNoCheck)),
        ],
    };

    public static readonly CertificateProfile IDevIdCa = new()
    {
        ScriptName = "idevid-ca",
        Title = "IDevID issuing CA",
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        KeyUsage = CaUsage,
        Rules =
        [
            Error("IDEV-01", "It is issued by another CA.", "IEEE 802.1AR 8.10", MustBeIssued),
            Error("IDEV-02", "basicConstraints says cA.", "RFC 5280 4.2.1.9", MustBeCa),
            Error("IDEV-03", "The path length is 0: it issues to devices only.", "IEEE 802.1AR 8.10", PathLengthIs(0)),
            Error("IDEV-04", "keyUsage is exactly keyCertSign and cRLSign.", "house", KeyUsageIs(CaUsage)),
            Error("IDEV-05", "There is no extKeyUsage and no ocsp-nocheck: an initial device identity has no one purpose.",
                "house", HasNone(Oids.ExtendedKeyUsage, Oids.OcspNoCheck)),
            Error("IDEV-06", "The subject has O and CN.", "house", SubjectHas(Oids.Organization, Oids.CommonName)),
            Error("IDEV-07", "There is at most one CRL address.", "house", CrlAddresses(0, 1)),
        ],
    };

    public static readonly CertificateProfile MatterPaa = new()
    {
        ScriptName = "matter-paa",
        Title = "Matter product attestation authority",
        WhyNoMlDsa = NoMlDsaInMatter,
        Issuance = Issuance.SelfSigned,
        IsCa = true,
        IsMatter = true,
        KeyUsage = CaUsage,
        Rules =
        [
            Error("PAA-01", "A PAA is self-signed.", "Matter 6.2.2.5", MustBeSelfSigned),
            Error("PAA-02", "The key is EC P-256.", "Matter 6.2.2.5", KeyIs(KeyAlgorithm.EcP256)),
            Error("PAA-03", "The certificate is at most 600 bytes, whatever the signature's length.", "Matter 6.1.3", AtMostBytes(600)),
            Error("PAA-04", "basicConstraints says cA.", "Matter 6.2.2.5", MustBeCa),
            Error("PAA-05", "The path length is absent or 1.", "Matter 6.2.2.5", PathLengthIs(null, 1)),
            Error("PAA-06", "keyUsage is exactly keyCertSign and cRLSign.", "Matter 6.2.2.5", KeyUsageIs(CaUsage)),
            Error("PAA-07", "The subject has no pid.", "Matter 6.2.2.5", NoProductId),
            Error("PAA-08", "There are only basicConstraints, keyUsage, subjectKeyIdentifier and authorityKeyIdentifier.",
                "Matter 6.2.2.5; every production PAA",
                HasNone(Oids.ExtendedKeyUsage, Oids.CertificatePolicies, Oids.CrlDistributionPoints, Oids.OcspNoCheck)),
        ],
    };

    public static readonly CertificateProfile MatterPai = new()
    {
        ScriptName = "matter-pai",
        Title = "Matter product attestation intermediate",
        WhyNoMlDsa = NoMlDsaInMatter,
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        IsMatter = true,
        KeyUsage = CaUsage,
        Rules =
        [
            Error("PAI-01", "A PAI is issued by a PAA.", "Matter 6.2.2.4", MustBeIssued),
            Error("PAI-02", "The key is EC P-256.", "Matter 6.2.2.4", KeyIs(KeyAlgorithm.EcP256)),
            Error("PAI-03", "The certificate is at most 600 bytes, whatever the signature's length.", "Matter 6.1.3", AtMostBytes(600)),
            Error("PAI-04", "basicConstraints says cA.", "Matter 6.2.2.4", MustBeCa),
            Error("PAI-05", "The path length is 0.", "Matter 6.2.2.4", PathLengthIs(0)),
            Error("PAI-06", "keyUsage is exactly keyCertSign and cRLSign.", "Matter 6.2.2.4", KeyUsageIs(CaUsage)),
            Error("PAI-07", "The subject has exactly one vid.", "Matter 6.2.2.4", SubjectHas(Oids.MatterVendorId)),
            Error("PAI-08", "vid and pid equal the PAA's where it has them.", "Matter 6.2.2.4", MatterIdsAgree),
            Error("PAI-09", "There is no extKeyUsage, no policy, no ocsp-nocheck and at most one CRL address.",
                "Matter 6.2.2.4", Both(HasNone(Oids.ExtendedKeyUsage, Oids.CertificatePolicies, Oids.OcspNoCheck), CrlAddresses(0, 1))),
        ],
    };

    public static readonly CertificateProfile CrossCertificate = new()
    {
        ScriptName = "cross-certificate",
        Title = "Cross-certificate",
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        KeyUsage = CaUsage,
        Rules =
        [
            Error("CROSS-01", "It is issued by another CA.", "BR 7.1.2.2", MustBeIssued),
            Error("CROSS-02", "basicConstraints says cA.", "BR 7.1.2.2", MustBeCa),
            Error("CROSS-03", "keyUsage is exactly keyCertSign and cRLSign.", "BR 7.1.2.10.7", KeyUsageIs(CaUsage)),
            Error("CROSS-04", "There is exactly one CRL address.", "BR 7.1.2.2.2", CrlAddresses(1, 1)),
            Error("CROSS-05", "The subject has O and CN, unless it is another CA's as it stands.", "house",
                subject => subject.CarriesSubject ? null : SubjectHas(Oids.Organization, Oids.CommonName)(subject)),
            Error("CROSS-06", "There is no ocsp-nocheck.", "RFC 6960 4.2.2.2.1", HasNone(Oids.OcspNoCheck)),
        ],
    };

    public static readonly CertificateProfile FirmwareSigningCa = new()
    {
        ScriptName = "firmware-signing-ca",
        Title = "Firmware-signing CA",
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        KeyUsage = CaUsage,
        ExtendedKeyUsage = [Oids.CodeSigning],
        Rules =
        [
            Error("FW-01", "It is issued by another CA.", "house", MustBeIssued),
            Error("FW-02", "basicConstraints says cA.", "RFC 5280 4.2.1.9", MustBeCa),
            Error("FW-03", "The path length is 0.", "house", PathLengthIs(0)),
            Error("FW-04", "keyUsage is exactly keyCertSign and cRLSign.", "house", KeyUsageIs(CaUsage)),
            Error("FW-05", "extKeyUsage is codeSigning only.", "CSBR 7.1.2.2", ExtendedKeyUsageIs([Oids.CodeSigning], [])),
            Error("FW-06", "The key is EC P-256, EC P-384, RSA 4096 or ML-DSA.", "CSBR 6.1.5; house",
                KeyIs(KeyAlgorithm.EcP256, KeyAlgorithm.EcP384, KeyAlgorithm.Rsa4096,
                    KeyAlgorithm.MlDsa44, KeyAlgorithm.MlDsa65, KeyAlgorithm.MlDsa87)),
            Error("FW-07", "The subject has O and CN.", "house", SubjectHas(Oids.Organization, Oids.CommonName)),
            Error("FW-08", "There is at most one CRL address and no ocsp-nocheck.",
                "house", Both(CrlAddresses(0, 1), HasNone(Oids.OcspNoCheck))),
        ],
    };

    public static readonly CertificateProfile CodeSigningCa = new()
    {
        ScriptName = "code-signing-ca",
        Title = "Code-signing CA",
        WhyNoMlDsa = NoMlDsaInCsbr,
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        KeyUsage = CaUsage,
        ExtendedKeyUsage = [Oids.CodeSigning],
        Rules =
        [
            Error("CODE-01", "It is issued by another CA.", "CSBR 7.1.2.2", MustBeIssued),
            Error("CODE-02", "basicConstraints says cA.", "CSBR 7.1.2.2", MustBeCa),
            Error("CODE-03", "keyUsage is exactly keyCertSign and cRLSign.", "CSBR 7.1.2.2", KeyUsageIs(CaUsage)),
            Error("CODE-04", "extKeyUsage is codeSigning only.", "CSBR 7.1.2.2", ExtendedKeyUsageIs([Oids.CodeSigning], [])),
            Error("CODE-05", "The key is EC P-256, EC P-384 or RSA 4096.", "CSBR 6.1.5",
                KeyIs(KeyAlgorithm.EcP256, KeyAlgorithm.EcP384, KeyAlgorithm.Rsa4096)),
            Error("CODE-06", "At least one policy is present.", "CSBR 7.1.2.2", Has(Oids.CertificatePolicies)),
            Error("CODE-07", "There is exactly one CRL address.", "CSBR 7.1.2.2", CrlAddresses(1, 1)),
            Error("CODE-08", "The subject has C, O and CN.", "CSBR 7.1.4.3", SubjectHas(Oids.Country, Oids.Organization, Oids.CommonName)),
            Error("CODE-09", "There is no ocsp-nocheck.", "RFC 6960 4.2.2.2.1", HasNone(Oids.OcspNoCheck)),
        ],
    };

    public static readonly CertificateProfile TimestampingCa = new()
    {
        ScriptName = "timestamping-ca",
        Title = "Timestamping CA",
        WhyNoMlDsa = NoMlDsaInCsbr,
        Issuance = Issuance.ByIssuer,
        IsCa = true,
        KeyUsage = CaUsage,
        ExtendedKeyUsage = [Oids.TimeStamping],
        Rules =
        [
            Error("TSA-01", "It is issued by another CA.", "CSBR 7.1.2.2", MustBeIssued),
            Error("TSA-02", "basicConstraints says cA.", "CSBR 7.1.2.2", MustBeCa),
            Error("TSA-03", "keyUsage is exactly keyCertSign and cRLSign.", "CSBR 7.1.2.2", KeyUsageIs(CaUsage)),
            Error("TSA-04", "extKeyUsage is timeStamping only.", "CSBR 7.1.2.2", ExtendedKeyUsageIs([Oids.TimeStamping], [])),
            Error("TSA-05", "The key is EC P-256, EC P-384 or RSA 4096.", "CSBR 6.1.5",
                KeyIs(KeyAlgorithm.EcP256, KeyAlgorithm.EcP384, KeyAlgorithm.Rsa4096)),
            Error("TSA-06", "At least one policy is present.", "CSBR 7.1.2.2", Has(Oids.CertificatePolicies)),
            Error("TSA-07", "There is exactly one CRL address.", "CSBR 7.1.2.2", CrlAddresses(1, 1)),
            Error("TSA-08", "The subject has C, O and CN.", "CSBR 7.1.4.3", SubjectHas(Oids.Country, Oids.Organization, Oids.CommonName)),
            Error("TSA-09", "There is no ocsp-nocheck.", "RFC 6960 4.2.2.2.1", HasNone(Oids.OcspNoCheck)),
        ],
    };

    public static readonly CertificateProfile OcspResponder = new()
    {
        ScriptName = "ocsp-responder",
        Title = "OCSP responder",
        Issuance = Issuance.ByIssuer,
        IsCa = false,
        WritesBasicConstraints = false,
        KeyUsage = KeyUsages.DigitalSignature,
        ExtendedKeyUsage = [Oids.OcspSigning],
        WritesOcspNoCheck = true,
        Rules =
        [
            Error("OCSP-01", "It is issued by the CA it answers for.", "RFC 6960 4.2.2.2", MustBeIssued),
            Error("OCSP-02", "basicConstraints is absent or says not cA.", "BR 7.1.2.8.4", MustNotBeCa),
            Error("OCSP-03", "keyUsage is exactly digitalSignature.", "BR 7.1.2.8.7", KeyUsageIs(KeyUsages.DigitalSignature)),
            Error("OCSP-04", "extKeyUsage is OCSPSigning only.", "BR 7.1.2.8.5", ExtendedKeyUsageIs([Oids.OcspSigning], [])),
            Error("OCSP-05", "ocsp-nocheck is present and NULL.", "RFC 6960 4.2.2.2.1", OcspNoCheckIsNull),
            Error("OCSP-06", "There is no policy and no CRL distribution point.",
                "BR 7.1.2.8.2", HasNone(Oids.CertificatePolicies, Oids.CrlDistributionPoints)),
        ],
    };

    public static readonly CertificateProfile CrlSigner = new()
    {
        ScriptName = "crl-signer",
        Title = "Delegated CRL signer",
        WhyNoMlDsa = NoMlDsaInMatter,
        Issuance = Issuance.ByIssuer,
        IsCa = false,
        IsMatter = true,
        KeyUsage = KeyUsages.CrlSign,
        Rules =
        [
            Error("CRLS-01", "It is issued by the CA whose CRLs it signs.", "Matter 6.2.4", MustBeIssued),
            Error("CRLS-02", "basicConstraints is present and says not cA.", "Matter 6.2.4", PresentAndNotCa),
            Error("CRLS-03", "keyUsage is exactly cRLSign.", "Matter 6.2.4", KeyUsageIs(KeyUsages.CrlSign)),
            Error("CRLS-04", "The key is EC P-256.", "Matter 6.2.4", KeyIs(KeyAlgorithm.EcP256)),
            Error("CRLS-05", "There is no extKeyUsage, no policy, no CRL distribution point and no ocsp-nocheck.",
                "house", HasNone(Oids.ExtendedKeyUsage, Oids.CertificatePolicies, Oids.CrlDistributionPoints, Oids.OcspNoCheck)),
            Error("CRLS-06", "vid and pid equal the issuer's where it has them.", "Matter 6.2.4", MatterIdsAgree),
        ],
    };

    public static readonly CertificateProfile TranscriptSigner = new()
    {
        ScriptName = "transcript-signer",
        Title = "Transcript signer",
        Issuance = Issuance.Either,
        IsCa = false,
        KeyUsage = KeyUsages.DigitalSignature,
        Rules =
        [
            Error("TRANS-01", "basicConstraints is present and says not cA.", "house", PresentAndNotCa),
            Error("TRANS-02", "keyUsage is exactly digitalSignature.", "house", KeyUsageIs(KeyUsages.DigitalSignature)),
            Error("TRANS-03", "There is no extKeyUsage, no policy and no ocsp-nocheck.",
                "house", HasNone(Oids.ExtendedKeyUsage, Oids.CertificatePolicies, Oids.OcspNoCheck)),
        ],
    };

    public static readonly CertificateProfile ManifestSigner = new()
    {
        ScriptName = "manifest-signer",
        Title = "Batch manifest signer",
        Issuance = Issuance.ByIssuer,
        IsCa = false,
        KeyUsage = KeyUsages.DigitalSignature,
        Rules =
        [
            Error("MSIG-01", "It is issued by a CA.", "house", MustBeIssued),
            Error("MSIG-02", "basicConstraints is present and says not cA.", "house", PresentAndNotCa),
            Error("MSIG-03", "keyUsage is exactly digitalSignature.", "house", KeyUsageIs(KeyUsages.DigitalSignature)),
            Error("MSIG-04", "The key is EC P-256, P-384 or ML-DSA.", "house",
                KeyIs(KeyAlgorithm.EcP256, KeyAlgorithm.EcP384, KeyAlgorithm.MlDsa44, KeyAlgorithm.MlDsa65, KeyAlgorithm.MlDsa87)),
            Error("MSIG-05", "There is no extKeyUsage, no policy and no ocsp-nocheck.",
                "house", HasNone(Oids.ExtendedKeyUsage, Oids.CertificatePolicies, Oids.OcspNoCheck)),
        ],
    };

    public static readonly CertificateProfile ReleaseSigner = new()
    {
        ScriptName = "release-signer",
        Title = "Release signer",
        WhyNoMlDsa = "what is signed of an image here is an ECDSA or RSA signature over its digest.",
        Issuance = Issuance.ByIssuer,
        IsCa = false,
        KeyUsage = KeyUsages.DigitalSignature,
        ExtendedKeyUsage = [Oids.CodeSigning],
        Rules =
        [
            Error("RSIG-01", "It is issued by a CA.", "house", MustBeIssued),
            Error("RSIG-02", "basicConstraints is present and says not cA.", "house", PresentAndNotCa),
            Error("RSIG-03", "keyUsage is exactly digitalSignature.", "house", KeyUsageIs(KeyUsages.DigitalSignature)),
            Error("RSIG-04", "The key is EC P-256 or P-384, or RSA 3072.", "house",
                KeyIs(KeyAlgorithm.EcP256, KeyAlgorithm.EcP384, KeyAlgorithm.Rsa3072)),
            Error("RSIG-05", "extKeyUsage is codeSigning only.", "house", ExtendedKeyUsageIs([Oids.CodeSigning], [])),
            Error("RSIG-06", "There is no policy and no ocsp-nocheck.",
                "house", HasNone(Oids.CertificatePolicies, Oids.OcspNoCheck)),
        ],
    };

    public static IReadOnlyList<CertificateProfile> All { get; } =
    [
        Root, TlsIntermediate, MtlsIntermediate, CrossCertificate, IDevIdCa, MatterPaa, MatterPai, FirmwareSigningCa, CodeSigningCa,
        TimestampingCa, OcspResponder, CrlSigner, TranscriptSigner, ManifestSigner, ReleaseSigner,
    ];
}
