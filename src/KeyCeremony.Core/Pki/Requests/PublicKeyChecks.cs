using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// Whether a public key made elsewhere is one we certify. Not checked: whether its maker's randomness was any good,
/// beyond the known failures below; lists of keys that leaked.
/// </summary>
public static class PublicKeyChecks
{
    // ML-DSA-87 takes 2,614 bytes, RSA 8192 1,062; explicit curve parameters of P-521 fit, so that they are refused by their own name.
    private const int MaxBytes = 4096;

    /// <param name="subjectPublicKeyInfo">DER. Else refused: PUBKEY-01 to PUBKEY-12.</param>
    public static bool TryCheck(
        ReadOnlyMemory<byte> subjectPublicKeyInfo,
        [NotNullWhen(true)] out CheckedKey? key,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        key = null;
        if (subjectPublicKeyInfo.Length > MaxBytes)
        {
            refusal = Unreadable($"it takes {subjectPublicKeyInfo.Length} bytes, more than {MaxBytes}.");
            return false;
        }
        try
        {
            return TryRead(subjectPublicKeyInfo.ToArray(), out key, out refusal);
        }
        catch (AsnContentException)
        {
            refusal = Unreadable("it is not DER as X.690 and RFC 5280 write it.");
            return false;
        }
        catch (UnreadableException e)
        {
            refusal = Unreadable(e.Sentence);
            return false;
        }
    }

    private static bool TryRead(byte[] spki, out CheckedKey? key, out Refusal? refusal)
    {
        AsnReader sequence = CertificateReader.OnlySequence(spki);
        AsnReader algorithm = sequence.ReadSequence();
        ReadOnlyMemory<byte> bits = ReadBits(sequence);
        sequence.ThrowIfNotEmpty();
        string oid = algorithm.ReadObjectIdentifier();
        (key, refusal) = (null, null);
        if (oid == Oids.RsaEncryption)
            return TryReadRsa(spki, algorithm, bits, out key, out refusal);
        if (oid == Oids.EcPublicKey)
            return TryReadEc(spki, algorithm, bits, out key, out refusal);
        if (PureSignature.ByOid(oid) is { } pure)
            return TryReadPure(spki, algorithm, bits, pure, out key, out refusal);
        refusal = PublicKeyRules.Kind.Refuse($"The key is of the kind {Oids.NameOf(oid)}.",
            "Make an RSA key of at least 3072 bits, an EC key on P-256 or P-384, or an ML-DSA key, and a new request.");
        return false;
    }

    // RFC 9881 4, RFC 9909 4: no parameters, the key alone in the bit string. Every string of that length is a key.
    private static bool TryReadPure(byte[] spki, AsnReader algorithm, ReadOnlyMemory<byte> bits, PureSignature pure,
        out CheckedKey? key, out Refusal? refusal)
    {
        refusal = algorithm.HasData ? Pure("Its algorithm has parameters.")
            : bits.Length != pure.KeyBytes ? Pure($"It has {bits.Length} bytes; {pure.Title} has {pure.KeyBytes}.") : null;
        key = refusal is null ? new CheckedKey(spki, isRsa: false, 8 * bits.Length, pure) : null;
        return refusal is null;

        Refusal Pure(string found) => PublicKeyRules.Pure.Refuse($"The {pure.Title} key is not written as it must be: {found}",
            "Make the request again with a current tool (openssl 3.5), which writes it so.");
    }

    // RFC 3279 2.3.1: parameters NULL; the key is SEQUENCE { modulus, publicExponent }.
    private static bool TryReadRsa(byte[] spki, AsnReader algorithm, ReadOnlyMemory<byte> bits, out CheckedKey? key, out Refusal? refusal)
    {
        if (!algorithm.HasData)
            throw new UnreadableException("its algorithm rsaEncryption stands without parameters, and RFC 3279 2.3.1 has NULL there.");
        if (!algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.Null))
            throw new UnreadableException("its algorithm rsaEncryption has parameters, and RFC 3279 2.3.1 has NULL there.");
        algorithm.ReadNull();
        algorithm.ThrowIfNotEmpty();
        AsnReader rsa = CertificateReader.OnlySequence(bits);
        BigInteger modulus = rsa.ReadInteger();
        BigInteger exponent = rsa.ReadInteger();
        rsa.ThrowIfNotEmpty();
        refusal = RsaModulus.Check(modulus, exponent);
        key = refusal is null ? new CheckedKey(spki, isRsa: true, (int)modulus.GetBitLength()) : null;
        return refusal is null;
    }

    // RFC 5480 2.1.1: namedCurve is an OID; implicitCurve and specifiedCurve are never used.
    private static bool TryReadEc(byte[] spki, AsnReader algorithm, ReadOnlyMemory<byte> point, out CheckedKey? key, out Refusal? refusal)
    {
        key = null;
        if (!algorithm.HasData || !algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier))
        {
            refusal = PublicKeyRules.EcCurve.Refuse("The curve is not given by its name.",
                "Make the key with a named curve (openssl: -pkeyopt ec_param_enc:named_curve), and a new request.");
            return false;
        }
        string oid = algorithm.ReadObjectIdentifier();
        algorithm.ThrowIfNotEmpty();
        if (EcCurve.ByOid(oid) is not { } curve)
        {
            refusal = PublicKeyRules.EcCurve.Refuse($"The curve is {Oids.NameOf(oid)}.",
                "Make a key on P-256 or P-384, and a new request.");
            return false;
        }
        refusal = curve.CheckPoint(point.Span);
        key = refusal is null ? new CheckedKey(spki, isRsa: false, curve.Bits) : null;
        return refusal is null;
    }

    private static ReadOnlyMemory<byte> ReadBits(AsnReader reader) =>
        reader.TryReadPrimitiveBitString(out int unusedBits, out ReadOnlyMemory<byte> bits) && unusedBits == 0 ? bits
            : throw new UnreadableException("its bits are not whole bytes.");

    private static Refusal Unreadable(string why) =>
        PublicKeyRules.Encoding.Refuse($"The public key cannot be read: {why}",
            "Make the request again with a current tool (openssl, certtool); a key file that was edited is not used.");
}
