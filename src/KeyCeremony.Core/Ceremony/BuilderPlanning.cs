using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Release;

namespace KeyCeremony.Core.Ceremony;

/// <summary>What a ledger says to a builder's key, and to whoever brings such a key as something else.</summary>
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
        return Owner(s.World, Convert.ToBase64String(key.SubjectPublicKeyInfo.Span)) is { } owner
            ? ReleaseRoomRules.BuilderKey.Refuse($"It is {owner}.", "Bring the builder's own key.") : null;
    }

    /// <summary>FIRMWARE-13 for a request that brings a builder's key; null: it does not.</summary>
    public static Refusal? RefuseRequest(CeremonyState s, CheckedKey key)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(key);
        return s.World.BuilderOf(Convert.ToBase64String(key.SubjectPublicKeyInfo.Span)) is { } builder
            ? ReleaseRoomRules.BuilderKey.Refuse($"It brings the key of the builder \"{builder.Builder}\".",
                "What builds firmware is no CA: ask for a request with a key of its own.")
            : null;
    }

    /// <summary>Whose key it is, as the end of a sentence; null: the ledger knows nobody's.</summary>
    private static string? Owner(World w, string spki)
    {
        if (w.Keys.Values.FirstOrDefault(k => k.Generated.Spki == spki) is { } own)
            return $"the key \"{own.Generated.Key}\" of this HSM";
        if (w.Certificates.Values.FirstOrDefault(c => SpkiOf(c.Parsed) == spki) is { } signed)
            return $"the key of \"{signed.Signed.Certificate}\", which this ledger certified";
        if (w.Imported.Values.FirstOrDefault(i => SpkiOf(i.Der) == spki) is { } imported)
            return $"the key of \"{imported.Certificate}\", which was brought to be certified";
        return w.Requests.Values.FirstOrDefault(r => r.Read.Spki == spki) is { } request
            ? $"the key of the request \"{request.Read.Request}\"" : null;
    }

    private static string SpkiOf(ParsedCertificate certificate) => Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span);

    private static string SpkiOf(string der) =>
        CertificateReader.TryReadCertificate(Convert.FromBase64String(der), out ParsedCertificate? certificate, out _)
            ? SpkiOf(certificate) : "";
}
