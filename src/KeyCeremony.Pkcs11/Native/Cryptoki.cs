using System.Runtime.InteropServices;

namespace KeyCeremony.Pkcs11.Native;

/// <summary>
/// Constants and structures of PKCS#11 v2.40, and of v3.2 for ML-DSA, with their C names, laid out for 64-bit Linux: <c>CK_ULONG</c> is
/// <c>unsigned long</c> = 8 bytes, natural alignment. Windows packs to one byte and would need a second set.
/// </summary>
internal static class Cryptoki
{
    public const nuint CKR_OK = 0x0;
    public const nuint CKR_SLOT_ID_INVALID = 0x3;
    public const nuint CKR_ATTRIBUTE_READ_ONLY = 0x10;
    public const nuint CKR_ATTRIBUTE_SENSITIVE = 0x11;
    public const nuint CKR_ATTRIBUTE_TYPE_INVALID = 0x12;
    public const nuint CKR_ACTION_PROHIBITED = 0x1B;
    public const nuint CKR_DEVICE_ERROR = 0x30;
    public const nuint CKR_DEVICE_MEMORY = 0x31;
    public const nuint CKR_DEVICE_REMOVED = 0x32;
    public const nuint CKR_ENCRYPTED_DATA_INVALID = 0x40;
    public const nuint CKR_FUNCTION_FAILED = 0x06;
    public const nuint CKR_GENERAL_ERROR = 0x05;
    public const nuint CKR_FUNCTION_NOT_SUPPORTED = 0x54;
    public const nuint CKR_KEY_HANDLE_INVALID = 0x60;
    public const nuint CKR_KEY_UNEXTRACTABLE = 0x6A;
    public const nuint CKR_KEY_NOT_WRAPPABLE = 0x69;
    public const nuint CKR_MECHANISM_INVALID = 0x70;
    public const nuint CKR_OBJECT_HANDLE_INVALID = 0x82;
    public const nuint CKR_PIN_INCORRECT = 0xA0;
    public const nuint CKR_PIN_INVALID = 0xA1;
    public const nuint CKR_PIN_LEN_RANGE = 0xA2;
    public const nuint CKR_PIN_EXPIRED = 0xA3;
    public const nuint CKR_PIN_LOCKED = 0xA4;
    public const nuint CKR_SESSION_CLOSED = 0xB0;
    public const nuint CKR_SESSION_COUNT = 0xB1;
    public const nuint CKR_SESSION_HANDLE_INVALID = 0xB3;
    public const nuint CKR_SESSION_EXISTS = 0xB6;
    public const nuint CKR_TEMPLATE_INCONSISTENT = 0xD1;
    public const nuint CKR_TOKEN_NOT_PRESENT = 0xE0;
    public const nuint CKR_TOKEN_NOT_RECOGNIZED = 0xE1;
    public const nuint CKR_TOKEN_WRITE_PROTECTED = 0xE2;
    public const nuint CKR_USER_ALREADY_LOGGED_IN = 0x100;
    public const nuint CKR_USER_NOT_LOGGED_IN = 0x101;
    public const nuint CKR_USER_PIN_NOT_INITIALIZED = 0x102;
    public const nuint CKR_USER_ANOTHER_ALREADY_LOGGED_IN = 0x104;
    public const nuint CKR_WRAPPED_KEY_INVALID = 0x110;
    public const nuint CKR_BUFFER_TOO_SMALL = 0x150;
    public const nuint CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;
    public const nuint CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;

    public const nuint CKR_PIN_TOO_WEAK = 0x1B8;

    /// <summary>The number that p11-kit's header gives it.</summary>
    public const nuint CKR_PIN_TOO_WEAK_P11_KIT = 0x1C3;

    public const nuint CKF_OS_LOCKING_OK = 0x2;
    public const nuint CKF_RW_SESSION = 0x2;
    public const nuint CKF_SERIAL_SESSION = 0x4;

    public const nuint CKF_WRITE_PROTECTED = 0x2;
    public const nuint CKF_LOGIN_REQUIRED = 0x4;
    public const nuint CKF_USER_PIN_INITIALIZED = 0x8;
    public const nuint CKF_PROTECTED_AUTHENTICATION_PATH = 0x100;
    public const nuint CKF_TOKEN_INITIALIZED = 0x400;
    public const nuint CKF_USER_PIN_COUNT_LOW = 0x1_0000;
    public const nuint CKF_USER_PIN_FINAL_TRY = 0x2_0000;
    public const nuint CKF_USER_PIN_LOCKED = 0x4_0000;
    public const nuint CKF_SO_PIN_COUNT_LOW = 0x10_0000;
    public const nuint CKF_SO_PIN_FINAL_TRY = 0x20_0000;
    public const nuint CKF_SO_PIN_LOCKED = 0x40_0000;

    public const nuint CKU_SO = 0;
    public const nuint CKU_USER = 1;

    public const nuint CKO_DATA = 0x0;
    public const nuint CKO_CERTIFICATE = 0x1;
    public const nuint CKO_PUBLIC_KEY = 0x2;
    public const nuint CKO_PRIVATE_KEY = 0x3;
    public const nuint CKO_SECRET_KEY = 0x4;

    public const nuint CKK_RSA = 0x0;
    public const nuint CKK_EC = 0x3;
    public const nuint CKK_AES = 0x1F;
    public const nuint CKK_ML_DSA = 0x4A;

