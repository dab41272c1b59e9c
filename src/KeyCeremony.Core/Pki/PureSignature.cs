using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A signature that takes the message whole and no hash of it: ML-DSA (FIPS 204, RFC 9881) and SLH-DSA (FIPS 205, RFC 9909), each in its
/// pure form with an empty context. The pre-hashed forms have other object identifiers and are verified nowhere here (RFC 9881 8.3).
/// BouncyCastle computes, on any machine; it is given the bare key, the message and the signature, and reads no ASN.1.
/// </summary>
internal sealed class PureSignature
{
    private const string SigAlgs = "2.16.840.1.101.3.4.3.";

    public static readonly PureSignature MlDsa44 = OfMlDsa(17, MLDsaParameters.ml_dsa_44, keyBytes: 1312, signatureBytes: 2420);
    public static readonly PureSignature MlDsa65 = OfMlDsa(18, MLDsaParameters.ml_dsa_65, keyBytes: 1952, signatureBytes: 3309);
    public static readonly PureSignature MlDsa87 = OfMlDsa(19, MLDsaParameters.ml_dsa_87, keyBytes: 2592, signatureBytes: 4627);

    private readonly Func<byte[], ICipherParameters> _key;
    private readonly Func<ISigner> _signer;

    private PureSignature(string title, int arc, int keyBytes, int signatureBytes,
        Func<byte[], ICipherParameters> key, Func<ISigner> signer)
    {
        Title = title;
        Oid = $"{SigAlgs}{arc}";
        KeyBytes = keyBytes;
        SignatureBytes = signatureBytes;
        _key = key;
        _signer = signer;
    }

    public static IReadOnlyList<PureSignature> All { get; } =
    [
        MlDsa44, MlDsa65, MlDsa87,
        OfSlhDsa("SLH-DSA-SHA2-128s", 20, SlhDsaParameters.slh_dsa_sha2_128s, 32, 7856),
        OfSlhDsa("SLH-DSA-SHA2-128f", 21, SlhDsaParameters.slh_dsa_sha2_128f, 32, 17088),
        OfSlhDsa("SLH-DSA-SHA2-192s", 22, SlhDsaParameters.slh_dsa_sha2_192s, 48, 16224),
        OfSlhDsa("SLH-DSA-SHA2-192f", 23, SlhDsaParameters.slh_dsa_sha2_192f, 48, 35664),
        OfSlhDsa("SLH-DSA-SHA2-256s", 24, SlhDsaParameters.slh_dsa_sha2_256s, 64, 29792),
        OfSlhDsa("SLH-DSA-SHA2-256f", 25, SlhDsaParameters.slh_dsa_sha2_256f, 64, 49856),
        OfSlhDsa("SLH-DSA-SHAKE-128s", 26, SlhDsaParameters.slh_dsa_shake_128s, 32, 7856),
        OfSlhDsa("SLH-DSA-SHAKE-128f", 27, SlhDsaParameters.slh_dsa_shake_128f, 32, 17088),
        OfSlhDsa("SLH-DSA-SHAKE-192s", 28, SlhDsaParameters.slh_dsa_shake_192s, 48, 16224),
        OfSlhDsa("SLH-DSA-SHAKE-192f", 29, SlhDsaParameters.slh_dsa_shake_192f, 48, 35664),
        OfSlhDsa("SLH-DSA-SHAKE-256s", 30, SlhDsaParameters.slh_dsa_shake_256s, 64, 29792),
        OfSlhDsa("SLH-DSA-SHAKE-256f", 31, SlhDsaParameters.slh_dsa_shake_256f, 64, 49856),
    ];

    /// <summary>E.g. <c>ML-DSA-65</c>, <c>SLH-DSA-SHA2-128s</c>: as the standards write it.</summary>
    public string Title { get; }

    /// <summary>Of the key and of the signature: they have one (RFC 9881 2, RFC 9909 3).</summary>
    public string Oid { get; }

    public int KeyBytes { get; }

    /// <summary>Every signature has exactly so many.</summary>
    public int SignatureBytes { get; }

    /// <summary>ML-DSA passes over a message of any length; SLH-DSA needs it beside the signature, in memory.</summary>
    public bool Streams { get; private init; }

    public static PureSignature? ByOid(string oid) => All.FirstOrDefault(one => one.Oid == oid);

    /// <summary>By the whole AlgorithmIdentifier: its parameters are absent. RFC 9881 2, RFC 9909 3.</summary>
    public static PureSignature? ByIdentifier(ReadOnlySpan<byte> algorithmIdentifier)
    {
        foreach (PureSignature one in All)
            if (one.AlgorithmIdentifier().AsSpan().SequenceEqual(algorithmIdentifier))
                return one;
        return null;
    }

