using System.Runtime.InteropServices;

namespace KeyCeremony.Pkcs11.Makers;

/// <summary>
/// The calls into Yubico's <c>libyubihsm</c>, with their names there: what a YubiHSM can do and its PKCS#11 module does not. The module
/// itself is linked to that library, so it is there wherever the module is.
/// </summary>
internal static unsafe partial class YubiHsmLibrary
{
    public const int Success = 0;
    public const int NoConnector = -4;
    public const int WrongLength = -6;
    public const int CryptogramMismatch = -8;
    public const int SessionAuthenticationFailed = -9;
    public const int DeviceAuthenticationFailed = -15;
    public const int DeviceInsufficientPermissions = -20;
    public const int DeviceObjectNotFound = -22;

    public const int CapabilityBytes = 8;
    public const int LabelBytes = 40;

    private const string Library = "libyubihsm.so.2";

    /// <summary>yh_object_descriptor, which is packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Descriptor
    {
        public fixed byte Capabilities[CapabilityBytes];
        public ushort Id;
        public ushort Length;
        public ushort Domains;
        public int Type;
        public int Algorithm;
        public byte Sequence;
        public byte Origin;
        public fixed byte Label[LabelBytes + 1];
        public fixed byte Delegated[CapabilityBytes];
    }

    [LibraryImport(Library)]
    public static partial int yh_init();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int yh_init_connector(string url, nint* connector);

    [LibraryImport(Library)]
    public static partial int yh_connect(nint connector, int timeout);

    [LibraryImport(Library)]
    public static partial int yh_disconnect(nint connector);

    /// <summary>Null wherever something is not wanted.</summary>
    [LibraryImport(Library)]
    public static partial int yh_util_get_device_info(nint connector, byte* major, byte* minor, byte* patch, uint* serial, byte* logTotal,
        byte* logUsed, int* algorithms, nuint* count);

    [LibraryImport(Library)]
    public static partial int yh_create_session_derived(
        nint connector, ushort id, byte* password, nuint length, byte recreate, nint* session);

    [LibraryImport(Library)]
    public static partial int yh_util_close_session(nint session);

    [LibraryImport(Library)]
    public static partial int yh_destroy_session(nint* session);

    /// <param name="label">Null: any.</param>
    [LibraryImport(Library)]
    public static partial int yh_util_list_objects(nint session, ushort id, int type, ushort domains, byte* capabilities, int algorithm,
        byte* label, Descriptor* objects, nuint* count);

    [LibraryImport(Library)]
    public static partial int yh_util_get_object_info(nint session, ushort id, int type, Descriptor* found);

    [LibraryImport(Library)]
    public static partial int yh_util_delete_object(nint session, ushort id, int type);

    [LibraryImport(Library)]
    public static partial int yh_util_import_authentication_key_derived(nint session, ushort* id, byte* label, ushort domains,
        byte* capabilities, byte* delegated, byte* password, nuint length);

    [LibraryImport(Library)]
    public static partial int yh_util_change_authentication_key_derived(nint session, ushort* id, byte* password, nuint length);

    [LibraryImport(Library)]
    public static partial int yh_util_generate_ec_key(
        nint session, ushort* id, byte* label, ushort domains, byte* capabilities, int algorithm);

    [LibraryImport(Library)]
    public static partial int yh_util_generate_rsa_key(
        nint session, ushort* id, byte* label, ushort domains, byte* capabilities, int algorithm);

    [LibraryImport(Library)]
    public static partial int yh_util_import_wrap_key(nint session, ushort* id, byte* label, ushort domains, byte* capabilities,
        int algorithm, byte* delegated, byte* key, nuint length);

    [LibraryImport(Library)]
    public static partial int yh_util_get_pseudo_random(nint session, nuint wanted, byte* random, nuint* length);

    [LibraryImport(Library)]
    public static partial int yh_util_export_wrapped(
        nint session, ushort wrapKey, int type, ushort id, byte* wrapped, nuint* length);

    [LibraryImport(Library)]
    public static partial int yh_util_reset_device(nint session);
}
