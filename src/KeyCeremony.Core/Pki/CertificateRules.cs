using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace KeyCeremony.Core.Pki;

/// <summary>The rules every certificate keeps, whatever its profile.</summary>
public static class CertificateRules
{
    /// <summary>The reader's rule: what cannot be read cannot be linted.</summary>
    public static readonly PkiRule Encoding = new("CERT-01",
        "The certificate is DER, whole input, at most 16 KiB, and every known extension is well formed.", "RFC 5280 4.1, X.690 10-11");

    public static readonly PkiRule SerialRule = new("CERT-03", "The serial is positive, has 8 to 20 content bytes and is under 2^159.",
        "RFC 5280 4.1.2.2, BR 7.1");

    public static IReadOnlyList<LintRule> General { get; } =
    [
        Error("CERT-02", "The version is 3.", "RFC 5280 4.1.2.1", Version),
        new LintRule(SerialRule, LintSeverity.Error, Serial),
        Error("CERT-04", "The signature algorithm is the one of the issuer's key: ecdsa-with-SHA256 for P-256, ecdsa-with-SHA384 "
            + "for P-384, sha256WithRSAEncryption for RSA, ML-DSA without a hash for ML-DSA.",
            "RFC 5280 4.1.2.3, RFC 5758 3.2, RFC 4055 5, RFC 9881 2", SignatureAlgorithm),
        Error("CERT-05", "There are no unique identifiers.", "RFC 5280 4.1.2.8", UniqueIds),
        Error("CERT-06", "Times are UTCTime until 2049 and GeneralizedTime from 2050, in UTC, to the second, without fractions.",
            "RFC 5280 4.1.2.5", TimeEncoding),
        Error("CERT-07", "notAfter lies after notBefore.", "RFC 5280 4.1.2.5", TimeOrder),
        Error("CERT-08", "The validity lies within the issuer's.", "house", WithinIssuersValidity),
        Error("CERT-09", "The issuer is byte for byte the issuer's subject; in a self-signed certificate its own.",
            "RFC 5280 4.1.2.4, BR 7.1.4.1", IssuerBytes),
        Error("CERT-10", "No extension stands twice.", "RFC 5280 4.2", NoExtensionTwice),
        Error("CERT-11", "basicConstraints and keyUsage are critical, every other extension is not.",
            "RFC 5280 4.2.1.3, 4.2.1.9", Criticality),
        Error("CERT-12", "Only extensions that a profile of ours writes stand there, without policy qualifiers and with addresses alone.",
            "house", KnownExtensions),
        Error("CERT-13", "subjectKeyIdentifier is the one of the existing certificate, else the SHA-1 of the key's bits.",
            "RFC 5280 4.2.1.2", SubjectKeyId),
        Error("CERT-14", "authorityKeyIdentifier, required unless self-signed, is the issuer's subjectKeyIdentifier and nothing else.",
            "RFC 5280 4.2.1.1", AuthorityKeyId),
        Error("CERT-15", "The key is EC P-256 or P-384 (uncompressed, on the curve), RSA of 3072 or 4096 bits with e = 65537, or ML-DSA; "
            + "the keyUsage of an ML-DSA key names signatures alone.", "BR 6.1.5, 6.1.6; RFC 5480, RFC 8017, RFC 9881 5", Key),
        Error("CERT-16", "The subject keeps every NAME rule.", "RFC 5280 4.1.2.6", Subject),
        Error("CERT-17", "The issuer is a CA, may sign certificates, and its path length leaves room.",
            "RFC 5280 4.2.1.9, 6.1.4", IssuerMayIssue),
        Error("CERT-18", "CRL distribution points are http URIs in ASCII, at most 256 characters.", "BR 7.1.2.11.2", CrlUris),
        Error("CERT-19", "The outer signature algorithm equals the inner one and the signature verifies.",
            "RFC 5280 4.1.1.2, 4.1.1.3", Signature),
        Error("CERT-20", "vid and pid stand in Matter certificates only.", "house", MatterIdsOnlyInMatter),
    ];

    public static IReadOnlyList<PkiRule> All { get; } = [Encoding, .. General.Select(rule => rule.Rule)];

    internal static LintRule Error(string id, string text, string source, Func<LintSubject, string?> violation) =>
        new(new PkiRule(id, text, source), LintSeverity.Error, violation);

    internal static LintRule Warning(string id, string text, string source, Func<LintSubject, string?> violation) =>
        new(new PkiRule(id, text, source), LintSeverity.Warning, violation);

