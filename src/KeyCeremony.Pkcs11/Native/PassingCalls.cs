namespace KeyCeremony.Pkcs11.Native;

/// <summary>Hands every call on: a maker's way replaces the functions that its module lacks.</summary>
internal abstract unsafe class PassingCalls(ModuleCalls inner) : ModuleCalls
{
    protected ModuleCalls Inner { get; } = inner;

    public override bool IsLost => Inner.IsLost;

    public override nuint C_Initialize(nuint flags) => Inner.C_Initialize(flags);

    public override nuint C_Finalize() => Inner.C_Finalize();

    public override nuint C_GetInfo(CK_INFO* info) => Inner.C_GetInfo(info);

    public override nuint C_GetSlotList(nuint* list, nuint* count) => Inner.C_GetSlotList(list, count);

    public override nuint C_GetTokenInfo(nuint slot, CK_TOKEN_INFO* info) => Inner.C_GetTokenInfo(slot, info);

    public override nuint C_GetMechanismList(nuint slot, nuint* list, nuint* count) => Inner.C_GetMechanismList(slot, list, count);

    public override nuint C_GetMechanismInfo(nuint slot, nuint code, CK_MECHANISM_INFO* info) =>
        Inner.C_GetMechanismInfo(slot, code, info);

    public override nuint C_InitToken(nuint slot, byte* pin, nuint pinLength, byte* label) =>
        Inner.C_InitToken(slot, pin, pinLength, label);

    public override nuint C_InitPIN(nuint session, byte* pin, nuint pinLength) => Inner.C_InitPIN(session, pin, pinLength);

    public override nuint C_SetPIN(nuint session, byte* oldPin, nuint oldLength, byte* newPin, nuint newLength) =>
        Inner.C_SetPIN(session, oldPin, oldLength, newPin, newLength);

    public override nuint C_OpenSession(nuint slot, nuint flags, nuint* session) => Inner.C_OpenSession(slot, flags, session);

    public override nuint C_CloseSession(nuint session) => Inner.C_CloseSession(session);

    public override nuint C_GetSessionInfo(nuint session, CK_SESSION_INFO* info) => Inner.C_GetSessionInfo(session, info);

    public override nuint C_Login(nuint session, nuint role, byte* pin, nuint pinLength) => Inner.C_Login(session, role, pin, pinLength);

    public override nuint C_Logout(nuint session) => Inner.C_Logout(session);

    public override nuint C_CreateObject(nuint session, CK_ATTRIBUTE* template, nuint count, nuint* created) =>
        Inner.C_CreateObject(session, template, count, created);

    public override nuint C_DestroyObject(nuint session, nuint target) => Inner.C_DestroyObject(session, target);

    public override nuint C_GetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count) =>
        Inner.C_GetAttributeValue(session, target, template, count);

    public override nuint C_SetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count) =>
        Inner.C_SetAttributeValue(session, target, template, count);

    public override nuint C_FindObjectsInit(nuint session, CK_ATTRIBUTE* template, nuint count) =>
        Inner.C_FindObjectsInit(session, template, count);

    public override nuint C_FindObjects(nuint session, nuint* found, nuint room, nuint* count) =>
        Inner.C_FindObjects(session, found, room, count);

    public override nuint C_FindObjectsFinal(nuint session) => Inner.C_FindObjectsFinal(session);

    public override nuint C_SignInit(nuint session, CK_MECHANISM* mechanism, nuint key) => Inner.C_SignInit(session, mechanism, key);

    public override nuint C_Sign(nuint session, byte* data, nuint dataLength, byte* signature, nuint* signatureLength) =>
        Inner.C_Sign(session, data, dataLength, signature, signatureLength);

    public override nuint C_SignUpdate(nuint session, byte* part, nuint partLength) => Inner.C_SignUpdate(session, part, partLength);

    public override nuint C_SignFinal(nuint session, byte* signature, nuint* signatureLength) =>
        Inner.C_SignFinal(session, signature, signatureLength);

    public override nuint C_GenerateKeyPair(nuint session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* publicTemplate, nuint publicCount,
        CK_ATTRIBUTE* privateTemplate, nuint privateCount, nuint* publicKey, nuint* privateKey) =>
        Inner.C_GenerateKeyPair(session, mechanism, publicTemplate, publicCount, privateTemplate, privateCount, publicKey, privateKey);

    public override nuint C_WrapKey(nuint session, CK_MECHANISM* mechanism, nuint wrappingKey,
        nuint key, byte* wrapped, nuint* wrappedLength) => Inner.C_WrapKey(session, mechanism, wrappingKey, key, wrapped, wrappedLength);

    public override nuint C_UnwrapKey(nuint session, CK_MECHANISM* mechanism, nuint unwrappingKey, byte* wrapped,
        nuint wrappedLength, CK_ATTRIBUTE* template, nuint count, nuint* key) =>
        Inner.C_UnwrapKey(session, mechanism, unwrappingKey, wrapped, wrappedLength, template, count, key);

    public override nuint C_GenerateRandom(nuint session, byte* random, nuint length) => Inner.C_GenerateRandom(session, random, length);
}
