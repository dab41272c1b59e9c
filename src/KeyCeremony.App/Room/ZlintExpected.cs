using KeyCeremony.Core.Pki;

namespace KeyCeremony.App.Room;

/// <summary>A finding that is right about the certificate and no fault of it.</summary>
/// <param name="Profile">The profile's script name.</param>
internal sealed record ExpectedFinding(string Profile, string Lint, string Why);

/// <summary>
/// Per profile, what zlint is known to find and why that is no fault: <c>docs/formats/zlint.md</c>. What is not listed
/// is unexpected. zlint asks the rules of TLS of every certificate whose extKeyUsage does not say otherwise.
/// </summary>
internal static class ZlintExpected
{
    private const string Root = "root", Tls = "tls-intermediate", Mtls = "mtls-intermediate",
        Cross = "cross-certificate", IDevId = "idevid-ca", Paa = "matter-paa", Pai = "matter-pai",
        Ocsp = "ocsp-responder", CrlSigner = "crl-signer", Transcript = "transcript-signer", Manifest = "manifest-signer",
        Release = "release-signer";

    private const string NoHostName = "It names a signer, not a server: the CN is no host name and there is no subjectAltName.";
    private const string NoAia = "No profile writes authority information access: devices hold their chain, and revocation is by CRL.";
    private const string OwnLifetime = "The limit is for certificates of TLS servers; a signer lives as long as its ledger or CA needs it.";
    private const string NoPolicy = "Its profile forbids policies: no relying party of a signer evaluates them.";
    private const string NoPlace = "The place is asked of TLS subscribers; a signer is identified by O and CN.";

    public static IReadOnlyList<ExpectedFinding> All { get; } =
    [
        .. Of("n_ca_digital_signature_not_set", "The CA answers no OCSP itself, so that digitalSignature is left out on purpose.",
            Root, Tls, Mtls, Cross, IDevId, Paa, Pai),
        .. Of("w_sub_ca_aia_missing", NoAia, Tls, Mtls, Cross, IDevId, Pai),
        .. Of("w_sub_ca_aia_does_not_contain_issuing_ca_url", NoAia, Tls, Mtls, Cross, IDevId, Pai),
        .. Of("e_sub_ca_certificate_policies_missing", "Policies are optional in the private PKI of the device cloud.", Mtls),
        .. Of("e_sub_ca_certificate_policies_missing", "The other authority's certificates keep the policies that it gave them.", Cross),
        .. Of("e_ca_organization_name_missing", "The name is the other authority's, byte for byte.", Cross),
        .. Of("e_ca_country_name_missing", "The name is the other authority's, byte for byte.", Cross),
        .. Of("n_sub_ca_eku_missing",
            "It opens a path to all that the other authority issues: the script may limit it by purposes.", Cross),
        .. Of("n_mp_allowed_eku", "It opens a path to all that the other authority issues: the script may limit it by purposes.", Cross),
        .. Of("e_sub_ca_certificate_policies_missing", "Policies are optional in the private PKI of the devices.", IDevId),
        .. Of("e_sub_ca_crl_distribution_points_missing",
            "Initial identities have no end, and many devices cannot ask for a list: a CRL address is optional (IDEV-07).", IDevId),
        .. Of("n_sub_ca_eku_missing", "An initial device identity has no one purpose, so its CA is not limited to one (IDEV-05).", IDevId),
        .. Of("n_mp_allowed_eku", "An initial device identity has no one purpose, so its CA is not limited to one (IDEV-05).", IDevId),
        .. Of("e_sub_ca_certificate_policies_missing", "Matter's PAI has no policies (PAI-09).", Pai),
        .. Of("e_sub_ca_crl_distribution_points_missing",
            "Matter publishes revocation in its ledger; a CRL address is optional (PAI-09).", Pai),
        .. Of("n_sub_ca_eku_missing", "Matter's PAI has no extKeyUsage (PAI-09).", Pai),
        .. Of("n_mp_allowed_eku", "Matter's PAI has no extKeyUsage (PAI-09).", Pai),
        .. Of("e_ca_country_name_missing", "A Matter name is CN with vid and pid; C is not asked for.", Paa, Pai),
        .. Of("e_ca_organization_name_missing", "A Matter name is CN with vid and pid; O is not asked for.", Paa, Pai),
        .. Of("w_root_ca_basic_constraints_path_len_constraint_field_present", "Matter allows the path length 1 in a PAA (PAA-05).", Paa),
        .. Of("w_ct_sct_policy_count_unsatisfied", "Certificate Transparency is for certificates of TLS servers.",
            Ocsp, CrlSigner, Transcript, Manifest, Release),
        .. Of("e_dnsname_bad_character_in_label", NoHostName, CrlSigner, Transcript, Manifest),
        .. Of("e_dnsname_not_valid_tld", NoHostName, CrlSigner, Transcript, Manifest),
        .. Of("e_ext_san_missing", NoHostName, CrlSigner, Transcript, Manifest),
        .. Of("e_subject_common_name_not_exactly_from_san", NoHostName, CrlSigner, Transcript, Manifest),
        .. Of("w_subject_common_name_included", NoHostName, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_aia_missing", NoAia, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_aia_does_not_contain_ocsp_url", NoAia, CrlSigner, Transcript, Manifest),
        .. Of("w_sub_cert_aia_does_not_contain_issuing_ca_url", NoAia, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_cert_policy_empty", NoPolicy, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_certificate_policies_missing", NoPolicy, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_eku_missing", "Its profile forbids extKeyUsage: keyUsage alone says what it is for.",
            CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_locality_name_must_appear", NoPlace, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_province_must_appear", NoPlace, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_valid_time_longer_than_39_months", OwnLifetime, CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_valid_time_longer_than_825_days", OwnLifetime, CrlSigner, Transcript, Manifest),
        .. Of("e_tls_server_cert_valid_time_longer_than_398_days", OwnLifetime, CrlSigner, Transcript, Manifest),
        .. Of("w_tls_server_cert_valid_time_longer_than_397_days", OwnLifetime, CrlSigner, Transcript, Manifest),
        .. Of("w_ext_subject_key_identifier_not_recommended_subscriber",
            "Whoever verifies what it signed finds its certificate by subjectKeyIdentifier.", CrlSigner, Transcript, Manifest),
        .. Of("e_sub_cert_key_usage_crl_sign_bit_set", "Signing CRLs is what it is for (CRLS-03).", CrlSigner),
        .. Of("n_ecdsa_ee_invalid_ku", "Signing CRLs is what it is for (CRLS-03).", CrlSigner),
    ];

