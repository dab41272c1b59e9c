using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// A code that is no frame but a text of its own, such as a request in PEM. <c>docs/formats/transfer.md</c>, "Codes that are no frames".
/// </summary>
internal static class PlainCode
{
    /// <summary>What a QR code of version 40 holds in byte mode.</summary>
    public const int MaxBytes = 2953;

    private const int NameDigits = 8;

    private static readonly SearchValues<byte> Printable = SearchValues.Create([(byte)'\t',
        (byte)'\n', (byte)'\r', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (byte)c)]);
    private static readonly SearchValues<byte> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> CardCharacters =
        SearchValues.Create(" \t\r\n0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Named after its hash. Else refused: UR-22 no plain text, UR-23 what could be a share card.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Artefact? artefact,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (artefact, refusal) = (null, Refuse(text));
        if (refusal is not null)
            return false;
        string ending = text.IndexOf("-----BEGIN "u8) >= 0 ? "pem" : "txt";
        string name = $"code-{Convert.ToHexStringLower(SHA256.HashData(text))[..NameDigits]}.{ending}";
        return Artefact.TryCreate(name, MediaTypes.Of(name), text.ToArray(), out artefact, out refusal);
    }

    // Digits alone and words alone are what cards hold, and part of one is enough: they are secret, and nothing of them is copied.
    private static Refusal? Refuse(ReadOnlySpan<byte> text) =>
        text.Length is 0 or > MaxBytes ? TransferRules.NoText()
        : CardTraces.AreInFile(text) ? TransferRules.PerhapsACard()
        : text.ContainsAnyExcept(Printable) ? TransferRules.NoText()
        : !text.ContainsAnyExcept(CardCharacters) || !text.ContainsAny(Letters) ? TransferRules.PerhapsACard()
        : null;
}
