using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Release.Images;

namespace KeyCeremony.Core.Release;

/// <summary>
/// What a key signs of an image: the digest of its own hash, as ECDSA. RSA is none of them: the HSM signs PKCS #1 v1.5 here, and the
/// devices ask for PSS.
/// </summary>
public static class ReleaseSigning
{
    /// <summary>Formats whose signature is one over a digest; docs/formats/releases/.</summary>
    private static readonly string[] Formats = ["mcuboot", "esp-secure-boot-v2", "raw"];

    /// <summary>Else refused: FIRMWARE-06.</summary>
    public static bool TryDigest(string format, IEnumerable<SigningDigest> digests, KeyAlgorithm key,
        [NotNullWhen(true)] out SigningDigest? digest, [NotNullWhen(false)] out Refusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(key);
        (digest, refusal) = (null, null);
        string hash = key == KeyAlgorithm.EcP256 ? "SHA-256" : key == KeyAlgorithm.EcP384 ? "SHA-384" : "";
        if (!Formats.Contains(format))
            refusal = ReleaseRoomRules.Signable.Refuse($"An image of the format {format} is judged here, and not signed.",
                "Sign it by the means that you have: 'release inspect' gives the digest.");
        else if (hash.Length == 0)
            refusal = ReleaseRoomRules.Signable.Refuse($"The key is of the kind {key.Title}, which signs no releases here.",
                "Sign with a release key on P-256 or P-384.");
        else if ((digest = digests.FirstOrDefault(one => one.Algorithm == hash)) is null)
            refusal = ReleaseRoomRules.Signable.Refuse($"The image is to be signed over another digest than {hash}, which the key "
                + $"({key.Title}) signs.", "Build the image for the hash of the key, or sign with the key that the device has.");
        return digest is not null;
    }

    /// <summary>Whether an ECDSA signature in DER over this digest holds under the key.</summary>
    /// <param name="subjectPublicKeyInfo">DER.</param>
    public static bool Holds(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (KeyAlgorithm.Of(subjectPublicKeyInfo) is not { CurveOid: not null })
            return false;
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            return key.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
