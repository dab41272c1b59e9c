using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Pki;

/// <summary>
/// A kind of key and the one signature algorithm we use with it. P-256 signs with SHA-256, P-384 with SHA-384
/// (RFC 5758 3.2); RSA is PKCS #1 v1.5 with SHA-256 (RFC 8017 8.2), at every size, because every verifier has it. ML-DSA signs the message
/// itself (RFC 9881), without a hash before it and with an empty context.
/// </summary>
public sealed class KeyAlgorithm
{
    public static readonly KeyAlgorithm EcP256 = new("ec-p256", "EC P-256", HashAlgorithmName.SHA256,
        Oids.EcdsaWithSha256, Oids.EcP256, bits: 256);
    public static readonly KeyAlgorithm EcP384 = new("ec-p384", "EC P-384", HashAlgorithmName.SHA384,
        Oids.EcdsaWithSha384, Oids.EcP384, bits: 384);
    public static readonly KeyAlgorithm Rsa3072 = new("rsa-3072", "RSA 3072", HashAlgorithmName.SHA256,
        Oids.Sha256WithRsa, curve: null, bits: 3072);
    public static readonly KeyAlgorithm Rsa4096 = new("rsa-4096", "RSA 4096", HashAlgorithmName.SHA256,
        Oids.Sha256WithRsa, curve: null, bits: 4096);
    public static readonly KeyAlgorithm MlDsa44 = OfMlDsa("ml-dsa-44", PureSignature.MlDsa44);
    public static readonly KeyAlgorithm MlDsa65 = OfMlDsa("ml-dsa-65", PureSignature.MlDsa65);
    public static readonly KeyAlgorithm MlDsa87 = OfMlDsa("ml-dsa-87", PureSignature.MlDsa87);

    private const int RsaExponent = 65537;

    private KeyAlgorithm(string scriptName, string title, HashAlgorithmName hash, string signatureOid, string? curve, int bits)
    {
        ScriptName = scriptName;
        Title = title;
        Hash = hash;
        SignatureOid = signatureOid;
        CurveOid = curve;
        Bits = bits;
    }

    public static IReadOnlyList<KeyAlgorithm> All { get; } = [EcP256, EcP384, Rsa3072, Rsa4096, MlDsa44, MlDsa65, MlDsa87];

    /// <summary>
    /// <c>ec-p256</c>, <c>ec-p384</c>, <c>rsa-3072</c>, <c>rsa-4096</c>, <c>ml-dsa-44</c>, <c>ml-dsa-65</c>, <c>ml-dsa-87</c>.
    /// </summary>
    public string ScriptName { get; }

    public string Title { get; }

    /// <summary>
    /// What a classical key signs of a message. For ML-DSA, which signs the message, the digest that stands beside its signature in CMS:
    /// SHA-512, the one that RFC 9882 3.3 asks every implementation for.
    /// </summary>
    public HashAlgorithmName Hash { get; }

    public string SignatureOid { get; }

    /// <summary>Null for all but EC.</summary>
    public string? CurveOid { get; }

    /// <summary>Of the field, of the modulus, or of ML-DSA's whole public key.</summary>
    public int Bits { get; }

    public bool IsRsa => CurveOid is null && Pure is null;

    /// <summary>ML-DSA: the signature is over the message, and a quantum computer does not help against it.</summary>
    public bool IsMlDsa => Pure is not null;

    /// <summary>Null for classical kinds.</summary>
    internal PureSignature? Pure { get; private init; }

    /// <summary>
    /// Bytes of the longest signature. ECDSA: two INTEGERs of a field element and a sign byte in a SEQUENCE, which has
    /// a short length up to P-384. RSA: the modulus. ML-DSA: always as long.
    /// </summary>
    public int LongestSignature => Pure?.SignatureBytes ?? (IsRsa ? Bits / 8 : 2 + (2 * (2 + 1 + (Bits / 8))));

    public static bool TryParse(string scriptName, [NotNullWhen(true)] out KeyAlgorithm? algorithm) =>
        (algorithm = All.FirstOrDefault(one => one.ScriptName == scriptName)) is not null;

