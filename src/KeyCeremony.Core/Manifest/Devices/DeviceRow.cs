using System.Buffers;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Manifest.Devices;

/// <summary>What a device list says about a device.</summary>
internal enum DeviceColumn
{
    SerialNo,
    Certificate,
    CertSha256,
    SpkiSha256,
}

/// <summary>
/// One row of a list, in memory that the next row takes over. Whoever reads a row clears it, sets each field that stands
/// there and closes it; the first thing that is wrong is kept.
/// </summary>
internal sealed class DeviceRow(DeviceCertificates certificates, bool isSigned = false)
{
    /// <summary>Digits of a hash.</summary>
    public const int HexLength = 2 * TreeHash.Length;

    private const string CorrectList = "Correct the list where it is made and build again.";

    private static readonly byte[] OfNothing = SHA256.HashData([]);

    private static readonly byte[][] Nothings =
        [.. new[] { "n/a", "na", "nan", "nil", "none", "null", "tbd", "undefined", "unknown" }.Select(System.Text.Encoding.ASCII.GetBytes)];

    private const int LongestNone = 9;

    private readonly byte[] _serial = new byte[DeviceLeaf.MaxSerialBytes];
    private readonly byte[] _address = new byte[SerialText.LongestAddress];
    private readonly byte[] _certSha256 = new byte[TreeHash.Length];
    private readonly byte[] _spkiSha256 = new byte[TreeHash.Length];

    private readonly int[] _places = new int[4]; // of each column, in bytes from 1
    private int _has;                             // a bit for each column
    private int _serialLength;

    public ReadOnlySpan<byte> Serial => _serial.AsSpan(0, _serialLength);

    /// <summary>What tells its serial number from others: <see cref="SerialText.Identity"/>.</summary>
    public ReadOnlySpan<byte> SerialIdentity => SerialText.Identity(Serial, _address);

    public ReadOnlySpan<byte> CertSha256 => _certSha256;

    public ReadOnlySpan<byte> SpkiSha256 => _spkiSha256;

    /// <summary>What tells its key from others, in whichever form its certificate has it; the list's hash where there is none.</summary>
    public ReadOnlySpan<byte> KeySha256 => Has(DeviceColumn.Certificate) ? certificates.KeySha256 : _spkiSha256;

    /// <summary>SHA-256 of the certificate's issuer and serial number; empty where the list has only its hash.</summary>
    public ReadOnlySpan<byte> IssuerAndSerial => Has(DeviceColumn.Certificate) ? certificates.IssuerAndSerial : default;

    /// <summary>The certificate's serial number; empty where the list has only its hash.</summary>
    public ReadOnlySpan<byte> CertificateSerial => Has(DeviceColumn.Certificate) ? certificates.Serial.Span : default;

    /// <summary>What is wrong; null when nothing is.</summary>
    public Refusal? Wrong { get; private set; }

    /// <summary>Where, in bytes from 1.</summary>
    public int WrongAt { get; private set; }

    public static DeviceColumn? ColumnOf(ReadOnlySpan<byte> name) =>
        System.Text.Ascii.EqualsIgnoreCase(name, "serialNo"u8) ? DeviceColumn.SerialNo
        : System.Text.Ascii.EqualsIgnoreCase(name, "certificate"u8) ? DeviceColumn.Certificate
        : System.Text.Ascii.EqualsIgnoreCase(name, "certSha256"u8) ? DeviceColumn.CertSha256
        : System.Text.Ascii.EqualsIgnoreCase(name, "spkiSha256"u8) ? DeviceColumn.SpkiSha256
        : null;

    /// <summary>What a row needs besides, or null.</summary>
    /// <param name="has">By <see cref="DeviceColumn"/>.</param>
    public static string? Missing(Func<DeviceColumn, bool> has)
    {
        if (!has(DeviceColumn.SerialNo))
            return "serialNo";
        if (has(DeviceColumn.Certificate))
            return null;
        return !has(DeviceColumn.CertSha256) ? "certSha256 or certificate" : !has(DeviceColumn.SpkiSha256) ? "spkiSha256" : null;
    }

