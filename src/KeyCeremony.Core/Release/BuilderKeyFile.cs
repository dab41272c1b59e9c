using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Release;

/// <summary>A builder's public key as it comes from the builder: one SubjectPublicKeyInfo, DER or PEM.</summary>
public static class BuilderKeyFile
{
    /// <summary>ML-DSA-87 takes 3.6 kB in PEM.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Else refused: BUILDER-01, REQ-13 for a private key, PUBKEY.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out CheckedKey? key,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        (key, refusal) = (null, null);
        PemFile? pem = PemFile.IsOne(file.Span) ? PemFile.Read(file.Span, ["PUBLIC KEY"]) : null;
        ReadOnlyMemory<byte> der = pem?.Blocks is [var block, ..] ? block : file;
        if (file.Length > MaxBytes)
            refusal = ReleaseRules.Key.Refuse($"The file has more than {MaxBytes} bytes.", "Give the public key alone.");
        else if (pem is { IsPrivateKey: true }
            || (DerKind.IsAnother(der.Span, DerKind.Request, out _, out bool isPrivateKey) && isPrivateKey))
            refusal = PemBlock.HoldsPrivateKey();
        else if (pem?.Wrong is { } wrong)
            refusal = ReleaseRules.Key.Refuse($"The file cannot be read: {wrong}", pem.Remedy);
        if (refusal is not null || PublicKeyChecks.TryCheck(der, out key, out refusal))
            return refusal is null;
        // What is said of a request's key does not help a builder.
        refusal = refusal with
        {
            Remedy = "Make a key on P-256 or P-384, or of ML-DSA, for the builder, and give its public half as "
                + "openssl pkey -pubout writes it.",
        };
        return false;
    }
}
