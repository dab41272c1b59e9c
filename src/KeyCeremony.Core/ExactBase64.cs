namespace KeyCeremony.Core;

/// <summary>
/// Base64 in its one form: RFC 4648 4 with padding, without blanks, line ends or spare bits. What has two spellings can be
/// changed without a hash of its bytes noticing.
/// </summary>
public static class ExactBase64
{
    /// <summary>Null when the text is in any other form. An empty text is no bytes.</summary>
    public static byte[]? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = new byte[text.Length];
        // Convert skips blanks and spare bits; writing again finds both.
        return Convert.TryFromBase64String(text, bytes, out int length) && Convert.ToBase64String(bytes, 0, length) == text
            ? bytes[..length]
            : null;
    }
}
