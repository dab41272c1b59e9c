using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Pki;

/// <summary>What a signature in CMS is over. RFC 5652 5.2.</summary>
/// <param name="Type">OID of the content's kind.</param>
/// <param name="Digest">Of its value, without tag and length, by the hash of the signer's key.</param>
/// <param name="Inside">DER of the value where it stands inside; null where it is detached.</param>
public sealed record SignedContent(string Type, ReadOnlyMemory<byte> Digest, ReadOnlyMemory<byte>? Inside = null)
{
    /// <summary>False: the key signs the digest itself, and algorithms have the parameters of PKCS #7.</summary>
    public bool HasAttributes { get; init; } = true;
}

/// <summary>
/// CMS SignedData of one signer in DER (RFC 5652), in the one form in which it leaves the room: signer by issuer and serial number, signed
/// attributes content-type, signing-time and message-digest, the signer's path beside it. docs/formats/bundle.md. Firmware takes updates of
/// its variables without attributes: docs/formats/releases/efi-variable.md.
/// </summary>
public static class SignedDataForm
{
    public const string Data = "1.2.840.113549.1.7.1";
    public const string SignedData = "1.2.840.113549.1.7.2";
    public const string ContentType = "1.2.840.113549.1.9.3";
    public const string MessageDigest = "1.2.840.113549.1.9.4";
    public const string SigningTime = "1.2.840.113549.1.9.5";

    /// <summary>The last year that UTCTime can write.</summary>
    private const int LastUtcYear = 2049;

    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>What the signer's key signs: the attributes under the tag of a SET. RFC 5652 5.4.</summary>
    public static byte[] SignedAttributes(SignedContent content, DateTimeOffset at)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        WriteAttributes(writer, Asn1Tag.SetOf, content, at);
        return writer.Encode();
    }

    /// <param name="path">The signer's certificate first; all of them stand inside.</param>
    /// <param name="signature">Over <see cref="SignedAttributes"/>, or over the digest where there are none.</param>
    public static byte[] Write(SignedContent content, IReadOnlyList<ParsedCertificate> path, DateTimeOffset at,
        ReadOnlySpan<byte> signature)
    {
        ParsedTbs signer = path[0].ToBeSigned;
        // Null also for RSA of other sizes, which signs as ours does.
        var key = KeyAlgorithm.Of(signer.SubjectPublicKeyInfo.Span);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        // ContentInfo, RFC 5652 3
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SignedData);
            using (writer.PushSequence(Context0))
            // SignedData, RFC 5652 5.1
            using (writer.PushSequence())
            {
                // version
                writer.WriteInteger(1);
                // digestAlgorithms
                using (writer.PushSetOf())
                    WriteAlgorithm(writer, DigestOid(key), hasNull: !content.HasAttributes);
                // encapContentInfo
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(content.Type);
                    if (content.Inside is { } inside)
                        using (writer.PushSequence(Context0))
                            writer.WriteEncodedValue(inside.Span);
                }
                // certificates
                using (writer.PushSetOf(Context0))
                    foreach (ParsedCertificate certificate in path)
                        writer.WriteEncodedValue(certificate.Der.Span);
                // signerInfos
                using (writer.PushSetOf())
                    WriteSigner(writer, content, signer, key, at, signature);
            }
        }
        return writer.Encode();
    }

    /// <summary>
    /// Who is named as the one signer, and the signature. Whoever compares the whole with what <see cref="Write"/> makes of them need look
    /// at nothing else.
    /// </summary>
    /// <param name="signer">DER of issuer and serial number.</param>
    public static bool TryReadSigner(ReadOnlyMemory<byte> cms, out ReadOnlyMemory<byte> signer,
        [NotNullWhen(true)] out byte[]? signature)
    {
        (signer, signature) = (default, null);
        try
        {
            AsnReader info = new AsnReader(cms, AsnEncodingRules.DER).ReadSequence();
            _ = info.ReadObjectIdentifier();
            AsnReader data = info.ReadSequence(Context0).ReadSequence();
            // version, digestAlgorithms, encapContentInfo, certificates
            for (int field = 0; field < 4; field++)
                _ = data.ReadEncodedValue();
            AsnReader one = data.ReadSetOf().ReadSequence();
            // version
            _ = one.ReadInteger();
            signer = one.ReadEncodedValue();
            // digestAlgorithm, signedAttrs, signatureAlgorithm
            for (int field = 0; field < 3; field++)
                _ = one.ReadEncodedValue();
            signature = one.ReadOctetString();
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    /// <summary>How a signer is named, in DER. RFC 5652 10.2.4.</summary>
    public static byte[] IssuerAndSerial(ParsedTbs signer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        WriteIssuerAndSerial(writer, signer);
        return writer.Encode();
    }

    /// <summary>RFC 5652 11.3: UTCTime through 2049, GeneralizedTime from 2050.</summary>
    public static byte[] Time(DateTimeOffset at)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        if (at.UtcDateTime.Year <= LastUtcYear)
            writer.WriteUtcTime(at.ToUniversalTime(), twoDigitYearMax: LastUtcYear);
        else
            writer.WriteGeneralizedTime(at.ToUniversalTime(), omitFractionalSeconds: true);
        return writer.Encode();
    }

    /// <summary>RFC 5652 5.3.</summary>
    private static void WriteSigner(AsnWriter writer, SignedContent content, ParsedTbs signer, KeyAlgorithm? key, DateTimeOffset at,
        ReadOnlySpan<byte> signature)
    {
        using (writer.PushSequence())
        {
            // version
            writer.WriteInteger(1);
            // sid
            WriteIssuerAndSerial(writer, signer);
            WriteAlgorithm(writer, DigestOid(key), hasNull: !content.HasAttributes);
            if (content.HasAttributes)
                WriteAttributes(writer, Context0, content, at);
            // RFC 3370 3.2: an RSA signature goes by the key's name alone.
            bool isRsa = key is not { IsRsa: false };
            WriteAlgorithm(writer, isRsa ? Oids.RsaEncryption : key!.SignatureOid, hasNull: isRsa && !content.HasAttributes);
            writer.WriteOctetString(signature);
        }
    }

    private static void WriteIssuerAndSerial(AsnWriter writer, ParsedTbs signer)
    {
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(signer.Issuer.Der.Span);
            writer.WriteInteger(signer.Serial.Span);
        }
    }

    private static void WriteAttributes(AsnWriter writer, Asn1Tag tag, SignedContent content, DateTimeOffset at)
    {
        using (writer.PushSetOf(tag))
        {
            WriteAttribute(writer, ContentType, w => w.WriteObjectIdentifier(content.Type));
            WriteAttribute(writer, SigningTime, w => w.WriteEncodedValue(Time(at)));
            WriteAttribute(writer, MessageDigest, w => w.WriteOctetString(content.Digest.Span));
        }
    }

    private static void WriteAttribute(AsnWriter writer, string type, Action<AsnWriter> value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            using (writer.PushSetOf())
                value(writer);
        }
    }

    /// <summary>Without parameters, as the base library writes each of ours; with NULL, as PKCS #7 asks for (RFC 2315).</summary>
    private static void WriteAlgorithm(AsnWriter writer, string oid, bool hasNull)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (hasNull)
                writer.WriteNull();
        }
    }

    private static string DigestOid(KeyAlgorithm? key) => key?.Hash == HashAlgorithmName.SHA384 ? Oids.Sha384
        : key?.Hash == HashAlgorithmName.SHA512 ? Oids.Sha512 : Oids.Sha256;
}
