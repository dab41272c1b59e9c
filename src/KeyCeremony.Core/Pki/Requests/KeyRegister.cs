using System.Collections.Immutable;

namespace KeyCeremony.Core.Pki.Requests;

/// <summary>A key that some ledger has seen.</summary>
/// <param name="SpkiSha256">Lower-case hex of the SHA-256 of its SubjectPublicKeyInfo.</param>
/// <param name="Environment">rehearsal, development, staging or production.</param>
/// <param name="Note">Where it was seen: ceremony, certificate.</param>
public sealed record KnownKey(string SpkiSha256, string Environment, string Note);

/// <summary>
/// Every key that the ledgers of all environments know. A key serves one certificate in one environment; whoever brings
/// it again made a mistake or a copy. Renewals and cross-certificates of a known key do not ask here.
/// </summary>
public sealed class KeyRegister
{
    public static readonly KeyRegister Empty = new(ImmutableDictionary<string, KnownKey>.Empty);

    private readonly ImmutableDictionary<string, KnownKey> _keys;

    private KeyRegister(ImmutableDictionary<string, KnownKey> keys) => _keys = keys;

    public int Count => _keys.Count;

    /// <summary>A key that is there twice keeps its first sighting.</summary>
    public static KeyRegister Of(IEnumerable<KnownKey> keys) => keys.Aggregate(Empty, (register, key) => register.With(key));

    public KeyRegister With(KnownKey key) => _keys.ContainsKey(key.SpkiSha256) ? this : new(_keys.Add(key.SpkiSha256, key));

    /// <summary>PUBKEY-20 when the key is known, else null.</summary>
    public Refusal? Check(CheckedKey key) => _keys.TryGetValue(key.Sha256, out KnownKey? known)
        ? PublicKeyRules.KnownKey.Refuse(
            $"This key is known already: {known.Environment}{(known.Note.Length > 0 ? $", {known.Note}" : "")}.",
            "Make a new key for this request, and find out why this one was sent again: "
                + "no key serves two environments or two certificates.")
        : null;
}
