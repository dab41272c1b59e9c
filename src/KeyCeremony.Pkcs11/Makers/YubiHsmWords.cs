using System.Buffers.Binary;

namespace KeyCeremony.Pkcs11.Makers;

/// <summary>yh_object_type.</summary>
internal enum YubiHsmType
{
    Any = 0,
    Opaque = 1,
    AuthenticationKey = 2,
    AsymmetricKey = 3,
    WrapKey = 4,
}

/// <summary>Which rights an object has: bit N of eight bytes, big endian. The numbers are Yubico's.</summary>
[Flags]
internal enum YubiHsmRights : ulong
{
    None = 0,
    GetOpaque = 1UL << 0x00,
    PutOpaque = 1UL << 0x01,
    PutAuthenticationKey = 1UL << 0x02,
    GenerateAsymmetricKey = 1UL << 0x04,
    SignPkcs = 1UL << 0x05,
    SignPss = 1UL << 0x06,
    SignEcdsa = 1UL << 0x07,
    ExportWrapped = 1UL << 0x0C,
    ImportWrapped = 1UL << 0x0D,
    PutWrapKey = 1UL << 0x0E,
    ExportableUnderWrap = 1UL << 0x10,
    GetPseudoRandom = 1UL << 0x13,
    ResetDevice = 1UL << 0x1C,
    DeleteOpaque = 1UL << 0x27,
    DeleteAuthenticationKey = 1UL << 0x28,
    DeleteAsymmetricKey = 1UL << 0x29,
    DeleteWrapKey = 1UL << 0x2A,

    /// <summary>What a key of ours may be used for.</summary>
    Sign = SignPkcs | SignPss | SignEcdsa,
}

/// <summary>The algorithms that are used here: yh_algorithm.</summary>
internal static class YubiHsmAlgorithm
{
    public const int Rsa3072 = 10;
    public const int Rsa4096 = 11;
    public const int EcP256 = 12;
    public const int EcP384 = 13;
    public const int Aes256CcmWrap = 42;
}

/// <summary>
/// Who may do what in a YubiHSM that this program made ready: its authentication keys. docs/decisions/0029-yubihsm.md.
/// </summary>
internal static class YubiHsmRoles
{
    /// <summary>All that there is: the one from the factory. Gone when the HSM is commissioned.</summary>
    public const ushort Officer = 1;

    /// <summary>Uses keys, brings them back, takes none out.</summary>
    public const ushort User = 2;

    /// <summary>Its password is printed here: it gives random numbers, and shows the HSM's name and which objects there are.</summary>
    public const ushort Visitor = 4;

    /// <summary>What is left of the officer after commissioning: it may empty the whole HSM.</summary>
    public const ushort Eraser = 5;

    /// <summary>Each can make keys that may be taken out, and take them out, in one domain. Destroyed when a key there is locked.</summary>
    public const ushort FirstExporter = 0x11;

    /// <summary>A domain each; the first of the sixteen is for none.</summary>
    public const int Exporters = 15;

    public const ushort AllDomains = 0xFFFF;

    public const YubiHsmRights VisitorRights = YubiHsmRights.GetPseudoRandom;

    public const YubiHsmRights UserRights = YubiHsmRights.GetOpaque | YubiHsmRights.PutOpaque | YubiHsmRights.DeleteOpaque
        | YubiHsmRights.GenerateAsymmetricKey | YubiHsmRights.Sign | YubiHsmRights.DeleteAsymmetricKey | YubiHsmRights.GetPseudoRandom
        | YubiHsmRights.PutWrapKey | YubiHsmRights.ImportWrapped | YubiHsmRights.DeleteWrapKey | YubiHsmRights.DeleteAuthenticationKey;

    /// <summary>
    /// Of what it makes. Not to take out: whoever gives that, and knows a wrap key that brings objects back, can write himself an
    /// authentication key that takes out what was locked.
    /// </summary>
    public const YubiHsmRights UserGives = YubiHsmRights.Sign | YubiHsmRights.ExportableUnderWrap | YubiHsmRights.ImportWrapped;

    public const YubiHsmRights ExporterRights = YubiHsmRights.GenerateAsymmetricKey | YubiHsmRights.ExportWrapped
        | YubiHsmRights.PutWrapKey | YubiHsmRights.DeleteWrapKey;

    /// <summary>A wrap key of theirs takes out and brings nothing back.</summary>
    public const YubiHsmRights ExporterGives = YubiHsmRights.Sign | YubiHsmRights.ExportableUnderWrap | YubiHsmRights.ExportWrapped;

    /// <summary>Whoever has one of these takes out keys of his domains, or makes somebody who does.</summary>
    public const YubiHsmRights Takes = YubiHsmRights.ExportWrapped | YubiHsmRights.PutAuthenticationKey;

    public const YubiHsmRights WrapKeyGives = YubiHsmRights.Sign | YubiHsmRights.ExportableUnderWrap;

    public const YubiHsmRights EraserRights = YubiHsmRights.ResetDevice | YubiHsmRights.DeleteAuthenticationKey;

    /// <summary>Of the device from the factory.</summary>
    public static ReadOnlySpan<byte> FactoryPassword => "password"u8;

    public static ReadOnlySpan<byte> VisitorPassword => "keyceremony"u8;

    /// <summary>Of what ends with a session: it is swept when the user logs in.</summary>
    public static ReadOnlySpan<byte> SessionLabel => "keyceremony: session object"u8;

    public static bool IsExporter(YubiHsmObject key) =>
        key.Type == YubiHsmType.AuthenticationKey && key.Id is >= FirstExporter and < FirstExporter + Exporters;

    public static ushort DomainOf(int exporter) => (ushort)(1 << (exporter + 1));

    public static byte[] Bytes(YubiHsmRights rights)
    {
        byte[] bytes = new byte[YubiHsmLibrary.CapabilityBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)rights);
        return bytes;
    }
}
