using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// Reads certificates strictly: DER only, whole input, within limits, known extensions completely understood, with all that
/// RFC 5280 lets a foreign CA write there. It says what stands there; whether that is allowed is for <see cref="CertificateLint"/>.
/// Else refused: CERT-01.
/// </summary>
public static class CertificateReader
{
    /// <summary>Our largest profile with an RSA-4096 key and full names stays under 4 KiB.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int MaxExtensions = 32;
    private const string AskAgain = "Ask for it again, as its CA wrote it: nothing is taken from a certificate that is not well formed. "
        + "If the CA itself wrote it so, the same file again does not help, but another certificate of it.";

    private const int MaxPolicies = 64;
    private const int MaxShownText = 200;

    private const string CpsQualifier = "1.3.6.1.5.5.7.2.1";
    private const string NoticeQualifier = "1.3.6.1.5.5.7.2.2";

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag One = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Two = new(TagClass.ContextSpecific, 2);

    /// <param name="field">The part that is being read, for the sentence when it is not DER.</param>
    private delegate T Reading<T>(ReadOnlyMemory<byte> der, ref string field);

    public static bool TryReadCertificate(
        ReadOnlyMemory<byte> der,
        [NotNullWhen(true)] out ParsedCertificate? certificate,
        [NotNullWhen(false)] out Refusal? refusal) => TryRead(der, ReadCertificate, out certificate, out refusal);

    public static bool TryReadToBeSigned(
        ReadOnlyMemory<byte> der,
        [NotNullWhen(true)] out ParsedTbs? tbs,
        [NotNullWhen(false)] out Refusal? refusal) => TryRead(der, ReadToBeSigned, out tbs, out refusal);

    private static bool TryRead<T>(ReadOnlyMemory<byte> der, Reading<T> read,
        [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
        where T : class
    {
        (value, refusal) = (null, null);
        string field = "the certificate";
        try
        {
            if (der.Length > MaxBytes)
                throw UnreadableException.NotReadHere($"it has {der.Length} bytes, more than {MaxBytes}.");
            if (AsnDecoder.TryReadEncodedValue(der.Span, AsnEncodingRules.DER, out _, out _, out _, out int end)
                && der.Length - end is > 0 and var more)
                throw new UnreadableException($"{more} byte{(more == 1 ? " follows" : "s follow")} its end.");
            value = read(der.ToArray(), ref field);
            return true;
        }
        catch (UnreadableException e)
        {
            refusal = e.IsOurLimit
                ? CertificateRules.Encoding.Refuse($"The certificate is not read by this program: {e.Sentence}",
                    "It may be valid elsewhere: nothing is said against it. Ask its CA for one that keeps to RFC 5280.")
                : CertificateRules.Encoding.RefuseDamage(der.Span)
                    ?? CertificateRules.Encoding.Refuse($"The certificate is not well formed: {e.Sentence}", AskAgain);
        }
        catch (AsnContentException e) when (e.InnerException is DecoderFallbackException)
        {
            refusal = CertificateRules.Encoding.Refuse(
                $"The certificate is not well formed: a text in {field} holds bytes that a string of its kind has not.", AskAgain);
        }
        catch (AsnContentException)
        {
            refusal = CertificateRules.Encoding.RefuseDamage(der.Span) ?? CertificateRules.Encoding.Refuse(
                $"The certificate is not well formed: {field} is not DER as X.690 and RFC 5280 write it, or is cut off.", AskAgain);
        }
        return false;
    }

    private static ParsedCertificate ReadCertificate(ReadOnlyMemory<byte> der, ref string field)
    {
        AsnReader certificate = OnlySequence(der);
        ReadOnlyMemory<byte> tbs = certificate.ReadEncodedValue();
        ParsedTbs toBeSigned = ReadToBeSigned(tbs, ref field);
        field = "signatureAlgorithm";
        ReadOnlyMemory<byte> signatureAlgorithm = ReadAlgorithm(certificate);
        field = "signatureValue";
        ReadOnlyMemory<byte> signature = ReadBits(certificate, field);
        field = "the end";
        certificate.ThrowIfNotEmpty();
        return new ParsedCertificate
        {
            Der = der,
            ToBeSigned = toBeSigned,
            SignatureAlgorithm = signatureAlgorithm,
            Signature = signature,
        };
    }

    private static ParsedTbs ReadToBeSigned(ReadOnlyMemory<byte> der, ref string field)
    {
        AsnReader tbs = OnlySequence(der);
        field = "version";
        int version = ReadVersion(tbs);
        field = "serialNumber";
        ReadOnlyMemory<byte> serial = tbs.ReadIntegerBytes();
        field = "signature";
        ReadOnlyMemory<byte> signatureAlgorithm = ReadAlgorithm(tbs);
        field = "issuer";
        var issuer = DistinguishedName.Decode(tbs.ReadEncodedValue());
        field = "validity";
        AsnReader validity = tbs.ReadSequence();
        EncodedTime notBefore = ReadTime(validity);
        EncodedTime notAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        field = "subject";
        var subject = DistinguishedName.Decode(tbs.ReadEncodedValue());
        field = "subjectPublicKeyInfo";
        ReadOnlyMemory<byte> spki = tbs.ReadEncodedValue();
        ReadOnlyMemory<byte> bits = ReadPublicKeyBits(spki);
        field = "a unique identifier";
        bool uniqueIds = SkipUniqueIds(tbs);
        field = "the list of extensions";
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
            PublicKeyBits = bits,
            HasUniqueIds = uniqueIds,
            Extensions = extensions,
            BasicConstraints = Known(extensions, Oids.BasicConstraints, ReadBasicConstraints, ref field),
            KeyUsage = KnownKeyUsage(extensions, ref field),
            ExtendedKeyUsage = Known(extensions, Oids.ExtendedKeyUsage, ReadOids, ref field),
            SubjectKeyIdentifier = KnownSubjectKeyIdentifier(extensions, ref field),
            AuthorityKeyIdentifier = Known(extensions, Oids.AuthorityKeyIdentifier, ReadAuthorityKeyIdentifier, ref field),
            Policies = Known(extensions, Oids.CertificatePolicies, ReadPolicies, ref field),
            CrlDistributionPoints = Known(extensions, Oids.CrlDistributionPoints, ReadCrlDistributionPoints, ref field),
        };
    }

    private static int ReadVersion(AsnReader tbs)
    {
        if (!tbs.PeekTag().HasSameClassAndValue(Zero))
            return 1;
        AsnReader wrapper = tbs.ReadSequence(Zero);
        // DER leaves a default value out: v1 is never written (X.690 11.5).
        if (!wrapper.TryReadInt32(out int version) || version is < 1 or > 2)
            throw new UnreadableException("the version that is written is not 2 or 3.");
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
        if (tag == UniversalTagNumber.GeneralizedTime && text.StartsWith("0000", StringComparison.Ordinal))
            throw UnreadableException.NotReadHere("a time in it is of the year 0.");
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
        ReadOnlyMemory<byte> bits = ReadBits(sequence, "subjectPublicKey");
        sequence.ThrowIfNotEmpty();
        return bits;
    }

    private static ReadOnlyMemory<byte> ReadBits(AsnReader reader, string field)
    {
        if (!reader.TryReadPrimitiveBitString(out int unusedBits, out ReadOnlyMemory<byte> bits) || unusedBits != 0)
            throw new UnreadableException($"{field} is not whole bytes.");
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
                throw UnreadableException.NotReadHere($"there are more than {MaxExtensions} extensions.");
        }
        return extensions.Count > 0 ? extensions : throw new UnreadableException("the list of extensions is empty.");
    }

