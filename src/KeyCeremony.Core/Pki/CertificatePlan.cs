namespace KeyCeremony.Core.Pki;

/// <summary>
/// Everything that decides a certificate's bytes but the subject's key: the same plan and key always give the same
/// TBS. Journalled as JSON (<see cref="PlanJson"/>). Whether it is any good is for the preview and lint to say.
/// </summary>
public sealed record CertificatePlan
{
    private readonly DateTimeOffset _notBefore;
    private readonly DateTimeOffset _notAfter;

    /// <summary>notAfter <c>99991231235959Z</c>: no end. RFC 5280 4.1.2.5.</summary>
    public static readonly DateTimeOffset NoEnd = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>notBefore lies at most so long before the signing. CA/Browser Forum BR 7.1.2.1.1.</summary>
    public static readonly TimeSpan MaxBackdating = TimeSpan.FromDays(1);

    /// <summary>
    /// The last second of so many days, 0 for no end. Past the year 9999 there is no date: null, and the script asks for what
    /// no certificate can say (PLAN-03).
    /// </summary>
    public static DateTimeOffset? EndAfter(DateTimeOffset notBefore, int days) =>
        days == 0 ? NoEnd : days <= (NoEnd - notBefore).Days ? notBefore.AddDays(days).AddSeconds(-1) : null;

    public required CertificateProfile Profile { get; init; }

    public required DistinguishedName Subject { get; init; }

    /// <summary>The issuer's certificate; null for self-signed.</summary>
    public ParsedCertificate? Issuer { get; init; }

    /// <summary>The kind of the subject's key.</summary>
    public required KeyAlgorithm Key { get; init; }

    public required SerialNumber Serial { get; init; }

    /// <summary>
    /// The subjectKeyIdentifier, in lower-case hex, that an existing certificate gives the key: whatever that CA has issued names it. Null:
    /// the SHA-1 of the key's bits (RFC 5280 4.2.1.2 (1)).
    /// </summary>
    public string? SubjectKeyIdentifier { get; init; }

    /// <summary>
    /// The subject is another CA's, byte for byte, and would not be written like this by us: whoever checks a path compares the bytes
    /// (RFC 5280 6.1.3). Only what deceives a reader is asked of it.
    /// </summary>
    public bool CarriesSubject { get; init; }

    /// <summary>UTC, whole seconds.</summary>
    /// <exception cref="ArgumentException">An offset or a fraction of a second.</exception>
    public required DateTimeOffset NotBefore
    {
        get => _notBefore;
        init => _notBefore = WholeSecondsUtc(value);
    }

    /// <summary>UTC, whole seconds; <see cref="NoEnd"/> for no end.</summary>
    /// <exception cref="ArgumentException">An offset or a fraction of a second.</exception>
    public required DateTimeOffset NotAfter
    {
        get => _notAfter;
        init => _notAfter = WholeSecondsUtc(value);
    }

    /// <summary>Null: no limit written.</summary>
    public int? PathLength { get; init; }

    /// <summary>OIDs in the order written; null takes the profile's.</summary>
    public IReadOnlyList<string>? ExtendedKeyUsage { get; init; }

    /// <summary>Policy OIDs in the order written; empty: no certificatePolicies.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>http URIs, one distribution point each; empty: no cRLDistributionPoints.</summary>
    public IReadOnlyList<string> CrlDistributionPoints { get; init; } = [];

    public bool IsSelfSigned => Issuer is null;

    public DistinguishedName IssuerName => Issuer?.ToBeSigned.Subject ?? Subject;

    /// <summary>The kind of the key that signs. Null when the issuer's key is none of ours (PLAN-04 then refuses).</summary>
    public KeyAlgorithm? SignerKey => Issuer is null ? Key : Issuer.ToBeSigned.KeyAlgorithm;

    private static DateTimeOffset WholeSecondsUtc(DateTimeOffset value) =>
        value.Offset == TimeSpan.Zero && value.Ticks % TimeSpan.TicksPerSecond == 0 ? value
            : throw new ArgumentException($"{value:O} is not UTC in whole seconds.", nameof(value));
}
