using System.Formats.Asn1;

namespace KeyCeremony.Core.Pki;

/// <summary>What a plan must keep so that it can be written at all. Whether the result is good is lint's question.</summary>
public static class PlanRules
{
    public static readonly PkiRule Json = new("PLAN-01",
        "A journalled plan is exactly the JSON that its content writes, at most 64 KiB.", "house");
    public static readonly PkiRule Issuance = new("PLAN-02",
        "The plan names an issuer exactly when its profile is issued by one.", "house");
    public static readonly PkiRule Dates = new("PLAN-03", "The dates lie in the years 1950 to 9999.", "RFC 5280 4.1.2.5");
    public static readonly PkiRule Issuer = new("PLAN-04",
        "The issuer's certificate has a key of a kind we use and a subjectKeyIdentifier.", "RFC 5280 4.2.1.1");
    public static readonly PkiRule Options = new("PLAN-05",
        "OIDs are dotted, CRL addresses are http URIs in ASCII, the path length is 0 to 99, each list has at most 8 entries.", "house");
    public static readonly PkiRule Key = new("PLAN-06", "The subject's key is of the kind the plan names.", "house");
    public static readonly PkiRule Signer = new("PLAN-07",
        "The signing key is of the issuer's kind; a self-signed certificate is signed by its own key.", "house");

    private const int MaxListEntries = 8;
    private const int MaxPathLength = 99;
    private const int MaxIdentifier = 64;

    public static readonly PkiRule Carried = new("PLAN-08",
        "A subjectKeyIdentifier that is carried over is 1 to 64 octets in lower-case hex, of a CA with an issuer.", "RFC 5280 4.2.1.2");

    public static readonly PkiRule CarriedName = new("PLAN-09",
        "A subject that is carried over as it stands is that of a CA in a cross-certificate.", "RFC 5280 6.1.3");

    public static readonly PkiRule Place = new("PLAN-10", "An ML-DSA key stands in the profiles whose readers know it.", "house");

    public static readonly PkiRule ClassicalUnderMlDsa = new("PLAN-11", "An ML-DSA key certifies ML-DSA keys alone.", "house");

    public static readonly PkiRule MlDsaUnderClassical = new("PLAN-12",
        "A classical key certifies an ML-DSA key where the script gives the reason.", "house");

    public static IReadOnlyList<PkiRule> All { get; } = [Json, Issuance, Dates, Issuer, Options, Key, Signer, Carried, CarriedName,
        Place, ClassicalUnderMlDsa, MlDsaUnderClassical];

    /// <summary>The first broken rule of PLAN-02 to PLAN-05 and PLAN-08 to PLAN-11, or null.</summary>
    public static Refusal? Check(CertificatePlan plan) =>
        CheckIssuer(plan) ?? CheckDates(plan) ?? CheckOptions(plan) ?? CheckCarried(plan) ?? CheckCarriedName(plan)
            ?? CheckPlace(plan.Profile, plan.Key) ?? CheckUnderMlDsa(plan.Key, plan.SignerKey);

    /// <summary>PLAN-10.</summary>
    public static Refusal? CheckPlace(CertificateProfile profile, KeyAlgorithm key) =>
        key.IsMlDsa && profile.WhyNoMlDsa is { } why
            ? Place.Refuse($"A {profile.Title} has no ML-DSA key: {why}", "Write ec-p256 or ec-p384.") : null;

    /// <summary>
    /// PLAN-11: whoever can forge the classical key below speaks with the root's voice, and the stronger root protects nobody.
    /// </summary>
    /// <param name="signer">Null: of no kind that we use.</param>
    public static Refusal? CheckUnderMlDsa(KeyAlgorithm key, KeyAlgorithm? signer) =>
        signer is { IsMlDsa: true } && !key.IsMlDsa
            ? ClassicalUnderMlDsa.Refuse($"A {key.Title} key would stand under an {signer.Title} key: the path would be as weak as it.",
                "Write the kind of key of the issuer, or issue it under the classical root.")
            : null;

