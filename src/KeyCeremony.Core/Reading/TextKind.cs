using System.Buffers;
using System.Text;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// What a text is in which no line begins a PEM block, by its first lines: people hand in what a program printed, a member of JSON, a dump.
/// It proves nothing, but it says what the file looks like and how the bytes are had from it.
/// </summary>
internal sealed class TextKind
{
    private const string Page = " It is a web page or XML, as when a login stood before the download.";
    private const string TheFile = "Send the file itself, not what a program printed of it.";
    private const string BytesBack = "Send the file from which the digits were made, or have its bytes written back (xxd -r -p).";
    private const int Enough = 16; // characters
    private const int LongestName = 60; // of a member
    private const int BytesOfDump = 4;

    private static readonly SearchValues<byte> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    private static readonly SearchValues<byte> Base64Url =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private static readonly SearchValues<byte> BetweenDigits = SearchValues.Create("0123456789abcdefABCDEF:- "u8);

    private static readonly SearchValues<byte> OfName =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"u8);

    private bool _isBegun;
    private PemFault? _found;

    private static ReadOnlySpan<byte> PemInBase64 => "LS0tLS1CRUdJTi"u8; // -----BEGIN

    /// <summary>What stands behind the first line that tells is not looked at.</summary>
    /// <param name="line">Without blanks around, and not empty.</param>
    /// <param name="label">That is asked for.</param>
    public void Take(int number, ReadOnlySpan<byte> line, string label)
    {
        if (_found is not null)
            return;
        _found = Anywhere(number, line, label) ?? (_isBegun ? null : AtFirst(number, line, label));
        _isBegun = true;
    }

    /// <summary>What it looks like, or that nothing is known of it.</summary>
    public PemFault Say(string label) => _found ?? new PemFault($"No line is -----BEGIN {label}-----.", OtherFile(label));

    /// <summary>Of a line in which a block stands as a string has it, with \n for each line's end; null: it does not.</summary>
    /// <param name="begin">Where the block begins.</param>
    public static PemFault? Escaped(int number, ReadOnlySpan<byte> line, int begin)
    {
        ReadOnlySpan<byte> block = line[begin..];
        int dashes = block[1..].IndexOf("-----\\"u8);
        if (dashes < 0 || block[(dashes + 7)..] is not [(byte)'n' or (byte)'r', ..])
            return null;
        string sentence = $"Line {number} holds the PEM with \\n where its lines end, as JSON and programs' variables do.";
        return Member(line[..begin]) is { } member
            ? new(sentence, $"Have the member '{member}' written to a file of its own (jq -r '..|.{member}? // empty' FILE), "
                + "and send that.")
            : new(sentence, "Have it written with lines in place of each \\n (printf %b), or send the file as the tool wrote it.");
    }

    private static string OtherFile(string label) => $"Look whether it is the right file: it holds no {label}.";

    private static PemFault? Anywhere(int number, ReadOnlySpan<byte> line, string label) =>
        line.IndexOf(PemInBase64) is >= 0 and var at
            ? new($"Line {number} holds a PEM file in base64 once more, as configurations of clusters and clouds carry it.",
                at == 0 ? "Have the PEM written back (base64 -d), and send that."
                    : "Have the value alone decoded (base64 -d), and send the PEM that it holds.")
        : HasOtherDashes(line) ? new($"Line {number} has other dashes than the five '-' on each side of BEGIN {label}.",
            "Send the file itself, as an attachment or on a stick; nothing is copied out of a mail or a page.")
        : line.IndexOf("-----BEGIN%20"u8) >= 0 || line.IndexOf("-----BEGIN+"u8) >= 0
            ? new($"Line {number} holds the PEM as an address carries it, with % in front of digits.",
                "Send the file as the tool wrote it, before it was put into an address.")
        : null;

