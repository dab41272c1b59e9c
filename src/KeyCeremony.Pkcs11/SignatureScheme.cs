using System.Diagnostics;
using System.Security.Cryptography;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>Key family, padding and hash of a signature, chosen together so that they cannot disagree.</summary>
public enum SignatureScheme
{
    EcdsaSha256,
    EcdsaSha384,
    RsaPkcs1Sha256,
    RsaPkcs1Sha384,
    RsaPkcs1Sha512,
    RsaPssSha256,
    RsaPssSha384,
    RsaPssSha512,

    /// <summary>ML-DSA over the message itself with an empty context, FIPS 204 5.2; the key has the parameter set.</summary>
    MlDsa,
}

/// <summary>What a scheme means in .NET's and in PKCS#11's terms.</summary>
public static class SignatureSchemes
{
    /// <summary>
    /// What is signed of a message. ML-DSA signs the message; SHA-512 is what stands beside its signature in CMS (RFC 9882 3.3).
    /// </summary>
    public static HashAlgorithmName Hash(this SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSha256 or SignatureScheme.RsaPkcs1Sha256 or SignatureScheme.RsaPssSha256
            => HashAlgorithmName.SHA256,
        SignatureScheme.EcdsaSha384 or SignatureScheme.RsaPkcs1Sha384 or SignatureScheme.RsaPssSha384
            => HashAlgorithmName.SHA384,
        SignatureScheme.RsaPkcs1Sha512 or SignatureScheme.RsaPssSha512 or SignatureScheme.MlDsa => HashAlgorithmName.SHA512,
        _ => throw new UnreachableException(),
    };

    public static bool IsEcdsa(this SignatureScheme scheme) =>
        scheme is SignatureScheme.EcdsaSha256 or SignatureScheme.EcdsaSha384;

    /// <summary>PKCS#1 v1.5 or PSS with a salt as long as the hash; null for ECDSA and ML-DSA.</summary>
    public static RSASignaturePadding? Padding(this SignatureScheme scheme) =>
        scheme.IsEcdsa() || scheme == SignatureScheme.MlDsa ? null : scheme.IsPss() ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;

    internal static int HashLength(this SignatureScheme scheme) => scheme.Hash().Name switch
    {
        "SHA256" => SHA256.HashSizeInBytes,
        "SHA384" => SHA384.HashSizeInBytes,
        "SHA512" => SHA512.HashSizeInBytes,
        _ => throw new UnreachableException(),
    };

    internal static bool IsPss(this SignatureScheme scheme) => scheme
        is SignatureScheme.RsaPssSha256 or SignatureScheme.RsaPssSha384 or SignatureScheme.RsaPssSha512;

    internal static CK_RSA_PKCS_PSS_PARAMS PssParameters(this SignatureScheme scheme) => scheme.Hash().Name switch
    {
        "SHA256" => new() { HashAlgorithm = CKM_SHA256, Mgf = CKG_MGF1_SHA256, SaltLength = SHA256.HashSizeInBytes },
        "SHA384" => new() { HashAlgorithm = CKM_SHA384, Mgf = CKG_MGF1_SHA384, SaltLength = SHA384.HashSizeInBytes },
        "SHA512" => new() { HashAlgorithm = CKM_SHA512, Mgf = CKG_MGF1_SHA512, SaltLength = SHA512.HashSizeInBytes },
        _ => throw new UnreachableException(),
    };

    /// <summary>DigestInfo up to the hash. RFC 8017 9.2, note 1.</summary>
    internal static ReadOnlySpan<byte> DigestInfoPrefix(this SignatureScheme scheme) => scheme.Hash().Name switch
    {
        "SHA256" => [0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20],
        "SHA384" => [0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30],
        "SHA512" => [0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40],
        _ => throw new UnreachableException(),
    };
}
