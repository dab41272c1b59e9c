namespace KeyCeremony.Core.Pki;

/// <summary>Every object identifier we write or recognise, with the name people see.</summary>
public static class Oids
{
    public const string Country = "2.5.4.6";
    public const string StateOrProvince = "2.5.4.8";
    public const string Locality = "2.5.4.7";
    public const string Organization = "2.5.4.10";
    public const string OrganizationalUnit = "2.5.4.11";
    public const string CommonName = "2.5.4.3";
    public const string SerialNumberAttribute = "2.5.4.5";
    public const string DomainComponent = "0.9.2342.19200300.100.1.25";
    public const string UserId = "0.9.2342.19200300.100.1.1";
    public const string EmailAddress = "1.2.840.113549.1.9.1";
    public const string MatterVendorId = "1.3.6.1.4.1.37244.2.1";
    public const string MatterProductId = "1.3.6.1.4.1.37244.2.2";

    public const string EcPublicKey = "1.2.840.10045.2.1";
    public const string EcP256 = "1.2.840.10045.3.1.7";
    public const string EcP384 = "1.3.132.0.34";
    public const string EcP521 = "1.3.132.0.35";
    public const string RsaEncryption = "1.2.840.113549.1.1.1";
    public const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    public const string EcdsaWithSha384 = "1.2.840.10045.4.3.3";
    public const string Sha256WithRsa = "1.2.840.113549.1.1.11";
    public const string EcdsaWithSha512 = "1.2.840.10045.4.3.4";
    public const string Sha384WithRsa = "1.2.840.113549.1.1.12";
    public const string Sha512WithRsa = "1.2.840.113549.1.1.13";
    public const string RsaPss = "1.2.840.113549.1.1.10";
    public const string Sha256 = "2.16.840.1.101.3.4.2.1";
    public const string Sha384 = "2.16.840.1.101.3.4.2.2";
    public const string Sha512 = "2.16.840.1.101.3.4.2.3";
    public const string Mgf1 = "1.2.840.113549.1.1.8";

    public const string SubjectKeyIdentifier = "2.5.29.14";
    public const string SubjectAlternativeName = "2.5.29.17";
    public const string KeyUsage = "2.5.29.15";
    public const string BasicConstraints = "2.5.29.19";
    public const string CrlDistributionPoints = "2.5.29.31";
    public const string CertificatePolicies = "2.5.29.32";
    public const string AuthorityKeyIdentifier = "2.5.29.35";
    public const string ExtendedKeyUsage = "2.5.29.37";
    public const string OcspNoCheck = "1.3.6.1.5.5.7.48.1.5";

    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    public const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    public const string ExtensionRequest = "1.2.840.113549.1.9.14";

    /// <summary>szOID_CERT_EXTENSIONS: what Microsoft's tools wrote, and some still write, in place of extensionRequest.</summary>
    public const string MicrosoftExtensionRequest = "1.3.6.1.4.1.311.2.1.14";

    public const string ChallengePassword = "1.2.840.113549.1.9.7";

    /// <summary>The name people see, or the dotted OID itself when we have none.</summary>
    public static string NameOf(string oid) => oid switch
    {
        Country => "C",
        StateOrProvince => "ST",
        Locality => "L",
        Organization => "O",
        OrganizationalUnit => "OU",
        CommonName => "CN",
        SerialNumberAttribute => "serialNumber",
        DomainComponent => "DC",
        UserId => "UID",
        EmailAddress => "emailAddress",
        "2.5.4.4" => "surname",
        "2.5.4.9" => "street",
        "2.5.4.12" => "title",
        "2.5.4.17" => "postalCode",
        "2.5.4.42" => "givenName",
        "2.5.4.45" => "uniqueIdentifier",
        "2.5.4.46" => "dnQualifier",
        "2.5.4.65" => "pseudonym",
        "2.5.4.97" => "organizationIdentifier",
        MatterVendorId => "vid",
        MatterProductId => "pid",
        EcPublicKey => "ecPublicKey",
        EcP256 => "P-256",
        EcP384 => "P-384",
        EcP521 => "P-521",
        RsaEncryption => "rsaEncryption",
        EcdsaWithSha256 => "ecdsa-with-SHA256",
        EcdsaWithSha384 => "ecdsa-with-SHA384",
        Sha256WithRsa => "sha256WithRSAEncryption",
        EcdsaWithSha512 => "ecdsa-with-SHA512",
        Sha384WithRsa => "sha384WithRSAEncryption",
        Sha512WithRsa => "sha512WithRSAEncryption",
        RsaPss => "RSASSA-PSS",
        "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
        "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.10040.4.1" => "DSA",
        "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
        "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
        "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
        _ when PureSignature.ByOid(oid) is { } pure => pure.Title,
        SubjectKeyIdentifier => "subjectKeyIdentifier",
        SubjectAlternativeName => "subjectAltName",
        KeyUsage => "keyUsage",
        BasicConstraints => "basicConstraints",
        CrlDistributionPoints => "cRLDistributionPoints",
        CertificatePolicies => "certificatePolicies",
        AuthorityKeyIdentifier => "authorityKeyIdentifier",
        ExtendedKeyUsage => "extKeyUsage",
        OcspNoCheck => "ocsp-nocheck",
        ServerAuth => "serverAuth",
        ClientAuth => "clientAuth",
        CodeSigning => "codeSigning",
        TimeStamping => "timeStamping",
        OcspSigning => "OCSPSigning",
        ExtensionRequest => "extensionRequest",
        MicrosoftExtensionRequest => "Microsoft's extensionRequest",
        ChallengePassword => "challengePassword",
        _ => oid,
    };

    /// <summary>
    /// The same for extensions that we never write, with the names of RFC 5280. Not in <see cref="NameOf"/>, whose answers stand in
    /// journals.
    /// </summary>
    public static string NameOfExtension(string oid) => oid switch
    {
        "2.5.29.18" => "issuerAltName",
        "2.5.29.30" => "nameConstraints",
        "2.5.29.33" => "policyMappings",
        "2.5.29.36" => "policyConstraints",
        "2.5.29.46" => "freshestCRL",
        "2.5.29.54" => "inhibitAnyPolicy",
        "1.3.6.1.5.5.7.1.1" => "authorityInfoAccess",
        "1.3.6.1.5.5.7.1.11" => "subjectInfoAccess",
        _ => NameOf(oid),
    };
}
