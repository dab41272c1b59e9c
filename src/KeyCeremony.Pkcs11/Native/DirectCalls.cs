using System.Diagnostics;
using System.Runtime.InteropServices;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11.Native;

/// <summary>What came of loading a library. The numbers travel between the program and the host.</summary>
internal enum LoadAnswer
{
    Loaded = 0,
    NotLoadable = 1,
    NoModule = 2,
    OtherAge = 3,
    Incomplete = 4,

    /// <summary>C_GetFunctionList returned something else than CKR_OK.</summary>
    Refused = 5,
}

/// <summary>A library in this process, called as it is: a fault of it is a fault of this process.</summary>
internal sealed unsafe class DirectCalls : ModuleCalls
{
    private readonly CK_FUNCTION_LIST* functions;

    private DirectCalls(CK_FUNCTION_LIST* functions) => this.functions = functions;

    public override bool IsLost => false;

    /// <summary>Loads the library and asks it for its functions, nothing more: it is not initialised.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="library">The loader's handle; 0 when it was not loaded.</param>
    /// <param name="refused">What C_GetFunctionList returned.</param>
    public static LoadAnswer TryLoad(string path, out nint library, out DirectCalls? calls, out nuint refused)
    {
        calls = null;
        refused = CKR_OK;
        if (!NativeLibrary.TryLoad(path, out library))
        {
            return LoadAnswer.NotLoadable;
        }

        if (!NativeLibrary.TryGetExport(library, "C_GetFunctionList", out nint entry))
        {
            return LoadAnswer.NoModule;
        }

        CK_FUNCTION_LIST* list = null;
        refused = ((delegate* unmanaged[Cdecl]<CK_FUNCTION_LIST**, nuint>)entry)(&list);
        if (refused != CKR_OK)
        {
            return LoadAnswer.Refused;
        }

        if (list is null || list->Version.Major is not (2 or 3))
        {
            return LoadAnswer.OtherAge;
        }

        var pointers = new ReadOnlySpan<nint>(&list->C_Initialize, CK_FUNCTION_LIST.FunctionCount);
        if (pointers.Contains(0))
        {
            return LoadAnswer.Incomplete;
        }

        calls = new DirectCalls(list);
        return LoadAnswer.Loaded;
    }

    /// <summary>In words for a person.</summary>
    public static string WhyNot(string path, LoadAnswer answer) => answer switch
    {
        LoadAnswer.NotLoadable => $"{path} cannot be loaded: it is damaged, or a library that it needs is missing (ldd names it).",
        LoadAnswer.NoModule => $"{path} is a library, but not a PKCS#11 module.",
        LoadAnswer.OtherAge => $"{path} is a PKCS#11 module of another age: v2 and v3 are known.",
        LoadAnswer.Incomplete => $"{path} leaves out functions that PKCS#11 requires it to have.",
        _ => throw new UnreachableException(),
    };

    public override nuint C_Initialize(nuint flags)
    {
        var arguments = new CK_C_INITIALIZE_ARGS { Flags = flags };
        return functions->C_Initialize(&arguments);
    }

    public override nuint C_Finalize() => functions->C_Finalize(null);

    public override nuint C_GetInfo(CK_INFO* info) => functions->C_GetInfo(info);

    public override nuint C_GetSlotList(nuint* list, nuint* count) => functions->C_GetSlotList(1, list, count);

    public override nuint C_GetTokenInfo(nuint slot, CK_TOKEN_INFO* info) => functions->C_GetTokenInfo(slot, info);

    public override nuint C_GetMechanismList(nuint slot, nuint* list, nuint* count) =>
        functions->C_GetMechanismList(slot, list, count);

    public override nuint C_GetMechanismInfo(nuint slot, nuint code, CK_MECHANISM_INFO* info) =>
        functions->C_GetMechanismInfo(slot, code, info);

    public override nuint C_InitToken(nuint slot, byte* pin, nuint pinLength, byte* label) =>
        functions->C_InitToken(slot, pin, pinLength, label);

