using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>
/// One PEM block and nothing else: RFC 7468's strict form (lines of 64, the last one shorter), LF or CRLF throughout.
/// Text above the block, as some tools write it, is refused: people would read it and machines would not.
/// </summary>
public static class StrictPem
{
    private const int LineLength = 64;
    private const string Begin = "-----BEGIN ", End = "-----END ", Dashes = "-----";

    /// <summary>Whether it has to be read as PEM: DER begins with 0x30, which is no dash, blank, byte-order mark or letter.</summary>
    public static bool IsOne(ReadOnlySpan<byte> file) => file.IndexOf("-----BEGIN"u8) >= 0 && file[0] != 0x30;

    /// <summary>Else refused: REQ-02, REQ-13.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> file, IReadOnlyList<string> labels,
        out ReadOnlyMemory<byte> der, [NotNullWhen(false)] out Refusal? refusal)
    {
        der = default;
        if (file.IndexOf("PRIVATE KEY-----"u8) >= 0)
        {
            refusal = RequestRules.PrivateKey.Refuse("The file holds a private key.",
                "Whoever saw this file can use the key: destroy it wherever it lies. Make a new key and send the request alone.");
            return false;
        }
        refusal = Find(file, labels, out byte[]? bytes) is { } wrong
            ? RequestRules.Pem.Refuse($"The PEM file is not exactly one block: {wrong}",
                "Send the block alone (openssl req without -text, certtool with --no-text), as the tool wrote it.")
            : null;
        if (refusal is null)
            der = bytes;
        return refusal is null;
    }

    /// <summary>What is wrong, or null.</summary>
    private static string? Find(ReadOnlySpan<byte> file, IReadOnlyList<string> labels, out byte[] bytes)
    {
        bytes = [];
        if (!Ascii.IsValid(file))
            return "it holds characters beyond ASCII.";
        string text = Encoding.ASCII.GetString(file);
        string lineBreak = text.Contains('\r') ? "\r\n" : "\n";
        string[] lines = (text.EndsWith(lineBreak, StringComparison.Ordinal) ? text[..^lineBreak.Length] : text).Split(lineBreak);
        if (!lines[0].StartsWith(Begin, StringComparison.Ordinal))
            return "something stands before it.";
        if (labels.FirstOrDefault(label => lines[0] == Begin + label + Dashes) is not { } found)
            return $"it does not begin with {Begin}{labels[0]}{Dashes}.";
        if (Array.FindIndex(lines, line => line.StartsWith(End, StringComparison.Ordinal)) != lines.Length - 1)
            return "something stands behind it, or it has no end.";
        return lines[^1] == End + found + Dashes ? Decode(lines[1..^1], out bytes) : "its last line does not match its first.";
    }

    private static string? Decode(string[] body, out byte[] bytes)
    {
        bytes = [];
        if (body.Length == 0 || body[..^1].Any(line => line.Length != LineLength) || body[^1].Length is 0 or > LineLength)
            return $"its lines are not {LineLength} characters long.";
        string text = string.Concat(body);
        if (!Base64.IsValid(text) || text.Any(char.IsWhiteSpace))
            return "its text is not base64.";
        byte[] decoded = Convert.FromBase64String(text);
        // Bits that base64 leaves over must be zero: one block, one text.
        if (Convert.ToBase64String(decoded) != text)
            return "its base64 is not canonical.";
        bytes = decoded;
        return null;
    }
}
