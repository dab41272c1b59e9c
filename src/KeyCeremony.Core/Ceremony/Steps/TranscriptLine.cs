using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>
/// Who may sign the ledger's records after today. Whoever holds a public bundle can go on with its ledger on an HSM of
/// their own; what they cannot do is to get their transcript key certified under the ledger's root, or endorsed by the key
/// that signed so far. So the ceremony asks for it, and the verifier does (VERIFY-45).
/// </summary>
internal static class TranscriptLine
{
    /// <summary>SIGNER-01 to SIGNER-03, or null. Not asked in ceremonies of the first format.</summary>
    public static Refusal? Refuse(CeremonyState s, PreviewCertificateStep step)
    {
        if (s.Format < JournalFormats.Replayed || !IsTranscriptKey(s, step))
            return null;
        if (step.Profile != CertificateProfiles.TranscriptSigner.ScriptName)
            return new(CeremonyRules.NotATranscriptSigner,
                $"The key \"{step.Key}\" signs transcripts; the profile of its certificate is \"{step.Profile}\".",
                "Use the profile transcript-signer in the script.");
        long covered = Math.Max(s.World.Checkpoint?.Seq ?? 0, s.World.Head?.Seq ?? 0);
        CertificateFact? root = s.World.Certificates.Values.Where(c => IsRoot(c) && s.World.DeadIn(c) is null).MinBy(c => c.Seq);
        if (step.Issuer == step.Certificate)
            return root is not null
                ? new(CeremonyRules.SignedByItself,
                    $"This ledger has the root \"{root.Signed.Certificate}\": "
                        + "a transcript certificate that is signed by itself would be nobody's word.",
                    "Have it issued by the root. Without the root, begin a ledger of its own for this HSM.")
                : covered > 0
                ? new(CeremonyRules.SignedByItself,
                    "This ledger's records were signed before, and it has no root: nobody would know the new transcript key.",
                    "Begin a ledger of its own for this HSM.")
                : null;
        CertificateFact end = End(s.World, step.Issuer);
        // Many have a CA under the root: only what the root issued itself is its word.
        if (end.Signed.Certificate != step.Issuer)
            return new(CeremonyRules.UnderAnotherRoot,
                $"The issuer \"{step.Issuer}\" is no root: "
                    + $"whoever has the key of a CA under \"{end.Signed.Certificate}\" could issue such a certificate.",
                "Have it issued by the root itself.");
        return end.Seq <= covered || end == root
            // The ledger's root has signed that this one is ours, too.
            || root is not null && s.World.AreLinked(end.Signed.Certificate, root.Signed.Certificate) ? null
            : new(CeremonyRules.UnderAnotherRoot,
                $"The issuer \"{step.Issuer}\" ends at \"{end.Signed.Certificate}\", "
                    + "which is not this ledger's root and in no signed record yet.",
                "Have it issued under the ledger's root, or in a later ceremony.");
    }

    private static bool IsTranscriptKey(CeremonyState s, PreviewCertificateStep step) => step.Source == KeySource.Generated
        && (s.Script.Steps.OfType<GenerateKeyStep>().LastOrDefault(g => g.Key == step.Key)?.Purpose
            ?? s.World.Keys.GetValueOrDefault(step.Key)?.Generated.Purpose) == KeyPurposes.Transcript;

    private static bool IsRoot(CertificateFact fact) =>
        fact.Preview.Issuer == fact.Signed.Certificate && fact.Parsed.ToBeSigned.BasicConstraints is { IsCa: true };

    private static CertificateFact End(World world, string issuer)
    {
        CertificateFact at = world.Certificates[issuer];
        while (at.Preview.Issuer != at.Signed.Certificate)
            at = world.Certificates[at.Preview.Issuer];
        return at;
    }
}
