namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// How a serial number is written. Certificates, OpenSSL's index.txt and most tools show hex; Go, Java and step-ca print the same number in
/// decimal. Digits alone can be either, and are two different certificates: nobody but people can say which.
/// </summary>
public static class SerialNotation
{
    public const string Hex = "hex";
    public const string Decimal = "decimal";

    /// <summary>Whether it could be either: digits only, and not one and the same number in both. Colons stand between bytes in hex.</summary>
    public static bool IsUnclear(ReadOnlySpan<byte> digits)
    {
        ReadOnlySpan<byte> text = digits.TrimStart((byte)'0');
        return text.Length > 1 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    /// <summary>The same for what a person typed: blanks between the digits say nothing.</summary>
    public static bool IsUnclear(string typed) => IsUnclear(System.Text.Encoding.UTF8.GetBytes(WithoutBlanks(typed)));

    /// <summary>What a person typed, in this notation. False: it is no serial in it.</summary>
    public static bool TryRead(string typed, string notation, out RevokedSerial serial) => notation == Decimal
        ? RevokedSerial.TryParseDecimal(System.Text.Encoding.UTF8.GetBytes(WithoutBlanks(typed)), out serial)
        : RevokedSerial.TryParse(typed, out serial);

    private static string WithoutBlanks(string typed) => typed.Replace(" ", "", StringComparison.Ordinal);
}
