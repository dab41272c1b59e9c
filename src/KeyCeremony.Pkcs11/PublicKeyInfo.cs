using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using KeyCeremony.Pkcs11.Native;

namespace KeyCeremony.Pkcs11;

/// <summary>SubjectPublicKeyInfo from and to PKCS#11 attributes. RFC 5280 4.1.2.7, RFC 5480 2, RFC 8017 A.1.1, RFC 9881 4.</summary>
internal static class PublicKeyInfo
{
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string EcPublicKey = "1.2.840.10045.2.1";

    private static readonly (nuint ParameterSet, string Algorithm, int KeyBytes)[] MlDsaSets =
    [
        (Cryptoki.CKP_ML_DSA_44, "2.16.840.1.101.3.4.3.17", 1312),
        (Cryptoki.CKP_ML_DSA_65, "2.16.840.1.101.3.4.3.18", 1952),
        (Cryptoki.CKP_ML_DSA_87, "2.16.840.1.101.3.4.3.19", 2592),
    ];

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

    /// <param name="parameterSet">CKA_PARAMETER_SET.</param>
    /// <param name="value">CKA_VALUE of the public key: the bytes of FIPS 204, nothing around them.</param>
    public static byte[] FromMlDsa(nuint parameterSet, byte[] value, Func<string, HsmException> distrust)
    {
        if (MlDsaSets.FirstOrDefault(set => set.ParameterSet == parameterSet) is not { Algorithm: { } algorithm, KeyBytes: var length })
        {
            throw distrust($"CKA_PARAMETER_SET is {parameterSet}, which is none of ML-DSA's");
        }

        return value.Length == length ? Write(algorithm, [], value)
            : throw distrust($"an ML-DSA public key of the set {parameterSet} has {value.Length} bytes instead of {length}");
    }

    /// <summary>The parameter set and the bare key; null for another kind of key.</summary>
    /// <exception cref="CryptographicException">Not DER, or an ML-DSA key that is not written as RFC 9881 has it.</exception>
    public static (nuint ParameterSet, byte[] Value)? ReadMlDsa(byte[] publicKeyInfo)
    {
        (string algorithm, byte[] parameters, byte[] key) = Read(publicKeyInfo);
        if (MlDsaSets.FirstOrDefault(set => set.Algorithm == algorithm) is not { Algorithm: not null } found)
        {
            return null;
        }

        return parameters.Length == 0 && key.Length == found.KeyBytes ? (found.ParameterSet, key)
            : throw new CryptographicException("The ML-DSA public key has parameters, or another length than its set's.");
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

    /// <param name="parameters">Null: NULL is written. Empty: nothing is.</param>
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
                else if (parameters.Length > 0)
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