    public const nuint CKA_CLASS = 0x0;
    public const nuint CKA_TOKEN = 0x1;
    public const nuint CKA_PRIVATE = 0x2;
    public const nuint CKA_LABEL = 0x3;
    public const nuint CKA_APPLICATION = 0x10;
    public const nuint CKA_VALUE = 0x11;
    public const nuint CKA_KEY_TYPE = 0x100;
    public const nuint CKA_ID = 0x102;
    public const nuint CKA_SENSITIVE = 0x103;
    public const nuint CKA_ENCRYPT = 0x104;
    public const nuint CKA_DECRYPT = 0x105;
    public const nuint CKA_WRAP = 0x106;
    public const nuint CKA_UNWRAP = 0x107;
    public const nuint CKA_SIGN = 0x108;
    public const nuint CKA_VERIFY = 0x10A;
    public const nuint CKA_MODULUS = 0x120;
    public const nuint CKA_MODULUS_BITS = 0x121;
    public const nuint CKA_PUBLIC_EXPONENT = 0x122;
    public const nuint CKA_PRIVATE_EXPONENT = 0x123;
    public const nuint CKA_EXTRACTABLE = 0x162;
    public const nuint CKA_LOCAL = 0x163;
    public const nuint CKA_NEVER_EXTRACTABLE = 0x164;
    public const nuint CKA_ALWAYS_SENSITIVE = 0x165;
    public const nuint CKA_MODIFIABLE = 0x170;
    public const nuint CKA_EC_PARAMS = 0x180;
    public const nuint CKA_EC_POINT = 0x181;
    public const nuint CKA_PARAMETER_SET = 0x61D;
    public const nuint CKA_SEED = 0x637;

    public const nuint CKM_RSA_PKCS_KEY_PAIR_GEN = 0x0;
    public const nuint CKM_RSA_PKCS = 0x1;
    public const nuint CKM_RSA_PKCS_PSS = 0xD;
    public const nuint CKM_ML_DSA_KEY_PAIR_GEN = 0x1C;
    public const nuint CKM_ML_DSA = 0x1D;
    public const nuint CKM_SHA256 = 0x250;
    public const nuint CKM_SHA384 = 0x260;
    public const nuint CKM_SHA512 = 0x270;
    public const nuint CKM_EC_KEY_PAIR_GEN = 0x1040;
    public const nuint CKM_ECDSA = 0x1041;

    public const nuint CKP_ML_DSA_44 = 0x1;
    public const nuint CKP_ML_DSA_65 = 0x2;
    public const nuint CKP_ML_DSA_87 = 0x3;

    public const nuint CKG_MGF1_SHA256 = 0x2;
    public const nuint CKG_MGF1_SHA384 = 0x3;
    public const nuint CKG_MGF1_SHA512 = 0x4;

    /// <summary>A length of an attribute that cannot be had: all bits set. PKCS#11 v2.40, 5.7 C_GetAttributeValue.</summary>
    public static readonly nuint CK_UNAVAILABLE_INFORMATION = nuint.MaxValue;
}

[StructLayout(LayoutKind.Sequential)]
internal struct CK_VERSION
{
    public byte Major;
    public byte Minor;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CK_INFO
{
    public CK_VERSION CryptokiVersion;
    public fixed byte ManufacturerId[32];
    public nuint Flags;
    public fixed byte LibraryDescription[32];
    public CK_VERSION LibraryVersion;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CK_TOKEN_INFO
{
    public fixed byte Label[32];
    public fixed byte ManufacturerId[32];
    public fixed byte Model[16];
    public fixed byte SerialNumber[16];
    public nuint Flags;
    public nuint MaxSessionCount;
    public nuint SessionCount;
    public nuint MaxRwSessionCount;
    public nuint RwSessionCount;
    public nuint MaxPinLen;
    public nuint MinPinLen;
    public nuint TotalPublicMemory;
    public nuint FreePublicMemory;
    public nuint TotalPrivateMemory;
    public nuint FreePrivateMemory;
    public CK_VERSION HardwareVersion;
    public CK_VERSION FirmwareVersion;
    public fixed byte UtcTime[16];
}

[StructLayout(LayoutKind.Sequential)]
internal struct CK_SESSION_INFO
{
    public nuint SlotId;
    public nuint State;
    public nuint Flags;
    public nuint DeviceError;
}

[StructLayout(LayoutKind.Sequential)]
internal struct CK_MECHANISM_INFO
{
    public nuint MinKeySize;
    public nuint MaxKeySize;
    public nuint Flags;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CK_ATTRIBUTE
{
    public nuint Type;
    public void* Value;
    public nuint ValueLength;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CK_MECHANISM
{
    public nuint Mechanism;
    public void* Parameter;
    public nuint ParameterLength;
}

[StructLayout(LayoutKind.Sequential)]
internal struct CK_RSA_PKCS_PSS_PARAMS
{
    public nuint HashAlgorithm;
    public nuint Mgf;
    public nuint SaltLength;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CK_C_INITIALIZE_ARGS
{
    public void* CreateMutex;
    public void* DestroyMutex;
    public void* LockMutex;
    public void* UnlockMutex;
    public nuint Flags;
    public void* Reserved;
}
