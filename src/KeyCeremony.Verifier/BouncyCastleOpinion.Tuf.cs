using KeyCeremony.Core.Release.Tuf;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Signers;

namespace KeyCeremony.Verifier;

/// <summary>Signatures of The Update Framework, by the scheme that a root file gives its key.</summary>
public static partial class BouncyCastleOpinion
{
    /// <summary>Of Ed25519 keys it is the only opinion.</summary>
    public static string? OfTuf(TufKey key, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> signature) => Asked(Never, () =>
    {
        ISigner? signer = key.Scheme switch
        {
            TufKey.P256 => new DsaDigestSigner(new ECDsaSigner(), new Sha256Digest()),
            TufKey.P384 => new DsaDigestSigner(new ECDsaSigner(), new Sha384Digest()),
            TufKey.Pss => new PssSigner(new RsaEngine(), new Sha256Digest()),
            TufKey.Ed25519 => new Ed25519Signer(),
            _ => null,
        };
        return signer is null ? NoFit : Holds(signer, PublicKey(key.SubjectPublicKeyInfo), data, signature);
    });
}
