namespace KeyCeremony.Pkcs11;

/// <summary>Who logs in. The security officer sets the user's PIN; the user owns the keys.</summary>
public enum LoginRole
{
    SecurityOfficer = 0,
    User = 1,
}

/// <summary>PKCS#11 v2.40, 3.3 CK_STATE.</summary>
public enum SessionState
{
    ReadOnlyPublic = 0,
    ReadOnlyUser = 1,
    Public = 2,
    User = 3,
    SecurityOfficer = 4,
}

/// <summary>The keys a ceremony makes.</summary>
public enum KeyKind
{
    EcP256,
    EcP384,
    Rsa3072,
    Rsa4096,
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

/// <summary>CKA_TOKEN: does an object end with its session or stay in the token?</summary>
public enum Lifetime
{
    Session,
    Token,
}

/// <summary>CKA_CLASS.</summary>
public enum ObjectClass
{
    Data = 0,
    Certificate = 1,
    PublicKey = 2,
    PrivateKey = 3,
    SecretKey = 4,
}

/// <summary>
/// The mechanism numbers under which a key may be wrapped. What a token does under a number is found by
/// a <see cref="TokenProfile"/>, never believed.
/// </summary>
public enum WrapMechanism : ulong
{
    /// <summary>CKM_AES_CBC_PAD.</summary>
    AesCbcPad = 0x1085,

    /// <summary>CKM_AES_KEY_WRAP_PAD.</summary>
    AesKeyWrapPad = 0x210A,

    /// <summary>CKM_AES_KEY_WRAP_KWP.</summary>
    AesKeyWrapKwp = 0x210B,

    /// <summary>CKM_AES_KWP of Thales Luna.</summary>
    LunaAesKwp = 0x8000_0171,

    /// <summary>CKM_YUBICO_AES_CCM_WRAP.</summary>
    YubicoAesCcmWrap = 0xD955_4204,
}

/// <summary>A handle: valid in one login only. Keep the <see cref="KeyId"/>, find the handle again.</summary>
public readonly record struct ObjectHandle(ulong Value);

public sealed record KeyPair(ObjectHandle PublicKey, ObjectHandle PrivateKey);

/// <summary>What an object says of itself, enough to recognise an orphan.</summary>
/// <param name="Class">CKA_CLASS as a number, since a token may hold classes of its vendor.</param>
/// <param name="KeyType">CKA_KEY_TYPE: 0 RSA, 3 EC, 0x1F AES, 0x4A ML-DSA; null where the object is no key.</param>
/// <param name="Application">CKA_APPLICATION of a data object.</param>
public sealed record StoredObject(
    ObjectHandle Handle,
    ulong Class,
    string Label,
    KeyId? Id,
    ulong? KeyType,
    string? Application,
    bool OnToken,
    bool Private)
{
    public bool Is(ObjectClass objectClass) => Class == (ulong)objectClass;
}

/// <summary>An object with all that it says of itself, no secret value among it.</summary>
/// <param name="KeyType">CKA_KEY_TYPE; null where it is no key.</param>
/// <param name="Flags">CKA_TOKEN, PRIVATE, MODIFIABLE, SENSITIVE, EXTRACTABLE, ALWAYS_SENSITIVE, NEVER_EXTRACTABLE, LOCAL, SIGN, DECRYPT,
/// WRAP, UNWRAP; null: it does not say.</param>
/// <param name="Content">CKA_EC_PARAMS, EC_POINT, MODULUS, PUBLIC_EXPONENT of a key; the value of data or a certificate. Null: it has
/// none.</param>
public sealed record SeenObject(
    ulong Class,
    byte[] Label,
    byte[] Id,
    ulong? KeyType,
    byte[] Application,
    IReadOnlyList<bool?> Flags,
    IReadOnlyList<byte[]?> Content);

/// <summary>The properties that protect a key, as the token reads them back. Null: the token does not say.</summary>
public sealed record KeyAttributes(
    bool? Sensitive,
    bool? Extractable,
    bool? AlwaysSensitive,
    bool? NeverExtractable,
    bool? Local,
    bool? OnToken,
    bool? Private,
    bool? Sign,
    bool? Decrypt,
    bool? Unwrap,
    bool? Modifiable)
{
    /// <summary>Sensitive and private, not extractable, and good for nothing but signing.</summary>
    public bool IsLocked =>
        Sensitive is true && Private is true && Extractable is false && Decrypt is not true && Unwrap is not true;

    internal string Describe()
    {
        static string Value(bool? value) => value is null ? "unknown" : value.Value ? "true" : "false";
        return $"CKA_SENSITIVE {Value(Sensitive)}, CKA_EXTRACTABLE {Value(Extractable)}, CKA_PRIVATE {Value(Private)}, "
            + $"CKA_DECRYPT {Value(Decrypt)}, CKA_UNWRAP {Value(Unwrap)}";
    }
}
