using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// Says of a signer that it verifies each signature under <see cref="X509SignatureGenerator.PublicKey"/> before it gives it out, and throws
/// where one does not hold. A P-384 verification costs as much as the signature, and the same library would only repeat its answer; another
/// one looks at the whole certificate afterwards (the second opinion).
/// </summary>
/// <param name="signer">Stays its maker's.</param>
public sealed class VerifiedSigner(X509SignatureGenerator signer) : X509SignatureGenerator
{
    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
        signer.GetSignatureAlgorithmIdentifier(hashAlgorithm);

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => signer.SignData(data, hashAlgorithm);

    protected override PublicKey BuildPublicKey() => signer.PublicKey;
}