    public void Clear()
    {
        _has = 0;
        Wrong = null;
    }

    public bool Has(DeviceColumn column) => (_has & (1 << (int)column)) != 0;

    /// <param name="at">In bytes from 1.</param>
    public void Set(DeviceColumn column, ReadOnlySpan<byte> value, int at)
    {
        _places[(int)column] = at;
        _has |= 1 << (int)column;
        if (column == DeviceColumn.SerialNo)
            SetSerial(value, at);
        else if (column == DeviceColumn.Certificate)
            SetCertificate(value, at);
        else
            SetHash(column == DeviceColumn.CertSha256 ? _certSha256 : _spkiSha256, value, at);
    }

    /// <summary>After the last field.</summary>
    public void Close()
    {
        if (Wrong is not null)
            return;
        if (Has(DeviceColumn.Certificate))
        {
            Agree(DeviceColumn.CertSha256, _certSha256, certificates.CertSha256, "certificate");
            Agree(DeviceColumn.SpkiSha256, _spkiSha256, certificates.SpkiSha256, "certificate's subjectPublicKeyInfo");
        }
        if (certificates.IsIssuerKey(KeySha256))
            Refuse(_places[(int)(Has(DeviceColumn.Certificate) ? DeviceColumn.Certificate : DeviceColumn.SpkiSha256)], DeviceRules.KeyTwice,
                "The device's key is the issuing CA's own.", "Ship nothing with it: whoever has this device could issue certificates. "
                    + "Find out how the CA's key came there.");
        if (_certSha256.AsSpan().SequenceEqual(_spkiSha256))
            Refuse(_places[(int)DeviceColumn.CertSha256], DeviceRules.HashOfAnother,
                "The hash of the certificate is the hash of the key: one of them was written into both fields.");
        else if (certificates.WhoseHash(_certSha256) is { } ofCertificate)
            Refuse(_places[(int)DeviceColumn.CertSha256], DeviceRules.HashOfAnother,
                $"The hash of the device's certificate is {ofCertificate}.");
        else if (certificates.WhoseHash(_spkiSha256) is { } ofKey)
            Refuse(_places[(int)DeviceColumn.SpkiSha256], DeviceRules.HashOfAnother, $"The hash of the device's key is {ofKey}.");
    }

    /// <summary>Says what is wrong with the whole row in place of what was found in a field.</summary>
    public void RefuseWhole(PkiRule rule, string message) => (Wrong, WrongAt) = (rule.Refuse(message, CorrectList), 1);

    public void Refuse(int at, PkiRule rule, string message, string remedy = CorrectList)
    {
        if (Wrong is null)
            (Wrong, WrongAt) = (rule.Refuse(message, remedy), at);
    }

    private void SetSerial(ReadOnlySpan<byte> value, int at)
    {
        if (!isSigned && SerialText.Rewritten(value) is { } rewritten)
        {
            Refuse(at, DeviceRules.Serial, $"The serial number '{DeviceText.Shown(value)}' {rewritten}.",
                "Format the column as text where the list is made, and build again.");
            return;
        }
        if (Delimited.IsFormula(value))
        {
            Refuse(at, DeviceRules.Serial,
                $"The serial number '{DeviceText.Shown(value)}' is a spreadsheet's formula, not a number on a device.",
                "Have the numbers alone written where the list is made, as text, and build again.");
            return;
        }
        if (IsNone(value))
        {
            Refuse(at, DeviceRules.Serial, $"The serial number '{DeviceText.Shown(value)}' is what is written where there is none.");
            return;
        }
        if (!DeviceLeaf.IsSerial(value))
        {
            Refuse(at, DeviceRules.Serial, $"The serial number '{DeviceText.Shown(value)}' "
                + $"is not 1 to {DeviceLeaf.MaxSerialBytes} characters of printable ASCII without blanks at the ends"
                + $"{(StrangeLetter.In(value) is { } stranger ? $": it holds {stranger}" : "")}.");
            return;
        }
        value.CopyTo(_serial);
        _serialLength = value.Length;
    }

