using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Utilities;
using Org.BouncyCastle.X509;

namespace KeyCeremony.Verifier;

/// <summary>
/// The second opinion that is always there: BouncyCastle, in this process, without a line of OpenSSL. It hashes and
/// verifies the raw bytes that our reader cut out and is asked nothing else: its own X509Certificate, X509Crl and
/// CmsSignedData verify what they write again, so that BOOLEAN 01 and FF, or two signers' names, are the same to them.
/// Each answer is null where it agrees, else what it found. docs/decisions/0018-second-opinion.md.
/// </summary>
public static partial class BouncyCastleOpinion
{
    private const int BufferBytes = 64 * 1024;
    private const int RsaExponent = 65537;
    private const string NoSignature = "the signature does not hold";
    private const string NoFit = "the signature algorithm is not one that the key signs with";
    private const string NoKey = "the key is none of a kind that is used here";

    /// <summary>
    /// BouncyCastle reads these from environment variables where nobody says them. Here the program says all that its keys,
    /// its ASN.1 and its signatures ask for, on the thread that asks: every leniency off, limits that RSA 4096 and P-384 pass.
    /// </summary>
    private static readonly (string Name, string Value)[] Settings =
    [
        (Properties.Asn1AllowUnsafeInteger, "false"),
        (Properties.Asn1MaxDepth, "16"),
        (Properties.Asn1MaxLimit, "65536"),
        (Properties.CmsAllowLenientRsaPkcs1, "false"),
        (Properties.ECFpCertainty, "100"),
        (Properties.ECFpMaxSize, "521"),
        (Properties.Pkcs1NotStrict, "false"),
        (Properties.RsaAllowUnsafeModulus, "false"),
        (Properties.RsaMaxSize, "16384"),
        (Properties.X509AllowNonDerTbsCertificate, "false"),
    ];

    /// <summary>
    /// Asking whether an RSA modulus is prime takes fifty times as long as a verification: once for each key, not for each
    /// signature.
    /// </summary>
    private const string Once = "1", Never = "0";

    /// <param name="issuerKey">DER of the SubjectPublicKeyInfo that signed; its own when the certificate is self-signed.</param>
    public static string? OfCertificate(ParsedCertificate certificate, ReadOnlyMemory<byte> issuerKey) => Asked(Never, () =>
    {
        (AsymmetricKeyParameter key, KeyAlgorithm kind) = Read(issuerKey);
        byte[] algorithm = kind.SignatureAlgorithmIdentifier();
        return certificate.SignatureAlgorithm.Span.SequenceEqual(algorithm)
            && certificate.ToBeSigned.SignatureAlgorithm.Span.SequenceEqual(algorithm)
            ? Verify(key, algorithm, certificate.ToBeSigned.Der, certificate.Signature)
            : "the signature algorithm is not that of the issuer's key";
    });

    /// <summary>A signature of a statement, a pre-authentication encoding or a challenge: by the one algorithm of the key.</summary>
    /// <param name="key">DER of the SubjectPublicKeyInfo.</param>
    public static string? OfSignature(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> key) =>
        Asked(Never, () => Read(key) is var (by, kind) ? Verify(by, kind.SignatureAlgorithmIdentifier(), data, signature) : NoKey);

    /// <summary>An ECDSA signature, or one of RSASSA-PSS with SHA-256, over a digest that is given, whatever it was made of.</summary>
    /// <param name="key">DER of the SubjectPublicKeyInfo.</param>
    public static string? OfDigest(ReadOnlyMemory<byte> digest, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> key) =>
        Asked(Never, () =>
        {
            AsymmetricKeyParameter by = Read(key).Key;
            ISigner? signer = by is ECPublicKeyParameters ? new DsaDigestSigner(new ECDsaSigner(), new NullDigest())
                : by is RsaKeyParameters && digest.Length == SHA256.HashSizeInBytes
                    ? PssSigner.CreateRawSigner(new RsaEngine(), new Sha256Digest()) : null;
            return signer is null ? NoFit : Holds(signer, by, digest, signature);
        });

