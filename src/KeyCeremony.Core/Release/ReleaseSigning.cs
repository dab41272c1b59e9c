using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Release;

/// <summary>
/// What a key signs of an image. An EC key, as ECDSA: the digest of its own hash, or the attributes of a CMS that names this digest and the
/// time. An RSA key either digests alone, as RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017 8.1), as MCUboot
/// and ESP32 take it; or what firmware of UEFI takes, in CMS, as PKCS #1 v1.5 (RFC 8017 8.2). No key does both: FIRMWARE-14.
/// </summary>
public static class ReleaseSigning
{
    /// <summary>Else refused: FIRMWARE-06.</summary>
    public static bool TryDigest(string format, IEnumerable<SigningDigest> digests, KeyAlgorithm key,
        [NotNullWhen(true)] out SigningDigest? digest, [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(key);
        (digest, refusal) = (null, null);
        string hash = key == KeyAlgorithm.EcP256 || key == KeyAlgorithm.Rsa3072 ? "SHA-256" : key == KeyAlgorithm.EcP384 ? "SHA-384" : "";
        if (hash.Length == 0)
            refusal = ReleaseRoomRules.Signable.Refuse($"The key is of the kind {key.Title}, which signs no releases here.",
                "Sign with a release key on P-256 or P-384, or of RSA 3072.");
        else if (key.IsRsa && RsaScheme(format) is null)
            refusal = ReleaseRoomRules.Signable.Refuse($"An image of the format {format} takes CMS, which an RSA key does not sign here.",
                "Sign it with a release key on P-256 or P-384.");
        else if ((digest = digests.FirstOrDefault(one => one.Algorithm == hash)) is null)
            refusal = ReleaseRoomRules.Signable.Refuse($"The image is to be signed over another digest than {hash}, which the key "
                + $"({key.Title}) signs.", "Build the image for the hash of the key, or sign with the key that the device has.");
        return digest is not null;
    }

    /// <summary>How an RSA key signs images of a format; null: it does not.</summary>
    public static RSASignaturePadding? RsaScheme(string format) => ImageFormat.Of(format).Form switch
    {
        SignatureForm.Digest => RSASignaturePadding.Pss,
        SignatureForm.Authenticode or SignatureForm.BareCms => RSASignaturePadding.Pkcs1,
        _ => null,
    };

    /// <summary>
    /// Whether it is firmware of UEFI that takes the signature (true), or whoever takes a digest (false). One signature could pass for the
    /// other, of a variable under every key; RSA has a scheme for each. Null: neither is in question.
    /// </summary>
    public static bool? IsForFirmware(string format, bool isRsa) => ImageFormat.Of(format).Form switch
    {
        SignatureForm.Digest => false,
        SignatureForm.BareCms => true,
        SignatureForm.Authenticode when isRsa => true,
        _ => null,
    };

    /// <summary>What stands in the CMS of an image; null where the format's signature is over the digest itself.</summary>
    /// <param name="digest">The one of the preview.</param>
    /// <param name="text">The file where the format is a text; else nothing.</param>
    public static SignedContent? Content(string format, byte[] digest, ImmutableArray<byte> text) => ImageFormat.Of(format).Form switch
    {
        SignatureForm.Cms => new SignedContent(SignedDataForm.Data, digest),
        SignatureForm.CmsWithText => new SignedContent(SignedDataForm.Data, digest, OctetString(text.AsSpan())),
        SignatureForm.Authenticode => Authenticode.Content(digest),
        SignatureForm.BareCms => new SignedContent(SignedDataForm.Data, digest) { HasAttributes = false },
        _ => null,
    };

    /// <summary>The hash that the key signs: the digest, or the one of the attributes of the CMS where it has some.</summary>
    /// <param name="content">Null: the digest itself.</param>
    /// <param name="at">The time of signing.</param>
    public static byte[] HashToSign(SignedContent? content, byte[] digest, KeyAlgorithm key, DateTimeOffset at) =>
        content is null or { HasAttributes: false } ? digest
            : CryptographicOperations.HashData(key.Hash, SignedDataForm.SignedAttributes(content, at));

    /// <summary>
    /// Whether a signature holds over this digest, or over the CMS of this time that names it: ECDSA in DER, or RSA in the scheme of what
    /// is signed.
    /// </summary>
    /// <param name="subjectPublicKeyInfo">DER.</param>
    /// <param name="content">Null: over the digest itself.</param>
    public static bool Holds(ReadOnlySpan<byte> subjectPublicKeyInfo, SignedContent? content, byte[] digest, DateTimeOffset at,
        ReadOnlySpan<byte> signature)
    {
        try
        {
            return KeyAlgorithm.Of(subjectPublicKeyInfo) switch
            {
                { CurveOid: not null } algorithm =>
                    IsEcdsa(subjectPublicKeyInfo, HashToSign(content, digest, algorithm, at), signature),
                { } algorithm => algorithm == KeyAlgorithm.Rsa3072 && RsaScheme(content) is { } scheme
                    && IsRsa(subjectPublicKeyInfo, HashToSign(content, digest, algorithm, at), signature, scheme),
                null => false,
            };
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool IsEcdsa(ReadOnlySpan<byte> subjectPublicKeyInfo, byte[] hash, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return BareSignature.IsDer(signature) && key.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static RSASignaturePadding? RsaScheme(SignedContent? content) => content switch
    {
        null => RSASignaturePadding.Pss,
        { Type: Authenticode.IndirectData } or { HasAttributes: false } => RSASignaturePadding.Pkcs1,
        _ => null,
    };

    // Of PSS the base library takes a salt as long as the hash, and no other.
    private static bool IsRsa(ReadOnlySpan<byte> subjectPublicKeyInfo, byte[] hash, ReadOnlySpan<byte> signature,
        RSASignaturePadding scheme)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return hash.Length == SHA256.HashSizeInBytes && key.VerifyHash(hash, signature, HashAlgorithmName.SHA256, scheme);
    }

    private static byte[] OctetString(ReadOnlySpan<byte> value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(value);
        return writer.Encode();
    }
}
