using System.Collections.Immutable;
using System.Text;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>A certificate is previewed and linted before its key exists; only then is it signed.</summary>
internal static class Certificates
{
    /// <summary>An hour is left for the signing itself.</summary>
    private static readonly TimeSpan MaxBackdating = CertificatePlan.MaxBackdating - TimeSpan.FromHours(1);

    public static Move Preview(CeremonyState s, PreviewCertificateStep step)
    {
        if (Imports.IsLeftOut(s, step.Key))
            return Room.Done;
        if (Tokens.RefuseMlDsa(s) is { } later)
            return Tokens.Stop(s, later.Rule, later.Message, later.Remedy);
        if (s.World.Certificates.ContainsKey(step.Certificate))
            return Tokens.Stop(s, CeremonyRules.KeyNameUsed, $"This ledger already has a certificate \"{step.Certificate}\".",
                "Use another name in the script.");
        if (step.Issuer != step.Certificate && RefuseIssuer(s, step.Issuer) is { } refusal)
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        if (step.Issuer != step.Certificate && Signers.Refuse(s, step.Issuer, KeyUsages.KeyCertSign) is { } unfit)
            return Tokens.Stop(s, unfit.Rule, unfit.Message, unfit.Remedy);
        if (RefuseDead(s, step.Source, step.Key) is { } dead)
            return Tokens.Stop(s, dead.Rule, dead.Message, dead.Remedy);
        if (TranscriptLine.Refuse(s, step) is { } nobodys)
            return Tokens.Stop(s, nobodys.Rule, nobodys.Message, nobodys.Remedy);
        if (RefuseToMakeACa(s, step) is { } purpose)
            return Tokens.Stop(s, purpose.Rule, purpose.Message, purpose.Remedy);
        if (Subject(s, step) is not { } subject)
            return Tokens.Stop(s, CeremonyRules.PreviewMissing,
                $"There is no {step.Source switch { KeySource.Request => "request", _ => "certificate" }} \"{step.Key}\".",
                "Import it first.");
        return Look(s, step, subject) ?? Room.Done;
    }

    /// <summary>Whether a certificate may be the issuer today.</summary>
    public static Refusal? RefuseIssuer(CeremonyState s, string issuer)
    {
        if (s.World.Certificates.GetValueOrDefault(issuer) is not { } known)
            return new(CeremonyRules.PreviewMissing, $"The issuer \"{issuer}\" has no certificate in this ledger.",
                "Sign the issuer's certificate first.");
        // First: a revoked issuer may still sign a list, a dead one nothing.
        if (s.World.DeadIn(known) is { } ceremony)
            return Dying.Refuse($"The issuer \"{issuer}\"", ceremony);
        if (Ending.RefuseCertificate(s, $"The key of the issuer \"{issuer}\"", known.Parsed) is { } ended)
            return ended;
        if (s.World.RevokedIn(known) is { } revoked)
            return new(CeremonyRules.IssuerRevoked, revoked == issuer
                ? $"The issuer \"{issuer}\" is revoked."
                : $"The issuer \"{issuer}\" hangs under \"{revoked}\", which is revoked.",
                "Nothing may be issued under it any more: use another issuer.");
        if (s.World.WithdrawnAbove(known) is { } fallen)
            return new(CeremonyRules.IssuerRevoked, $"The issuer \"{issuer}\" {Signers.UnderFallen(issuer, fallen)}.",
                "Nothing may be issued under it any more: use another issuer.");
        return s.World.KeyIn(known) is { } key && key.Serial == s.World.Primary?.Commissioned.Serial ? null
            : new(CeremonyRules.IssuerElsewhere, $"The key of \"{issuer}\" is not in this HSM.",
                "Restore it here, or use an issuer whose key is here.");
    }

