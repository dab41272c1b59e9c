using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>Generating keys, locking them, signing with them.</summary>
public sealed unsafe partial class Session
{
    /// <summary>How much of a message goes to the token at once: a frame of the host's takes it.</summary>
    public const int PieceBytes = 64 * 1024;

    /// <summary>ML-DSA-87 signs to 4,627 bytes; the rest leaves room to notice an answer that is too long.</summary>
    private const int SignatureBufferBytes = 8 * 1024;

    /// <summary>CKA_VALUE of an ML-DSA-87 key pair: 2,592 bytes, and 4,896 that the token must not give out.</summary>
    private const int MlDsaValueBytes = 8 * 1024;

    /// <summary>
    /// A key pair for signing only: private, sensitive, and extractable by wrapping until
    /// <see cref="LockNonExtractable"/>.
    /// </summary>
    /// <param name="extractable">False: it can never be backed up.</param>
    public KeyPair GenerateKeyPair(
        KeyKind kind, string label, KeyId id, Lifetime lifetime = Lifetime.Token, bool extractable = true)
    {
        ArgumentNullException.ThrowIfNull(id);
        using Turn mine = TakeTurn();
        using Template publicKey = PublicTemplate(label, id, lifetime);
        using Template privateKey = PrivateTemplate(label, id, lifetime, extractable);
        AddParameters(publicKey, kind);
        var mechanism = new CK_MECHANISM { Mechanism = kind.GenerationMechanism() };
        nuint publicHandle, privateHandle;
        Check("C_GenerateKeyPair", functions.C_GenerateKeyPair(
            handle,
            &mechanism,
            publicKey.Attributes,
            publicKey.Count,
            privateKey.Attributes,
            privateKey.Count,
            &publicHandle,
            &privateHandle));
        return new KeyPair(new ObjectHandle(publicHandle), new ObjectHandle(privateHandle));
    }

    /// <summary>The public half of a key that came in another way, from its SubjectPublicKeyInfo.</summary>
    /// <exception cref="CryptographicException">Not DER, or neither EC nor RSA nor ML-DSA.</exception>
    public ObjectHandle CreatePublicKey(
        ReadOnlySpan<byte> publicKeyInfo, string label, KeyId id, Lifetime lifetime = Lifetime.Token)
    {
        ArgumentNullException.ThrowIfNull(id);
        using Turn mine = TakeTurn();
        byte[] encoded = publicKeyInfo.ToArray();
        using Template template = PublicTemplate(label, id, lifetime).Add(CKA_CLASS, CKO_PUBLIC_KEY);
        if (PublicKeyInfo.ReadMlDsa(encoded) is var (set, value))
        {
            template.Add(CKA_KEY_TYPE, CKK_ML_DSA).Add(CKA_PARAMETER_SET, set).Add(CKA_VALUE, value);
        }
        else if (PublicKeyInfo.ReadEc(encoded) is var (parameters, point))
        {
            template.Add(CKA_KEY_TYPE, CKK_EC).Add(CKA_EC_PARAMS, parameters).Add(CKA_EC_POINT, OctetString(point));
        }
        else
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(encoded, out _);
            RSAParameters numbers = rsa.ExportParameters(includePrivateParameters: false);
            template.Add(CKA_KEY_TYPE, CKK_RSA).Add(CKA_MODULUS, numbers.Modulus).Add(CKA_PUBLIC_EXPONENT, numbers.Exponent);
        }

