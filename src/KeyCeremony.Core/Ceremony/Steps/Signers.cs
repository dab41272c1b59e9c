using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Whether a certificate's key may sign at this time: asked of every signer before it signs, never only of what it has signed. A signature
/// under a certificate that ran out, has not begun or is for something else is worth nothing, and is found when nobody can mend it.
/// </summary>
internal static class Signers
{
    /// <summary>Why not, as the end of a sentence about the certificate; null: it may.</summary>
    /// <param name="usage">What it must allow; null: that is asked elsewhere.</param>
    public static string? Why(ParsedCertificate certificate, KeyUsages? usage, DateTimeOffset utc)
    {
        ParsedTbs tbs = certificate.ToBeSigned;
        return utc < tbs.NotBefore.Value ? $"is not valid before {tbs.NotBefore.Value:yyyy-MM-dd HH:mm:ss} UTC"
            : utc > tbs.NotAfter.Value ? $"ran out on {tbs.NotAfter.Value:yyyy-MM-dd HH:mm:ss} UTC"
            : usage is { } due && (tbs.KeyUsage is not { } has || !has.HasFlag(due)) ? $"does not allow {Name(due)}"
            : null;
    }

    /// <summary>ISSUE-03, ISSUE-04 for the issuer of a certificate or the signer of a list. Not asked in the first two formats.</summary>
    public static Refusal? Refuse(CeremonyState s, string signer, KeyUsages usage)
    {
        if (s.Format < JournalFormats.Compared || s.World.Certificates.GetValueOrDefault(signer) is not { } known)
            return null;
        if (Why(known.Parsed, usage: null, s.Last.Utc) is { } time)
            return new(CeremonyRules.SignerRanOut, $"The certificate \"{signer}\" {time}: what its key signs today is worth nothing.",
                "Look at the clock. If it is right, use another signer: this one's certificate is renewed first.");
        return Why(known.Parsed, usage, s.Last.Utc) is { } purpose
            ? new(CeremonyRules.SignerUnfit, $"The certificate \"{signer}\" {purpose}.",
                "Name the certificate of the right signer in the script.")
            : null;
    }

    /// <summary>ISSUE-01, DEAD-01, END-01: whether a certificate, or its key, that signs batches or releases is gone for good.</summary>
    /// <param name="remedy">For one that is revoked.</param>
    public static Refusal? RefuseGone(CeremonyState s, string signer, CertificateFact known, string remedy)
    {
        if (s.World.RevokedIn(known) is { } revoked)
            return new(CeremonyRules.IssuerRevoked, revoked == signer ? $"The certificate \"{signer}\" is revoked."
                : $"The certificate \"{signer}\" hangs under \"{revoked}\", which is revoked.", remedy);
        if (s.World.WithdrawnAbove(known) is { } fallen)
            return new(CeremonyRules.IssuerRevoked, $"The certificate \"{signer}\" {UnderFallen(signer, fallen)}.", remedy);
        if (s.World.DeadIn(known) is { } ceremony)
            return Dying.Refuse($"The certificate \"{signer}\"", ceremony);
        return s.World.Ended.TryGetValue(known.Signed.Key, out EndedKey? ended)
            ? Ending.Refuse($"The key \"{known.Signed.Key}\"", ended) : null;
    }

    /// <summary>The end of a sentence about what a root that fell is, or has certified.</summary>
    public static string UnderFallen(string certificate, WithdrawnRoot fallen) => fallen.Body.Root == certificate
        ? $"was withdrawn in {fallen.Ceremony}" : $"hangs under \"{fallen.Body.Root}\", which {fallen.Ceremony} withdrew";

    private static string Name(KeyUsages usage) => usage switch
    {
        KeyUsages.KeyCertSign => "keyCertSign",
        KeyUsages.CrlSign => "cRLSign",
        KeyUsages.DigitalSignature => "digitalSignature",
        _ => throw new System.Diagnostics.UnreachableException($"{usage}"),
    };
}
