using System.Formats.Asn1;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki;

/// <summary>keyUsage as named bits. RFC 5280 4.2.1.3.</summary>
[Flags]
public enum KeyUsages
{
    None = 0,
    DigitalSignature = 1 << 0,
    NonRepudiation = 1 << 1,
    KeyEncipherment = 1 << 2,
    DataEncipherment = 1 << 3,
    KeyAgreement = 1 << 4,
    KeyCertSign = 1 << 5,
    CrlSign = 1 << 6,
    EncipherOnly = 1 << 7,
    DecipherOnly = 1 << 8,
}

/// <summary>A time as it stands in a certificate.</summary>
/// <param name="Tag">UTCTime or GeneralizedTime.</param>
/// <param name="Text">The characters on the wire.</param>
public sealed record EncodedTime(DateTimeOffset Value, UniversalTagNumber Tag, string Text);

/// <summary>One extension. RFC 5280 4.2.</summary>
/// <param name="Value">What the OCTET STRING holds.</param>
public sealed record CertificateExtension(string Oid, bool Critical, ReadOnlyMemory<byte> Value);

/// <summary>basicConstraints. RFC 5280 4.2.1.9.</summary>
public sealed record BasicConstraints(bool IsCa, int? PathLength);

/// <summary>authorityKeyIdentifier. RFC 5280 4.2.1.1.</summary>
public sealed record AuthorityKeyIdentifier(ReadOnlyMemory<byte>? KeyIdentifier, bool HasIssuerAndSerial)
{
    /// <summary>DER of the one directory name in authorityCertIssuer; null: there is none, or more.</summary>
    public ReadOnlyMemory<byte>? Issuer { get; init; }

    /// <summary>The content of authorityCertSerialNumber; null: absent.</summary>
    public ReadOnlyMemory<byte>? Serial { get; init; }

    /// <summary>
    /// Whether it means another key than this certificate's: by the key's identifier; where it has none, by issuer and serial number.
    /// </summary>
    public bool IsOfAnotherKey(ParsedTbs certificate) => KeyIdentifier is { } named
        ? certificate.SubjectKeyIdentifier is { } own && !named.Span.SequenceEqual(own.Span) : NamesAnother(certificate);

    /// <summary>Whether issuer and serial number name another certificate than this one; false where they say nothing.</summary>
    public bool NamesAnother(ParsedTbs certificate) =>
        (Serial is { } serial && !serial.Span.SequenceEqual(certificate.Serial.Span))
            || (Issuer is { } issuer && !issuer.Span.SequenceEqual(certificate.Issuer.Der.Span));
}

/// <summary>One policy. RFC 5280 4.2.1.4.</summary>
/// <param name="Qualifiers">In words: <c>CPS http://…</c>, <c>notice '…'</c>, or an OID and its DER in hex.</param>
public sealed record CertificatePolicy(string Oid, IReadOnlyList<string> Qualifiers)
{
    public override string ToString() => Qualifiers.Count == 0 ? Oid : $"{Oid} ({string.Join(", ", Qualifiers)})";
}

/// <summary>cRLDistributionPoints. RFC 5280 4.2.1.13.</summary>
/// <param name="Uris">The URIs of all points.</param>
/// <param name="Others">What else stands there, in words: names of another kind, reasons, cRLIssuer.</param>
public sealed record CrlDistributionPoints(IReadOnlyList<string> Uris, IReadOnlyList<string> Others);

/// <summary>
/// A TBSCertificate (RFC 5280 4.1.2) after a strict read; only <see cref="CertificateReader"/> makes one.
/// All memory is a slice of <see cref="Der"/>.
/// </summary>
public sealed class ParsedTbs
{
    // Found out once: every rule asks.
    private readonly Lazy<KeyAlgorithm?> _keyAlgorithm;

    // Kept only by those that are asked about signatures: the issuer of a thousand certificates is imported once.
    private readonly Lazy<ImportedKey?> _key;

    internal ParsedTbs()
    {
        _keyAlgorithm = new(() => KeyAlgorithm.Of(SubjectPublicKeyInfo.Span));
        _key = new(() => KeyAlgorithm.Import(SubjectPublicKeyInfo.Span));
    }

    /// <summary>The exact bytes that are signed.</summary>
    public required ReadOnlyMemory<byte> Der { get; init; }

    /// <summary>1, 2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>Content bytes of the INTEGER.</summary>
    public required ReadOnlyMemory<byte> Serial { get; init; }

    /// <summary>DER of the AlgorithmIdentifier.</summary>
    public required ReadOnlyMemory<byte> SignatureAlgorithm { get; init; }

    public required DistinguishedName Issuer { get; init; }

    public required EncodedTime NotBefore { get; init; }

    public required EncodedTime NotAfter { get; init; }

    public required DistinguishedName Subject { get; init; }

    /// <summary>DER.</summary>
    public required ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; init; }

    /// <summary>The bits of the subjectPublicKey, without tag, length and unused-bits byte: what SKI hashes.</summary>
    public required ReadOnlyMemory<byte> PublicKeyBits { get; init; }

    public required bool HasUniqueIds { get; init; }

    /// <summary>In the order encoded; may repeat an OID (CERT-10 finds that).</summary>
    public required IReadOnlyList<CertificateExtension> Extensions { get; init; }

    // Each known extension below is parsed by the reader from its first occurrence; null when absent.
    public required BasicConstraints? BasicConstraints { get; init; }

    public required KeyUsages? KeyUsage { get; init; }

    public required IReadOnlyList<string>? ExtendedKeyUsage { get; init; }

    public required ReadOnlyMemory<byte>? SubjectKeyIdentifier { get; init; }

    public required AuthorityKeyIdentifier? AuthorityKeyIdentifier { get; init; }

    public required IReadOnlyList<CertificatePolicy>? Policies { get; init; }

    public required CrlDistributionPoints? CrlDistributionPoints { get; init; }

    /// <summary>The key's kind, or null when it is none of ours or malformed.</summary>
    public KeyAlgorithm? KeyAlgorithm => _keyAlgorithm.Value;

    /// <summary>Whether this key made the signature, by the one algorithm of its kind. False for a key of a kind we do not use.</summary>
    internal bool HasSigned(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (_key.Value is not { } key)
            return false;
        lock (key)
            return key.Verify(data, signature);
    }

    public bool IsSelfIssued => Issuer.Equals(Subject);

    public CertificateExtension? Extension(string oid) => Extensions.FirstOrDefault(extension => extension.Oid == oid);
}

/// <summary>A whole certificate (RFC 5280 4.1.1) after a strict read; only <see cref="CertificateReader"/> makes one.</summary>
public sealed class ParsedCertificate
{
    internal ParsedCertificate()
    {
    }

    public required ReadOnlyMemory<byte> Der { get; init; }

    public required ParsedTbs ToBeSigned { get; init; }

    /// <summary>DER of the outer AlgorithmIdentifier.</summary>
    public required ReadOnlyMemory<byte> SignatureAlgorithm { get; init; }

    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>SHA-256 of the DER.</summary>
    public byte[] Sha256() => SHA256.HashData(Der.Span);

    /// <summary>Whether the signature holds under this key. False for a key of a kind we do not use.</summary>
    public bool IsSignedBy(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        using ImportedKey? key = KeyAlgorithm.Import(subjectPublicKeyInfo);
        return key is not null
            && SignatureAlgorithm.Span.SequenceEqual(key.Algorithm.SignatureAlgorithmIdentifier())
            && key.Verify(ToBeSigned.Der.Span, Signature.Span);
    }
}