        return Create(template);
    }

    /// <summary>After the backup: the key may not leave the token again, not even wrapped. Read back.</summary>
    /// <exception cref="TemplateIgnoredException">The token said yes and did not; the key still exists.</exception>
    public void LockNonExtractable(ObjectHandle privateKey)
    {
        using Turn mine = TakeTurn();
        using Template template = new Template().Add(CKA_EXTRACTABLE, false);
        Check("C_SetAttributeValue", functions.C_SetAttributeValue(
            handle, (nuint)privateKey.Value, template.Attributes, template.Count));
        KeyAttributes found = ReadAttributes(privateKey);
        if (!found.IsLocked)
        {
            throw Fail(new TemplateIgnoredException("C_SetAttributeValue", found, keyDestroyed: false));
        }
    }

    /// <summary>
    /// Signs a hash that was made outside. The signature has the form X.509 wants: ECDSA as
    /// <c>SEQUENCE { r, s }</c> (RFC 5480 A), RSA as the modulus-long string. It is not verified here; see
    /// <see cref="TokenSignatureGenerator"/>.
    /// </summary>
    public byte[] SignHash(ObjectHandle privateKey, SignatureScheme scheme, ReadOnlySpan<byte> hash)
    {
        if (scheme == SignatureScheme.MlDsa)
        {
            throw new ArgumentException("ML-DSA signs the message, not a hash of it.", nameof(scheme));
        }

        if (hash.Length != scheme.HashLength())
        {
            throw new ArgumentException($"{scheme} signs {scheme.HashLength()} bytes of hash, not {hash.Length}.", nameof(hash));
        }

        using Turn mine = TakeTurn();
        if (scheme.IsEcdsa())
        {
            return DerSignature(Sign(privateKey, CKM_ECDSA, null, 0, hash));
        }

        if (scheme.IsPss())
        {
            CK_RSA_PKCS_PSS_PARAMS parameters = scheme.PssParameters();
            return Sign(privateKey, CKM_RSA_PKCS_PSS, &parameters, (nuint)sizeof(CK_RSA_PKCS_PSS_PARAMS), hash);
        }

        return Sign(privateKey, CKM_RSA_PKCS, null, 0, [.. scheme.DigestInfoPrefix(), .. hash]);
    }

    /// <summary>
    /// Signs a message with an ML-DSA key: the message itself, with an empty context. In one call where it is short, else in pieces. It is
    /// not verified here; see <see cref="TokenSignatureGenerator"/>.
    /// </summary>
    public byte[] SignMessage(ObjectHandle privateKey, ReadOnlyMemory<byte> message)
    {
        if (message.Length > PieceBytes)
        {
            return SignMessage(privateKey, [message]);
        }

        using Turn mine = TakeTurn();
        return Sign(privateKey, CKM_ML_DSA, null, 0, message.Span);
    }

    /// <summary>The same for a message that passes by: each piece goes to the token before the next one is asked for.</summary>
    /// <param name="message">What it throws spoils the session: half a message is with the token, and nobody signs it.</param>
    public byte[] SignMessage(ObjectHandle privateKey, IEnumerable<ReadOnlyMemory<byte>> message)
    {
        ArgumentNullException.ThrowIfNull(message);
        using Turn mine = TakeTurn();
        var mechanism = new CK_MECHANISM { Mechanism = CKM_ML_DSA };
        Check("C_SignInit", functions.C_SignInit(handle, &mechanism, (nuint)privateKey.Value));
        bool isWhole = false;
        try
        {
            foreach (ReadOnlyMemory<byte> more in message)
            {
                for (ReadOnlySpan<byte> rest = more.Span; rest.Length > 0;)
                {
                    ReadOnlySpan<byte> piece = rest[..Math.Min(rest.Length, PieceBytes)];
                    Update(piece);
                    rest = rest[piece.Length..];
                }
            }

            isWhole = true;
        }
        finally
        {
            if (!isWhole)
            {
                Fail(new UntrustworthyAnswerException("C_SignUpdate", "the message that it was given ended in the middle"));
            }
        }

        return Finish();
    }

    private static Template PublicTemplate(string label, KeyId id, Lifetime lifetime) => new Template(4096)
        .Add(CKA_TOKEN, lifetime == Lifetime.Token)
        .Add(CKA_PRIVATE, false)
        .Add(CKA_LABEL, label)
        .Add(CKA_ID, id.ToBytes())
        .Add(CKA_VERIFY, true);

    private static Template PrivateTemplate(string label, KeyId id, Lifetime lifetime, bool extractable) => new Template()
        .Add(CKA_TOKEN, lifetime == Lifetime.Token)
        .Add(CKA_PRIVATE, true)
        .Add(CKA_SENSITIVE, true)
        .Add(CKA_EXTRACTABLE, extractable)
        .Add(CKA_SIGN, true)
        .Add(CKA_DECRYPT, false)
        .Add(CKA_UNWRAP, false)
        .Add(CKA_LABEL, label)
        .Add(CKA_ID, id.ToBytes());

    private static void AddParameters(Template publicKey, KeyKind kind)
    {
        if (kind.IsEc())
        {
            publicKey.Add(CKA_EC_PARAMS, kind.CurveParameters());
        }
        else if (kind.IsMlDsa())
        {
            publicKey.Add(CKA_PARAMETER_SET, kind.ParameterSet());
        }
        else
        {
            publicKey.Add(CKA_MODULUS_BITS, (nuint)kind.ModulusBits()).Add(CKA_PUBLIC_EXPONENT, (ReadOnlySpan<byte>)[1, 0, 1]);
        }
    }

    private byte[] Sign(ObjectHandle privateKey, nuint code, void* parameter, nuint parameterLength, ReadOnlySpan<byte> data)
    {
        var mechanism = new CK_MECHANISM { Mechanism = code, Parameter = parameter, ParameterLength = parameterLength };
        Check("C_SignInit", functions.C_SignInit(handle, &mechanism, (nuint)privateKey.Value));
        byte[] buffer = new byte[SignatureBufferBytes];
        nuint length = (nuint)buffer.Length;
        fixed (byte* input = data)
        fixed (byte* output = buffer)
        {
            Check("C_Sign", functions.C_Sign(handle, input, (nuint)data.Length, output, &length));
        }

        return Answered("C_Sign", buffer, length);
    }

    private void Update(ReadOnlySpan<byte> piece)
    {
        fixed (byte* input = piece)
        {
            Check("C_SignUpdate", functions.C_SignUpdate(handle, input, (nuint)piece.Length));
        }
    }

    private byte[] Finish()
    {
        byte[] buffer = new byte[SignatureBufferBytes];
        nuint length = (nuint)buffer.Length;
        fixed (byte* output = buffer)
        {
            Check("C_SignFinal", functions.C_SignFinal(handle, output, &length));
        }

        return Answered("C_SignFinal", buffer, length);
    }

    private byte[] Answered(string function, byte[] buffer, nuint length) => length is > 0 and <= SignatureBufferBytes
        ? buffer[..(int)length]
        : throw Fail(new UntrustworthyAnswerException(function, $"the signature claims {length} bytes"));

    /// <summary>r ‖ s to SEQUENCE { INTEGER r, INTEGER s }. PKCS#11 v2.40 mechanisms 2.3.1, RFC 3279 2.2.3.</summary>
    private byte[] DerSignature(byte[] pair)
    {
        if (pair.Length is not (64 or 96))
        {
            throw Fail(new UntrustworthyAnswerException("C_Sign", $"an ECDSA signature of {pair.Length} bytes is none of P-256 or P-384"));
        }

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Unsigned(pair.AsSpan(0, pair.Length / 2))); // r
            writer.WriteInteger(Unsigned(pair.AsSpan(pair.Length / 2))); // s
        }

        return writer.Encode();
    }

    private static System.Numerics.BigInteger Unsigned(ReadOnlySpan<byte> number) => new(number, isUnsigned: true, isBigEndian: true);

    private static byte[] OctetString(byte[] value)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(value);
        return writer.Encode();
    }
}

