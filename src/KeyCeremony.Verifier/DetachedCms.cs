using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Verifier;

/// <summary>
/// The signature of a checkpoint or a batch's statement: detached CMS SignedData in DER (RFC 5652), so that
/// <c>openssl cms -verify -binary -inform DER -in checkpoint.cms -content checkpoint.json</c> needs nothing of ours.
/// </summary>
public static class DetachedCms
{
    /// <summary>A signature with a chain of RSA-4096 certificates stays far below.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The hash the signer's key signs: SHA-384 for P-384, else SHA-256.</summary>
    public static HashAlgorithmName HashFor(X509Certificate2 signer)
    {
        using ECDsa? key = signer.GetECDsaPublicKey();
        return key?.KeySize == 384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
    }

    /// <summary>Whether the signature is one good signature over the statement, and by whom. Says nothing about trust in the signer.</summary>
    public static bool TryVerify(byte[] statement, byte[] cms, [NotNullWhen(true)] out X509Certificate2? signer)
    {
        signer = null;
        if (cms.Length > MaxBytes)
            return false;
        try
        {
            var signed = new SignedCms(new ContentInfo(statement), detached: true);
            signed.Decode(cms);
            // What was decoded is all there is: no second signer, no bytes behind, no other form of the same.
            if (!signed.Detached || signed.SignerInfos.Count != 1 || !signed.Encode().AsSpan().SequenceEqual(cms))
                return false;
            SignerInfo info = signed.SignerInfos[0];
            if (info.Certificate is null || info.UnsignedAttributes.Count != 0 || info.CounterSignerInfos.Count != 0)
                return false;
            info.CheckSignature(verifySignatureOnly: true);
            signer = info.Certificate;
            return true;
        }
        // Foreign bytes in a library that names one exception and has others: whatever it throws, the signature does not hold.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }
}
