using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Pkcs11.Native;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// An ML-DSA public key that says whether a token signed with its private half: FIPS 204, pure, with an empty context. BouncyCastle
/// computes, because the base library has ML-DSA on OpenSSL 3.5 alone.
/// </summary>
internal sealed class MlDsaKey
{
    private readonly MLDsaPublicKeyParameters key;
    private readonly byte[] algorithmIdentifier;

    private MlDsaKey(MLDsaPublicKeyParameters key, byte[] algorithmIdentifier)
    {
        this.key = key;
        this.algorithmIdentifier = algorithmIdentifier;
    }

    /// <exception cref="CryptographicException">Not an ML-DSA key as RFC 9881 has it.</exception>
    public static MlDsaKey Read(byte[] publicKeyInfo)
    {
        if (PublicKeyInfo.ReadMlDsa(publicKeyInfo) is not var (set, value))
        {
            throw new CryptographicException("The public key is no ML-DSA key.");
        }

        MLDsaParameters parameters = set switch
        {
            Cryptoki.CKP_ML_DSA_44 => MLDsaParameters.ml_dsa_44,
            Cryptoki.CKP_ML_DSA_65 => MLDsaParameters.ml_dsa_65,
            _ => MLDsaParameters.ml_dsa_87,
        };
        AsnReader info = new AsnReader(publicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        return new MlDsaKey(MLDsaPublicKeyParameters.FromEncoding(parameters, value), info.ReadEncodedValue().ToArray());
    }

    /// <summary>
    /// The SubjectPublicKeyInfo of a PKCS#8 private key, in whichever of the three forms of RFC 9881 6 it is (seed, expanded, both):
    /// only ever of a throw-away key. Null when it is none.
    /// </summary>
    public static byte[]? PublicHalf(byte[] plain)
    {
        try
        {
            // Some tokens add bytes: the DER length says where the key ends.
            byte[] whole = new AsnReader(plain, AsnEncodingRules.BER).ReadEncodedValue().ToArray();
            return PrivateKeyFactory.CreateKey(whole) is MLDsaPrivateKeyParameters key
                ? SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key.GetPublicKey()).GetDerEncoded()
                : null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // BouncyCastle's exceptions are of a dozen unrelated families.
            return null;
        }
    }

    /// <summary>Of the key and of its signatures: they have one. RFC 9881 2.</summary>
    public byte[] AlgorithmIdentifier() => [.. algorithmIdentifier];

    public bool Verifies(ReadOnlySpan<byte> message, byte[] signature)
    {
        var verifier = new MLDsaSigner(key.Parameters, deterministic: false);
        verifier.Init(forSigning: false, key);
        verifier.BlockUpdate(message);
        return verifier.VerifySignature(signature);
    }
}
