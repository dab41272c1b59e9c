using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace KeyCeremony.Pkcs11;

/// <summary>SubjectPublicKeyInfo from and to PKCS#11 attributes. RFC 5280 4.1.2.7, RFC 5480 2, RFC 8017 A.1.1.</summary>
internal static class PublicKeyInfo
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string EcPublicKey = "1.2.840.10045.2.1";

    /// <param name="parameters">CKA_EC_PARAMS: the curve's OID, DER.</param>
    /// <param name="point">CKA_EC_POINT: an OCTET STRING around the point, or, from older modules, the bare point.</param>
    public static byte[] FromEc(byte[] parameters, byte[] point, Func<string, HsmException> distrust)
    {
        try
        {
            _ = AsnDecoder.ReadObjectIdentifier(parameters, AsnEncodingRules.DER, out int read);
            if (read != parameters.Length)
            {
                throw distrust("CKA_EC_PARAMS has bytes after the curve");
            }

            byte[] bare = point is [0x04, ..] && AsnDecoder.TryReadPrimitiveOctetString(
                point, AsnEncodingRules.DER, out ReadOnlySpan<byte> inner, out int consumed) && consumed == point.Length
                ? inner.ToArray()
                : point;
            return Write(EcPublicKey, parameters, bare);
        }
        catch (AsnContentException)
        {
            throw distrust("CKA_EC_PARAMS or CKA_EC_POINT is no DER");
        }
    }

    public static byte[] FromRsa(byte[] modulus, byte[] exponent)
    {
        var key = new AsnWriter(AsnEncodingRules.DER);
        using (key.PushSequence())
        {
            key.WriteInteger(new BigInteger(modulus, isUnsigned: true, isBigEndian: true)); // modulus
            key.WriteInteger(new BigInteger(exponent, isUnsigned: true, isBigEndian: true)); // publicExponent
        }

        return Write(RsaEncryption, null, key.Encode());
    }

    /// <summary>The curve's OID as DER and the bare point; null for an RSA key.</summary>
    /// <exception cref="CryptographicException">Neither an EC nor an RSA key.</exception>
    public static (byte[] Parameters, byte[] Point)? ReadEc(byte[] publicKeyInfo)
    {
        (string? algorithm, byte[]? parameters, byte[]? key) = Read(publicKeyInfo);
        return algorithm switch
        {
            EcPublicKey => (parameters, key),
            RsaEncryption => null,
            _ => throw new CryptographicException($"A key of algorithm {algorithm} is neither EC nor RSA."),
        };
    }

    private static byte[] Write(string algorithm, byte[]? parameters, byte[] key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(algorithm);
                if (parameters is null)
                {
                    writer.WriteNull();
                }
                else
                {
                    writer.WriteEncodedValue(parameters);
                }
            }

            writer.WriteBitString(key); // subjectPublicKey
        }

        return writer.Encode();
    }

    private static (string Algorithm, byte[] Parameters, byte[] Key) Read(byte[] publicKeyInfo)
    {
        try
        {
            var outer = new AsnReader(publicKeyInfo, AsnEncodingRules.DER);
            AsnReader info = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            AsnReader identifier = info.ReadSequence();
            string algorithm = identifier.ReadObjectIdentifier();
            byte[] parameters = identifier.HasData ? identifier.ReadEncodedValue().ToArray() : [];
            identifier.ThrowIfNotEmpty();
            byte[] key = info.ReadBitString(out _);
            info.ThrowIfNotEmpty();
            return (algorithm, parameters, key);
        }
        catch (AsnContentException malformed)
        {
            throw new CryptographicException("The public key is no SubjectPublicKeyInfo in DER.", malformed);
        }
    }
}