    /// <summary>Marks alone, or a word of a program or a person for nothing. Zeros count: some makers begin with them.</summary>
    private static bool IsNone(ReadOnlySpan<byte> serial)
    {
        if (serial.IsEmpty || serial.Length > LongestNone)
            return false;
        foreach (byte[] none in Nothings)
            if (System.Text.Ascii.EqualsIgnoreCase(serial, none))
                return true;
        return !serial.ContainsAnyInRange((byte)'0', (byte)'9') && !serial.ContainsAnyInRange((byte)'A', (byte)'Z')
            && !serial.ContainsAnyInRange((byte)'a', (byte)'z') && !serial.ContainsAnyExceptInRange((byte)' ', (byte)'~');
    }

    private void SetHash(byte[] hash, ReadOnlySpan<byte> value, int at)
    {
        if (value.Length != HexLength || Convert.FromHexString(value, hash, out _, out _) != OperationStatus.Done)
            Refuse(at, DeviceRules.Hash, $"'{DeviceText.Shown(value)}' is not a SHA-256 of {HexLength} hex digits.{Likeness(value)}");
        else if ((hash[0] is 0x00 or 0xFF && !hash.AsSpan().ContainsAnyExcept(hash[0])) || hash.AsSpan().SequenceEqual(OfNothing))
            Refuse(at, DeviceRules.Hash, $"'{DeviceText.Shown(value)}' is what a program writes that hashed nothing.");
    }

    // What other programs write for a hash.
    private static string Likeness(ReadOnlySpan<byte> value) =>
        value.Length == HexLength + TreeHash.Length - 1 && value.Count((byte)':') == TreeHash.Length - 1
            ? " It has colons between its bytes, as openssl prints a fingerprint: write its digits alone."
        : value.Length == HexLength + 2 && value.StartsWith("0x"u8) ? " It is marked with 0x: write its digits alone."
        : value.Length == 44 && value[^1] == '=' ? " It looks like base64 of 32 bytes: write it in hex."
        : value.Length == 40 && IsHex(value) ? " It is as long as a SHA-1, which is not taken."
        : value.Length == 32 && IsHex(value) ? " It is as long as an MD5, which is not taken."
        : value.Length is 96 or 128 && IsHex(value) ? " It is as long as a SHA-384 or SHA-512." : "";

    private static bool IsHex(ReadOnlySpan<byte> value) => !value.ContainsAnyExcept(TextForm.HexDigits);

    private void SetCertificate(ReadOnlySpan<byte> value, int at)
    {
        if (certificates.Read(value) is { } refusal && Wrong is null)
            (Wrong, WrongAt) = (refusal, at);
    }

    private void Agree(DeviceColumn column, byte[] given, byte[] found, string what)
    {
        if (Has(column) && !given.AsSpan().SequenceEqual(found))
            Refuse(_places[(int)column], DeviceRules.Agreement,
                $"This is not the SHA-256 of the {what}, which is {Convert.ToHexStringLower(found)}.");
        found.CopyTo(given, 0);
    }
}

/// <summary>What of a field can be shown on a screen.</summary>
internal static class DeviceText
{
    private const int ShownBytes = 80;

    public static string Shown(ReadOnlySpan<byte> field)
    {
        string shown = System.Text.Encoding.Latin1.GetString(field[..Math.Min(field.Length, ShownBytes)]);
        return string.Concat(shown.Select(c => c is >= ' ' and <= '~' ? c : '?')) + (field.Length > ShownBytes ? "…" : "");
    }
}
