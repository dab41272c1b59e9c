using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;

namespace KeyCeremony.Eyes;

/// <summary>A call of the other binding was refused.</summary>
public sealed class PeerException(string function, ulong returnValue) : Exception($"{function} 0x{returnValue:X8}")
{
    public string Function { get; } = function;

    /// <summary>CKR_.</summary>
    public ulong ReturnValue { get; } = returnValue;
}

/// <summary>
/// Reads a token through Pkcs11Interop: somebody else's loading, marshalling and constants. Its low level, because its high
/// level reads past the end of what a lying module gives; in a process of its own, because a module that lies to it may
/// still end that process.
/// </summary>
public static class PeerLook
{
    /// <summary>CKK_ML_DSA, which came with PKCS#11 3.2; the library knows 2.40.</summary>
    private const ulong MlDsaKey = 0x4A;

    private const int MaxSlots = 1024;
    private const int Batch = 64;

    /// <summary>The largest value that is read: a data object's.</summary>
    private const int MaxValueBytes = 64 * 1024;

    private static readonly CKA[] Flags =
    [
        CKA.CKA_TOKEN, CKA.CKA_PRIVATE, CKA.CKA_MODIFIABLE, CKA.CKA_SENSITIVE, CKA.CKA_EXTRACTABLE, CKA.CKA_ALWAYS_SENSITIVE,
        CKA.CKA_NEVER_EXTRACTABLE, CKA.CKA_LOCAL, CKA.CKA_SIGN, CKA.CKA_DECRYPT, CKA.CKA_WRAP, CKA.CKA_UNWRAP,
    ];

    static PeerLook() => NativeLibrary.SetDllImportResolver(typeof(Pkcs11Library).Assembly, static (name, _, _) =>
        // It asks for "libdl", which glibc calls libdl.so.2 and Debian links under no other name.
        name == "libdl" ? NativeLibrary.Load("libdl.so.2") : 0);

