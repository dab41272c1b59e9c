using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// Reads certificates strictly: DER only, whole input, within limits, known extensions completely understood.
/// It says what stands there; whether that is allowed is for <see cref="CertificateLint"/>. Else refused: CERT-01.
/// </summary>
public static class CertificateReader
{
    /// <summary>Our largest profile with an RSA-4096 key and full names stays under 4 KiB.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int MaxExtensions = 32;

    public static bool TryReadCertificate(
        ReadOnlyMemory<byte> der,
        [NotNullWhen(true)] out ParsedCertificate? certificate,
        [NotNullWhen(false)] out Refusal? refusal) => TryRead(der, ReadCertificate, out certificate, out refusal);

    public static bool TryReadToBeSigned(
        ReadOnlyMemory<byte> der,
        [NotNullWhen(true)] out ParsedTbs? tbs,
        [NotNullWhen(false)] out Refusal? refusal) => TryRead(der, ReadToBeSigned, out tbs, out refusal);

    private static bool TryRead<T>(ReadOnlyMemory<byte> der, Func<ReadOnlyMemory<byte>, T> read,
        [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
        where T : class
    {
        (value, refusal) = (null, null);
        try
        {
            if (der.Length > MaxBytes)
                throw new AsnContentException($"{der.Length} bytes are more than {MaxBytes}.");
            value = read(der.ToArray());
            return true;
        }
        catch (AsnContentException e)
        {
            refusal = CertificateRules.Encoding.Refuse($"The certificate cannot be read: {e.Message}",
                "Ask for it again; a changed or badly written certificate is never used.");
            return false;
        }
    }

    private static ParsedCertificate ReadCertificate(ReadOnlyMemory<byte> der)
    {
        AsnReader certificate = OnlySequence(der);
        ReadOnlyMemory<byte> tbs = certificate.ReadEncodedValue();
        ReadOnlyMemory<byte> signatureAlgorithm = ReadAlgorithm(certificate);
        ReadOnlyMemory<byte> signature = ReadBits(certificate);
        certificate.ThrowIfNotEmpty();
        return new ParsedCertificate
        {
            Der = der,
            ToBeSigned = ReadToBeSigned(tbs),
            SignatureAlgorithm = signatureAlgorithm,
            Signature = signature,
        };
    }

    private static ParsedTbs ReadToBeSigned(ReadOnlyMemory<byte> der)
    {
        AsnReader tbs = OnlySequence(der);
        int version = ReadVersion(tbs);
        ReadOnlyMemory<byte> serial = tbs.ReadIntegerBytes();
        ReadOnlyMemory<byte> signatureAlgorithm = ReadAlgorithm(tbs);
        var issuer = DistinguishedName.Decode(tbs.ReadEncodedValue());
        AsnReader validity = tbs.ReadSequence();
        EncodedTime notBefore = ReadTime(validity);
        EncodedTime notAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        var subject = DistinguishedName.Decode(tbs.ReadEncodedValue());
        ReadOnlyMemory<byte> spki = tbs.ReadEncodedValue();
        bool uniqueIds = SkipUniqueIds(tbs);
        List<CertificateExtension> extensions = ReadExtensions(tbs);
        tbs.ThrowIfNotEmpty();
        return new ParsedTbs
        {
            Der = der,
            Version = version,
            Serial = serial,
            SignatureAlgorithm = signatureAlgorithm,
            Issuer = issuer,
            NotBefore = notBefore,
            NotAfter = notAfter,
            Subject = subject,
            SubjectPublicKeyInfo = spki,
            PublicKeyBits = ReadPublicKeyBits(spki),
            HasUniqueIds = uniqueIds,
            Extensions = extensions,
            BasicConstraints = Known(extensions, Oids.BasicConstraints, ReadBasicConstraints),
            KeyUsage = KnownKeyUsage(extensions),
            ExtendedKeyUsage = Known(extensions, Oids.ExtendedKeyUsage, ReadOids),
            SubjectKeyIdentifier = KnownSubjectKeyIdentifier(extensions),
            AuthorityKeyIdentifier = Known(extensions, Oids.AuthorityKeyIdentifier, ReadAuthorityKeyIdentifier),
            Policies = Known(extensions, Oids.CertificatePolicies, ReadPolicies),
            CrlDistributionPoints = Known(extensions, Oids.CrlDistributionPoints, ReadCrlDistributionPoints),
        };
    }

    private static int ReadVersion(AsnReader tbs)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (!tbs.PeekTag().HasSameClassAndValue(tag))
            return 1;
        AsnReader wrapper = tbs.ReadSequence(tag);
        // DER leaves a default value out: v1 is never written (X.690 11.5).
        if (!wrapper.TryReadInt32(out int version) || version is < 1 or > 2)
            throw new AsnContentException("The version is not 2 or 3.");
        wrapper.ThrowIfNotEmpty();
        return version + 1;
    }

    private static ReadOnlyMemory<byte> ReadAlgorithm(AsnReader reader)
    {
        ReadOnlyMemory<byte> encoded = reader.ReadEncodedValue();
        AsnReader algorithm = OnlySequence(encoded);
        algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
            algorithm.ReadEncodedValue();
        algorithm.ThrowIfNotEmpty();
        return encoded;
    }

    private static EncodedTime ReadTime(AsnReader validity)
    {
        var tag = (UniversalTagNumber)validity.PeekTag().TagValue;
        string text = System.Text.Encoding.ASCII.GetString(validity.PeekContentBytes().Span);
        // RFC 5280 4.1.2.5.1: two digits from 50 are of the twentieth century.
        DateTimeOffset value = tag == UniversalTagNumber.UtcTime
            ? validity.ReadUtcTime(twoDigitYearMax: 2049)
            : validity.ReadGeneralizedTime();
        return new EncodedTime(value, tag, text);
    }

    private static ReadOnlyMemory<byte> ReadPublicKeyBits(ReadOnlyMemory<byte> spki)
    {
        AsnReader sequence = OnlySequence(spki);
        ReadAlgorithm(sequence);
        ReadOnlyMemory<byte> bits = ReadBits(sequence);
        sequence.ThrowIfNotEmpty();
        return bits;
    }

    private static ReadOnlyMemory<byte> ReadBits(AsnReader reader)
    {
        if (!reader.TryReadPrimitiveBitString(out int unusedBits, out ReadOnlyMemory<byte> bits) || unusedBits != 0)
            throw new AsnContentException("A BIT STRING is not whole bytes.");
        return bits;
    }

    private static bool SkipUniqueIds(AsnReader tbs)
    {
        bool found = false;
        for (int number = 1; number <= 2; number++)
        {
            var tag = new Asn1Tag(TagClass.ContextSpecific, number);
            if (!tbs.HasData || !tbs.PeekTag().HasSameClassAndValue(tag))
                continue;
            tbs.ReadBitString(out _, tag);
            found = true;
        }
        return found;
    }

    private static List<CertificateExtension> ReadExtensions(AsnReader tbs)
    {
        var extensions = new List<CertificateExtension>();
        if (!tbs.HasData)
            return extensions;
        AsnReader wrapper = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3));
        AsnReader list = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        while (list.HasData)
        {
            extensions.Add(ReadExtension(list.ReadSequence()));
            if (extensions.Count > MaxExtensions)
                throw new AsnContentException($"There are more than {MaxExtensions} extensions.");
        }
        return extensions.Count > 0 ? extensions : throw new AsnContentException("The extension list is empty.");
    }

    internal static CertificateExtension ReadExtension(AsnReader extension)
    {
        string oid = extension.ReadObjectIdentifier();
        bool critical = ReadDefaultFalse(extension);
        if (!extension.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> value))
            throw new AsnContentException("An extension's value is not a primitive OCTET STRING.");
        extension.ThrowIfNotEmpty();
        return new CertificateExtension(oid, critical, value);
    }

    private static bool ReadDefaultFalse(AsnReader reader)
    {
        if (!reader.HasData || !reader.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            return false;
        return reader.ReadBoolean() ? true : throw new AsnContentException("A default FALSE is written out (X.690 11.5).");
    }

    private static T? Known<T>(List<CertificateExtension> extensions, string oid, Func<ReadOnlyMemory<byte>, T> read)
        where T : class =>
        extensions.Find(extension => extension.Oid == oid) is { } extension ? read(extension.Value) : null;

    internal static BasicConstraints ReadBasicConstraints(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        bool isCa = ReadDefaultFalse(sequence);
        int? pathLength = null;
        if (sequence.HasData)
            pathLength = sequence.TryReadInt32(out int length) && length >= 0
                ? length
                : throw new AsnContentException("pathLenConstraint is out of range.");
        sequence.ThrowIfNotEmpty();
        return new BasicConstraints(isCa, pathLength);
    }

    private static KeyUsages? KnownKeyUsage(List<CertificateExtension> extensions)
    {
        if (extensions.Find(extension => extension.Oid == Oids.KeyUsage) is not { } extension)
            return null;
        var reader = new AsnReader(extension.Value, AsnEncodingRules.DER);
        KeyUsages usage = reader.ReadNamedBitListValue<KeyUsages>();
        reader.ThrowIfNotEmpty();
        return usage;
    }

    internal static IReadOnlyList<string> ReadOids(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        var oids = new List<string>();
        while (sequence.HasData)
            oids.Add(sequence.ReadObjectIdentifier());
        return oids.Count > 0 ? oids : throw new AsnContentException("extKeyUsage is empty.");
    }

    private static ReadOnlyMemory<byte>? KnownSubjectKeyIdentifier(List<CertificateExtension> extensions)
    {
        if (extensions.Find(extension => extension.Oid == Oids.SubjectKeyIdentifier) is not { } extension)
            return null;
        var reader = new AsnReader(extension.Value, AsnEncodingRules.DER);
        if (!reader.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> identifier))
            throw new AsnContentException("subjectKeyIdentifier is not a primitive OCTET STRING.");
        reader.ThrowIfNotEmpty();
        return identifier;
    }

    internal static AuthorityKeyIdentifier ReadAuthorityKeyIdentifier(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        ReadOnlyMemory<byte>? keyIdentifier = null;
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(tag))
            keyIdentifier = sequence.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> identifier, tag)
                ? identifier
                : throw new AsnContentException("keyIdentifier is not primitive.");
        bool issuerAndSerial = sequence.HasData;
        for (int number = 1; number <= 2 && sequence.HasData; number++)
            if (sequence.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, number)))
                sequence.ReadEncodedValue();
        sequence.ThrowIfNotEmpty();
        return new AuthorityKeyIdentifier(keyIdentifier, issuerAndSerial);
    }

    private static IReadOnlyList<string> ReadPolicies(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        var policies = new List<string>();
        while (sequence.HasData)
        {
            AsnReader policy = sequence.ReadSequence();
            policies.Add(policy.ReadObjectIdentifier());
            // Qualifiers are outdated (BR 7.1.2.10.5) and we never write one.
            policy.ThrowIfNotEmpty();
        }
        return policies.Count > 0 ? policies : throw new AsnContentException("certificatePolicies is empty.");
    }

    private static IReadOnlyList<string> ReadCrlDistributionPoints(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        var uris = new List<string>();
        while (sequence.HasData)
        {
            AsnReader point = sequence.ReadSequence(); // DistributionPoint: only distributionPoint.fullName, only URIs
            AsnReader name = point.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
            AsnReader fullName = name.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
            while (fullName.HasData)
                uris.Add(fullName.ReadCharacterString(UniversalTagNumber.IA5String, new Asn1Tag(TagClass.ContextSpecific, 6)));
            name.ThrowIfNotEmpty();
            point.ThrowIfNotEmpty();
        }
        return uris.Count > 0 ? uris : throw new AsnContentException("cRLDistributionPoints is empty.");
    }

    internal static AsnReader OnlySequence(ReadOnlyMemory<byte> der)
    {
        var whole = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        return sequence;
    }
}
