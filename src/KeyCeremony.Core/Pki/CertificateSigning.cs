using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Core.Pki;

/// <summary>Signs what was previewed and linted, and nothing else.</summary>
public static class CertificateSigning
{
    /// <summary>
    /// Puts the real key into the previewed TBS, proves that nothing else changed, has exactly these bytes signed,
    /// verifies the signature in software, unless the signer did so itself, and reads the certificate back strictly.
    /// </summary>
    /// <param name="subjectPublicKeyInfo">DER of the real key; of another kind than planned: PLAN-06.</param>
    /// <param name="signer">The subject's own key when self-signed, else the issuer's; another key is refused: PLAN-07.</param>
    /// <exception cref="CryptographicException">The device signed badly or with another algorithm; the call is named.</exception>
    public static bool TrySign(
        LintedCertificate linted,
        ReadOnlySpan<byte> subjectPublicKeyInfo,
        X509SignatureGenerator signer,
        [NotNullWhen(true)] out ParsedCertificate? certificate,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        certificate = null;
        CertificatePlan plan = linted.Plan;
        byte[] signerKey = SignerKey(plan, subjectPublicKeyInfo);
        refusal = PlanRules.CheckKey(plan, subjectPublicKeyInfo) ?? CheckSigner(signer, signerKey);
        if (refusal is not null)
            return false;
        byte[] tbs = ToBeSigned.Write(plan, subjectPublicKeyInfo);
        refusal = CompareWithPreview(linted.Preview, tbs);
        if (refusal is not null)
            return false;
        KeyAlgorithm algorithm = plan.SignerKey!;
        return TryReadBack(ToBeSigned.Wrap(tbs, algorithm, Sign(tbs, signer, plan, subjectPublicKeyInfo)), out certificate, out refusal);
    }

    private static byte[] SignerKey(CertificatePlan plan, ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        plan.Issuer?.ToBeSigned.SubjectPublicKeyInfo.ToArray() ?? subjectPublicKeyInfo.ToArray();

    private static Refusal? CheckSigner(X509SignatureGenerator signer, byte[] expected) =>
        signer.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(expected) ? null
            : PlanRules.Signer.Refuse("The signing key is not the issuer's key.", "Choose the issuer's key in the HSM.");

    private static Refusal? CompareWithPreview(PreviewedCertificate preview, byte[] tbs) =>
        CertificateReader.TryReadToBeSigned(tbs, out ParsedTbs? real, out Refusal? refusal)
            ? TbsComparison.Compare(preview.Tbs, real).Refuse()
            : refusal;

    private static byte[] Sign(byte[] tbs, X509SignatureGenerator signer, CertificatePlan plan, ReadOnlySpan<byte> ownKey)
    {
        KeyAlgorithm algorithm = plan.SignerKey!;
        if (!signer.GetSignatureAlgorithmIdentifier(algorithm.Hash).AsSpan().SequenceEqual(algorithm.SignatureAlgorithmIdentifier()))
            throw new KeyFaultException(
                $"GetSignatureAlgorithmIdentifier answered with another algorithm than {Oids.NameOf(algorithm.SignatureOid)}.");
        byte[] signature = signer.SignData(tbs, algorithm.Hash);
        return signer is VerifiedSigner
            || (plan.Issuer?.ToBeSigned.HasSigned(tbs, signature) ?? algorithm.Verify(ownKey, tbs, signature)) ? signature
            : throw new KeyFaultException("SignData answered with a signature that does not verify.");
    }

    private static bool TryReadBack(byte[] der, [NotNullWhen(true)] out ParsedCertificate? certificate,
        [NotNullWhen(false)] out Refusal? refusal) =>
        CertificateReader.TryReadCertificate(der, out certificate, out refusal);
}
