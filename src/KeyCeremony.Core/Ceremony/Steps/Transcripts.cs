using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>A record that is signed under a certificate that ran out or was revoked proves nothing: it is found in the morning.</summary>
internal static class Transcripts
{
    /// <summary>So long before its end the room is told.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(365);

    /// <summary>
    /// Why the certificate of a transcript key in use may not sign the record of this script; null also where there is none. What it is
    /// does not matter where another one is made, or none is used.
    /// </summary>
    public static Refusal? RefuseBefore(CeremonyScript script, World world, DateTimeOffset utc)
    {
        if (!script.IsSigned)
            return null;
        return (Makes(script, ofMlDsa: false) ? null
                : Refuse(world, world.TranscriptKey, utc) ?? RefuseFallen(world, world.TranscriptKey))
            ?? (Makes(script, ofMlDsa: true) || script.Steps.Any(s => s is CommissionHsmStep) ? null
                : Refuse(world, world.TranscriptCosigner, utc) ?? RefuseFallen(world, world.TranscriptCosigner));
    }

    /// <summary>
    /// Whoever stole a root can have certified any transcript key with it: after the day of the withdrawal, whose record may still need the
    /// old one, none under that root signs.
    /// </summary>
    private static Refusal? RefuseFallen(World world, KeyFact? key)
    {
        if (key is null || world.CertificateOf(key.Generated.Key) is not { } known || world.WithdrawnAbove(known) is not { } fallen)
            return null;
        return new(CeremonyRules.TranscriptRanOut, $"The certificate of the transcript key, \"{known.Signed.Certificate}\", "
            + $"{Signers.UnderFallen(known.Signed.Certificate, fallen)}: nobody who knows of it believes the record of today.",
            "Run service-certificates.md first, with the root that took over as the issuer: it makes a new transcript key.");
    }

    /// <summary>The same of those that sign this minute.</summary>
    public static Refusal? Refuse(World world, DateTimeOffset utc) =>
        world.TranscriptKeys.Select(key => Refuse(world, key, utc)).FirstOrDefault(refusal => refusal is not null);

    private static bool Makes(CeremonyScript script, bool ofMlDsa) => script.Steps.Any(s =>
        s is GenerateKeyStep { Purpose: KeyPurposes.Transcript } made && KeyAlgorithm.IsNameOfMlDsa(made.Algorithm) == ofMlDsa);

    private static Refusal? Refuse(World world, KeyFact? key, DateTimeOffset utc)
    {
        if (key is null || world.CertificateOf(key.Generated.Key) is not { Parsed: var certificate } known)
            return null;
        string? why = world.RevokedIn(known) is { } revoked
            ? revoked == known.Signed.Certificate ? "is revoked" : $"hangs under \"{revoked}\", which is revoked"
            : world.DeadIn(known) is { } ceremony ? $"hangs under what the aborted ceremony {ceremony} made"
            : Signers.Why(certificate, world.Format < JournalFormats.Compared ? null : KeyUsages.DigitalSignature, utc);
        return why is null ? null : new(CeremonyRules.TranscriptRanOut,
            $"The certificate of the transcript key, \"{known.Signed.Certificate}\", {why}: it could not sign the record of today.",
            "Run service-certificates.md first: it makes a new transcript key.");
    }

    /// <summary>A line of evidence while less than a year is left.</summary>
    public static IEnumerable<string> Warn(CeremonyState s)
    {
        if (s.Format < JournalFormats.Replayed)
            yield break;
        foreach (KeyFact key in s.World.TranscriptKeys)
            if (s.World.CertificateOf(key.Generated.Key) is { Parsed: var certificate } known
                && certificate.ToBeSigned.NotAfter.Value is var end && end - s.Last.Utc < Soon)
                yield return $"WARNING the transcript certificate \"{known.Signed.Certificate}\" runs out on {end:yyyy-MM-dd}: "
                    + "run service-certificates.md before";
    }
}
