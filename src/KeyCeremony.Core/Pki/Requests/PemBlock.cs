using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>The one block of a PEM file that was brought; how it may be written: <see cref="PemFile"/>.</summary>
public static class PemBlock
{
    /// <summary>
    /// The DER, out of the PEM block where the file is a text. Else refused: REQ-02, also where it is something else by its first fields;
    /// REQ-13.
    /// </summary>
    public static bool TryUnwrap(ReadOnlyMemory<byte> file, IReadOnlyList<string> labels,
        out ReadOnlyMemory<byte> der, [NotNullWhen(false)] out Refusal? refusal)
    {
        (der, refusal) = (file, null);
        if (PemFile.IsOne(file.Span))
        {
            var pem = PemFile.Read(file.Span, labels);
            refusal = Refuse(pem);
            der = refusal is null ? pem.Blocks[0] : default;
        }
        refusal ??= Another(der.Span, labels[0] == "CERTIFICATE" ? DerKind.Certificate : DerKind.Request);
        return refusal is null;
    }

    /// <summary>REQ-02 or REQ-13 for DER that is not what is asked for, whatever its label says; null as far as it is.</summary>
    /// <param name="asked">Of <see cref="DerKind"/>.</param>
    public static Refusal? Another(ReadOnlySpan<byte> der, string asked) =>
        !DerKind.IsAnother(der, asked, out string? sentence, out bool isPrivateKey) ? null
        : isPrivateKey ? HoldsPrivateKey()
        : RequestRules.Pem.Refuse(sentence, DerKind.Remedy(der, asked));

    /// <summary>REQ-02, REQ-13, or null.</summary>
    internal static Refusal? Refuse(PemFile pem) =>
        pem.IsPrivateKey ? HoldsPrivateKey()
        : pem.Wrong is { } wrong ? RequestRules.Pem.Refuse($"The PEM cannot be taken: {wrong}", pem.Remedy)
        : null;

    /// <summary>REQ-13.</summary>
    public static Refusal HoldsPrivateKey() => RequestRules.PrivateKey.Refuse("The file holds a private key.",
        "Whoever saw this file can use the key: destroy it wherever it lies. Make a new key and send what is public alone.");
}
