using System.Diagnostics;
using System.Formats.Asn1;

namespace KeyCeremony.Core.Pki;

/// <summary>Writes TBSCertificates. RFC 5280 4.1.2.</summary>
public static class ToBeSigned
{
    /// <summary>
    /// The exact bytes to be signed: a function of the plan and the subject's key. The plan was accepted by
    /// <see cref="PlanRules.Check"/>.
    /// </summary>
    /// <param name="subjectPublicKeyInfo">DER, of the plan's kind.</param>
    public static byte[] Write(CertificatePlan plan, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        KeyAlgorithm signer = plan.SignerKey ?? throw new UnreachableException("The plan was not checked.");
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                // version
                writer.WriteInteger(2);
            }
            // serialNumber
            writer.WriteInteger(plan.Serial.Bytes.Span);
            // signature
            writer.WriteEncodedValue(signer.SignatureAlgorithmIdentifier());
            // issuer: the bytes as they stand in the issuer's certificate
            writer.WriteEncodedValue(plan.IssuerName.Der.Span);
            // validity
            using (writer.PushSequence())
            {
                WriteTime(writer, plan.NotBefore);
                WriteTime(writer, plan.NotAfter);
            }
            // subject
            writer.WriteEncodedValue(plan.Subject.Der.Span);
            // subjectPublicKeyInfo
            writer.WriteEncodedValue(subjectPublicKeyInfo);
            // extensions
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
            using (writer.PushSequence())
            {
                WriteExtensions(writer, plan, plan.SubjectKeyIdentifier is { } carried
                    ? Convert.FromHexString(carried)
                    : KeyIdentifier(subjectPublicKeyInfo));
            }
        }
        return writer.Encode();
    }

    /// <summary>The Certificate around a TBS. RFC 5280 4.1.1.</summary>
    internal static byte[] Wrap(ReadOnlySpan<byte> tbs, KeyAlgorithm signer, ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // tbsCertificate
            writer.WriteEncodedValue(tbs);
            // signatureAlgorithm
            writer.WriteEncodedValue(signer.SignatureAlgorithmIdentifier());
            // signatureValue
            writer.WriteBitString(signature);
        }
        return writer.Encode();
    }

    /// <summary>An authority's certificate for another key, issued by itself: with its name, dates and extensions.</summary>
    internal static byte[] WriteStandIn(ParsedTbs authority, ThrowAwayKey key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                writer.WriteInteger(2); // version
            writer.WriteInteger(1); // serialNumber
            writer.WriteEncodedValue(key.Algorithm.SignatureAlgorithmIdentifier()); // signature
            writer.WriteEncodedValue(authority.Subject.Der.Span); // issuer
            using (writer.PushSequence()) // validity
            {
                WriteTime(writer, authority.NotBefore.Value);
                WriteTime(writer, authority.NotAfter.Value);
            }
            writer.WriteEncodedValue(authority.Subject.Der.Span); // subject
            writer.WriteEncodedValue(key.SubjectPublicKeyInfo.Span); // subjectPublicKeyInfo
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 3)))
            using (writer.PushSequence())
                foreach (CertificateExtension extension in authority.Extensions.Where(e => e.Oid != Oids.AuthorityKeyIdentifier))
                    WriteExtension(writer, extension.Oid, extension.Critical, value => value.WriteEncodedValue(extension.Value.Span));
        }
        return writer.Encode();
    }

    internal static int LengthWithLongestSignature(int tbsLength, KeyAlgorithm signer)
    {
        int content = tbsLength + signer.SignatureAlgorithmIdentifier().Length + WithHeader(1 + signer.LongestSignature);
        return WithHeader(content);
    }

    private static int WithHeader(int length) => length + length switch
    {
        < 0x80 => 2,
        < 0x100 => 3,
        < 0x10000 => 4,
        _ => throw new UnreachableException("Longer than any certificate we read."),
    };

    /// <summary>The subjectKeyIdentifier that a key gets where none is carried over.</summary>
    internal static byte[] KeyIdentifier(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        AsnReader spki = new AsnReader(subjectPublicKeyInfo.ToArray(), AsnEncodingRules.DER).ReadSequence();
        spki.ReadEncodedValue();
        return CertificateRules.KeyIdentifierOf(spki.ReadBitString(out _));
    }

    // RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050.
    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        if (time.Year < 2050)
            writer.WriteUtcTime(time, twoDigitYearMax: 2049);
        else
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
    }

    private static void WriteExtensions(AsnWriter writer, CertificatePlan plan, byte[] subjectKeyIdentifier)
    {
        CertificateProfile profile = plan.Profile;
        if (profile.WritesBasicConstraints)
            WriteExtension(writer, Oids.BasicConstraints, critical: true, value => WriteBasicConstraints(value, plan));
        WriteExtension(writer, Oids.KeyUsage, critical: true, value => value.WriteNamedBitList(profile.KeyUsage));
        if ((plan.ExtendedKeyUsage ?? profile.ExtendedKeyUsage) is { Count: > 0 } purposes)
            WriteExtension(writer, Oids.ExtendedKeyUsage, critical: false, value => WriteOids(value, purposes));
        WriteExtension(writer, Oids.SubjectKeyIdentifier, critical: false, value => value.WriteOctetString(subjectKeyIdentifier));
        ReadOnlyMemory<byte> authorityKeyIdentifier = plan.Issuer?.ToBeSigned.SubjectKeyIdentifier ?? subjectKeyIdentifier;
        WriteExtension(writer, Oids.AuthorityKeyIdentifier, critical: false,
            value => WriteAuthorityKeyIdentifier(value, authorityKeyIdentifier.Span));
        if (plan.Policies.Count > 0)
            WriteExtension(writer, Oids.CertificatePolicies, critical: false, value => WritePolicies(value, plan.Policies));
        if (plan.CrlDistributionPoints.Count > 0)
            WriteExtension(writer, Oids.CrlDistributionPoints, critical: false,
                value => WriteCrlDistributionPoints(value, plan.CrlDistributionPoints));
        if (profile.WritesOcspNoCheck)
            WriteExtension(writer, Oids.OcspNoCheck, critical: false, value => value.WriteNull());
    }

    /// <summary>RFC 5280 4.1: Extension. The same in certificates and revocation lists.</summary>
    internal static void WriteExtension(AsnWriter writer, string oid, bool critical, Action<AsnWriter> writeValue)
    {
        using (writer.PushSequence())
        {
            // extnID
            writer.WriteObjectIdentifier(oid);
            // critical DEFAULT FALSE
            if (critical)
                writer.WriteBoolean(true);
            // extnValue
            using (writer.PushOctetString())
            {
                writeValue(writer);
            }
        }
    }

    // RFC 5280 4.2.1.9
    private static void WriteBasicConstraints(AsnWriter writer, CertificatePlan plan)
    {
        using (writer.PushSequence())
        {
            // cA DEFAULT FALSE
            if (plan.Profile.IsCa)
                writer.WriteBoolean(true);
            // pathLenConstraint OPTIONAL
            if (plan.PathLength is { } length)
                writer.WriteInteger(length);
        }
    }

    private static void WriteOids(AsnWriter writer, IReadOnlyList<string> oids)
    {
        using (writer.PushSequence())
        {
            foreach (string oid in oids)
                writer.WriteObjectIdentifier(oid);
        }
    }

    // RFC 5280 4.2.1.1
    private static void WriteAuthorityKeyIdentifier(AsnWriter writer, ReadOnlySpan<byte> identifier)
    {
        using (writer.PushSequence())
        {
            // keyIdentifier [0]
            writer.WriteOctetString(identifier, new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    }

    // RFC 5280 4.2.1.4
    private static void WritePolicies(AsnWriter writer, IReadOnlyList<string> policies)
    {
        using (writer.PushSequence())
        {
            foreach (string policy in policies)
            {
                using (writer.PushSequence())
                {
                    // policyIdentifier
                    writer.WriteObjectIdentifier(policy);
                }
            }
        }
    }

    // RFC 5280 4.2.1.13
    private static void WriteCrlDistributionPoints(AsnWriter writer, IReadOnlyList<string> uris)
    {
        var zero = new Asn1Tag(TagClass.ContextSpecific, 0);
        using (writer.PushSequence())
        {
            foreach (string uri in uris)
            {
                using (writer.PushSequence())
                using (writer.PushSequence(zero)) // distributionPoint
                using (writer.PushSequence(zero)) // fullName
                {
                    // uniformResourceIdentifier [6]
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
                }
            }
        }
    }
}
