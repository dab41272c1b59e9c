using System.Globalization;
using System.Text;
using KeyCeremony.Pkcs11.Native;
using static KeyCeremony.Pkcs11.Native.Cryptoki;

namespace KeyCeremony.Pkcs11;

/// <summary>
/// What a token says about itself at one moment. Label and serial select it; the slot number is only where it was
/// last seen and moves when tokens are initialised. PKCS#11 v2.40, 3.2 CK_TOKEN_INFO.
/// </summary>
/// <param name="Slot">Where it was seen; not stable.</param>
/// <param name="UserPinCountLow">A wrong user PIN was entered since the last right one.</param>
/// <param name="UserPinFinalTry">One more wrong user PIN locks it.</param>
/// <param name="PinMinLength">Bytes.</param>
/// <param name="PinMaxLength">Bytes.</param>
public sealed record TokenInfo(
    ulong Slot,
    string Label,
    string Serial,
    string Manufacturer,
    string Model,
    string Firmware,
    bool Initialised,
    bool UserPinSet,
    bool LoginRequired,
    bool WriteProtected,
    bool PinPad,
    bool UserPinCountLow,
    bool UserPinFinalTry,
    bool UserPinLocked,
    bool SoPinCountLow,
    bool SoPinFinalTry,
    bool SoPinLocked,
    ulong PinMinLength,
    ulong PinMaxLength)
{
    internal static unsafe TokenInfo From(nuint slot, in CK_TOKEN_INFO info)
    {
        nuint flags = info.Flags;
        bool Has(nuint flag) => (flags & flag) != 0;
        fixed (CK_TOKEN_INFO* native = &info)
        {
            return new TokenInfo(
                Slot: slot,
                Label: PaddedText.Read(native->Label, 32),
                Serial: PaddedText.Read(native->SerialNumber, 16),
                Manufacturer: PaddedText.Read(native->ManufacturerId, 32),
                Model: PaddedText.Read(native->Model, 16),
                Firmware: $"{info.FirmwareVersion.Major}.{info.FirmwareVersion.Minor}",
                Initialised: Has(CKF_TOKEN_INITIALIZED),
                UserPinSet: Has(CKF_USER_PIN_INITIALIZED),
                LoginRequired: Has(CKF_LOGIN_REQUIRED),
                WriteProtected: Has(CKF_WRITE_PROTECTED),
                PinPad: Has(CKF_PROTECTED_AUTHENTICATION_PATH),
                UserPinCountLow: Has(CKF_USER_PIN_COUNT_LOW),
                UserPinFinalTry: Has(CKF_USER_PIN_FINAL_TRY),
                UserPinLocked: Has(CKF_USER_PIN_LOCKED),
                SoPinCountLow: Has(CKF_SO_PIN_COUNT_LOW),
                SoPinFinalTry: Has(CKF_SO_PIN_FINAL_TRY),
                SoPinLocked: Has(CKF_SO_PIN_LOCKED),
                PinMinLength: info.MinPinLen,
                PinMaxLength: info.MaxPinLen);
        }
    }

    internal bool IsSameTokenAs(TokenInfo other) =>
        Label == other.Label && Serial == other.Serial && Initialised == other.Initialised;
}

/// <summary>A module's own description. PKCS#11 v2.40, 3.1 CK_INFO.</summary>
public sealed record ModuleInfo(string Manufacturer, string Description, string LibraryVersion, string CryptokiVersion)
{
    internal static unsafe ModuleInfo From(in CK_INFO info)
    {
        fixed (CK_INFO* native = &info)
        {
            return new ModuleInfo(
                PaddedText.Read(native->ManufacturerId, 32),
                PaddedText.Read(native->LibraryDescription, 32),
                $"{info.LibraryVersion.Major}.{info.LibraryVersion.Minor}",
                $"{info.CryptokiVersion.Major}.{info.CryptokiVersion.Minor}");
        }
    }
}

/// <summary>One mechanism of a token. Key sizes are bits or bytes, as the mechanism defines.</summary>
public sealed record TokenMechanism(ulong Code, ulong MinKeySize, ulong MaxKeySize, ulong Flags);

/// <summary>Text fields of fixed width, padded with blanks and not terminated. PKCS#11 v2.40, 3.</summary>
internal static class PaddedText
{
    /// <summary>A module's text reaches screens and the journal: what steers a terminal becomes a question mark.</summary>
    public static unsafe string Read(byte* text, int width) =>
        Encoding.UTF8.GetString(new ReadOnlySpan<byte>(text, width).TrimEnd(" \0"u8))
            .Aggregate(new StringBuilder(), (read, c) => read.Append(char.IsControl(c) || char.GetUnicodeCategory(
                c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '?' : c))
            .ToString();

    /// <exception cref="ArgumentException">Longer than <paramref name="field"/> in UTF-8.</exception>
    public static void Write(string text, Span<byte> field)
    {
        field.Fill((byte)' ');
        if (!Encoding.UTF8.TryGetBytes(text, field, out _))
        {
            throw new ArgumentException($"'{text}' is longer than {field.Length} bytes.", nameof(text));
        }
    }
}
