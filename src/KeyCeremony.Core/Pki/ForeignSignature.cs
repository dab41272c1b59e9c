using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// Signatures that others made: ECDSA, RSA PKCS #1 v1.5 and RSA-PSS with SHA-256, SHA-384 or SHA-512, whatever the key's own size is, and
/// ML-DSA and SLH-DSA in their pure forms.
/// The hash is the signer's choice (RFC 5758 3.2 binds none to a curve); we ourselves sign with the one of <see cref="KeyAlgorithm"/>.
/// Not judged: SHA-1 and MD5, Ed25519, Ed448, DSA, HashML-DSA, HashSLH-DSA, RSA-PSS whose mask has another hash.
/// </summary>
internal static class ForeignSignature
{
    /// <summary>By the whole AlgorithmIdentifier; null for one that is not verified here.</summary>
    /// <param name="algorithmIdentifier">DER that was read already.</param>
    public static RequestSignature? Of(ReadOnlyMemory<byte> algorithmIdentifier) =>
        RequestSignature.ByIdentifier(algorithmIdentifier.Span) ?? WithoutParameters(algorithmIdentifier)
            ?? PssVerification.Of(algorithmIdentifier);

    /// <summary>What people call it, whether it is known here or not.</summary>
    public static string NameOf(ReadOnlyMemory<byte> algorithmIdentifier) => Of(algorithmIdentifier)?.Title
        ?? Oids.NameOf(new AsnReader(algorithmIdentifier, AsnEncodingRules.DER).ReadSequence().ReadObjectIdentifier());

    /// <summary>For <see cref="SignatureVerdict.OtherKind"/>: a sentence about the algorithm that is named beside a signature.</summary>
    public static string OfOtherKind(ReadOnlyMemory<byte> algorithmIdentifier) =>
        $"{NameOf(algorithmIdentifier)} does not belong to the issuer's key, which is of another kind.";

    /// <param name="subjectPublicKeyInfo">Of the key that is said to have signed.</param>
    public static SignatureVerdict Judge(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlyMemory<byte> algorithmIdentifier,
        ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => Of(algorithmIdentifier) switch
        {
            null => SignatureVerdict.CannotBeJudged,
            { Pure: { } pure } => !PureSignature.TryReadKey(subjectPublicKeyInfo, out PureSignature? own, out byte[] key)
                    ? SignatureVerdict.CannotBeJudged
                : Verdict(own == pure && pure.Verify(key, data, signature)),
            { } algorithm => algorithm.JudgeHash(subjectPublicKeyInfo, CryptographicOperations.HashData(algorithm.Hash, data), signature),
        };

    /// <summary>Of an algorithm that signs a hash.</summary>
    public static SignatureVerdict JudgeHash(this RequestSignature algorithm, ReadOnlySpan<byte> subjectPublicKeyInfo,
        ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        using AsymmetricAlgorithm? key = Import(subjectPublicKeyInfo);
        try
        {
            return key switch
            {
                RSA when !algorithm.IsRsa => SignatureVerdict.OtherKind,
                ECDsa when algorithm.IsRsa => SignatureVerdict.OtherKind,
                RSA rsa when algorithm.SaltLength is { } salt =>
                    PssVerification.Verify(rsa, hash, signature, algorithm.Hash, salt) is { } holds ? Verdict(holds)
                        : SignatureVerdict.CannotBeJudged,
                RSA rsa => Verdict(rsa.VerifyHash(hash, signature, algorithm.Hash, algorithm.Padding!)),
                ECDsa ecdsa => Verdict(BareSignature.IsDer(signature)
                    && ecdsa.VerifyHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence)),
                _ => SignatureVerdict.CannotBeJudged,
            };
        }
        catch (CryptographicException)
        {
            // What is no signature at all was not made by this key either.
            return SignatureVerdict.DoesNotHold;
        }
    }

    private static SignatureVerdict Verdict(bool holds) => holds ? SignatureVerdict.Holds : SignatureVerdict.DoesNotHold;

    // Null: of a kind that is not verified here, or not well formed.
    private static AsymmetricAlgorithm? Import(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        AsymmetricAlgorithm? key = null;
        try
        {
            AsnReader algorithm = CertificateReader.OnlySequence(subjectPublicKeyInfo.ToArray()).ReadSequence();
            key = algorithm.ReadObjectIdentifier() switch
            {
                Oids.RsaEncryption => RSA.Create(),
                Oids.EcPublicKey => ECDsa.Create(),
                _ => null,
            };
            key?.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            key?.Dispose();
            return null;
        }
    }

    // RFC 4055 5 wants NULL; signers that leave it out mean the same.
    private static RequestSignature? WithoutParameters(ReadOnlyMemory<byte> algorithmIdentifier)
    {
        AsnReader algorithm = new AsnReader(algorithmIdentifier, AsnEncodingRules.DER).ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
            return null;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteNull();
        }
        return RequestSignature.ByIdentifier(writer.Encode());
    }
}
