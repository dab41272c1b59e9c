using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.App.Bundle;

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

    /// <param name="chain">The certificates above the signer's, which are put in beside it.</param>
    /// <param name="signHash">Hash to signature: DER SEQUENCE { r, s } for EC, PKCS #1 v1.5 for RSA. Called once.</param>
    /// <param name="signingTime">Goes in as the signing-time attribute; the clock of this process is never asked.</param>
    public static byte[] Sign(byte[] statement, X509Certificate2 signer, IEnumerable<X509Certificate2> chain,
        Func<byte[], byte[]> signHash, DateTimeOffset signingTime)
    {
        using AsymmetricAlgorithm key = Delegated(signer, signHash);
        var cms = new SignedCms(new ContentInfo(statement), detached: true);
        var by = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, signer, key)
        {
            DigestAlgorithm = HashFor(signer) == HashAlgorithmName.SHA384 ? new Oid("2.16.840.1.101.3.4.2.2") : new Oid("2.16.840.1.101.3.4.2.1"),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        by.SignedAttributes.Add(new Pkcs9SigningTime(signingTime.UtcDateTime));
        foreach (X509Certificate2 certificate in chain)
            if (!certificate.RawDataMemory.Span.SequenceEqual(signer.RawDataMemory.Span))
                by.Certificates.Add(certificate);
        cms.ComputeSignature(by, silent: true);
        return cms.Encode();
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

    private static AsymmetricAlgorithm Delegated(X509Certificate2 signer, Func<byte[], byte[]> signHash) =>
        signer.GetECDsaPublicKey() is { } ec ? new DelegatedECDsa(ec, signHash)
        : signer.GetRSAPublicKey() is { } rsa ? new DelegatedRsa(rsa, signHash)
        : throw new CryptographicException("The signer's certificate holds neither an EC nor an RSA key.");
}