    private const string Classical = "The rules of the web know RSA and EC alone; the form of an ML-DSA key is that of RFC 9881.";
    private const string NotVerified = "It cannot verify a signature of ML-DSA, so it takes a root for another CA's.";

    /// <summary>Beside those of the profile, where the key or its issuer's is of ML-DSA.</summary>
    public static IReadOnlyList<(string Lint, string Why, bool OfRoots)> MlDsa { get; } =
    [
        ("e_algorithm_identifier_improper_encoding", Classical, false),
        ("e_public_key_type_not_allowed", Classical, false),
        ("e_signature_algorithm_not_supported", Classical, false),
        ("e_sub_ca_certificate_policies_missing", NotVerified, true),
        ("e_sub_ca_crl_distribution_points_missing", NotVerified, true),
        ("n_mp_allowed_eku", NotVerified, true),
        ("n_sub_ca_eku_missing", NotVerified, true),
        ("w_sub_ca_aia_does_not_contain_issuing_ca_url", NotVerified, true),
        ("w_sub_ca_aia_missing", NotVerified, true),
    ];

    /// <param name="isMlDsa">The key or its issuer's is of ML-DSA.</param>
    public static IEnumerable<ExpectedFinding> Of(CertificateProfile profile, bool isMlDsa = false) =>
    [
        .. All.Where(e => e.Profile == profile.ScriptName),
        .. MlDsa.Where(e => isMlDsa && (!e.OfRoots || profile.ScriptName == Root))
            .Select(e => new ExpectedFinding(profile.ScriptName, e.Lint, e.Why)),
    ];

    private static IEnumerable<ExpectedFinding> Of(string lint, string why, params string[] profiles) =>
        profiles.Select(profile => new ExpectedFinding(profile, lint, why));
}
