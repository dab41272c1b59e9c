using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Verifier;

/// <param name="TrustedRoot">How the SHA-256 of the root certificate begins, from a source of the verifier's own: 4 to 32 bytes, or
/// null.</param>
/// <param name="Script">SHA-256 of the approved script of the last ceremony, lower-case hex, or null.</param>
public sealed record VerifyOptions(ReadOnlyMemory<byte>? TrustedRoot = null, string? Script = null)
{
    /// <summary>The words of a hash: fewer than 32 bits anybody finds a certificate for while the kettle boils.</summary>
    public const int FewestWords = 4;

    private const int HashBytes = 32;
    private const int Sha1Digits = 40;

    /// <summary>64 hex digits, blanks and colons between them allowed, as tools print a hash; null when it is not that.</summary>
    public static VerifyOptions? Trusting(string sha256) => Hash(sha256) is { } hash ? new VerifyOptions(hash) : null;

    /// <param name="trust">64 hex digits, or null.</param>
    /// <param name="words">The first words of the same hash, four or more, or null.</param>
    /// <param name="script">64 hex digits, or null.</param>
    public static bool TryRead(string? trust, string? words, string? script, [NotNullWhen(true)] out VerifyOptions? options,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        options = null;
        refusal = trust is not null && words is not null ? Refuse("The root was named twice.", "Give --trust or --words.")
            : trust is not null && Hash(trust) is null ? NoHash("--trust", trust)
            : script is not null && Hash(script) is null ? NoHash("--script", script)
            : null;
        byte[]? begin = trust is null ? null : Hash(trust);
        if (refusal is null && words is not null && PgpWords.TryParse(words, out begin, out refusal)
            && begin.Length is < FewestWords or > HashBytes)
            refusal = Refuse($"{begin!.Length} {(begin.Length == 1 ? "word was" : "words were")} given to --words.",
                $"Give the first {FewestWords} words of the root's SHA-256 or more, in quotation marks, as the binder has them.");
        if (refusal is not null)
            return false;
        options = new VerifyOptions(begin is null ? default(ReadOnlyMemory<byte>?) : begin,
            script is null ? null : Convert.ToHexStringLower(Hash(script)!));
        return true;
    }

    private static Refusal Refuse(string what, string remedy) => new("VERIFY-00", what, remedy);

    private static Refusal NoHash(string option, string given) => Refuse($"What was given to {option} is not a SHA-256."
        + (given.Length == Sha1Digits && given.All(char.IsAsciiHexDigit) ? " It is as long as a SHA-1."
            : given.AsSpan().IndexOfAny('/', '.', '\\') >= 0 ? " It reads like the name of a file." : ""),
        "Give 64 hexadecimal digits" + (option == "--trust" ? ", as you have them from elsewhere than the bundle: of a certificate in PEM "
            + "'openssl x509 -noout -fingerprint -sha256 -in FILE' prints them." : ", as sha256sum prints them for the approved script."));

    // As openssl prints it, "sha256 Fingerprint=AB:CD…", and as others do, "sha256:abcd…".
    private static byte[]? Hash(string told)
    {
        string sha256 = told[(told.LastIndexOf('=') + 1)..];
        if (sha256.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase))
            sha256 = sha256["sha256:".Length..];
        string hex = sha256.Replace(":", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return hex.Length == 2 * HashBytes && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : null;
    }
}
