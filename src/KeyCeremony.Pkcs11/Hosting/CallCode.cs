namespace KeyCeremony.Pkcs11.Hosting;

/// <summary>What is asked of the host: to load the library, or one function of PKCS#11. The numbers are the wire's own.</summary>
internal enum CallCode : ulong
{
    /// <summary>The library, with <c>dlopen</c>.</summary>
    Load = 1,
    C_Initialize,
    C_Finalize,
    C_GetInfo,
    C_GetSlotList,
    C_GetTokenInfo,
    C_GetMechanismList,
    C_GetMechanismInfo,
    C_InitToken,
    C_InitPIN,
    C_SetPIN,
    C_OpenSession,
    C_CloseSession,
    C_GetSessionInfo,
    C_Login,
    C_Logout,
    C_CreateObject,
    C_DestroyObject,
    C_GetAttributeValue,
    C_SetAttributeValue,
    C_FindObjectsInit,
    C_FindObjects,
    C_FindObjectsFinal,
    C_SignInit,
    C_Sign,
    C_GenerateKeyPair,
    C_WrapKey,
    C_UnwrapKey,
    C_GenerateRandom,
    C_SignUpdate,
    C_SignFinal,
}
