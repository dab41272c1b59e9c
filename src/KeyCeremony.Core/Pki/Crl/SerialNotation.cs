using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>
/// How a serial number is written. Certificates, OpenSSL's index.txt and most tools show hex; Go, Java and step-ca print the same number in
/// decimal. Digits alone can be either, and are two different certificates: nobody but people can say which.
/// </summary>
public static class SerialNotation
{
    public const string Hex = "hex";
    public const string Decimal = "decimal";

    // As openssl and certtool print a serial: hex, whatever its digits are.
    private static readonly string[] Marks = ["serial=0x", "serial=", "0x"];

    /// <summary>Whether it could be either: digits only, and more than one. Colons stand between bytes in hex.</summary>
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

    /// <summary>
    /// Hex as other tools write it: behind <c>serial=</c> or <c>0x</c>, with colons or hyphens between its bytes (openssl -text, Vault).
    /// Such a one is never a decimal. False: something else stands there.
    /// </summary>
    public static bool TryReadMarked(string text, out RevokedSerial serial)
    {
        serial = default;
        string bare = Marks.Where(mark => text.StartsWith(mark, StringComparison.OrdinalIgnoreCase)).Select(mark => text[mark.Length..])
            .FirstOrDefault(text);
        string[] bytes = bare.Split(bare.Contains(':', StringComparison.Ordinal) ? ':' : '-');
        bool isCut = bytes.Length > 1 && bytes[0].Length is 1 or 2 && bytes.Skip(1).All(b => b.Length == 2);
        return (isCut || bytes.Length == 1 && bare.Length < text.Length)
            && RevokedSerial.TryParseHex(System.Text.Encoding.UTF8.GetBytes(string.Concat(bytes)), out serial);
    }

    /// <summary>Why a text is no serial, behind the sentence that it is none; empty where that sentence says it.</summary>
    public static string Cause(ReadOnlySpan<byte> text, bool isDecimal)
    {
        string typed = System.Text.Encoding.Latin1.GetString(text), rest = typed.TrimStart('-', '0');
        return typed.StartsWith('-') && rest.Length > 0 && rest.All(char.IsAsciiHexDigit)
                ? " It is negative, and no certificate of RFC 5280 has such a serial."
            : typed.Length > 0 && typed.All(c => c == '0') ? " It is zero."
            : isDecimal && TryReadMarked(typed, out _) ? " It is written in hex."
            : rest.Length > 0 && rest.All(isDecimal ? char.IsAsciiDigit : char.IsAsciiHexDigit) ? " It is longer."
            : typed.Contains(' ', StringComparison.Ordinal) || typed.Contains('\u00A0', StringComparison.Ordinal) ? " It holds a blank."
            : StrangeLetter.In(text) is { } stranger ? $" It holds {stranger}."
            : "";
    }

    private static string WithoutBlanks(string typed) => typed.Replace(" ", "", StringComparison.Ordinal);
}