    /// <summary>The bare key of a SubjectPublicKeyInfo, and what it signs with; false for a key of another kind or length.</summary>
    public static bool TryReadKey(ReadOnlySpan<byte> subjectPublicKeyInfo, [NotNullWhen(true)] out PureSignature? signature,
        out byte[] key)
    {
        (signature, key) = (null, []);
        try
        {
            AsnReader info = CertificateReader.OnlySequence(subjectPublicKeyInfo.ToArray());
            signature = ByIdentifier(info.ReadEncodedValue().Span);
            key = info.ReadBitString(out int unusedBits);
            info.ThrowIfNotEmpty();
            if (unusedBits != 0 || key.Length != signature?.KeyBytes)
                signature = null;
        }
        catch (AsnContentException)
        {
            signature = null;
        }
        return signature is not null;
    }

    /// <summary>DER around the bare key: the algorithm without parameters, the key in the bit string. RFC 9881 4.</summary>
    public byte[] SubjectPublicKeyInfo(ReadOnlySpan<byte> key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // algorithm
            writer.WriteEncodedValue(AlgorithmIdentifier());
            // subjectPublicKey
            writer.WriteBitString(key);
        }
        return writer.Encode();
    }

    /// <summary>DER, without parameters.</summary>
    public byte[] AlgorithmIdentifier()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oid);
        }
        return writer.Encode();
    }

    /// <summary>
    /// Whether the key made this signature over these bytes. BouncyCastle says it; where the platform knows ML-DSA, it must say the same.
    /// </summary>
    /// <param name="key">Bare, <see cref="KeyBytes"/> long.</param>
    public bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        PureVerifier verifier = VerifierOf(key);
        verifier.Append(data);
        return verifier.Judge(signature) == SignatureVerdict.Holds && PlatformAgrees(key, data, signature);
    }

    /// <summary>For a message that passes by.</summary>
    /// <param name="key">Bare, <see cref="KeyBytes"/> long.</param>
    public PureVerifier VerifierOf(ReadOnlySpan<byte> key)
    {
        byte[] bare = key.ToArray();
        return new PureVerifier(this, () =>
        {
            ISigner signer = _signer();
            signer.Init(forSigning: false, _key(bare));
            return signer;
        });
    }

    public override string ToString() => Title;

    // OpenSSL knows ML-DSA from 3.5 on: what the appliance's release has, and many an auditor's machine has not.
    private bool PlatformAgrees(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!MLDsa.IsSupported || PlatformKind() is not { } kind)
            return true;
        try
        {
            using var platform = MLDsa.ImportMLDsaPublicKey(kind, key);
            return platform.VerifyData(data, signature);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private MLDsaAlgorithm? PlatformKind() => this == MlDsa44 ? MLDsaAlgorithm.MLDsa44 : this == MlDsa65 ? MLDsaAlgorithm.MLDsa65
        : this == MlDsa87 ? MLDsaAlgorithm.MLDsa87 : null;

    private static PureSignature OfMlDsa(int arc, MLDsaParameters parameters, int keyBytes, int signatureBytes) =>
        new(parameters.Name, arc, keyBytes, signatureBytes, key => MLDsaPublicKeyParameters.FromEncoding(parameters, key),
            () => new MLDsaSigner(parameters, deterministic: false))
        {
            Streams = true,
        };

    private static PureSignature OfSlhDsa(string title, int arc, SlhDsaParameters parameters, int keyBytes, int signatureBytes) =>
        new(title, arc, keyBytes, signatureBytes, key => SlhDsaPublicKeyParameters.FromEncoding(parameters, key),
            () => new SlhDsaSigner(parameters, deterministic: false));
}

/// <summary>One message that passes by, and then its signature.</summary>
internal sealed class PureVerifier
{
    /// <summary>A list of a million entries; a longer one is signed by another algorithm, or brought as a CSV.</summary>
    public const long MostInMemory = 64 * 1024 * 1024;

    private readonly PureSignature _algorithm;
    private readonly Func<ISigner> _make;
    private ISigner? _signer;
    private long _length;

    public PureVerifier(PureSignature algorithm, Func<ISigner> make) => (_algorithm, _make) = (algorithm, make);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        if (IsTooLong)
            _signer = null;
        else
            Asked(() => _signer ??= _make(), out _)?.BlockUpdate(bytes);
    }

    /// <summary>Once, after the last byte. A message too long for an algorithm that needs it in memory cannot be judged.</summary>
    public SignatureVerdict Judge(ReadOnlySpan<byte> signature)
    {
        if (IsTooLong)
            return SignatureVerdict.CannotBeJudged;
        if (signature.Length != _algorithm.SignatureBytes)
            return SignatureVerdict.DoesNotHold;
        byte[] told = signature.ToArray();
        return Asked(() => (_signer ??= _make()).VerifySignature(told), out bool answered) && answered
            ? SignatureVerdict.Holds : SignatureVerdict.DoesNotHold;
    }

    private bool IsTooLong => !_algorithm.Streams && _length > MostInMemory;

    // The one border: BouncyCastle throws exceptions of unrelated families. Whichever it is, it does not agree.
    private static T? Asked<T>(Func<T> ask, out bool answered)
    {
        try
        {
            T said = ask();
            answered = true;
            return said;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            answered = false;
            return default;
        }
    }
}