    private static PemFault? AtFirst(int number, ReadOnlySpan<byte> line, string label) =>
        line[0] == '<' ? new($"No line is -----BEGIN {label}-----.{Page}", OtherFile(label))
        : line[0] is (byte)'{' or (byte)'[' ? new($"No line is -----BEGIN {label}-----. It is JSON.",
            $"If a member of it holds the {label}, have that member alone written to a file of its own (jq -r .MEMBER FILE). Else look "
                + "whether it is the right file.")
        : Printed(line) is { } what ? new($"No line is -----BEGIN {label}-----. It is {what}.", TheFile)
        : line.StartsWith("SPKAC="u8) ? new($"Line {number} begins a request of a browser (SPKAC), which is not read.",
            "Have a PKCS #10 request made with the same key.")
        : line.StartsWith("ssh-"u8) || line.StartsWith("ecdsa-sha2-"u8)
            ? new($"No line is -----BEGIN {label}-----. It is a public key as SSH has it.", OtherFile(label))
        : line.StartsWith("data:"u8) && line.IndexOf(";base64,"u8) > 0
            ? new($"Line {number} is an address that holds its own data.",
                "Have what stands behind base64, decoded (base64 -d), and send that.")
        : line.Length >= Enough && !line.ContainsAnyExcept(TextForm.HexDigits)
            ? new($"Line {number} is hexadecimal digits; {label} is read as PEM or in DER.", BytesBack)
        : IsDigits(line) ? new($"Line {number} is hexadecimal digits, parted; {label} is read as PEM or in DER.", BytesBack)
        : IsDump(line) ? new($"Line {number} is a dump of bytes with their places; {label} is read as PEM or in DER.",
            "Send the file from which the dump was made, or have its bytes written back (xxd -r).")
        : line.StartsWith("0x30"u8) || (line.IndexOf("char "u8) >= 0 && line.IndexOf("[]"u8) > 0)
            ? new($"No line is -----BEGIN {label}-----. It is bytes as a program's source has them.",
                "Send the file from which the source was made.")
        : line.Length >= Enough && !line.TrimEnd((byte)'=').ContainsAnyExcept(Base64)
            ? new($"Line {number} is base64 without the line -----BEGIN {label}----- above it.",
                $"Send the file as the tool wrote it. Where there is none but this: the line -----BEGIN {label}----- above the base64 and "
                    + $"-----END {label}----- below it.")
        : line.Length >= Enough && line[0] == 'M' && !line.TrimEnd((byte)'=').ContainsAnyExcept(Base64Url)
            ? new($"Line {number} is base64 in its other alphabet, with - and _ (base64url), as ACME and JSON Web Tokens have it.",
                "Send the file as the tool wrote it, or have its bytes written back (basenc --base64url -d) and send them.")
        : null;

    // As openssl, certtool, certutil and keytool print.
    private static string? Printed(ReadOnlySpan<byte> line) =>
        line.StartsWith("Certificate Request:"u8) || line.StartsWith("PKCS #10 Certificate Request"u8)
            || line.StartsWith("PKCS10 Certificate Request"u8) ? "what a program printed of a request, not the request"
        : line.StartsWith("Certificate:"u8) || line.StartsWith("X.509 Certificate Information:"u8) || line.StartsWith("Owner: "u8)
            || line.StartsWith("X509 Certificate:"u8) ? "what a program printed of a certificate, not the certificate"
        : line.StartsWith("Certificate Revocation List"u8) || line.StartsWith("X.509 Certificate Revocation List"u8)
            || line.StartsWith("X509 Certificate Revocation List"u8) ? "what a program printed of a revocation list, not the list"
        : line.StartsWith("0:d=0 "u8) ? "what a program printed of the fields (openssl asn1parse), not the file"
        : null;

    // Editors and mail programs make one dash of two, and people count four.
    private static bool HasOtherDashes(ReadOnlySpan<byte> line) =>
        line.IndexOf("BEGIN "u8) is > 0 and < LongestName and var at && line.IndexOf("-----BEGIN "u8) < 0
        && (line[..at].IndexOf("---"u8) >= 0 || line[..at].IndexOf((ReadOnlySpan<byte>)[0xE2, 0x80]) >= 0);

    private static bool IsDigits(ReadOnlySpan<byte> line) => line.Length >= Enough && !line.ContainsAnyExcept(BetweenDigits)
        && line.IndexOfAnyExcept(TextForm.HexDigits) == 2 && line.Count(line[2]) >= line.Length / 4;

    // 00000000: 3082 01, 0000000 30 82 and the like: a place, and bytes.
    private static bool IsDump(ReadOnlySpan<byte> line)
    {
        int place = line.IndexOfAnyExcept(TextForm.HexDigits);
        if (place is < BytesOfDump or > 16 || line[place] is not ((byte)':' or (byte)' ') || line[..place].ContainsAnyExcept((byte)'0'))
            return false;
        ReadOnlySpan<byte> bytes = line[(place + 1)..].TrimStart((byte)' ');
        int digits = bytes.IndexOfAnyExcept(TextForm.HexDigits);
        return digits is 2 or 4 && bytes[digits] == ' ';
    }

    // "csr": " in front of the block.
    private static string? Member(ReadOnlySpan<byte> before)
    {
        before = before.TrimEnd(" \t"u8);
        if (!before.EndsWith("\""u8))
            return null;
        before = before[..^1].TrimEnd(" \t"u8);
        if (!before.EndsWith(":"u8))
            return null;
        before = before[..^1].TrimEnd(" \t"u8);
        if (!before.EndsWith("\""u8))
            return null;
        before = before[..^1];
        ReadOnlySpan<byte> name = before[(before.LastIndexOf((byte)'"') + 1)..];
        return name.Length is > 0 and <= LongestName && !name.ContainsAnyExcept(OfName) ? Encoding.ASCII.GetString(name) : null;
    }
}