    /// <summary>
    /// PLAN-12: such a certificate is believed for as long as the classical key is, and no longer. There are reasons for it, such as a
    /// root that devices in the field know already.
    /// </summary>
    /// <param name="reason">As the script gives it; empty: none.</param>
    public static Refusal? CheckUnderClassical(KeyAlgorithm key, KeyAlgorithm? signer, string reason) =>
        key.IsMlDsa && signer is { IsMlDsa: false } && reason.Length == 0
            ? MlDsaUnderClassical.Refuse(
                $"An {key.Title} key would stand under its issuer's classical key, which is all that the path is worth.",
                "Issue it under an ML-DSA root, or write the reason: `under-classical:`.")
            : null;

    /// <summary>PLAN-06: whether this DER SubjectPublicKeyInfo can be the plan's subject.</summary>
    public static Refusal? CheckKey(CertificatePlan plan, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var found = KeyAlgorithm.Of(subjectPublicKeyInfo);
        return found == plan.Key ? null
            : Key.Refuse($"The key is {found?.Title ?? "of another kind or malformed"}, planned is {plan.Key.Title}.",
                "Generate or choose a key of the planned kind.");
    }

    private static Refusal? CheckIssuer(CertificatePlan plan)
    {
        if (plan.Profile.Issuance != Pki.Issuance.Either && plan.IsSelfSigned != (plan.Profile.Issuance == Pki.Issuance.SelfSigned))
            return Issuance.Refuse($"A {plan.Profile.Title} is {(plan.IsSelfSigned ? "issued by another certificate" : "self-signed")}.",
                "Correct the issuer in the script.");
        if (plan.Issuer is not null && (plan.SignerKey is null || plan.Issuer.ToBeSigned.SubjectKeyIdentifier is null))
            return Issuer.Refuse("The issuer's key is of a kind we do not use, or its certificate has no subjectKeyIdentifier.",
                "Choose another issuer.");
        return null;
    }

    private static Refusal? CheckDates(CertificatePlan plan) =>
        plan.NotBefore.Year >= 1950 && plan.NotAfter.Year >= 1950
            ? null
            : Dates.Refuse("A date lies before 1950.", "Correct the validity.");

    private static Refusal? CheckOptions(CertificatePlan plan)
    {
        IReadOnlyList<string> purposes = plan.ExtendedKeyUsage ?? [];
        if (purposes.Count > MaxListEntries || plan.Policies.Count > MaxListEntries || plan.CrlDistributionPoints.Count > MaxListEntries)
            return Options.Refuse($"A list has more than {MaxListEntries} entries.", "Shorten it.");
        if (purposes.Concat(plan.Policies).FirstOrDefault(oid => !IsOid(oid)) is { } wrong)
            return Options.Refuse($"'{wrong}' is no OID.", "Give a dotted OID, for example 2.23.140.1.2.2.");
        if (plan.CrlDistributionPoints.FirstOrDefault(uri => !CertificateRules.IsHttpUri(uri)) is { } address)
            return Options.Refuse($"'{address}' is not a plain http URI.", "Give an http address in ASCII, at most 256 characters.");
        return plan.PathLength is < 0 or > MaxPathLength
            ? Options.Refuse($"The path length {plan.PathLength} is out of range.", "Give 0 to 99 or none.")
            : null;
    }

    private static Refusal? CheckCarried(CertificatePlan plan) => plan.SubjectKeyIdentifier is not { } identifier
        || identifier.Length is > 0 and <= 2 * MaxIdentifier && identifier.Length % 2 == 0
            && identifier.All(char.IsAsciiHexDigitLower) && !plan.IsSelfSigned && plan.Profile.WritesBasicConstraints
        ? null
        : Carried.Refuse("The subjectKeyIdentifier that the existing certificate gives its key cannot be carried over.",
            "Ask its CA for a certificate with a key identifier of 1 to 64 octets.");

    private static Refusal? CheckCarriedName(CertificatePlan plan) =>
        !plan.CarriesSubject || plan.Profile == CertificateProfiles.CrossCertificate && !plan.IsSelfSigned ? null
        : CarriedName.Refuse($"A {plan.Profile.Title} carries no other CA's name.", "Correct the profile in the script.");

    // The writer is the judge of what an OID is.
    private static bool IsOid(string oid)
    {
        try
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            writer.WriteObjectIdentifier(oid);
            return new AsnReader(writer.Encode(), AsnEncodingRules.DER).ReadObjectIdentifier() == oid;
        }
        catch (Exception e) when (e is ArgumentException or AsnContentException)
        {
            return false;
        }
    }
}
