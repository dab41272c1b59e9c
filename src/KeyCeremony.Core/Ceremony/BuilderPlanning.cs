using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What a ledger says to a builder's key.</summary>
public static class BuilderPlanning
{
    /// <summary>Why the key cannot be this builder's: BUILDER-01, FIRMWARE-13. Null: it can.</summary>
    public static Refusal? Refuse(CeremonyState s, string builder, CheckedKey key)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(key);
        if (BuilderEvidence.CheckKeys([key]).FirstOrDefault() is { } refusal)
            return refusal;
        if (s.World.Builders.Values.FirstOrDefault(b => b.Builder != builder && b.Sha256 == key.Sha256) is { } other)
            return ReleaseRoomRules.BuilderKey.Refuse($"It is the key of the builder \"{other.Builder}\".",
                "Who holds one key is one builder: have the other one make its own.");
        string spki = Convert.ToBase64String(key.SubjectPublicKeyInfo.Span);
        return s.World.Keys.Values.FirstOrDefault(k => k.Generated.Spki == spki) is { } own
            ? ReleaseRoomRules.BuilderKey.Refuse($"It is the key \"{own.Generated.Key}\" of this HSM.", "Bring the builder's own key.")
            : null;
    }
}
