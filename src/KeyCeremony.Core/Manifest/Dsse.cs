using System.Security.Cryptography;
using System.Text;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Manifest;

/// <summary>What a signature in an envelope covers, and when it holds. DSSE 1.0, protocol.</summary>
public static class Dsse
{
    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>What all statements say that they are, in <c>_type</c>. in-toto Attestation Framework, Statement v1.</summary>
    public const string StatementType = "https://in-toto.io/Statement/v1";

    /// <summary>The pre-authentication encoding: <c>DSSEv1 LEN type LEN payload</c>, lengths in decimal, one space between.</summary>
    public static byte[] Pae(ReadOnlySpan<byte> payload) =>
        [.. Encoding.ASCII.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];

    /// <summary>How our envelopes name a key: SHA-256 of the SubjectPublicKeyInfo, lower-case hex.</summary>
    public static string KeyId(ParsedCertificate certificate) => KeyId(certificate.ToBeSigned.SubjectPublicKeyInfo.Span);

    /// <param name="subjectPublicKeyInfo">DER.</param>
    public static string KeyId(ReadOnlySpan<byte> subjectPublicKeyInfo) => Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo));

    /// <summary>
    /// Whether this is a signature under the certificate's key: ECDSA in DER, P-256 with SHA-256, P-384 with SHA-384; or ML-DSA over the
    /// pre-authentication encoding itself.
    /// </summary>
    /// <param name="pae">From <see cref="Pae"/>.</param>
    public static bool Holds(ParsedCertificate certificate, ReadOnlySpan<byte> pae, ReadOnlySpan<byte> signature) =>
        Holds(certificate.ToBeSigned.SubjectPublicKeyInfo.Span, pae, signature);

    /// <summary>The same under a bare key.</summary>
    /// <param name="subjectPublicKeyInfo">DER.</param>
    public static bool Holds(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> pae, ReadOnlySpan<byte> signature) =>
        KeyAlgorithm.Of(subjectPublicKeyInfo) is { IsRsa: false } algorithm && algorithm.Verify(subjectPublicKeyInfo, pae, signature);

    /// <summary>
    /// What this key signed in place of the pre-authentication encoding, or in another way; null: nothing shows that it signed.
    /// </summary>
    /// <param name="subjectPublicKeyInfo">DER.</param>
    internal static OddSignature? MadeOtherwise(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> signature)
    {
        if (KeyAlgorithm.Of(subjectPublicKeyInfo) is not { IsRsa: false } algorithm)
            return null;
        byte[] coded = Encoding.ASCII.GetBytes(Convert.ToBase64String(payload));
        if (Holds(subjectPublicKeyInfo, payload, signature) || Holds(subjectPublicKeyInfo, coded, signature))
            return new("is over the payload alone, and not over its pre-authentication encoding",
                "Have the encoding signed that DSSE 1.0 asks for: DSSEv1, the length and the text of the type, of the payload.");
        if (Holds(subjectPublicKeyInfo, Pae(coded), signature))
            return new("is over the encoding of the payload's base64, and not of the payload itself",
                "Have the payload's own bytes encoded and signed, and written in base64 afterwards.");
        return algorithm.CurveOid is not null && RequestSignature.All.FirstOrDefault(one => one is { IsRsa: false, Pure: null }
            && one.Hash == algorithm.Hash) is { } named ? OddSignature.Of(subjectPublicKeyInfo, named, Pae(payload), signature) : null;
    }

    /// <summary>Whether this key made it all the same, and it is written as <see cref="BareSignature"/>.</summary>
    /// <param name="subjectPublicKeyInfo">DER.</param>
    public static bool IsBare(ReadOnlySpan<byte> subjectPublicKeyInfo, ReadOnlySpan<byte> pae, ReadOnlySpan<byte> signature) =>
        KeyAlgorithm.Of(subjectPublicKeyInfo) is { CurveOid: not null } algorithm
            && BareSignature.InDer(signature, algorithm.Bits) is { } der && algorithm.Verify(subjectPublicKeyInfo, pae, der);
}
