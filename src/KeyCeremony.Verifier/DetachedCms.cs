using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using KeyCeremony.Core.Pki;

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

    /// <summary>
    /// Whether the signature is one good signature over the statement, and by whom. Says nothing about trust in the signer.
    /// </summary>
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

    /// <summary>
    /// In what a good signature differs from the one form that docs/formats/bundle.md describes; nothing when it is that. A
    /// signature says what its signer meant only in a form that leaves no room: another digest, another time or a certificate
    /// of somebody else inside would be read by the next program.
    /// </summary>
    /// <param name="path">The signer's certificate first, then those above it up to the self-signed one, as the journal has them.</param>
    /// <param name="at">What signing-time must say, to the second.</param>
    /// <param name="least">How many certificates of the path must be inside; in today's form all.</param>
    public static IEnumerable<string> FormFlaws(byte[] statement, byte[] cms, IReadOnlyList<ParsedCertificate> path,
        DateTimeOffset at, int least)
    {
        var signed = new SignedCms(new ContentInfo(statement), detached: true);
        signed.Decode(cms);
        SignerInfo info = signed.SignerInfos[0];
        using X509Certificate2 signer = X509CertificateLoader.LoadCertificate(path[0].Der.Span);
        var flaws = new List<string>();
        if (info.SignerIdentifier.Type != SubjectIdentifierType.IssuerAndSerialNumber)
            flaws.Add("The signer is not named by issuer and serial number.");
        if (info.DigestAlgorithm.Value != DigestFor(signer))
            flaws.Add($"The digest is {info.DigestAlgorithm.Value}; that of this key is {DigestFor(signer)}.");
        if (info.SignatureAlgorithm.Value != SignatureFor(signer))
            flaws.Add($"The signature algorithm is {info.SignatureAlgorithm.Value}; that of this key is {SignatureFor(signer)}.");
        string[] attributes = [.. info.SignedAttributes.Cast<CryptographicAttributeObject>()
            .Select(a => a.Oid.Value ?? "").Order(StringComparer.Ordinal)];
        if (!attributes.SequenceEqual([SignedDataForm.ContentType, SignedDataForm.MessageDigest, SignedDataForm.SigningTime]))
            flaws.Add($"The signed attributes are {(attributes.Length == 0 ? "none" : string.Join(", ", attributes))}, "
                + "not content-type, message-digest and signing-time.");
        else if (!Values(info, SignedDataForm.SigningTime).SequenceEqual([Convert.ToHexString(SignedDataForm.Time(at))]))
            flaws.Add($"The signing-time is not {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, which is when the journal was signed.");
        HashSet<string> inside = [.. signed.Certificates.Select(c => Convert.ToHexString(c.RawDataMemory.Span))];
        ParsedCertificate[] expected = [.. path.Take(Math.Max(inside.Count, least))];
        if (inside.Count < least || !inside.SetEquals(expected.Select(c => Convert.ToHexString(c.Der.Span))))
            flaws.Add("The certificates inside are not exactly the signer's path in the journal.");
        // Whatever has no name above, revocation lists inside, another version, other parameters, another order.
        var content = new SignedContent(SignedDataForm.Data, CryptographicOperations.HashData(HashFor(signer), statement));
        if (flaws.Count == 0 && !SignedDataForm.Write(content, expected, at, info.GetSignature()).AsSpan().SequenceEqual(cms))
            flaws.Add("It is not in the exact form of docs/formats/bundle.md.");
        return flaws;
    }

    /// <summary>
    /// What is wrong with the signature of an ML-DSA key over the statement (RFC 9882); nothing when it holds and is in its one form. The
    /// base library is not asked: on many machines it knows no such key.
    /// </summary>
    /// <param name="path">As of <see cref="FormFlaws"/>.</param>
    /// <param name="at">As of <see cref="FormFlaws"/>.</param>
    public static IEnumerable<string> CosignatureFlaws(byte[] statement, byte[] cms, IReadOnlyList<ParsedCertificate> path,
        DateTimeOffset at)
    {
        ReadOnlySpan<byte> spki = path[0].ToBeSigned.SubjectPublicKeyInfo.Span;
        if (KeyAlgorithm.Of(spki) is not { IsMlDsa: true } key)
            return ["The signer's key is not of ML-DSA."];
        var content = new SignedContent(SignedDataForm.Data, CryptographicOperations.HashData(key.Hash, statement));
        if (!SignedDataForm.TryReadSigner(cms, out _, out byte[]? signature)
            || !SignedDataForm.Write(content, path, at, signature).AsSpan().SequenceEqual(cms))
            return ["It is not over this statement, of its time and with the signer's path, in the exact form of docs/formats/bundle.md."];
        return key.Verify(spki, SignedDataForm.SignedAttributes(content, at), signature) ? [] : ["The signature does not hold."];
    }

    private static IEnumerable<string> Values(SignerInfo info,
        string attribute) => info.SignedAttributes.Cast<CryptographicAttributeObject>()
        .Where(a => a.Oid.Value == attribute).SelectMany(a => a.Values.Cast<AsnEncodedData>()).Select(v => Convert.ToHexString(v.RawData));

    internal static string DigestFor(X509Certificate2 signer) => HashFor(signer) == HashAlgorithmName.SHA384 ? Oids.Sha384 : Oids.Sha256;

    private static string SignatureFor(X509Certificate2 signer)
    {
        using ECDsa? ec = signer.GetECDsaPublicKey();
        return ec is null ? Oids.RsaEncryption : HashFor(signer) == HashAlgorithmName.SHA384 ? Oids.EcdsaWithSha384 : Oids.EcdsaWithSha256;
    }
}
