using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// Tells secrets apart without telling them: HMAC-SHA-256 keyed by the secret over the ASCII text
/// <c>keyceremony/kcv/1</c>, its first 8 bytes in lower-case hex.
/// </summary>
/// <remarks>
/// Public. Who has it can test a guess, and no more: against 128 or 256 random bits that is useless. Never make one of
/// a PIN or of anything a person chose. 64 bits are enough against mixing cards up; it is no commitment.
/// </remarks>
public static class KeyCheckValue
{
    /// <summary>Less could be guessed.</summary>
    public const int MinSecretLength = 16;

    private const int Length = 8;

    private static ReadOnlySpan<byte> Label => "keyceremony/kcv/1"u8;

    /// <summary>16 hex digits.</summary>
    /// <exception cref="ArgumentException">The secret is shorter than 128 bits.</exception>
    public static string Of(SecretBytes secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.Length < MinSecretLength)
            throw new ArgumentException($"{secret.Length} bytes could be guessed from their check value", nameof(secret));
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret.Span, Label, mac);
        return Convert.ToHexStringLower(mac[..Length]);
    }

    /// <summary>Refuses with SHARE-19 a secret other than the recorded one.</summary>
    public static bool TryMatch(SecretBytes secret, string recorded, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = Of(secret) == recorded ? null : ShareRules.RecordedCheckValue();
        return refusal is null;
    }
}
