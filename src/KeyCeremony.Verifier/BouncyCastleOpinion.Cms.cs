using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

namespace KeyCeremony.Verifier;

/// <summary>Detached CMS of the one shape that docs/formats/bundle.md describes, RFC 5652.</summary>
public static partial class BouncyCastleOpinion
{
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);

    /// <param name="content">What was signed.</param>
    /// <param name="path">
    /// The signer's certificate first, then those above it. Inside the signature the signer must be, and nothing that is none of them.
    /// </param>
    public static string? OfCms(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> cms, IReadOnlyList<ParsedCertificate> path) =>
        Asked(Never, () => AskCms(hash => new SignedContent(SignedDataForm.Data, Hashed(hash, content.Span)), cms, path));

    /// <summary>The same of what is known by its digest, and of what may stand inside.</summary>
    public static string? OfCms(SignedContent content, ReadOnlyMemory<byte> cms, IReadOnlyList<ParsedCertificate> path) =>
        Asked(Never, () => AskCms(hash => IsOf(hash, content) ? content : throw new AsnContentException(), cms, path));

    private static string? AskCms(Func<HashAlgorithmName, SignedContent> over, ReadOnlyMemory<byte> cms,
        IReadOnlyList<ParsedCertificate> path)
    {
        ParsedTbs signer = path[0].ToBeSigned;
        (AsymmetricKeyParameter key, KeyAlgorithm kind) = Read(signer.SubjectPublicKeyInfo);
        (HashAlgorithmName hash, string oid) = kind == KeyAlgorithm.EcP384 ? (HashAlgorithmName.SHA384, Oids.Sha384)
            // RFC 9882 3.3
            : kind.IsMlDsa ? (HashAlgorithmName.SHA512, Oids.Sha512) : (HashAlgorithmName.SHA256, Oids.Sha256);
        SignedContent content = over(hash);
        // Without attributes the parameters are those of PKCS #7.
        bool hasNull = !content.HasAttributes;
        byte[] digestAlgorithm = Identifier(oid, hasNull);
        SignerInfo info = ReadSignedData(cms, digestAlgorithm, content, path);
        if (!info.Identifier.Span.SequenceEqual(IssuerAndSerial(signer)) || !info.DigestAlgorithm.Span.SequenceEqual(digestAlgorithm))
            return "it names another signer, or another digest than its key's";
        // RFC 3370 3.2: an RSA signature goes by the key's name alone; with attributes, in our form, without parameters.
        if (!info.SignatureAlgorithm.Span.SequenceEqual(
            Identifier(kind.IsRsa ? Oids.RsaEncryption : kind.SignatureOid, kind.IsRsa && hasNull)))
            return "the signature algorithm is not that of the signer's key";
        if (!content.HasAttributes)
            return OfBareDigest(content.Digest, info.Signature, key);
        if (!info.MessageDigest.Span.SequenceEqual(content.Digest.Span))
            return "it is over other bytes";
        return Verify(key, kind.SignatureAlgorithmIdentifier(), info.SignedAttributes, info.Signature);
    }

    private static string? OfBareDigest(ReadOnlyMemory<byte> digest, ReadOnlyMemory<byte> signature, AsymmetricKeyParameter key)
    {
        ISigner? signer = key is ECPublicKeyParameters ? new DsaDigestSigner(new ECDsaSigner(), new NullDigest())
            : key is RsaKeyParameters && digest.Length == SHA256.HashSizeInBytes
                ? new RsaDigestSigner(new NullDigest(), new DerObjectIdentifier(Oids.Sha256)) : null;
        return signer is null ? NoFit : Holds(signer, key, digest, signature);
    }

    /// <summary>A value inside has the digest that is signed: that of its bytes without tag and length.</summary>
    private static bool IsOf(HashAlgorithmName hash, SignedContent content)
    {
        if (content.Inside is not { } inside)
            return true;
        AsnDecoder.ReadEncodedValue(inside.Span, AsnEncodingRules.DER, out int at, out int length, out _);
        return content.Digest.Span.SequenceEqual(Hashed(hash, inside.Span.Slice(at, length)));
    }

    private static byte[] Hashed(HashAlgorithmName hash, ReadOnlySpan<byte> content)
    {
        IDigest digest = DigestOf(hash);
        digest.BlockUpdate(content);
        byte[] value = new byte[digest.GetDigestSize()];
        digest.DoFinal(value, 0);
        return value;
    }

    /// <param name="SignedAttributes">As they are signed: under the tag of a SET. RFC 5652 5.4. Empty where there are none.</param>
    private sealed record SignerInfo(ReadOnlyMemory<byte> Identifier, ReadOnlyMemory<byte> DigestAlgorithm,
        ReadOnlyMemory<byte> SignedAttributes, ReadOnlyMemory<byte> MessageDigest, ReadOnlyMemory<byte> SignatureAlgorithm,
        ReadOnlyMemory<byte> Signature);

    // ContentInfo and SignedData, RFC 5652 3 and 5.1
    private static SignerInfo ReadSignedData(ReadOnlyMemory<byte> cms, byte[] digestAlgorithm, SignedContent content,
        IReadOnlyList<ParsedCertificate> path)
    {
        AsnReader info = OnlySequence(cms);
        Expect(info.ReadObjectIdentifier() == SignedDataForm.SignedData);
        AsnReader explicitly = info.ReadSequence(Context0);
        info.ThrowIfNotEmpty();
        AsnReader data = explicitly.ReadSequence();
        explicitly.ThrowIfNotEmpty();
        // version
        Expect(data.ReadInteger() == 1);
        // digestAlgorithms
        AsnReader digests = data.ReadSetOf();
        Expect(digests.ReadEncodedValue().Span.SequenceEqual(digestAlgorithm));
        digests.ThrowIfNotEmpty();
        // encapContentInfo
        AsnReader encapsulated = data.ReadSequence();
        Expect(encapsulated.ReadObjectIdentifier() == content.Type);
        if (content.Inside is { } expected)
            Expect(encapsulated.ReadSequence(Context0) is var value && value.ReadEncodedValue().Span.SequenceEqual(expected.Span)
                && !value.HasData);
        encapsulated.ThrowIfNotEmpty();
        // certificates
        AsnReader bag = data.ReadSetOf(Context0);
        var inside = new List<ReadOnlyMemory<byte>>();
        while (bag.HasData)
            inside.Add(bag.ReadEncodedValue());
        Expect(inside.Count <= path.Count && inside.All(one => path.Any(c => c.Der.Span.SequenceEqual(one.Span)))
            && inside.Count(one => one.Span.SequenceEqual(path[0].Der.Span)) == 1);
        // signerInfos
        AsnReader signers = data.ReadSetOf();
        data.ThrowIfNotEmpty();
        AsnReader signer = signers.ReadSequence();
        signers.ThrowIfNotEmpty();
        return ReadSigner(signer, content);
    }

    // SignerInfo, RFC 5652 5.3
    private static SignerInfo ReadSigner(AsnReader signer, SignedContent content)
    {
        // version
        Expect(signer.ReadInteger() == 1);
        ReadOnlyMemory<byte> identifier = signer.ReadEncodedValue(), digestAlgorithm = signer.ReadEncodedValue();
        (byte[] attributes, byte[] digest) = content.HasAttributes ? ReadAttributes(signer, content.Type) : ([], []);
        ReadOnlyMemory<byte> signatureAlgorithm = signer.ReadEncodedValue();
        byte[] signature = signer.ReadOctetString();
        signer.ThrowIfNotEmpty();
        return new SignerInfo(identifier, digestAlgorithm, attributes, digest, signatureAlgorithm, signature);
    }

    // signedAttrs
    private static (byte[] Attributes, byte[] Digest) ReadAttributes(AsnReader signer, string contentType)
    {
        byte[] attributes = signer.PeekEncodedValue().ToArray();
        AsnReader each = signer.ReadSetOf(Context0);
        var values = new Dictionary<string, ReadOnlyMemory<byte>>();
        while (each.HasData)
        {
            AsnReader attribute = each.ReadSequence();
            string type = attribute.ReadObjectIdentifier();
            AsnReader set = attribute.ReadSetOf();
            attribute.ThrowIfNotEmpty();
            values.Add(type, set.ReadEncodedValue());
            set.ThrowIfNotEmpty();
        }
        Expect(new AsnReader(values[SignedDataForm.ContentType], AsnEncodingRules.DER).ReadObjectIdentifier() == contentType);
        Expect(values.ContainsKey(SignedDataForm.SigningTime));
        byte[] digest = new AsnReader(values[SignedDataForm.MessageDigest], AsnEncodingRules.DER).ReadOctetString();
        attributes[0] = (byte)UniversalTagNumber.SetOf | 0x20;
        return (attributes, digest);
    }

    // RFC 5652 10.2.4
    private static byte[] IssuerAndSerial(ParsedTbs signer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(signer.Issuer.Der.Span);
            writer.WriteInteger(signer.Serial.Span);
        }
        return writer.Encode();
    }

    private static void Expect(bool isSo)
    {
        if (!isSo)
            throw new AsnContentException();
    }
}
