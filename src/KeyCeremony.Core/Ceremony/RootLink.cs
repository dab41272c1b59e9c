using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// Two roots of one ledger say of each other that they are ours: one statement that names both by the hashes of their keys, signed by
/// both. Whoever trusts either of them is led to the other. docs/formats/linked-roots.md.
/// </summary>
public static class RootLink
{
    /// <summary>In-toto, so that what reads our batch manifests reads this.</summary>
    public const string PredicateType = "urn:keyceremony:linked-roots:v1";

    /// <summary>The bytes that both keys sign: the same roots give the same bytes.</summary>
    public static byte[] Statement(string ledgerId, IEnumerable<CertificateFact> roots)
    {
        CertificateFact[] all = [.. roots];
        var document = new LinkDocument(Dsse.StatementType, [.. all.Select(LinkSubject.Of)], PredicateType,
            new LinkPredicate(ledgerId, [.. all.Select(LinkedRoot.Of)]));
        return RootJsonContext.Write(document, RootJsonContext.Plain.LinkDocument);
    }

    /// <summary>Whether this is the root's signature over the statement's pre-authentication encoding.</summary>
    public static bool Holds(ParsedCertificate root, ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature) =>
        KeyAlgorithm.Of(root.ToBeSigned.SubjectPublicKeyInfo.Span)
            ?.Verify(root.ToBeSigned.SubjectPublicKeyInfo.Span, Dsse.Pae(statement), signature) == true;
}

internal sealed record LinkDocument(
    [property: JsonPropertyName("_type")] string Type,
    [property: JsonPropertyName("subject")] ImmutableArray<LinkSubject> Subject,
    [property: JsonPropertyName("predicateType")] string PredicateType,
    [property: JsonPropertyName("predicate")] LinkPredicate Predicate);

internal sealed record LinkSubject([property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("digest")] LinkDigest Digest)
{
    public static LinkSubject Of(CertificateFact root) => new(root.Signed.Certificate, new LinkDigest(root.Signed.Sha256));
}

internal sealed record LinkDigest([property: JsonPropertyName("sha256")] string Sha256);

internal sealed record LinkPredicate([property: JsonPropertyName("ledger")] string Ledger,
    [property: JsonPropertyName("roots")] ImmutableArray<LinkedRoot> Roots);

/// <param name="Spki">SHA-256 of the SubjectPublicKeyInfo, lower-case hex.</param>
internal sealed record LinkedRoot([property: JsonPropertyName("certificate")] string Certificate,
    [property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("spkiSha256")] string Spki)
{
    public static LinkedRoot Of(CertificateFact root) => new(root.Signed.Certificate, $"{root.Parsed.ToBeSigned.Subject}",
        KeyAlgorithm.Of(root.Parsed.ToBeSigned.SubjectPublicKeyInfo.Span)!.ScriptName, Dsse.KeyId(root.Parsed));
}

/// <summary>The statements of roots about roots.</summary>
[JsonSerializable(typeof(LinkDocument))]
[JsonSerializable(typeof(WithdrawalDocument))]
internal sealed partial class RootJsonContext : JsonSerializerContext
{
    /// <summary>Text stands as it is; only the quotation mark and the backslash are escaped.</summary>
    public static RootJsonContext Plain { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>One line, the same bytes for the same statement.</summary>
    public static byte[] Write<T>(T document, JsonTypeInfo<T> type) => [.. JsonSerializer.SerializeToUtf8Bytes(document, type), (byte)'\n'];
}
