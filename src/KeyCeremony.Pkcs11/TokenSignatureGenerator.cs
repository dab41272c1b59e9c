using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// Signs certificates, CRLs and requests with a key in a token. The scheme, and with it the hash, is fixed here;
/// a caller that asks for another one is told so, for the AlgorithmIdentifier inside the signed bytes and the one
/// beside them would differ. Each signature is verified in software before it is given out.
/// </summary>
public sealed class TokenSignatureGenerator : X509SignatureGenerator, IDisposable
{
    private readonly Session session;
    private readonly KeyId id;
    private readonly SignatureScheme scheme;
    private readonly byte[] publicKeyInfo;
    private readonly AsymmetricAlgorithm? verifier;
    private readonly X509SignatureGenerator? identifiers;
    private readonly MlDsaKey? mlDsa;

    /// <summary>For a key whose public half the token tells: right after generating it.</summary>
    /// <exception cref="HsmException">No such public key, or the token cannot tell.</exception>
    public TokenSignatureGenerator(Session session, KeyId id, SignatureScheme scheme)
        : this(session, id, scheme, ReadPublicKeyInfo(session, id))
    {
    }

    /// <summary>For a key that is known already: signatures must verify under this public key, whatever the token says.</summary>
    /// <param name="publicKeyInfo">SubjectPublicKeyInfo, DER, e.g. from the issuer's certificate.</param>
    /// <exception cref="CryptographicException">Not a public key, or not of the scheme's family.</exception>
    public TokenSignatureGenerator(Session session, KeyId id, SignatureScheme scheme, ReadOnlySpan<byte> publicKeyInfo)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(id);
        this.session = session;
        this.id = id;
        this.scheme = scheme;
        this.publicKeyInfo = publicKeyInfo.ToArray();
        if (scheme == SignatureScheme.MlDsa)
        {
            mlDsa = MlDsaKey.Read(this.publicKeyInfo);
            return;
        }

        (verifier, identifiers) = scheme.Padding() is { } padding
            ? ForRsa(this.publicKeyInfo, padding)
            : ForEcdsa(this.publicKeyInfo);
    }

    /// <summary>The only hash this generator signs with; of ML-DSA, which signs none, the one that it is asked under.</summary>
    public HashAlgorithmName HashAlgorithm => scheme.Hash();

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        RequireOwnHash(hashAlgorithm);
        return mlDsa?.AlgorithmIdentifier() ?? identifiers!.GetSignatureAlgorithmIdentifier(hashAlgorithm);
    }

    /// <param name="data">The bytes to be signed, not their hash.</param>
    /// <exception cref="ArgumentException">Another hash than <see cref="HashAlgorithm"/>.</exception>
    /// <exception cref="SignatureMismatchException">The token signed, but not with this key.</exception>
    /// <exception cref="HsmException">The token did not sign.</exception>
    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
    {
        RequireOwnHash(hashAlgorithm);
        if (mlDsa is not null)
        {
            byte[] whole = session.SignMessage(session.GetPrivateKey(id), data);
            return mlDsa.Verifies(data, whole) ? whole : throw session.Distrust(new SignatureMismatchException(id));
        }

        byte[] hash = CryptographicOperations.HashData(hashAlgorithm, data);
        // Found anew each time: a logout anywhere in the process voids handles.
        byte[] signature = session.SignHash(session.GetPrivateKey(id), scheme, hash);
        return Verifies(hash, signature) ? signature : throw session.Distrust(new SignatureMismatchException(id));
    }

    public void Dispose() => verifier?.Dispose();

    protected override PublicKey BuildPublicKey() => System.Security.Cryptography.X509Certificates.PublicKey
        .CreateFromSubjectPublicKeyInfo(publicKeyInfo, out _);

    private static byte[] ReadPublicKeyInfo(Session session, KeyId id)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.ExportPublicKeyInfo(session.GetPublicKey(id));
    }

    private static (AsymmetricAlgorithm, X509SignatureGenerator) ForRsa(byte[] publicKeyInfo, RSASignaturePadding padding)
    {
        var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKeyInfo, out _);
        return (rsa, CreateForRSA(rsa, padding));
    }

    private static (AsymmetricAlgorithm, X509SignatureGenerator) ForEcdsa(byte[] publicKeyInfo)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(publicKeyInfo, out _);
        return (ecdsa, CreateForECDsa(ecdsa));
    }

    private void RequireOwnHash(HashAlgorithmName asked)
    {
        if (asked != HashAlgorithm)
        {
            throw new ArgumentException($"This key signs with {HashAlgorithm}, not with {asked}.", nameof(asked));
        }
    }

    private bool Verifies(byte[] hash, byte[] signature) => verifier is RSA rsa
        ? rsa.VerifyHash(hash, signature, HashAlgorithm, scheme.Padding()!)
        : ((ECDsa)verifier!).VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence);
}