    /// <summary>Whether the key that is to be certified, or the certificate that gives it, is dead.</summary>
    private static Refusal? RefuseDead(CeremonyState s, KeySource source, string name) => source switch
    {
        KeySource.Generated when s.World.Keys.TryGetValue(name, out KeyFact? key)
            && s.World.IsDead(key.Ceremony) => Dying.Refuse($"The key \"{name}\"", key.Ceremony),
        KeySource.Existing when s.World.Certificates.TryGetValue(name, out CertificateFact? known)
            && s.World.DeadIn(known) is { } ceremony =>
            Dying.Refuse($"The certificate \"{name}\"", ceremony),
        // Under whatever name it comes back.
        KeySource.Existing when s.World.Imported.TryGetValue(name, out CertificateImported? imported)
            && CertificateReader.TryReadCertificate(Convert.FromBase64String(imported.Der), out ParsedCertificate? certificate, out _)
            && s.World.DeadKey(Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span)) is { } ceremony =>
            Dying.Refuse($"The key of the certificate \"{name}\"", ceremony),
        KeySource.Generated when s.World.Ended.TryGetValue(name, out EndedKey? ended) => Ending.Refuse($"The key \"{name}\"", ended),
        KeySource.Existing when (s.World.Certificates.GetValueOrDefault(name)?.Signed.Der ?? s.World.Imported.GetValueOrDefault(name)?.Der)
            is { } der && CertificateReader.TryReadCertificate(Convert.FromBase64String(der), out ParsedCertificate? existing, out _) =>
            Ending.RefuseCertificate(s, $"The key of the certificate \"{name}\"", existing),
        _ => null,
    };

    /// <summary>
    /// IMPORT-03: a key that is there for something else, to sign records above all, would be a CA's as well. The checker knows the keys of
    /// its own script alone.
    /// </summary>
    private static Refusal? RefuseToMakeACa(CeremonyState s, PreviewCertificateStep step) => s.Format >= JournalFormats.Accounted
        && CertificateProfile.TryParse(step.Profile, out CertificateProfile? profile) && profile.IsCa && IsOfNoCa(s, step)
        ? new(CeremonyRules.OwnKey, $"\"{step.Key}\" is no CA's: the certificate \"{step.Certificate}\" would make one of it.",
            "Correct the script: a CA has a key of its own.")
        : null;

    private static bool IsOfNoCa(CeremonyState s, PreviewCertificateStep step) => step.Source switch
    {
        KeySource.Generated => s.World.Keys.GetValueOrDefault(step.Key) is { Generated.Purpose: not KeyPurposes.Ca },
        KeySource.Existing => Subject(s, step) is { } der
            && CertificateReader.TryReadCertificate(Convert.FromBase64String(der), out ParsedCertificate? existing, out _)
            && existing.ToBeSigned.BasicConstraints is not { IsCa: true },
        _ => false,
    };

    /// <summary>Shows the certificate until the witness has read it; null when that is done and it is still fresh.</summary>
    private static Move? Look(CeremonyState s, PreviewCertificateStep step, string subject)
    {
        if (s.Latest<CertificatePreviewed>() is not { } preview || IsTooOld(s, preview))
            return new Perform(Previewing(s, step, subject));
        if (preview.Lint.Any(f => f.Result == "fail"))
            return Tokens.Stop(s, CeremonyRules.LintFailed, "The certificate does not pass its rules.",
                "Mend the script, have it approved again, and start over. No key exists yet.") is Ask ask
                ? new Ask(ask.Question with { Evidence = Lines(preview) })
                : throw new System.Diagnostics.UnreachableException();
        return s.Since(b => b is CertificatePreviewed).Answer("words") is null
            ? new Ask(new Question("words", Roles.Witness, 1, "Read the whole certificate, then type the first two words of its hash.",
                AnswerKind.Typed,
                preview.Source == KeySources.Generated
                    ? "This is the certificate exactly as it will be signed; only the public key is a throw-away one. "
                        + "Page through all of it."
                    : "These are the bytes that will be signed. Page through all of them.",
                Evidence.FirstWords(preview.TbsSha256), Evidence: Lines(preview)))
            : null;
    }

    public static Move Sign(CeremonyState s, SignCertificateStep step)
    {
        if (s.Latest<CertificateSigned>() is { } signed)
            return Room.Seen(s, Roles.Witness,
                "The certificate is signed and was verified. Write the first words of its hash into the binder.",
                [.. Evidence.Hash("SHA-256 of the certificate", signed.Sha256), $"Second opinion: {signed.Second}",
                    "", .. Describe(Convert.FromBase64String(signed.Der), whole: true)]);
        PreviewCertificateStep? request = s.Script.Steps.OfType<PreviewCertificateStep>()
            .LastOrDefault(p => p.Certificate == step.Certificate);
        if (request is not null && Imports.IsLeftOut(s, request.Key))
            return Room.Done;
        if (request is null || Subject(s, request) is not { } subject
            || s.World.Previews.GetValueOrDefault(step.Certificate) is not { } preview || preview.Ceremony != s.Id)
            return Tokens.Stop(s, CeremonyRules.PreviewMissing,
                $"The certificate \"{step.Certificate}\" was not previewed in this ceremony.",
                "Nothing is signed that was not previewed and linted.");
        if (RefuseDead(s, request.Source, request.Key) is { } dead)
            return Tokens.Stop(s, dead.Rule, dead.Message, dead.Remedy);
        if (SubjectKey(s, preview.Previewed) is not { } spki)
            return Tokens.Stop(s, CeremonyRules.KeyUnknown, $"The key \"{preview.Previewed.Key}\" does not exist.", "Generate it first.");
        // A root may have been signed since the preview.
        if (TranscriptLine.Refuse(s, request) is { } nobodys)
            return Tokens.Stop(s, nobodys.Rule, nobodys.Message, nobodys.Remedy);
        bool self = preview.Previewed.Issuer == step.Certificate;
        // While an attempt to sign is open the preview stands: what was signed must be what was shown.
        if (s.Pending is null && IsTooOld(s, preview.Previewed))
            return Again(s, request, subject);
        if (s.Pending is null && s.Latest<CertificatePreviewed>() is not null && Look(s, request, subject) is { } look)
            return look;
        // Revoked since the preview: what an attempt that is open has signed already, the next list says.
        if (!self && RefuseIssuer(s, preview.Previewed.Issuer) is { } refusal
            && (refusal.Rule is CeremonyRules.Dead or CeremonyRules.KeyEnded
                || refusal.Rule == CeremonyRules.IssuerRevoked && s.Format >= JournalFormats.Replayed && s.Pending is null))
            return Tokens.Stop(s, refusal.Rule, refusal.Message, refusal.Remedy);
        if (!self && s.Pending is null && Signers.Refuse(s, preview.Previewed.Issuer, KeyUsages.KeyCertSign) is { } unfit)
            return Tokens.Stop(s, unfit.Rule, unfit.Message, unfit.Remedy);
        if (request.UnderClassical.Length > 0 && !s.Facts<ExceptionRaised>().Any(x => x.Rule == PlanRules.MlDsaUnderClassical.Id))
            return new Note(Room.Exception(s, PlanRules.MlDsaUnderClassical.Id,
                $"The ML-DSA key of \"{step.Certificate}\" stands under a classical one. The script's reason: {request.UnderClassical}"));
        CertificateFact? issuer = self ? null : s.World.Certificates.GetValueOrDefault(preview.Previewed.Issuer);
        KeyFact signer = s.World.Keys[issuer?.Signed.Key ?? preview.Previewed.Key];
        return new Perform(new SignCertificate(step.Certificate, preview.Previewed.Key, signer.CkaId, signer.Generated.Algorithm,
            spki, signer.Generated.Spki, preview.Previewed.Plan, preview.Previewed.Tbs, issuer?.Signed.Der ?? ""));
    }

    /// <summary>
    /// The ceremony rested too long between preview and signing: the certificate is previewed, read and approved once more.
    /// </summary>
    private static Move Again(CeremonyState s, PreviewCertificateStep request, string subject)
    {
        if (!s.Facts<ExceptionRaised>().Any(x => x.Rule == CeremonyRules.PreviewTooOld))
            return new Note(Room.Exception(s, CeremonyRules.PreviewTooOld,
                $"The preview of \"{request.Certificate}\" is older than a day and may not be signed any more. "
                    + "It is previewed again with a new begin; every officer approves it again before the witness signs this off."));
        return new Perform(Previewing(s, request, subject));
    }

    private static PreviewCertificate Previewing(CeremonyState s, PreviewCertificateStep step,
        string subject) => new(step, Beginning(s), s.World.Environment,
        step.Issuer == step.Certificate ? "" : s.World.Certificates[step.Issuer].Signed.Der, subject,
        s.Format >= JournalFormats.Compared, s.Format >= JournalFormats.Kept, s.Format >= JournalFormats.Accounted);

    /// <summary>Base64 of what brings the key: empty when it is yet to be generated, null when it is missing.</summary>
    private static string? Subject(CeremonyState s, PreviewCertificateStep step) => step.Source switch
    {
        KeySource.Request =>
            s.World.Requests.TryGetValue(step.Key, out RequestFact? request) && request.Ceremony == s.Id ? request.Read.Content : null,
        KeySource.Existing => s.World.Imported.GetValueOrDefault(step.Key)?.Der
            ?? s.World.Certificates.GetValueOrDefault(step.Key)?.Signed.Der,
        _ => "",
    };

    /// <summary>Base64 SubjectPublicKeyInfo of what was previewed, or null.</summary>
    private static string? SubjectKey(CeremonyState s, CertificatePreviewed preview) => preview.Source switch
    {
        KeySources.Request => s.World.Requests.GetValueOrDefault(preview.Key)?.Read.Spki,
        // What was previewed is the key itself.
        KeySources.Existing => CertificateReader.TryReadToBeSigned(Convert.FromBase64String(preview.Tbs), out ParsedTbs? tbs, out _)
            ? Convert.ToBase64String(tbs.SubjectPublicKeyInfo.Span)
            : null,
        _ => s.World.Keys.GetValueOrDefault(preview.Key)?.Generated.Spki,
    };

    private static ImmutableArray<string> Lines(CertificatePreviewed p)
    {
        byte[] tbs = Convert.FromBase64String(p.Tbs);
        return [.. Appliance.Lines(p.Lint), .. p.Asked.IsEmpty ? [] : new[] { "", "Asked by the request, and granted:" }, .. p.Asked,
            .. Evidence.Hash("SHA-256 of the to-be-signed bytes", p.TbsSha256), "",
            .. Describe(tbs, whole: false), "", .. CertificateText.HexDump(tbs)];
    }

    public static IEnumerable<string> Describe(byte[] der, bool whole)
    {
        IReadOnlyList<TextLine> lines = whole
            ? CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out _)
                ? CertificateText.Describe(certificate)
                : []
            : CertificateReader.TryReadToBeSigned(der, out ParsedTbs? tbs, out _) ? CertificateText.Describe(tbs) : [];
        return lines.SelectMany(l => new[] { l.Label, $"  {l.Value}" });
    }

    /// <summary>
    /// Certificates begin when the ceremony was opened, but a ceremony may rest for days: then they begin at the last entry.
    /// Either is the same moment again after a restart of the same state.
    /// </summary>
    private static DateTimeOffset Beginning(CeremonyState s)
    {
        DateTimeOffset opened = s.World.Ceremonies[^1].OpenedUtc;
        return DateTimeOffset.FromUnixTimeSeconds((s.Last.Utc - opened > MaxBackdating ? s.Last.Utc : opened).ToUnixTimeSeconds());
    }

    private static bool IsTooOld(CeremonyState s, CertificatePreviewed preview) =>
        PlanJson.TryRead(Encoding.UTF8.GetBytes(preview.Plan), out CertificatePlan? plan, out _)
            && s.Last.Utc - plan.NotBefore > MaxBackdating;
}