    /// <summary>The proof of possession. Which algorithms a request may prove with, the reader has said: they are more than ours.</summary>
    public static string? OfRequest(RequestFile request) => Asked(Never, () =>
    {
        if (request is KeyProof proof)
        {
            // docs/formats/request.md: SHA-256, whatever the curve; a key of ML-DSA or SLH-DSA has one way to sign.
            string name = proof.Key.IsRsa ? Oids.Sha256WithRsa : Oids.EcdsaWithSha256;
            byte[] identifier = proof.Key.Pure?.AlgorithmIdentifier() ?? Identifier(name, hasNull: proof.Key.IsRsa);
            return Verify(PublicKey(proof.Key.SubjectPublicKeyInfo), identifier, proof.Statement, proof.Signature);
        }
        // CertificationRequest, RFC 2986 4.2
        AsnReader fields = OnlySequence(((SigningRequest)request).Der);
        ReadOnlyMemory<byte> info = fields.ReadEncodedValue(), algorithm = fields.ReadEncodedValue();
        byte[] signature = WholeBytes(fields);
        fields.ThrowIfNotEmpty();
        return Verify(PublicKey(request.Key.SubjectPublicKeyInfo), algorithm.ToArray(), info, signature);
    });

    /// <summary>A public key of this kind: a point on the curve, or a modulus that is no prime and has no small factor.</summary>
    /// <param name="subjectPublicKeyInfo">DER.</param>
    /// <param name="algorithm"><c>ec-p256</c>, <c>ec-p384</c>, <c>rsa-3072</c>, <c>rsa-4096</c>; null: any of them.</param>
    public static string? OfKey(ReadOnlyMemory<byte> subjectPublicKeyInfo, string? algorithm) => Asked(Once, () =>
        Read(subjectPublicKeyInfo).Kind.ScriptName is var found && (algorithm ?? found) == found
            ? null : $"the key is {found}, not {algorithm}");

    private static string? Holds(ISigner signer, AsymmetricKeyParameter key, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> signature)
    {
        signer.Init(forSigning: false, key);
        signer.BlockUpdate(data.Span);
        return signer.VerifySignature(signature.ToArray()) ? null : NoSignature;
    }

    /// <summary>The one border. BouncyCastle throws exceptions of a dozen unrelated families; whichever it is, it does not agree.</summary>
    private static string? Asked(string primalityTests, Func<string?> ask)
    {
        try
        {
            return Under([.. Settings, (Properties.RsaMaxMRTests, primalityTests)], ask);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Its words may quote what it read; its name does not.
            return $"it cannot be read ({e.GetType().Name})";
        }
    }

    private static string? Under(ReadOnlySpan<(string Name, string Value)> settings, Func<string?> ask)
    {
        if (settings.IsEmpty)
            return ask();
        (string Name, string Value)[] rest = settings[1..].ToArray();
        return Properties.WithThreadProperty(settings[0].Name, settings[0].Value, () => Under(rest, ask));
    }

