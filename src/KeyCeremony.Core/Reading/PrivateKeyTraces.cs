using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Reading;

/// <summary>
/// Private keys in a text that is not read: as PEM in whatever encoding, as base64 or hexadecimal digits alone, as a JSON Web Key. Whoever
/// sent one must hear of it, whatever else is wrong with the file. It proves nothing about a text in which none is found.
/// </summary>
public static class PrivateKeyTraces
{
    private const int MaxLooked = 64 * 1024; // no key's text is longer

    private static readonly SearchValues<byte> Blanks = SearchValues.Create("\t\n\r "u8);

    /// <param name="text">All of it, or its first bytes.</param>
    public static bool AreIn(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, MaxLooked)];
        byte[] plain = new byte[text.Length], decoded = new byte[text.Length];
        try
        {
            // UTF-16 has a zero beside each letter of a key's text.
            ReadOnlySpan<byte> letters = Without(text, plain);
            return letters.IndexOf("PRIVATE KEY-----"u8) >= 0 || letters.IndexOf("PRIVATE KEY BLOCK-----"u8) >= 0
                || letters.IndexOf("PuTTY-User-Key-File-"u8) >= 0
                || IsJsonWebKey(letters)
                || IsKey(Without(letters, plain, Blanks), decoded);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            CryptographicOperations.ZeroMemory(decoded);
        }
    }

    // The marks of byte order go with the zeros.
    private static Span<byte> Without(ReadOnlySpan<byte> text, Span<byte> kept, SearchValues<byte>? left = null)
    {
        int count = 0;
        foreach (byte letter in text)
            if (left is null ? letter is not (0 or 0xFF or 0xFE or 0xEF or 0xBB or 0xBF) : !left.Contains(letter))
                kept[count++] = letter;
        return kept[..count];
    }

    // RFC 7517 4.1; RFC 7518 6.2.2 and 6.3.2: "d" is the private part of every kind that has one.
    private static bool IsJsonWebKey(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("\"kty\""u8) < 0)
            return false;
        for (int at = text.IndexOf("\"d\""u8); at >= 0; at = text.IndexOf("\"d\""u8))
        {
            text = text[(at + 3)..];
            if (text.TrimStart("\t\n\r "u8).StartsWith(":"u8))
                return true;
        }
        return false;
    }

    private static bool IsKey(Span<byte> letters, Span<byte> decoded)
    {
        if (Convert.FromHexString(letters[..(letters.Length & ~1)], decoded, out _, out int bytes) == OperationStatus.Done
            && IsKey(decoded[..bytes]))
            return true;
        letters.Replace((byte)'-', (byte)'+');
        letters.Replace((byte)'_', (byte)'/');
        // What is left over at the end tells nothing more than what stands before it.
        _ = Base64.DecodeFromUtf8(letters[..(letters.Length & ~3)], decoded, out _, out bytes, isFinalBlock: false);
        return IsKey(decoded[..bytes]);
    }

    private static bool IsKey(ReadOnlySpan<byte> der)
    {
        _ = DerKind.IsAnother(der, DerKind.Certificate, out _, out bool isPrivateKey);
        return isPrivateKey;
    }
}