    public override nuint C_InitPIN(nuint session, byte* pin, nuint pinLength) => functions->C_InitPIN(session, pin, pinLength);

    public override nuint C_SetPIN(nuint session, byte* oldPin, nuint oldLength, byte* newPin, nuint newLength) =>
        functions->C_SetPIN(session, oldPin, oldLength, newPin, newLength);

    public override nuint C_OpenSession(nuint slot, nuint flags, nuint* session) =>
        functions->C_OpenSession(slot, flags, null, null, session);

    public override nuint C_CloseSession(nuint session) => functions->C_CloseSession(session);

    public override nuint C_GetSessionInfo(nuint session, CK_SESSION_INFO* info) => functions->C_GetSessionInfo(session, info);

    public override nuint C_Login(nuint session, nuint role, byte* pin, nuint pinLength) =>
        functions->C_Login(session, role, pin, pinLength);

    public override nuint C_Logout(nuint session) => functions->C_Logout(session);

    public override nuint C_CreateObject(nuint session, CK_ATTRIBUTE* template, nuint count, nuint* created) =>
        functions->C_CreateObject(session, template, count, created);

    public override nuint C_DestroyObject(nuint session, nuint target) => functions->C_DestroyObject(session, target);

    public override nuint C_GetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count) =>
        functions->C_GetAttributeValue(session, target, template, count);

    public override nuint C_SetAttributeValue(nuint session, nuint target, CK_ATTRIBUTE* template, nuint count) =>
        functions->C_SetAttributeValue(session, target, template, count);

    public override nuint C_FindObjectsInit(nuint session, CK_ATTRIBUTE* template, nuint count) =>
        functions->C_FindObjectsInit(session, template, count);

    public override nuint C_FindObjects(nuint session, nuint* found, nuint room, nuint* count) =>
        functions->C_FindObjects(session, found, room, count);

    public override nuint C_FindObjectsFinal(nuint session) => functions->C_FindObjectsFinal(session);

    public override nuint C_SignInit(nuint session, CK_MECHANISM* mechanism, nuint key) =>
        functions->C_SignInit(session, mechanism, key);

    public override nuint C_Sign(nuint session, byte* data, nuint dataLength, byte* signature, nuint* signatureLength) =>
        functions->C_Sign(session, data, dataLength, signature, signatureLength);

    public override nuint C_SignUpdate(nuint session, byte* part, nuint partLength) =>
        functions->C_SignUpdate(session, part, partLength);

    public override nuint C_SignFinal(nuint session, byte* signature, nuint* signatureLength) =>
        functions->C_SignFinal(session, signature, signatureLength);

    public override nuint C_GenerateKeyPair(
        nuint session,
        CK_MECHANISM* mechanism,
        CK_ATTRIBUTE* publicTemplate,
        nuint publicCount,
        CK_ATTRIBUTE* privateTemplate,
        nuint privateCount,
        nuint* publicKey,
        nuint* privateKey) => functions->C_GenerateKeyPair(
            session, mechanism, publicTemplate, publicCount, privateTemplate, privateCount, publicKey, privateKey);

    public override nuint C_WrapKey(
        nuint session, CK_MECHANISM* mechanism, nuint wrappingKey, nuint key, byte* wrapped, nuint* wrappedLength) =>
        functions->C_WrapKey(session, mechanism, wrappingKey, key, wrapped, wrappedLength);

    public override nuint C_UnwrapKey(
        nuint session,
        CK_MECHANISM* mechanism,
        nuint unwrappingKey,
        byte* wrapped,
        nuint wrappedLength,
        CK_ATTRIBUTE* template,
        nuint count,
        nuint* key) =>
        functions->C_UnwrapKey(session, mechanism, unwrappingKey, wrapped, wrappedLength, template, count, key);

    public override nuint C_GenerateRandom(nuint session, byte* random, nuint length) =>
        functions->C_GenerateRandom(session, random, length);
}
