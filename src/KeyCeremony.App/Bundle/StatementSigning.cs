using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core;
using KeyCeremony.Core.Pki;
using KeyCeremony.Verifier;

namespace KeyCeremony.App.Bundle;

/// <summary>Makes the signature that <see cref="DetachedCms"/> verifies, with a key that is elsewhere.</summary>
public static class StatementSigning
{
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
            DigestAlgorithm = new Oid(DetachedCms.DigestFor(signer)),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        // Pkcs9SigningTime writes UTCTime alone and throws from 2050 on.
        by.SignedAttributes.Add(new AsnEncodedData(new Oid(SignedDataForm.SigningTime), SignedDataForm.Time(signingTime)));
        foreach (X509Certificate2 certificate in chain)
            if (!certificate.RawDataMemory.Span.SequenceEqual(signer.RawDataMemory.Span))
                by.Certificates.Add(certificate);
        cms.ComputeSignature(by, silent: true);
        return cms.Encode();
    }

    /// <summary>The same with a key of ML-DSA, which signs the attributes themselves: RFC 9882.</summary>
    /// <param name="path">The signer's certificate first, then those above it.</param>
    /// <param name="sign">Attributes to signature. Called once.</param>
    public static byte[] Cosign(byte[] statement, IReadOnlyList<ParsedCertificate> path, Func<byte[], byte[]> sign,
        DateTimeOffset signingTime)
    {
        if (KeyAlgorithm.Of(path[0].ToBeSigned.SubjectPublicKeyInfo.Span) is not { IsMlDsa: true } key)
            throw new KeyFaultException("The second signer's certificate holds no ML-DSA key.");
        var content = new SignedContent(SignedDataForm.Data, CryptographicOperations.HashData(key.Hash, statement));
        return SignedDataForm.Write(content, path, signingTime, sign(SignedDataForm.SignedAttributes(content, signingTime)));
    }

    private static AsymmetricAlgorithm Delegated(X509Certificate2 signer, Func<byte[], byte[]> signHash) =>
        signer.GetECDsaPublicKey() is { } ec ? new DelegatedECDsa(ec, signHash)
        : signer.GetRSAPublicKey() is { } rsa ? new DelegatedRsa(rsa, signHash)
        : throw new KeyFaultException("The signer's certificate holds neither an EC nor an RSA key.");
}
