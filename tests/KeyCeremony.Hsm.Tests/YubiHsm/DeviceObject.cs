using System.Security.Cryptography;

namespace KeyCeremony.Hsm.Tests.YubiHsm;

internal enum ObjectType : byte
{
    Opaque = 1,
    AuthenticationKey = 2,
    AsymmetricKey = 3,
    WrapKey = 4,
}

/// <summary>What an object, or who is logged in, may do: bit N of eight bytes.</summary>
[Flags]
internal enum Rights : ulong
{
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
    ChangeAuthenticationKey = 1UL << 0x2E,
    All = ulong.MaxValue,
}

/// <summary>The device's numbers for algorithms; those that are used here.</summary>
internal static class Algorithms
{
    public const byte Rsa3072 = 10;
    public const byte Rsa4096 = 11;
    public const byte EcP256 = 12;
    public const byte EcP384 = 13;
    public const byte AesAuthentication = 38;
    public const byte Aes256CcmWrap = 42;
}

/// <summary>An object of the device.</summary>
/// <param name="Value">An authentication key's two keys, a wrap key, opaque bytes; empty for an asymmetric key.</param>
/// <param name="Delegated">What may be given to what it makes, or wraps.</param>
internal sealed record DeviceObject(ObjectType Type, ushort Id, byte[] Label, ushort Domains, Rights Rights, byte Algorithm, byte Origin,
    byte[] Value, Rights Delegated, byte Sequence, AsymmetricAlgorithm? Key = null)
{
    public const int LabelBytes = 40;

    public const byte Generated = 1;
    public const byte Imported = 2;

    /// <summary>Beside one of the others.</summary>
    public const byte ImportedWrapped = 0x10;

    /// <summary>Of a coordinate, or of the modulus.</summary>
    public int KeyBytes => Algorithm switch
    {
        Algorithms.EcP256 => 32,
        Algorithms.EcP384 => 48,
        Algorithms.Rsa3072 => 384,
        Algorithms.Rsa4096 => 512,
        _ => Value.Length,
    };

    public static AsymmetricAlgorithm Generate(byte algorithm) => algorithm switch
    {
        Algorithms.EcP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        Algorithms.EcP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        Algorithms.Rsa3072 => RSA.Create(3072),
        Algorithms.Rsa4096 => RSA.Create(4096),
        _ => throw new DeviceException(DeviceError.InvalidData),
    };

    public byte[] PublicKey() => Key is ECDsa ec
        ? [.. ec.ExportParameters(false).Q.X!, .. ec.ExportParameters(false).Q.Y!]
        : ((RSA)Key!).ExportParameters(false).Modulus!;
}

internal enum DeviceError : byte
{
    InvalidCommand = 1,
    InvalidData = 2,
    InvalidSession = 3,
    AuthenticationFailed = 4,
    SessionsFull = 5,
    SessionFailed = 6,
    StorageFailed = 7,
    WrongLength = 8,
    InsufficientPermissions = 9,
    ObjectNotFound = 11,
    ObjectExists = 0x11,
}

internal sealed class DeviceException(DeviceError error) : Exception($"{error}")
{
    public DeviceError Error { get; } = error;
}
