using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release;

/// <summary>
/// What the signature of a UEFI program is over: SpcIndirectDataContent with the program's digest, after "Windows Authenticode Portable
/// Executable Signature Format". SHA-256, which every firmware knows.
/// </summary>
public static class Authenticode
{
    internal const string IndirectData = "1.3.6.1.4.1.311.2.1.4";

    private const string PeImageData = "1.3.6.1.4.1.311.2.1.15";

    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Context2 = new(TagClass.ContextSpecific, 2, isConstructed: true);

    /// <param name="digest">Of the program, without checksum and certificates.</param>
    public static SignedContent Content(byte[] digest)
    {
        byte[] value = IndirectDataContent(digest);
        AsnDecoder.ReadEncodedValue(value, AsnEncodingRules.DER, out int at, out int length, out _);
        // PKCS #7 hashes the value without its tag and length.
        return new SignedContent(IndirectData, SHA256.HashData(value.AsSpan(at, length)), value);
    }

    private static byte[] IndirectDataContent(byte[] digest)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // data: SpcAttributeTypeAndOptionalValue
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(PeImageData);
                // SpcPeImageData { flags, file }
                using (writer.PushSequence())
                {
                    writer.WriteBitString([]);
                    using (writer.PushSequence(Context0))
                    using (writer.PushSequence(Context2))
                        writer.WriteCharacterString(UniversalTagNumber.BMPString, "", new Asn1Tag(TagClass.ContextSpecific, 0));
                }
            }
            // messageDigest: DigestInfo
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Oids.Sha256);
                    writer.WriteNull();
                }
                writer.WriteOctetString(digest);
            }
        }
        return writer.Encode();
    }
}