    /// <summary>
    /// A key of one of our kinds: what BouncyCastle understood, written again, must be these very bytes. So no compressed
    /// or hybrid point, no curve spelled out, no second way to write the same.
    /// </summary>
    private static (AsymmetricKeyParameter Key, KeyAlgorithm Kind) Read(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        AsymmetricKeyParameter key = PublicKey(subjectPublicKeyInfo);
        KeyAlgorithm? kind = key switch
        {
            ECPublicKeyParameters { PublicKeyParamSet.Id: var curve } => KeyAlgorithm.All.FirstOrDefault(a => a.CurveOid == curve),
            RsaKeyParameters rsa when rsa.Exponent.IntValueExact == RsaExponent =>
                KeyAlgorithm.All.FirstOrDefault(a => a.IsRsa && a.Bits == rsa.Modulus.BitLength),
            MLDsaPublicKeyParameters => KeyAlgorithm.All.FirstOrDefault(a => a.SignatureOid == PureOf(key)?.Oid),
            _ => null,
        };
        byte[] again = SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key).GetDerEncoded();
        return kind is not null && again.AsSpan().SequenceEqual(subjectPublicKeyInfo.Span)
            ? (key, kind) : throw new InvalidKeyException(NoKey);
    }

    private static AsymmetricKeyParameter PublicKey(ReadOnlyMemory<byte> subjectPublicKeyInfo) =>
        PublicKeyFactory.CreateKey(subjectPublicKeyInfo.ToArray());

    private static string? Verify(AsymmetricKeyParameter key, byte[] algorithm, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> signature)
    {
        using var stream = new MemoryStream(data.ToArray(), writable: false);
        return Verify(key, algorithm, stream, data.Length, signature);
    }

    /// <param name="data">Read for <paramref name="length"/> bytes from where it stands.</param>
    private static string? Verify(AsymmetricKeyParameter key, byte[] algorithm, Stream data, long length, ReadOnlyMemory<byte> signature)
    {
        if (SignerOf(algorithm, key) is not { } verifier)
            return NoFit;
        byte[] buffer = new byte[BufferBytes];
        while (length > 0)
        {
            int read = data.Read(buffer, 0, (int)Math.Min(buffer.Length, length));
            if (read == 0)
                throw new EndOfStreamException();
            verifier.BlockUpdate(buffer, 0, read);
            length -= read;
        }
        return verifier.VerifySignature(signature.ToArray()) ? null : NoSignature;
    }

    /// <summary>
    /// By the whole AlgorithmIdentifier, of those that anybody may sign with here. BouncyCastle's own table would do the same, and bring a
    /// hundred algorithms more into the native verifier.
    /// </summary>
    /// <returns>Null: an algorithm that is unknown here, or one of another kind of key.</returns>
    internal static ISigner? SignerOf(byte[] algorithm, AsymmetricKeyParameter key)
    {
        if (RequestSignature.ByIdentifier(algorithm) is not { } by || !by.Fits(key is RsaKeyParameters, PureOf(key)))
            return null;
        ISigner? signer = key switch
        {
            MLDsaPublicKeyParameters pure => new MLDsaSigner(pure.Parameters, deterministic: false),
            SlhDsaPublicKeyParameters pure => new SlhDsaSigner(pure.Parameters, deterministic: false),
            RsaKeyParameters when by.Padding == RSASignaturePadding.Pss => new PssSigner(new RsaEngine(), DigestOf(by.Hash)),
            RsaKeyParameters => new RsaDigestSigner(DigestOf(by.Hash)),
            ECPublicKeyParameters => new DsaDigestSigner(new ECDsaSigner(), DigestOf(by.Hash)),
            _ => null,
        };
        signer?.Init(forSigning: false, key);
        return signer;
    }

    /// <summary>Of a key that signs with one algorithm alone, its own parameter set's.</summary>
    private static PureSignature? PureOf(AsymmetricKeyParameter key) => key is MLDsaPublicKeyParameters or SlhDsaPublicKeyParameters
        && SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key).GetDerEncoded() is var written
        && PureSignature.TryReadKey(written, out PureSignature? pure, out _) ? pure : null;

    private static IDigest DigestOf(HashAlgorithmName hash) =>
        hash == HashAlgorithmName.SHA256 ? new Sha256Digest()
        : hash == HashAlgorithmName.SHA384 ? new Sha384Digest()
        : hash == HashAlgorithmName.SHA512 ? new Sha512Digest() : throw new InvalidKeyException(NoKey);

    private static byte[] Identifier(string oid, bool hasNull)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (hasNull)
                writer.WriteNull();
        }
        return writer.Encode();
    }

    private static AsnReader OnlySequence(ReadOnlyMemory<byte> der)
    {
        var whole = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        return sequence;
    }

    private static byte[] WholeBytes(AsnReader reader) =>
        reader.ReadBitString(out int unused) is var bits && unused == 0 ? bits : throw new AsnContentException();
}