    /// <summary>Whether this is how scripts and journals spell a kind of ML-DSA.</summary>
    public static bool IsNameOfMlDsa(string? scriptName) => All.Any(one => one.IsMlDsa && one.ScriptName == scriptName);

    /// <summary>
    /// What a DER SubjectPublicKeyInfo holds: whole input, one of our kinds, an uncompressed point on the curve, a modulus of
    /// exactly 3072 or 4096 bits with e = 65537, or an ML-DSA key of its set's length. Null for everything else.
    /// </summary>
    public static KeyAlgorithm? Of(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            byte[] spki = subjectPublicKeyInfo.ToArray();
            return All.FirstOrDefault(algorithm => algorithm.IsKind(spki));
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>The DER AlgorithmIdentifier of a signature. RFC 5758 3.2, RFC 9881 2: no parameters; RFC 4055 5: NULL.</summary>
    public byte[] SignatureAlgorithmIdentifier()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SignatureOid);
            if (IsRsa)
                writer.WriteNull();
        }
        return writer.Encode();
    }

    /// <summary>A software key for previews. It never signs anything that leaves the room.</summary>
    public ThrowAwayKey CreateThrowAway() => ThrowAwayKey.Create(this);

    /// <summary>Verifies in software. False also for a key of another kind.</summary>
    public bool Verify(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using ImportedKey? key = Import(subjectPublicKeyInfo);
        return key?.Algorithm == this && key.Verify(data, signature);
    }

    public override string ToString() => ScriptName;

    /// <summary>
    /// The key itself, under the rules of <see cref="Of"/> and, once more, OpenSSL's own: a point off the curve passes neither.
    /// </summary>
    internal static ImportedKey? Import(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            return Of(subjectPublicKeyInfo) is { } kind ? new ImportedKey(kind, subjectPublicKeyInfo) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static KeyAlgorithm OfMlDsa(string scriptName, PureSignature pure) =>
        new(scriptName, pure.Title, HashAlgorithmName.SHA512, pure.Oid, curve: null, bits: 8 * pure.KeyBytes) { Pure = pure };

    private bool IsKind(byte[] spki)
    {
        var whole = new AsnReader(spki, AsnEncodingRules.DER);
        AsnReader sequence = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        AsnReader algorithm = sequence.ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        if (Pure is { } pure)
            return oid == pure.Oid && PureSignature.TryReadKey(spki, out PureSignature? found, out _) && found == pure;
        if (oid != (IsRsa ? Oids.RsaEncryption : Oids.EcPublicKey))
            return false;
        if (!(IsRsa ? ReadRsa(algorithm, sequence) : ReadEc(algorithm, sequence)))
            return false;
        algorithm.ThrowIfNotEmpty();
        sequence.ThrowIfNotEmpty();
        return true;
    }

    private bool ReadEc(AsnReader algorithm, AsnReader sequence)
    {
        if (algorithm.ReadObjectIdentifier() != CurveOid)
            return false;
        byte[] point = sequence.ReadBitString(out int unusedBits);
        // By our own arithmetic: an import says the same and takes as long as a signature.
        if (unusedBits != 0 || EcCurve.ByOid(CurveOid)!.CheckPoint(point) is not null)
            throw new AsnContentException("The point is not an uncompressed one on the curve.");
        return true;
    }

    private bool ReadRsa(AsnReader algorithm, AsnReader sequence)
    {
        algorithm.ReadNull();
        byte[] bits = sequence.ReadBitString(out int unusedBits);
        var whole = new AsnReader(bits, AsnEncodingRules.DER);
        AsnReader key = whole.ReadSequence();
        BigInteger modulus = key.ReadInteger();
        BigInteger exponent = key.ReadInteger();
        key.ThrowIfNotEmpty();
        whole.ThrowIfNotEmpty();
        if (modulus.Sign <= 0 || modulus.GetBitLength() != Bits)
            return false;
        if (unusedBits != 0 || exponent != RsaExponent || modulus.IsEven)
            throw new AsnContentException("The RSA key is not one we use.");
        return true;
    }
}
