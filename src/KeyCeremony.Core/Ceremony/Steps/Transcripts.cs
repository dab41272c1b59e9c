using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>A record that is signed under a certificate that ran out or was revoked proves nothing: it is found in the morning.</summary>
internal static class Transcripts
{
    /// <summary>So long before its end the room is told.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(365);

    /// <summary>Whether the script makes a transcript key of its own, so that the old one may be what it is.</summary>
    public static bool AreMadeBy(CeremonyScript script) => script.Steps.Any(s => s is GenerateKeyStep { Purpose: KeyPurposes.Transcript });

    /// <summary>Whether it does not matter today what the transcript key's certificate is: another one is made, or none is used.</summary>
    public static bool AreNotAsked(CeremonyScript script) =>
        AreMadeBy(script) || !script.IsSigned;

    /// <summary>Why the certificate of the transcript key in use may not sign at this time; null also where there is none.</summary>
    public static Refusal? Refuse(World world, DateTimeOffset utc)
    {
        if (Of(world) is not { Parsed: var certificate } known)
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
        if (s.Format >= JournalFormats.Replayed && Of(s.World) is { Parsed: var certificate } known
            && certificate.ToBeSigned.NotAfter.Value is var end && end - s.Last.Utc < Soon)
            yield return $"WARNING the transcript certificate \"{known.Signed.Certificate}\" runs out on {end:yyyy-MM-dd}: "
                + "run service-certificates.md before";
    }

    private static CertificateFact? Of(World world) => world.TranscriptKey is { } key ? world.CertificateOf(key.Generated.Key) : null;
}
