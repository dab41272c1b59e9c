using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>Everything a CRL says but its entries, after one strict pass; only <see cref="CrlReader"/> makes one.</summary>
public sealed class CrlFacts
{
    internal CrlFacts()
    {
    }

    /// <summary>2, or 1 as old CAs still write it.</summary>
    public required int Version { get; init; }

    public required DistinguishedName Issuer { get; init; }

    /// <summary>DER of the AlgorithmIdentifier, inside and outside.</summary>
    public required ReadOnlyMemory<byte> SignatureAlgorithm { get; init; }

    public required EncodedTime ThisUpdate { get; init; }

    /// <summary>Null: absent, as only other tools write it.</summary>
    public required EncodedTime? NextUpdate { get; init; }

    /// <summary>In the order encoded.</summary>
    public required IReadOnlyList<CertificateExtension> Extensions { get; init; }

    public required AuthorityKeyIdentifier? AuthorityKeyIdentifier { get; init; }

    /// <summary>cRLNumber; null: absent.</summary>
    public required BigInteger? Number { get; init; }

    /// <summary>issuingDistributionPoint; null: absent.</summary>
    public required IssuingDistributionPoint? DistributionPoint { get; init; }

    /// <summary>Entries.</summary>
    public required long Count { get; init; }

    public required ImmutableArray<ReasonCount> ByReason { get; init; }

    /// <summary>Whether every serial is greater than the one before.</summary>
    public required bool IsSorted { get; init; }

    /// <summary>How many entries have the reason unspecified written out; they are read as having none.</summary>
    public required long UnspecifiedWritten { get; init; }

    /// <summary>How many dates before 2050 are GeneralizedTime, against RFC 5280 5.1.2.6.</summary>
    public required long MisformedDates { get; init; }

    /// <summary>How many entries carry another extension than reason and invalidity date. None of those is critical.</summary>
    public required long OtherEntryExtensions { get; init; }

    /// <summary>The latest revocationDate or invalidityDate; null without entries.</summary>
    public required DateTimeOffset? LatestDate { get; init; }

    /// <summary>Bytes of the DER, or of the TBSCertList when only that was read.</summary>
    public required long Length { get; init; }

    /// <summary>Of the DER, also when the file was PEM.</summary>
    public required ReadOnlyMemory<byte> Sha256 { get; init; }

    public required ReadOnlyMemory<byte> TbsSha256 { get; init; }

    public required long TbsLength { get; init; }

    /// <summary>
    /// What is signed: the hash of the TBSCertList by the signature algorithm; null for an algorithm we do not know, and for ML-DSA and
    /// SLH-DSA, which sign no hash.
    /// </summary>
    public required ReadOnlyMemory<byte>? SignatureHash { get; init; }

    /// <summary>Of ML-DSA and SLH-DSA: what each key that was named before the reading says of the signature, by its SHA-256.</summary>
    internal IReadOnlyDictionary<string, SignatureVerdict> PureVerdicts { get; init; } =
        ImmutableDictionary<string, SignatureVerdict>.Empty;

    /// <summary>Empty when only the TBSCertList was read.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>What the next CRL hangs on; null for a CRL without number or nextUpdate.</summary>
    public CrlLink? Link => Number is { } number && NextUpdate is { } next ? new CrlLink(number, ThisUpdate.Value, next.Value) : null;

    /// <summary>Whether the signature holds under this certificate's key. Nothing is said of the certificate's right to sign.</summary>
    public bool IsSignedBy(ParsedCertificate issuer) => Judge(issuer) == SignatureVerdict.Holds;

    /// <summary>
    /// The same in three steps: a list that cannot be judged is not called a false one. A list that ML-DSA or SLH-DSA signs is judged while
    /// it passes by: under the keys that were named to <see cref="CrlReader"/>, and no other.
    /// </summary>
    public SignatureVerdict Judge(ParsedCertificate issuer) => SignatureHash is { } hash
        ? CrlSignature.Judge(issuer.ToBeSigned.SubjectPublicKeyInfo.Span, SignatureAlgorithm, hash.Span, Signature.Span)
        : PureVerdicts.GetValueOrDefault(CrlSignature.NameOf(issuer.ToBeSigned.SubjectPublicKeyInfo.Span), SignatureVerdict.CannotBeJudged);
}

/// <summary>issuingDistributionPoint. RFC 5280 5.2.5.</summary>
/// <param name="Uris">fullName; empty when absent.</param>
/// <param name="OtherNames">Names of another kind, in words, as only other tools write them.</param>
public sealed record IssuingDistributionPoint(ImmutableArray<string> Uris, bool OnlyUserCertificates, bool OnlyCaCertificates,
    ImmutableArray<string> OtherNames);

/// <summary>Signatures over a hash, of every algorithm that other tools use on CRLs today.</summary>
internal static class CrlSignature
{
    /// <summary>Null: an algorithm we do not know, one we do not trust (SHA-1), or one that signs no hash.</summary>
    public static HashAlgorithmName? HashOf(ReadOnlyMemory<byte> algorithmIdentifier) =>
        ForeignSignature.Of(algorithmIdentifier) is { Pure: null } algorithm ? algorithm.Hash : null;

    /// <summary>What judges a list as it passes by, under each of these keys that can sign so, by <see cref="NameOf"/>.</summary>
    public static IReadOnlyDictionary<string, PureVerifier> VerifiersOf(ReadOnlyMemory<byte> algorithmIdentifier,
        IEnumerable<ReadOnlyMemory<byte>> keys)
    {
        var verifiers = new Dictionary<string, PureVerifier>(StringComparer.Ordinal);
        foreach (ReadOnlyMemory<byte> one in ForeignSignature.Of(algorithmIdentifier) is { Pure: not null } ? keys : [])
            if (PureSignature.TryReadKey(one.Span, out PureSignature? signature, out byte[] key)
                && signature == PureSignature.ByIdentifier(algorithmIdentifier.Span))
                verifiers[NameOf(one.Span)] = signature.VerifierOf(key);
        return verifiers;
    }

    public static string NameOf(ReadOnlySpan<byte> subjectPublicKeyInfo) => Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo));

    /// <summary>False also for a key of another kind than the algorithm's.</summary>
    public static bool Verify(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlyMemory<byte> algorithmIdentifier,
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        Judge(subjectPublicKeyInfo, algorithmIdentifier, hash, signature) == SignatureVerdict.Holds;

    public static SignatureVerdict Judge(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlyMemory<byte> algorithmIdentifier,
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature) =>
        ForeignSignature.Of(algorithmIdentifier) is { Pure: null } algorithm
            ? algorithm.JudgeHash(subjectPublicKeyInfo, hash, signature)
            : SignatureVerdict.CannotBeJudged;
}
