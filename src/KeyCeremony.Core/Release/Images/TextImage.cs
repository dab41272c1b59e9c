using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Release.Images;

/// <summary>What formats whose files are texts have in common: a limit, characters, and how their settings are told.</summary>
internal static class TextImage
{
    /// <summary>A manifest or description with a hundred files stays below. It stands in the journal.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>That are read aloud.</summary>
    public const int MaxSettings = 160;

    /// <summary>A longer value, or one of several lines, is told by its hash.</summary>
    private const int MaxValue = 400;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The whole file, and its digests.</summary>
    public static (string Text, ImageFacts Facts) Read(ImagePass pass, PkiRule rule, string remedy)
    {
        if (pass.Length is 0 or > MaxBytes)
            throw new ImageRefused(rule, $"The file has {pass.Length} bytes, not 1 to {MaxBytes}.", remedy);
        pass.Also(HashAlgorithmName.SHA384);
        byte[] bytes = pass.Take((int)pass.Length);
        if (Decode(bytes) is not { } text)
            throw new ImageRefused(rule, "The file is no UTF-8, or holds characters that nobody sees.", remedy);
        return (text, new ImageFacts { Digests = RawImage.Digests(pass), Text = [.. bytes] });
    }

    /// <summary>Of all settings of a file, in their order.</summary>
    public static ImmutableArray<TextLine> Lines(IEnumerable<(string Name, string Value)> settings) =>
        [.. settings.Select(one => new TextLine(one.Name, Value(one.Value)))];

    private static string? Decode(byte[] bytes)
    {
        try
        {
            string text = Strict.GetString(bytes);
            return PlainText.Is(text.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal)
                .Replace("\t", "", StringComparison.Ordinal)) ? text : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>As a line on a screen has it.</summary>
    public static string Value(string value) => value.Length == 0 ? "(empty)"
        : value.Length <= MaxValue && PlainText.Is(value) ? CertificateText.Visible(value)
        : $"{Encoding.UTF8.GetByteCount(value)} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))}";
}
