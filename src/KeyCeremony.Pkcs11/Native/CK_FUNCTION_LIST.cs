using System.Runtime.InteropServices;

namespace KeyCeremony.Pkcs11.Native;

/// <summary>
/// <c>CK_FUNCTION_LIST</c>: the version and 68 function pointers in the order of PKCS#11 v2.40 <c>pkcs11f.h</c>.
/// A function that the product never calls keeps its place as a bare pointer.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CK_FUNCTION_LIST
{
    public const int FunctionCount = 68;

    public CK_VERSION Version;
    public delegate* unmanaged[Cdecl]<CK_C_INITIALIZE_ARGS*, nuint> C_Initialize;
    public delegate* unmanaged[Cdecl]<void*, nuint> C_Finalize;
    public delegate* unmanaged[Cdecl]<CK_INFO*, nuint> C_GetInfo;
    public void* C_GetFunctionList;
    public delegate* unmanaged[Cdecl]<byte, nuint*, nuint*, nuint> C_GetSlotList;
    public void* C_GetSlotInfo;
    public delegate* unmanaged[Cdecl]<nuint, CK_TOKEN_INFO*, nuint> C_GetTokenInfo;
    public delegate* unmanaged[Cdecl]<nuint, nuint*, nuint*, nuint> C_GetMechanismList;
    public delegate* unmanaged[Cdecl]<nuint, nuint, CK_MECHANISM_INFO*, nuint> C_GetMechanismInfo;
    public delegate* unmanaged[Cdecl]<nuint, byte*, nuint, byte*, nuint> C_InitToken;
    public delegate* unmanaged[Cdecl]<nuint, byte*, nuint, nuint> C_InitPIN;
    public delegate* unmanaged[Cdecl]<nuint, byte*, nuint, byte*, nuint, nuint> C_SetPIN;
    public delegate* unmanaged[Cdecl]<nuint, nuint, void*, void*, nuint*, nuint> C_OpenSession;
    public delegate* unmanaged[Cdecl]<nuint, nuint> C_CloseSession;
    public void* C_CloseAllSessions;
    public delegate* unmanaged[Cdecl]<nuint, CK_SESSION_INFO*, nuint> C_GetSessionInfo;
    public void* C_GetOperationState;
    public void* C_SetOperationState;
    public delegate* unmanaged[Cdecl]<nuint, nuint, byte*, nuint, nuint> C_Login;
    public delegate* unmanaged[Cdecl]<nuint, nuint> C_Logout;
    public delegate* unmanaged[Cdecl]<nuint, CK_ATTRIBUTE*, nuint, nuint*, nuint> C_CreateObject;
    public void* C_CopyObject;
    public delegate* unmanaged[Cdecl]<nuint, nuint, nuint> C_DestroyObject;
    public void* C_GetObjectSize;
    public delegate* unmanaged[Cdecl]<nuint, nuint, CK_ATTRIBUTE*, nuint, nuint> C_GetAttributeValue;
    public delegate* unmanaged[Cdecl]<nuint, nuint, CK_ATTRIBUTE*, nuint, nuint> C_SetAttributeValue;
    public delegate* unmanaged[Cdecl]<nuint, CK_ATTRIBUTE*, nuint, nuint> C_FindObjectsInit;
    public delegate* unmanaged[Cdecl]<nuint, nuint*, nuint, nuint*, nuint> C_FindObjects;
    public delegate* unmanaged[Cdecl]<nuint, nuint> C_FindObjectsFinal;
    public void* C_EncryptInit;
    public void* C_Encrypt;
    public void* C_EncryptUpdate;
    public void* C_EncryptFinal;
    public void* C_DecryptInit;
    public void* C_Decrypt;
    public void* C_DecryptUpdate;
    public void* C_DecryptFinal;
    public void* C_DigestInit;
    public void* C_Digest;
    public void* C_DigestUpdate;
    public void* C_DigestKey;
    public void* C_DigestFinal;
    public delegate* unmanaged[Cdecl]<nuint, CK_MECHANISM*, nuint, nuint> C_SignInit;
    public delegate* unmanaged[Cdecl]<nuint, byte*, nuint, byte*, nuint*, nuint> C_Sign;
    public delegate* unmanaged[Cdecl]<nuint, byte*, nuint, nuint> C_SignUpdate;
    public delegate* unmanaged[Cdecl]<nuint, byte*, nuint*, nuint> C_SignFinal;
    public void* C_SignRecoverInit;
    public void* C_SignRecover;
    public void* C_VerifyInit;
    public void* C_Verify;
    public void* C_VerifyUpdate;
    public void* C_VerifyFinal;
    public void* C_VerifyRecoverInit;
    public void* C_VerifyRecover;
    public void* C_DigestEncryptUpdate;
    public void* C_DecryptDigestUpdate;
    public void* C_SignEncryptUpdate;
    public void* C_DecryptVerifyUpdate;
    public void* C_GenerateKey;
    public delegate* unmanaged[Cdecl]<nuint, CK_MECHANISM*, CK_ATTRIBUTE*, nuint,
        CK_ATTRIBUTE*, nuint, nuint*, nuint*, nuint> C_GenerateKeyPair;
    public delegate* unmanaged[Cdecl]<nuint, CK_MECHANISM*, nuint, nuint, byte*, nuint*, nuint> C_WrapKey;
    public delegate* unmanaged[Cdecl]<nuint, CK_MECHANISM*, nuint, byte*, nuint, CK_ATTRIBUTE*, nuint, nuint*, nuint> C_UnwrapKey;
    public void* C_DeriveKey;
    public void* C_SeedRandom;
    public delegate* unmanaged[Cdecl]<nuint, byte*, nuint, nuint> C_GenerateRandom;
    public void* C_GetFunctionStatus;
    public void* C_CancelFunction;
    public void* C_WaitForSlotEvent;
}
