namespace KeyCeremony.Pkcs11.Native;

/// <summary>
/// The functions of PKCS#11 that the product calls, with their C names and arguments: of a library in this process
/// (<see cref="DirectCalls"/>), or of one in a process of its own (<see cref="Hosting.HostedCalls"/>).
/// </summary>
internal abstract unsafe class ModuleCalls
{
    /// <summary>Nothing can be asked any more: every call throws. Of a library in this process always false.</summary>
    public abstract bool IsLost { get; }

    public abstract nuint C_Initialize(nuint flags);

    public abstract nuint C_Finalize();

    public abstract nuint C_GetInfo(CK_INFO* info);

    /// <param name="list">Null: only the count is asked for.</param>
    public abstract nuint C_GetSlotList(nuint* list, nuint* count);

    public abstract nuint C_GetTokenInfo(nuint slot, CK_TOKEN_INFO* info);

    /// <param name="list">Null: only the count is asked for.</param>
    public abstract nuint C_GetMechanismList(nuint slot, nuint* list, nuint* count);

    public abstract nuint C_GetMechanismInfo(nuint slot, nuint code, CK_MECHANISM_INFO* info);

    /// <param name="label">32 bytes.</param>
    public abstract nuint C_InitToken(nuint slot, byte* pin, nuint pinLength, byte* label);

    public abstract nuint C_InitPIN(nuint session, byte* pin, nuint pinLength);

    public abstract nuint C_SetPIN(nuint session, byte* oldPin, nuint oldLength, byte* newPin, nuint newLength);

    public abstract nuint C_OpenSession(nuint slot, nuint flags, nuint* session);

    public abstract nuint C_CloseSession(nuint session);

    public abstract nuint C_GetSessionInfo(nuint session, CK_SESSION_INFO* info);

    public abstract nuint C_Login(nuint session, nuint role, byte* pin, nuint pinLength);

    public abstract nuint C_Logout(nuint session);

    public abstract nuint C_CreateObject(nuint session, CK_ATTRIBUTE* template, nuint count, nuint* created);

    public abstract nuint C_DestroyObject(nuint session, nuint target);

    /// <summary>
    /// Each attribute has room. What the module did not write of a value is not 0 and not 1: <see cref="Unwritten"/>.
    /// </summary>
    public abstract nuint C_GetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count);

    public abstract nuint C_SetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count);

    public abstract nuint C_FindObjectsInit(nuint session, CK_ATTRIBUTE* template, nuint count);

    public abstract nuint C_FindObjects(nuint session, nuint* found, nuint room, nuint* count);

    public abstract nuint C_FindObjectsFinal(nuint session);

    public abstract nuint C_SignInit(nuint session, CK_MECHANISM* mechanism, nuint key);

    public abstract nuint C_Sign(nuint session, byte* data, nuint dataLength, byte* signature, nuint* signatureLength);

    public abstract nuint C_SignUpdate(nuint session, byte* part, nuint partLength);

    public abstract nuint C_SignFinal(nuint session, byte* signature, nuint* signatureLength);

    public abstract nuint C_GenerateKeyPair(
        nuint session,
        CK_MECHANISM* mechanism,
        CK_ATTRIBUTE* publicTemplate,
        nuint publicCount,
        CK_ATTRIBUTE* privateTemplate,
        nuint privateCount,
        nuint* publicKey,
        nuint* privateKey);

    public abstract nuint C_WrapKey(
        nuint session, CK_MECHANISM* mechanism, nuint wrappingKey, nuint key, byte* wrapped, nuint* wrappedLength);

    public abstract nuint C_UnwrapKey(
        nuint session,
        CK_MECHANISM* mechanism,
        nuint unwrappingKey,
        byte* wrapped,
        nuint wrappedLength,
        CK_ATTRIBUTE* template,
        nuint count,
        nuint* key);

    public abstract nuint C_GenerateRandom(nuint session, byte* random, nuint length);

    /// <summary>What a value holds before a module writes it.</summary>
    public const byte Unwritten = 0xFF;
}
