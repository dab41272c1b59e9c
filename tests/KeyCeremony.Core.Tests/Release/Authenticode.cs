using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Core.Tests.Release;

/// <summary>
/// The signature that a firmware key makes of our digest: PKCS #7 signedData over SpcIndirectDataContent, as "Windows Authenticode Portable
/// Executable Signature Format" shows it.
/// </summary>
internal static class Authenticode
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string IndirectData = "1.3.6.1.4.1.311.2.1.4", PeImageData = "1.3.6.1.4.1.311.2.1.15";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1", Rsa = "1.2.840.113549.1.1.1";
    private const string ContentType = "1.2.840.113549.1.9.3", MessageDigest = "1.2.840.113549.1.9.4";

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Two = new(TagClass.ContextSpecific, 2, isConstructed: true);

    public static byte[] Sign(byte[] digest, RSA key, X509Certificate2 certificate)
    {
        byte[] content = Content(digest);
        byte[] attributes = Attributes(SHA256.HashData(InnerOf(content)));
        byte[] signature = key.SignData(attributes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SignedData);
            using (writer.PushSequence(Zero))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);                                   // version
                using (writer.PushSetOf())
                    Algorithm(writer, Sha256);                            // digestAlgorithms
                using (writer.PushSequence())                             // contentInfo
                {
                    writer.WriteObjectIdentifier(IndirectData);
                    using (writer.PushSequence(Zero))
                        writer.WriteEncodedValue(content);
                }
                using (writer.PushSetOf(Zero))
                    writer.WriteEncodedValue(certificate.RawData);        // certificates
                using (writer.PushSetOf())
                using (writer.PushSequence())                             // signerInfo
                {
                    writer.WriteInteger(1);
                    using (writer.PushSequence())
                    {
                        writer.WriteEncodedValue(certificate.IssuerName.RawData);
                        writer.WriteInteger(certificate.SerialNumberBytes.Span);
                    }
                    Algorithm(writer, Sha256);
                    // authenticatedAttributes [0] IMPLICIT: the same bytes under another tag
                    writer.WriteEncodedValue([0xA0, .. attributes[1..]]);
                    Algorithm(writer, Rsa);
                    writer.WriteOctetString(signature);
                }
            }
        }
        return writer.Encode();
    }

    // SpcIndirectDataContent { data { type, SpcPeImageData { flags, file } }, messageDigest }
    private static byte[] Content(byte[] digest)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(PeImageData);
                using (writer.PushSequence())
                {
                    writer.WriteBitString([]);
                    using (writer.PushSequence(Zero))
                    using (writer.PushSequence(Two))
                        writer.WriteCharacterString(UniversalTagNumber.BMPString, "", new Asn1Tag(TagClass.ContextSpecific, 0));
                }
            }
            using (writer.PushSequence())
            {
                Algorithm(writer, Sha256);
                writer.WriteOctetString(digest);
            }
        }
        return writer.Encode();
    }

    private static byte[] Attributes(byte[] hash)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSetOf())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(ContentType);
                using (writer.PushSetOf())
                    writer.WriteObjectIdentifier(IndirectData);
            }
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(MessageDigest);
                using (writer.PushSetOf())
                    writer.WriteOctetString(hash);
            }
        }
        return writer.Encode();
    }

    private static void Algorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteNull();
        }
    }

    // PKCS #7 hashes the content without its tag and length.
    private static byte[] InnerOf(byte[] der)
    {
        AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.DER, out int at, out int length, out _);
        return der[at..(at + length)];
    }
}
