using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>Wrapping a key for the backup and bringing it back.</summary>
public sealed unsafe partial class Session
{
    public const int WrapKeyBytes = 32;

    /// <summary>
    /// An RSA-4096 key as PKCS#8 has 2.4 kB, an ML-DSA-87 key with its seed 5 kB; wrapping adds at most 16 bytes.
    /// </summary>
    public const int MaxWrappedBytes = 8 * 1024;

    /// <summary>
    /// Puts an AES-256 wrap key into the token for as long as this session lasts: sensitive, not extractable, for
    /// wrapping and unwrapping only.
    /// </summary>
    /// <param name="key">32 bytes; copied once, into memory that is wiped before this returns.</param>
    public ObjectHandle ImportWrapKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != WrapKeyBytes)
        {
            throw new ArgumentException($"A wrap key has {WrapKeyBytes} bytes, not {key.Length}.", nameof(key));
        }

        using Turn mine = TakeTurn();
        using Template template = new Template()
            .Add(CKA_CLASS, CKO_SECRET_KEY)
            .Add(CKA_KEY_TYPE, CKK_AES)
            .Add(CKA_TOKEN, false)
            .Add(CKA_PRIVATE, true)
            .Add(CKA_SENSITIVE, true)
            .Add(CKA_EXTRACTABLE, false)
            .Add(CKA_WRAP, true)
            .Add(CKA_UNWRAP, true)
            .Add(CKA_ENCRYPT, false)
            .Add(CKA_DECRYPT, false)
            .Add(CKA_VALUE, key);
        return Create(template);
    }

    /// <summary>
    /// The private key as PKCS#8, wrapped, with the mechanism's parameter in front where its <see cref="WrapStrategy"/> has one. What
    /// the bytes are under a mechanism number depends on the token: <see cref="TokenProfile.WrapFormats"/>.
    /// </summary>
    public byte[] WrapPrivateKey(ObjectHandle wrapKey, ObjectHandle privateKey, WrapMechanism mechanism)
    {
        using Turn mine = TakeTurn();
        byte[] parameter = WrapStrategy.Of(mechanism)?.NewParameter() ?? [];
        byte[] buffer = new byte[MaxWrappedBytes];
        nuint length = (nuint)buffer.Length;
        fixed (byte* with = parameter)
        fixed (byte* wrapped = buffer)
        {
            var how = new CK_MECHANISM { Mechanism = (nuint)mechanism, Parameter = with, ParameterLength = (nuint)parameter.Length };
            Check("C_WrapKey", functions.C_WrapKey(
                handle, &how, (nuint)wrapKey.Value, (nuint)privateKey.Value, wrapped, &length));
        }

        return length is > 0 and <= MaxWrappedBytes
            ? [.. parameter, .. buffer.AsSpan(0, (int)length)]
            : throw Fail(new UntrustworthyAnswerException("C_WrapKey", $"the wrapped key claims {length} bytes"));
    }

    /// <summary>
    /// Restores a private key, locked: sensitive, private, never to be wrapped again. The token's word is not taken
    /// for it: the attributes are read back, forced once if they differ, and the key is destroyed if that fails too
    /// or if anything goes wrong on the way.
    /// </summary>
    /// <param name="wrapped">
    /// Authenticated by the caller before: a flipped bit corrupts memory inside some modules.
    /// </param>
    /// <exception cref="TemplateIgnoredException">The token cannot guard the key; it was destroyed again.</exception>
    public ObjectHandle UnwrapPrivateKey(
        ObjectHandle wrapKey,
        WrapMechanism mechanism,
        ReadOnlySpan<byte> wrapped,
        KeyKind kind,
        string label,
        KeyId id,
        Lifetime lifetime = Lifetime.Token)
    {
        using Turn mine = TakeTurn();
        ObjectHandle key = Unwrap(wrapKey, mechanism, wrapped, kind, label, id, lifetime);
        EnsureLockedOrDestroy(key);
        return key;
    }

    /// <summary>
    /// Brings a private key back so that it can be wrapped once more, under another wrap key: for as long as this session lasts, in a token
    /// that is wiped afterwards. Nothing but the session guards it.
    /// </summary>
    /// <param name="wrapped">Authenticated by the caller before.</param>
    public ObjectHandle UnwrapToWrapAgain(
        ObjectHandle wrapKey, WrapMechanism mechanism, ReadOnlySpan<byte> wrapped, KeyKind kind, string label, KeyId id) =>
        Unwrap(wrapKey, mechanism, wrapped, kind, label, id, Lifetime.Session, extractable: true);

    /// <summary>As the token answers, without looking: only for the probe, which looks itself.</summary>
    internal ObjectHandle Unwrap(
        ObjectHandle wrapKey,
        WrapMechanism mechanism,
        ReadOnlySpan<byte> wrapped,
        KeyKind kind,
        string label,
        KeyId id,
        Lifetime lifetime,
        bool extractable = false)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wrapped.Length, MaxWrappedBytes, nameof(wrapped));
        using Turn mine = TakeTurn();
        using Template template = PrivateTemplate(label, id, lifetime, extractable)
            .Add(CKA_CLASS, CKO_PRIVATE_KEY)
            .Add(CKA_KEY_TYPE, kind.KeyType());
        (byte[] parameter, byte[] key) = WrapStrategy.Of(mechanism)?.Split(wrapped) ?? ([], wrapped.ToArray());
        nuint restored;
        fixed (byte* with = parameter)
        fixed (byte* bytes = key)
        {
            var how = new CK_MECHANISM { Mechanism = (nuint)mechanism, Parameter = with, ParameterLength = (nuint)parameter.Length };
            Check("C_UnwrapKey", functions.C_UnwrapKey(
                handle,
                &how,
                (nuint)wrapKey.Value,
                bytes,
                (nuint)key.Length,
                template.Attributes,
                template.Count,
                &restored));
        }

        return new ObjectHandle(restored);
    }

    /// <summary>Asks past the template. A refusal is an answer here; what counts is what is read back.</summary>
    internal bool TryForceLock(ObjectHandle key) => TrySet(key, CKA_SENSITIVE, true) & TrySet(key, CKA_EXTRACTABLE, false);

    /// <summary>Tries to undo <see cref="LockNonExtractable"/>, which a token must refuse.</summary>
    internal bool TryUnlock(ObjectHandle key) => TrySet(key, CKA_EXTRACTABLE, true);

    private void EnsureLockedOrDestroy(ObjectHandle key)
    {
        KeyAttributes found;
        try
        {
            found = ReadAttributes(key);
            if (!found.IsLocked)
            {
                TryForceLock(key);
                found = ReadAttributes(key);
            }
        }
        catch (HsmException)
        {
            TryDestroy(key);
            throw;
        }

        if (!found.IsLocked)
        {
            throw Fail(new TemplateIgnoredException("C_UnwrapKey", found, TryDestroy(key)));
        }
    }

    private bool TrySet(ObjectHandle key, nuint attribute, bool value)
    {
        using Turn mine = TakeTurn();
        using Template template = new Template().Add(attribute, value);
        return functions.C_SetAttributeValue(
            handle, (nuint)key.Value, template.Attributes, template.Count) == CKR_OK;
    }

    /// <summary>Works in a session that saw an error, too: an unguarded key must not stay for want of manners.</summary>
    private bool TryDestroy(ObjectHandle key)
    {
        try
        {
            return functions.C_DestroyObject(handle, (nuint)key.Value) == CKR_OK;
        }
        catch (HostLostException)
        {
            return false;
        }
    }
}