/// <summary>What a kind of key means in PKCS#11's terms.</summary>
internal static class KeyKinds
{
    public static bool IsEc(this KeyKind kind) => kind is KeyKind.EcP256 or KeyKind.EcP384;

    public static bool IsRsa(this KeyKind kind) => kind is KeyKind.Rsa3072 or KeyKind.Rsa4096;

    public static bool IsMlDsa(this KeyKind kind) => kind is KeyKind.MlDsa44 or KeyKind.MlDsa65 or KeyKind.MlDsa87;

    public static nuint KeyType(this KeyKind kind) => kind.IsEc() ? CKK_EC : kind.IsRsa() ? CKK_RSA : CKK_ML_DSA;

    public static nuint GenerationMechanism(this KeyKind kind) =>
        kind.IsEc() ? CKM_EC_KEY_PAIR_GEN : kind.IsRsa() ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_ML_DSA_KEY_PAIR_GEN;

    /// <summary>PKCS#11 v3.2, CK_ML_DSA_PARAMETER_SET_TYPE.</summary>
    public static nuint ParameterSet(this KeyKind kind) => kind switch
    {
        KeyKind.MlDsa44 => CKP_ML_DSA_44,
        KeyKind.MlDsa65 => CKP_ML_DSA_65,
        KeyKind.MlDsa87 => CKP_ML_DSA_87,
        _ => throw new UnreachableException(),
    };

    public static int ModulusBits(this KeyKind kind) => kind switch
    {
        KeyKind.Rsa3072 => 3072,
        KeyKind.Rsa4096 => 4096,
        _ => throw new UnreachableException(),
    };

    /// <summary>The curve's OID, DER. RFC 5480 2.1.1.1.</summary>
    public static ReadOnlySpan<byte> CurveParameters(this KeyKind kind) => kind switch
    {
        KeyKind.EcP256 => [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
        KeyKind.EcP384 => [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22],
        _ => throw new UnreachableException(),
    };
}