    internal static bool IsHttpUri(string uri) =>
        uri.Length <= MaxUriLength && Ascii.IsValid(uri) && Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed)
        && uri.StartsWith("http://", StringComparison.Ordinal) && parsed.Host.Length > 0 && parsed.Fragment.Length == 0
        && !uri.Any(c => c <= ' ');

    /// <summary>RFC 5280 4.2.1.2 (1). SHA-1 names a key here and proves nothing; Matter asks for exactly this.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The identifier's definition, RFC 5280 4.2.1.2 (1).")]
    internal static byte[] KeyIdentifierOf(ReadOnlySpan<byte> publicKeyBits) => SHA1.HashData(publicKeyBits);

    // The Matter ledger's dataURL takes 256 characters; longer ones are no use to a device.
    private const int MaxUriLength = 256;

    /// <summary>All that a key is for that signs and does nothing else. RFC 9881 5.</summary>
    private const KeyUsages OfSignatures =
        KeyUsages.DigitalSignature | KeyUsages.NonRepudiation | KeyUsages.KeyCertSign | KeyUsages.CrlSign;

    private static string? Version(LintSubject subject) =>
        subject.Tbs.Version == 3 ? null : $"The version is {subject.Tbs.Version}.";

    private static string? Serial(LintSubject subject) =>
        SerialNumber.IsValid(subject.Tbs.Serial.Span) ? null : $"The serial is {Convert.ToHexStringLower(subject.Tbs.Serial.Span)}.";

    private static string? SignatureAlgorithm(LintSubject subject)
    {
        // CERT-15 names a key that is none of ours; without one no algorithm can be expected.
        if (subject.IssuerKey is not { } key || subject.Tbs.SignatureAlgorithm.Span.SequenceEqual(key.SignatureAlgorithmIdentifier()))
            return null;
        return $"The signature algorithm {Convert.ToHexStringLower(subject.Tbs.SignatureAlgorithm.Span)} "
            + $"is not {Oids.NameOf(key.SignatureOid)}.";
    }

    private static string? UniqueIds(LintSubject subject) => subject.Tbs.HasUniqueIds ? "A unique identifier is present." : null;

    private static string? TimeEncoding(LintSubject subject) =>
        TimeEncoding("notBefore", subject.Tbs.NotBefore) ?? TimeEncoding("notAfter", subject.Tbs.NotAfter);

    private static string? TimeEncoding(string field, EncodedTime time)
    {
        UniversalTagNumber expected = time.Value.Year is >= 1950 and < 2050
            ? UniversalTagNumber.UtcTime
            : UniversalTagNumber.GeneralizedTime;
        int length = time.Tag == UniversalTagNumber.UtcTime ? "YYMMDDHHMMSSZ".Length : "YYYYMMDDHHMMSSZ".Length;
        return time.Tag == expected && time.Text.Length == length && time.Text[^1] == 'Z' ? null
            : $"{field} is the {time.Tag} {time.Text}.";
    }

    private static string? TimeOrder(LintSubject subject) =>
        subject.Tbs.NotBefore.Value < subject.Tbs.NotAfter.Value ? null : "notAfter does not lie after notBefore.";

    private static string? WithinIssuersValidity(LintSubject subject)
    {
        if (subject.Issuer?.ToBeSigned is not { } issuer)
            return null;
        if (subject.Tbs.NotBefore.Value < issuer.NotBefore.Value)
            return $"It begins before its issuer ({issuer.NotBefore.Text}).";
        return subject.Tbs.NotAfter.Value > issuer.NotAfter.Value ? $"It ends after its issuer ({issuer.NotAfter.Text})." : null;
    }

    private static string? IssuerBytes(LintSubject subject)
    {
        DistinguishedName expected = subject.Issuer?.ToBeSigned.Subject ?? subject.Tbs.Subject;
        return subject.Tbs.Issuer.Equals(expected) ? null : $"The issuer is {subject.Tbs.Issuer}, expected are the bytes of {expected}.";
    }

    private static string? NoExtensionTwice(LintSubject subject)
    {
        IGrouping<string, CertificateExtension>? twice = subject.Tbs.Extensions.GroupBy(extension => extension.Oid)
            .FirstOrDefault(same => same.Count() > 1);
        return twice is null ? null : $"{Oids.NameOf(twice.Key)} stands {twice.Count()} times.";
    }

    private static string? Criticality(LintSubject subject)
    {
        CertificateExtension? wrong = subject.Tbs.Extensions.FirstOrDefault(
            extension => extension.Critical != (extension.Oid is Oids.BasicConstraints or Oids.KeyUsage));
        return wrong is null ? null : $"{Oids.NameOf(wrong.Oid)} is {(wrong.Critical ? "critical" : "not critical")}.";
    }

    private static string? KnownExtensions(LintSubject subject)
    {
        CertificateExtension? unknown = subject.Tbs.Extensions.FirstOrDefault(
            extension => extension.Oid is not (Oids.BasicConstraints or Oids.KeyUsage
            or Oids.ExtendedKeyUsage or Oids.SubjectKeyIdentifier or Oids.AuthorityKeyIdentifier or Oids.CertificatePolicies
            or Oids.CrlDistributionPoints or Oids.OcspNoCheck));
        return unknown is not null ? $"The extension {unknown.Oid} is none of ours."
            : subject.Tbs.Policies?.FirstOrDefault(policy => policy.Qualifiers.Count > 0) is { } policy
                ? $"The policy {policy.Oid} has a qualifier."
            : subject.Tbs.CrlDistributionPoints is { Others: [string other, ..] }
                ? $"A CRL distribution point says more than an address: {other}."
            : null;
    }

    private static string? SubjectKeyId(LintSubject subject)
    {
        if (subject.Tbs.SubjectKeyIdentifier is not { } identifier)
            return "subjectKeyIdentifier is absent.";
        string found = Convert.ToHexStringLower(identifier.Span);
        if (subject.CarriedIdentifier is { } carried)
            return found == carried ? null : $"subjectKeyIdentifier {found} is not {carried}, as in the existing certificate.";
        return identifier.Span.SequenceEqual(KeyIdentifierOf(subject.Tbs.PublicKeyBits.Span)) ? null
            : $"subjectKeyIdentifier {found} is not the SHA-1 of the key.";
    }

    private static string? AuthorityKeyId(LintSubject subject)
    {
        if (subject.Tbs.AuthorityKeyIdentifier is not { } authority)
            return subject.IsSelfSigned ? null : "authorityKeyIdentifier is absent.";
        if (authority.HasIssuerAndSerial || authority.KeyIdentifier is not { } identifier)
            return "authorityKeyIdentifier is not a key identifier alone.";
        ReadOnlyMemory<byte> expected = subject.Issuer is null
            ? subject.Tbs.SubjectKeyIdentifier ?? default
            : subject.Issuer.ToBeSigned.SubjectKeyIdentifier ?? default;
        return identifier.Span.SequenceEqual(expected.Span) ? null
            : $"authorityKeyIdentifier {Convert.ToHexStringLower(identifier.Span)} is not the issuer's subjectKeyIdentifier.";
    }

    private static string? Key(LintSubject subject) => subject.Tbs.KeyAlgorithm switch
    {
        null => "The key is of another kind or malformed.",
        { IsMlDsa: true } key when (subject.Tbs.KeyUsage & ~OfSignatures) is { } other && other != KeyUsages.None =>
            $"keyUsage names {string.Join(", ", CertificateText.UsageNames(other))}, which {key.Title} cannot do.",
        _ => null,
    };

    private static string? Subject(LintSubject subject) => (subject.CarriesSubject
        ? NameHygiene.CheckCarried(subject.Tbs.Subject.Attributes)
        : NameHygiene.Check(subject.Tbs.Subject.Attributes))?.ToString();

    private static string? IssuerMayIssue(LintSubject subject)
    {
        if (subject.Issuer?.ToBeSigned is not { } issuer)
            return null;
        if (issuer.BasicConstraints is not { IsCa: true } constraints || issuer.KeyUsage is not { } usage
            || !usage.HasFlag(KeyUsages.KeyCertSign))
            return "The issuer may not sign certificates.";
        if (constraints.PathLength is not { } room || subject.Tbs.BasicConstraints is not { IsCa: true } below)
            return null;
        return room > (below.PathLength ?? 0) ? null : $"The issuer's path length {room} leaves no room.";
    }

    private static string? CrlUris(LintSubject subject)
    {
        string? wrong = subject.Tbs.CrlDistributionPoints?.Uris.FirstOrDefault(uri => !IsHttpUri(uri));
        return wrong is null ? null : $"The CRL address '{wrong}' is not a plain http URI.";
    }

    private static string? Signature(LintSubject subject)
    {
        if (subject.Whole is not { } whole)
            return null;
        if (!whole.SignatureAlgorithm.Span.SequenceEqual(whole.ToBeSigned.SignatureAlgorithm.Span))
            return "The outer signature algorithm differs from the inner one.";
        return subject.SignerKey is { } key && !whole.IsSignedBy(key.Span) ? "The signature does not verify." : null;
    }

    private static string? MatterIdsOnlyInMatter(LintSubject subject)
    {
        bool carries = MatterIds.VendorOf(subject.Tbs.Subject) is not null || MatterIds.ProductOf(subject.Tbs.Subject) is not null;
        return carries && !subject.Profile.IsMatter ? "The subject carries a vid or pid." : null;
    }
}
