using System.Numerics;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// Everything a CRL holds but its entries and its signature. RFC 5280 5.1.2. Without <see cref="Partition"/> it is one
/// full CRL with authorityKeyIdentifier and cRLNumber: what every validator we measured understands.
/// </summary>
public sealed record CrlPlan
{
    /// <summary>The certificate of the key that signs: its subject's bytes become the issuer, its SKI the AKI.</summary>
    public required ParsedCertificate Issuer { get; init; }

    /// <summary>Positive, at most 20 content bytes; else CRL-08.</summary>
    public required BigInteger Number { get; init; }

    /// <summary>UTC, whole seconds; else CRL-06.</summary>
    public required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>UTC, whole seconds, after thisUpdate (CRL-06) by at most 366 days (CRL-07).</summary>
    public required DateTimeOffset NextUpdate { get; init; }

    /// <summary>Whether CA certificates may stand on it; then every entry needs a reason: CRL-16.</summary>
    public bool CoversCaCertificates { get; init; } = true;

    /// <summary>Null, the default: one CRL for all the issuer's certificates and no issuingDistributionPoint.</summary>
    public CrlPartition? Partition { get; init; }

    /// <summary>Follows from the issuer's key; null when the key is of no kind we use.</summary>
    public KeyAlgorithm? SignatureAlgorithm => Issuer.ToBeSigned.KeyAlgorithm;
}

/// <summary>
/// What a partitioned CRL covers: a critical issuingDistributionPoint. RFC 5280 5.2.5. An explicit choice, for NSS
/// refuses such a CRL and GnuTLS keeps only one of an issuer's shards.
/// </summary>
/// <param name="Covers">CA certificates, user certificates, or any.</param>
/// <param name="Uri">The distribution point's address, as in the certificates; required for a shard and for Matter.</param>
/// <param name="Shard">The serials it covers; null for all.</param>
/// <param name="IsMatter">A Matter CRL: exactly one address and no other field. Matter 6.2.4.</param>
public sealed record CrlPartition(CrlCoverage Covers = CrlCoverage.Any, string? Uri = null,
    SerialShard? Shard = null, bool IsMatter = false);

/// <summary>onlyContainsUserCerts and onlyContainsCACerts. RFC 5280 5.2.5.</summary>
public enum CrlCoverage
{
    Any,
    UserCertificates,
    CaCertificates,
}

/// <summary>The serials whose remainder is <paramref name="Index"/> when divided by <paramref name="Count"/>.</summary>
/// <param name="Index">0 to Count - 1.</param>
/// <param name="Count">2 to 65536; else CRL-20.</param>
public sealed record SerialShard(int Index, int Count)
{
    internal const int MaxCount = 65536;

    public bool Contains(RevokedSerial serial) => serial.Modulo(Count) == Index;
}

/// <summary>What the next CRL of an issuer hangs on: from the ledger, or from <see cref="CrlFacts.Link"/> of a file.</summary>
public sealed record CrlLink(BigInteger Number, DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate);