    internal static CertificateExtension ReadExtension(AsnReader extension)
    {
        string oid = extension.ReadObjectIdentifier();
        bool critical = ReadDefaultFalse(extension);
        if (!extension.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> value))
            throw new UnreadableException($"the value of {Oids.NameOfExtension(oid)} is not a primitive OCTET STRING.");
        extension.ThrowIfNotEmpty();
        return new CertificateExtension(oid, critical, value);
    }

    private static bool ReadDefaultFalse(AsnReader reader)
    {
        if (!reader.HasData || !reader.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            return false;
        return reader.ReadBoolean() ? true : throw new UnreadableException("a default FALSE is written out (X.690 11.5).");
    }

    private static T? Known<T>(List<CertificateExtension> extensions, string oid, Func<ReadOnlyMemory<byte>, T> read, ref string field)
        where T : class =>
        Find(extensions, oid, ref field) is { } extension ? read(extension.Value) : null;

    private static CertificateExtension? Find(List<CertificateExtension> extensions, string oid, ref string field)
    {
        foreach (CertificateExtension extension in extensions)
        {
            if (extension.Oid != oid)
                continue;
            field = Oids.NameOf(oid);
            return extension;
        }
        return null;
    }

    internal static BasicConstraints ReadBasicConstraints(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        bool isCa = ReadDefaultFalse(sequence);
        int? pathLength = null;
        if (sequence.HasData)
            pathLength = !sequence.TryReadInt32(out int length)
                ? throw UnreadableException.NotReadHere("pathLenConstraint is a number of more than 31 bits.")
                : length >= 0 ? length : throw new UnreadableException("pathLenConstraint is negative.");
        sequence.ThrowIfNotEmpty();
        return new BasicConstraints(isCa, pathLength);
    }

    private static KeyUsages? KnownKeyUsage(List<CertificateExtension> extensions, ref string field)
    {
        if (Find(extensions, Oids.KeyUsage, ref field) is not { } extension)
            return null;
        if (EndsWithZeroBits(extension.Value))
            throw new UnreadableException("keyUsage has zero bits written at its end, which DER leaves out (X.690 11.2.2).");
        var reader = new AsnReader(extension.Value, AsnEncodingRules.DER);
        KeyUsages usage = reader.ReadNamedBitListValue<KeyUsages>();
        reader.ThrowIfNotEmpty();
        return usage;
    }

    // Old roots are written so: that it is this and nothing worse is worth a sentence.
    private static bool EndsWithZeroBits(ReadOnlyMemory<byte> value) =>
        new AsnReader(value, AsnEncodingRules.DER).TryReadPrimitiveBitString(out int unused, out ReadOnlyMemory<byte> bits)
        && !bits.IsEmpty && (bits.Span[^1] & (1 << unused)) == 0;

    internal static IReadOnlyList<string> ReadOids(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        var oids = new List<string>();
        while (sequence.HasData)
            oids.Add(sequence.ReadObjectIdentifier());
        return oids.Count > 0 ? oids : throw new UnreadableException("extKeyUsage is empty.");
    }

    private static ReadOnlyMemory<byte>? KnownSubjectKeyIdentifier(List<CertificateExtension> extensions, ref string field)
    {
        if (Find(extensions, Oids.SubjectKeyIdentifier, ref field) is not { } extension)
            return null;
        var reader = new AsnReader(extension.Value, AsnEncodingRules.DER);
        if (!reader.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> identifier))
            throw new UnreadableException("subjectKeyIdentifier is not a primitive OCTET STRING.");
        reader.ThrowIfNotEmpty();
        return identifier;
    }

    internal static AuthorityKeyIdentifier ReadAuthorityKeyIdentifier(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        ReadOnlyMemory<byte>? keyIdentifier = null;
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Zero))
            keyIdentifier = sequence.TryReadPrimitiveOctetString(out ReadOnlyMemory<byte> identifier, Zero)
                ? identifier
                : throw new UnreadableException("keyIdentifier is not primitive.");
        bool issuerAndSerial = sequence.HasData;
        ReadOnlyMemory<byte>? issuer = null, serial = null;
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(One))
            issuer = OnlyDirectoryName(sequence.ReadEncodedValue());
        if (sequence.HasData && sequence.PeekTag().HasSameClassAndValue(Two))
        {
            serial = sequence.PeekContentBytes();
            sequence.ReadEncodedValue();
        }
        sequence.ThrowIfNotEmpty();
        return new AuthorityKeyIdentifier(keyIdentifier, issuerAndSerial) { Issuer = issuer, Serial = serial };
    }

    // GeneralNames: null unless it is one directoryName, [4] explicit, as tools write it.
    private static ReadOnlyMemory<byte>? OnlyDirectoryName(ReadOnlyMemory<byte> names)
    {
        try
        {
            AsnReader name = new AsnReader(names, AsnEncodingRules.DER).ReadSequence(One);
            if (!name.HasData || !name.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 4)))
                return null;
            AsnReader inner = name.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 4));
            ReadOnlyMemory<byte> der = inner.ReadEncodedValue();
            return inner.HasData || name.HasData ? null : der;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    // RFC 5280 4.2.1.4
    private static IReadOnlyList<CertificatePolicy> ReadPolicies(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        var policies = new List<CertificatePolicy>();
        while (sequence.HasData)
        {
            AsnReader policy = sequence.ReadSequence();
            // policyIdentifier
            string oid = policy.ReadObjectIdentifier();
            // policyQualifiers OPTIONAL
            policies.Add(new CertificatePolicy(oid, policy.HasData ? ReadQualifiers(policy.ReadSequence()) : []));
            policy.ThrowIfNotEmpty();
            if (policies.Count > MaxPolicies)
                throw UnreadableException.NotReadHere($"there are more than {MaxPolicies} policies.");
        }
        return policies.Count > 0 ? policies : throw new UnreadableException("certificatePolicies is empty.");
    }

    private static List<string> ReadQualifiers(AsnReader list)
    {
        var qualifiers = new List<string>();
        while (list.HasData)
        {
            AsnReader qualifier = list.ReadSequence();
            // policyQualifierId
            string oid = qualifier.ReadObjectIdentifier();
            // qualifier ANY DEFINED BY policyQualifierId
            qualifiers.Add(oid switch
            {
                CpsQualifier => $"CPS {Shown(qualifier.ReadCharacterString(UniversalTagNumber.IA5String))}",
                NoticeQualifier => ReadNotice(qualifier.ReadSequence()),
                _ => $"{oid} {Shown(Convert.ToHexStringLower(qualifier.ReadEncodedValue().Span))}",
            });
            qualifier.ThrowIfNotEmpty();
            if (qualifiers.Count > MaxPolicies)
                throw UnreadableException.NotReadHere($"there are more than {MaxPolicies} qualifiers of a policy.");
        }
        return qualifiers.Count > 0 ? qualifiers : throw new UnreadableException("a policy's list of qualifiers is empty.");
    }

    // UserNotice ::= SEQUENCE { noticeRef NoticeReference OPTIONAL, explicitText DisplayText OPTIONAL }
    private static string ReadNotice(AsnReader notice)
    {
        string text = "notice";
        if (notice.HasData && notice.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            AsnReader reference = notice.ReadSequence();
            // organization
            text += $" of {ReadDisplayText(reference)}";
            // noticeNumbers
            AsnReader numbers = reference.ReadSequence();
            while (numbers.HasData)
                text += $" {Shown(numbers.ReadInteger().ToString())}";
            reference.ThrowIfNotEmpty();
        }
        if (notice.HasData)
            text += $" {ReadDisplayText(notice)}";
        notice.ThrowIfNotEmpty();
        return text;
    }

    // DisplayText ::= CHOICE { ia5String, visibleString, bmpString, utf8String }
    private static string ReadDisplayText(AsnReader reader) =>
        (UniversalTagNumber)reader.PeekTag().TagValue is var tag && reader.PeekTag().TagClass == TagClass.Universal
            && tag is UniversalTagNumber.IA5String or UniversalTagNumber.VisibleString
                or UniversalTagNumber.BMPString or UniversalTagNumber.UTF8String
            ? $"'{Shown(reader.ReadCharacterString(tag))}'"
            : throw new UnreadableException("a notice of a policy holds something that is no text.");

    private static string Shown(string text) =>
        CertificateText.Visible(text.Length <= MaxShownText ? text : $"{text[..MaxShownText]}...");

    // RFC 5280 4.2.1.13
    private static CrlDistributionPoints ReadCrlDistributionPoints(ReadOnlyMemory<byte> value)
    {
        AsnReader sequence = OnlySequence(value);
        (List<string> uris, List<string> others, int count) = ([], [], 0);
        while (sequence.HasData)
        {
            ReadDistributionPoint(sequence.ReadSequence(), uris, others);
            if (++count > GeneralNames.MaxNames)
                throw UnreadableException.NotReadHere($"there are more than {GeneralNames.MaxNames} CRL distribution points.");
        }
        return count > 0 ? new CrlDistributionPoints(uris, others) : throw new UnreadableException("cRLDistributionPoints is empty.");
    }

    private static void ReadDistributionPoint(AsnReader point, List<string> uris, List<string> others)
    {
        bool hasName = point.HasData && point.PeekTag().HasSameClassAndValue(Zero);
        // distributionPoint [0]
        if (hasName)
            ReadDistributionPointName(point.ReadSequence(Zero), uris, others);
        // reasons [1]
        if (point.HasData && point.PeekTag().HasSameClassAndValue(One))
            others.Add($"reasons {Convert.ToHexStringLower(point.ReadBitString(out _, One))}");
        // cRLIssuer [2]
        bool hasIssuer = point.HasData && point.PeekTag().HasSameClassAndValue(Two);
        if (hasIssuer)
            others.AddRange(GeneralNames.Read(point.ReadSequence(Two), "cRLIssuer").Select(name => $"CRL issuer {name}"));
        point.ThrowIfNotEmpty();
        if (!hasName && !hasIssuer)
            throw new UnreadableException("a CRL distribution point names neither a place nor an issuer.");
    }

    /// <summary>DistributionPointName, of a certificate as of a revocation list; the name's [0] is entered.</summary>
    internal static void ReadDistributionPointName(AsnReader name, List<string> uris, List<string> others)
    {
        // fullName [0]
        if (name.PeekTag().HasSameClassAndValue(Zero))
        {
            AsnReader names = name.ReadSequence(Zero);
            if (!names.HasData)
                throw new UnreadableException("a distribution point's name is empty.");
            while (names.HasData)
            {
                if (GeneralNames.IsUri(names))
                    uris.Add(GeneralNames.ReadUri(names));
                else
                    others.Add(GeneralNames.ReadOne(names, "a distribution point"));
            }
        }
        else
        {
            // nameRelativeToCRLIssuer [1]
            var attributes = new List<NameAttribute>();
            DistinguishedName.DecodeRelativeName(DerSet.Read(name, "the attributes in one part of a name", One), attributes);
            others.Add($"relative name {string.Join('+', attributes.Select(one => $"{one.Label}={CertificateText.Visible(one.Value)}"))}");
        }
        name.ThrowIfNotEmpty();
    }

    internal static AsnReader OnlySequence(ReadOnlyMemory<byte> der)
    {
        var whole = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        return sequence;
    }
}