    /// <summary>
    /// The module is loaded, used and finalised. Ask for it once a process, and in a process that does not use the module
    /// otherwise: finalising it ends everybody's sessions.
    /// </summary>
    /// <param name="serial">Of the token.</param>
    /// <param name="pin">The user's; empty: nobody logs in, and only public objects are seen. Not copied.</param>
    /// <param name="pinLength">How many bytes of it count.</param>
    /// <exception cref="PeerException">A call was refused; C_GetSlotList with CKR_TOKEN_NOT_PRESENT: no token has this serial.</exception>
    public static TokenView Read(string module, string serial, byte[] pin, int pinLength)
    {
        ArgumentNullException.ThrowIfNull(pin);
        using var library = new Pkcs11Library(module);
        Check("C_Initialize", library.C_Initialize(new CK_C_INITIALIZE_ARGS { Flags = CKF.CKF_OS_LOCKING_OK }));
        try
        {
            (ulong slot, CK_TOKEN_INFO token) = Find(library, serial);
            ulong session = CK.CK_INVALID_HANDLE;
            Check("C_OpenSession", library.C_OpenSession(slot, CKF.CKF_SERIAL_SESSION, IntPtr.Zero, IntPtr.Zero, ref session));
            if (pinLength > 0)
            {
                Check("C_Login", library.C_Login(session, CKU.CKU_USER, pin, (ulong)pinLength));
            }

            return new TokenView(Padded(token.Label), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(serial)),
                (token.Flags & CKF.CKF_TOKEN_INITIALIZED) != 0,
                (token.Flags & CKF.CKF_USER_PIN_INITIALIZED) != 0,
                TokenView.Sorted(Objects(library, session).Select(o => Describe(library, session, o))));
        }
        finally
        {
            // With it go session and login. Whatever it answers, nothing is asked of it any more.
            _ = library.C_Finalize(IntPtr.Zero);
        }
    }

    private static (ulong Slot, CK_TOKEN_INFO Token) Find(Pkcs11Library library, string serial)
    {
        ulong count = 0;
        Check("C_GetSlotList", library.C_GetSlotList(true, null, ref count));
        ulong[] slots = new ulong[Math.Min(count, MaxSlots)];
        count = (ulong)slots.Length;
        Check("C_GetSlotList", library.C_GetSlotList(true, slots, ref count));
        foreach (ulong slot in slots.Take((int)Math.Min(count, MaxSlots)))
        {
            CK_TOKEN_INFO token = default;
            if (library.C_GetTokenInfo(slot, ref token) == CKR.CKR_OK && IsNamed(serial, slot, token))
            {
                return (slot, token);
            }
        }

        throw new PeerException("C_GetSlotList", (ulong)CKR.CKR_TOKEN_NOT_PRESENT);
    }

    /// <summary>Tokens that report one number for all, or none, are called by their slot too. docs/formats/token-family.md.</summary>
    private static bool IsNamed(string name, ulong slot, in CK_TOKEN_INFO token)
    {
        string serial = Encoding.UTF8.GetString(token.SerialNumber).TrimEnd(' ', '\0');
        return name == serial || name == $"{serial}{(serial.Length == 0 ? "" : "-")}slot-{slot}";
    }

    private static List<ulong> Objects(Pkcs11Library library, ulong session)
    {
        var found = new List<ulong>();
        Check("C_FindObjectsInit", library.C_FindObjectsInit(session, null, 0));
        while (true)
        {
            ulong[] batch = new ulong[Batch];
            ulong count = 0;
            Check("C_FindObjects", library.C_FindObjects(session, batch, Batch, ref count));
            if (count > Batch || found.Count + (int)count > TokenView.MaxObjects)
            {
                throw new PeerException("C_FindObjects", (ulong)CKR.CKR_GENERAL_ERROR);
            }

            if (count == 0)
            {
                break;
            }

            found.AddRange(batch.Take((int)count));
        }

        Check("C_FindObjectsFinal", library.C_FindObjectsFinal(session));
        return found;
    }

    private static ObjectView Describe(Pkcs11Library library, ulong session, ulong handle)
    {
        byte[]? Read(CKA attribute) => Value(library, session, handle, attribute);
        ulong objectClass = Number(Read(CKA.CKA_CLASS))
            ?? throw new PeerException("C_GetAttributeValue", (ulong)CKR.CKR_ATTRIBUTE_TYPE_INVALID);
        bool isData = objectClass == (ulong)CKO.CKO_DATA;
        bool isKey = objectClass is (ulong)CKO.CKO_PUBLIC_KEY or (ulong)CKO.CKO_PRIVATE_KEY or (ulong)CKO.CKO_SECRET_KEY;
        byte[]? When(bool has, CKA attribute) => has ? Read(attribute) : null;
        ulong? keyType = Number(When(isKey, CKA.CKA_KEY_TYPE));
        // A key's value is never asked for, but of ML-DSA, where it is the public key itself.
        bool isOpen = isData || objectClass == (ulong)CKO.CKO_CERTIFICATE
            || (objectClass == (ulong)CKO.CKO_PUBLIC_KEY && keyType == MlDsaKey);
        return new ObjectView(
            objectClass,
            Hex(Read(CKA.CKA_LABEL)),
            Hex(When(!isData, CKA.CKA_ID)),
            keyType,
            Hex(When(isData, CKA.CKA_APPLICATION)),
            string.Concat(Flags.Select(f => Read(f) switch { [0] => '0', [1] => '1', _ => '-' })),
            ObjectView.ContentOf(When(isKey, CKA.CKA_EC_PARAMS), When(isKey, CKA.CKA_EC_POINT), When(isKey, CKA.CKA_MODULUS),
                When(isKey, CKA.CKA_PUBLIC_EXPONENT), When(isOpen, CKA.CKA_VALUE)));
    }

    /// <summary>
    /// Asks for the length, then for the value: the way of most programs, and another one than ours. Null where there is none.
    /// </summary>
    private static byte[]? Value(Pkcs11Library library, ulong session, ulong handle, CKA attribute)
    {
        CK_ATTRIBUTE[] query = [new() { type = (ulong)attribute, value = IntPtr.Zero, valueLen = 0 }];
        CKR answer = library.C_GetAttributeValue(session, handle, query, 1);
        if (answer is CKR.CKR_ATTRIBUTE_TYPE_INVALID or CKR.CKR_ATTRIBUTE_SENSITIVE || query[0].valueLen == ulong.MaxValue)
        {
            return null;
        }

        Check("C_GetAttributeValue", answer);
        if (query[0].valueLen > MaxValueBytes)
        {
            throw new PeerException("C_GetAttributeValue", (ulong)CKR.CKR_BUFFER_TOO_SMALL);
        }

        int length = (int)query[0].valueLen;
        nint room = Marshal.AllocHGlobal(length + 1);
        try
        {
            query[0].value = room;
            Check("C_GetAttributeValue", library.C_GetAttributeValue(session, handle, query, 1));
            byte[] value = new byte[Math.Min((ulong)length, query[0].valueLen)];
            Marshal.Copy(room, value, 0, value.Length);
            return value;
        }
        finally
        {
            Marshal.FreeHGlobal(room);
        }
    }

    private static ulong? Number(byte[]? value) =>
        value is { Length: sizeof(ulong) } ? BinaryPrimitives.ReadUInt64LittleEndian(value) : null;

    private static string Hex(byte[]? value) => Convert.ToHexStringLower(value ?? []);

    private static string Padded(byte[] field) => Convert.ToHexStringLower(field.AsSpan().TrimEnd(" \0"u8));

    private static void Check(string function, CKR answer)
    {
        if (answer != CKR.CKR_OK)
        {
            throw new PeerException(function, (ulong)answer);
        }
    }
}
