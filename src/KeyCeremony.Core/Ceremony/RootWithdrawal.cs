using System.Collections.Immutable;
using System.Text.Json.Serialization;
using KeyCeremony.Core.Manifest;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// A root that took over says that the one before it is none any more. Whoever was led to it by the statement that linked both reads it.
/// docs/formats/withdrawn-root.md.
/// </summary>
public static class RootWithdrawal
{
    public const string PredicateType = "urn:keyceremony:withdrawn-root:v1";

    /// <summary>The bytes that the successor's key signs.</summary>
    public static byte[] Statement(string ledgerId, CertificateFact root, CertificateFact successor, EndedKey ended)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(successor);
        ArgumentNullException.ThrowIfNull(ended);
        var document = new WithdrawalDocument(Dsse.StatementType, [LinkSubject.Of(root)], PredicateType,
            new WithdrawalPredicate(ledgerId, LinkedRoot.Of(root), $"{ended.Utc:yyyy-MM-dd'T'HH:mm:ss'Z'}", ended.Body.Reason,
                LinkedRoot.Of(successor), successor.Signed.Sha256));
        return RootJsonContext.Write(document, RootJsonContext.Plain.WithdrawalDocument);
    }
}

internal sealed record WithdrawalDocument(
    [property: JsonPropertyName("_type")] string Type,
    [property: JsonPropertyName("subject")] ImmutableArray<LinkSubject> Subject,
    [property: JsonPropertyName("predicateType")] string PredicateType,
    [property: JsonPropertyName("predicate")] WithdrawalPredicate Predicate);

/// <param name="Ended">Since when nothing is signed with its key.</param>
/// <param name="SuccessorSha256">SHA-256 of the successor's certificate in DER.</param>
internal sealed record WithdrawalPredicate([property: JsonPropertyName("ledger")] string Ledger,
    [property: JsonPropertyName("withdrawn")] LinkedRoot Withdrawn, [property: JsonPropertyName("ended")] string Ended,
    [property: JsonPropertyName("reason")] string Reason, [property: JsonPropertyName("successor")] LinkedRoot Successor,
    [property: JsonPropertyName("successorSha256")] string SuccessorSha256);
