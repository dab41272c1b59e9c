using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using KeyCeremony.App.Ground;
using KeyCeremony.Core;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;

namespace KeyCeremony.App.Room;

/// <summary>Reads what asks for a certificate, writes and lints the certificate, and signs what was previewed.</summary>
internal sealed class CertificateDesk(ImportStick imports, SecondOpinion second, Zlint zlint)
{
    private const string NotAsked = "unknown";

    /// <summary>A request that cannot be taken is a fact too: another file may be chosen.</summary>
    /// <param name="known">The keys of this ledger.</param>
    public EntryBody Read(CeremonyState s, ReadRequest effect, ImmutableArray<KnownKey> known)
    {
        if (!imports.TryRead(effect.File, out byte[]? file, out Refusal? refusal)
            || !RequestFile.TryRead(file, out RequestFile? request, out refusal, s.Format >= JournalFormats.Accounted))
            return Refused(ImportWords.Request, effect.Request, effect.File, refusal);
        if (!TryCompareKeys(s, effect.Request, request.Key, known, out Finding? compared, out refusal))
            return Refused(ImportWords.Request, effect.Request, effect.File, refusal);
        if (Contradiction(s, effect.Request, request) is { } contradiction)
            return Refused(ImportWords.Request, effect.Request, effect.File, contradiction);
        return new RequestRead(effect.Request, effect.File, request.Sha256, request is KeyProof ? ImportWords.KeyProof : ImportWords.Pkcs10,
            Convert.ToBase64String(file), Convert.ToBase64String(request.Key.SubjectPublicKeyInfo.Span), [compared]);
    }

    public EntryBody Read(CeremonyState s, ReadCertificate effect)
    {
        if (!imports.TryRead(effect.File, out byte[]? file, out Refusal? refusal)
            || !PemBlock.TryUnwrap(file, ["CERTIFICATE"], out ReadOnlyMemory<byte> der, out refusal)
            || !CertificateReader.TryReadCertificate(der, out ParsedCertificate? certificate, out refusal)
            || !TryKey(certificate, out CheckedKey? key, out refusal))
            return Refused(ImportWords.Certificate, effect.Certificate, effect.File, refusal);
        if (CaStanding.WhyNot(certificate.ToBeSigned) is { } why)
            return Refused(ImportWords.Certificate, effect.Certificate, effect.File, new Refusal(ImportRules.NoCa, why,
                "Only a CA is cross-certified. Bring the certificate of the CA that is meant, or have it issued again as a CA's."));
        if (ForeignCa.WhyNot(certificate) is { } unsound)
            return Refused(ImportWords.Certificate, effect.Certificate, effect.File, new Refusal(ImportRules.UnsoundCa, unsound,
                "Nothing was taken. Compare the file's hash with its owner, or ask that CA for another certificate; or go on without it."));
        if ((CertificatePlanning.RefuseName(certificate.ToBeSigned.Subject, s.World.Environment)
            ?? CertificatePlanning.RefuseCarried(certificate.ToBeSigned.Subject)
            ?? OwnKeys.Refuse(s, effect.Certificate, certificate)
            ?? OwnKeys.RefuseTakenBack(s, certificate)
            ?? Wider(s, effect.Certificate, certificate)
            ?? CaNames.Refuse(s, certificate)
            ?? CertificatePlanning.RefuseOver(s.Format, certificate, s.Last.Utc) ?? CertificatePlanning.RefuseEarly(certificate, s.Last.Utc)
            ?? Contradiction(s, effect.Certificate, key) ?? Trial(s, effect.Certificate, der)) is { } unfit)
            return Refused(ImportWords.Certificate, effect.Certificate, effect.File, unfit);
        return new CertificateImported(effect.Certificate, effect.File, Convert.ToHexStringLower(SHA256.HashData(der.Span)),
            Convert.ToBase64String(der.Span));
    }

    private static Refusal? Wider(CeremonyState s, string name, ParsedCertificate certificate) =>
        Granted(s, KeySource.Existing, name).Select(step => CrossScope.WhyNot(certificate.ToBeSigned, step))
            .FirstOrDefault(wider => wider is not null) is { } wide
            ? new Refusal(ImportRules.UnsoundCa, wide,
                "Nothing was taken. A cross-certificate allows no more than the CA's own certificate: have the script limited as that one "
                    + "is (path-length, purposes) and approved again, ask that CA for another certificate, or go on without it.")
            : null;

    // What is wrong with a key is said as of a request, whose owner makes it again; here it is another CA's.
    private static bool TryKey(ParsedCertificate certificate, [NotNullWhen(true)] out CheckedKey? key,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        if (PublicKeyChecks.TryCheck(certificate.ToBeSigned.SubjectPublicKeyInfo, out key, out refusal))
            return true;
        refusal = refusal with
        {
            Remedy = "Keys are certified of RSA from 3072 bits, and of P-256 and P-384 with the curve's name and an uncompressed point. "
                + "Ask that CA for a certificate of such a key, or go on without it.",
        };
        return false;
    }

    public CertificatePreviewed Preview(CeremonyState s, PreviewCertificate effect)
    {
        PreviewCertificateStep step = effect.Step;
        CertificatePlan plan = Plan(s, effect);
        using ThrowAwayKey subject = plan.Key.CreateThrowAway();
        using ThrowAwayKey? signer = plan.IsSelfSigned ? null : plan.SignerKey?.CreateThrowAway();
        if (!CertificatePlanning.TrySubjectKey(effect, out byte[]? spki, out Refusal? refusal)
            || (refusal = CaNames.Refuse(s.World, step, plan, spki is null ? null : Convert.ToBase64String(spki), s.Last.Utc)) is not null
            || !CertificatePreview.TryMake(plan, spki ?? subject.SubjectPublicKeyInfo.ToArray(),
                signer ?? subject, out PreviewedCertificate? preview, out refusal)
            || !CertificatePlanning.TryCompare(effect, plan, out ImmutableArray<string> asked, out Finding? contradiction, out refusal)
            || (refusal = AskBefore(step.Source, preview, signer)) is not null)
            throw new CeremonyException(refusal);
        return new CertificatePreviewed(step.Certificate, KeySources.Of(step.Source),
            step.Key, step.Issuer, Encoding.UTF8.GetString(PlanJson.Write(plan)),
            Convert.ToBase64String(preview.ToBeSigned.Span), Convert.ToHexStringLower(preview.Sha256()), asked,
            [.. CertificatePlanning.Recorded(CertificateLint.Check(preview)), .. CertificatePlanning.Wider(effect),
                .. contradiction is null ? [] : new[] { contradiction },
                .. AskZlint(preview, plan)]);
    }

    public CertificateSigned Sign(CeremonyState s, SignCertificate effect, Hsm hsm)
    {
        if (!PlanJson.TryRead(Encoding.UTF8.GetBytes(effect.Plan), out CertificatePlan? plan, out Refusal? refusal)
            || !CertificatePreview.TryRestore(plan, Convert.FromBase64String(effect.Tbs), out PreviewedCertificate? preview, out refusal)
            || !CertificateLint.Check(preview).TryAccept(out LintedCertificate? linted, out refusal))
            throw new CeremonyException(refusal);
        using Pkcs11.TokenSignatureGenerator generator = hsm.Generator(effect.SignerCkaId, effect.SignerAlgorithm, effect.SignerSpki);
        if (!CertificateSigning.TrySign(linted, Convert.FromBase64String(effect.Spki),
            new VerifiedSigner(generator), out ParsedCertificate? certificate, out refusal))
            throw new CeremonyException(refusal);
        byte[] der = certificate.Der.ToArray();
        string verdict = second.Ask(s.Format, der, effect.IssuerDer.Length == 0 ? der : Convert.FromBase64String(effect.IssuerDer));
        return new CertificateSigned(effect.Certificate, effect.Key, Convert.ToBase64String(der),
            Convert.ToHexStringLower(SHA256.HashData(der)), verdict);
    }

    // What is our own is judged by lint, and by the others when it is signed; what comes from elsewhere they may read otherwise than we do.
    private Refusal? AskBefore(KeySource source, PreviewedCertificate preview, ThrowAwayKey? signer)
    {
        if (source is not (KeySource.Existing or KeySource.Request) || signer is null)
            return null;
        (ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> issuer) = CertificatePreview.TrialOf(preview, signer);
        return second.AskBefore(certificate, issuer);
    }

    private static CertificatePlan Plan(CeremonyState s, PreviewCertificate effect) =>
        CertificatePlanning.TryPlan(effect, FreshSerial(s), out CertificatePlan? plan, out Refusal? refusal)
            ? plan
            : throw new CeremonyException(refusal);

    /// <summary>
    /// What the script grants to this request is asked already when it is read: then it is left out, or another one is
    /// brought, while at the preview nothing would help but to end the ceremony for all.
    /// </summary>
    private static Refusal? Contradiction(CeremonyState s, string name, RequestFile request)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(s.Last.Utc.ToUnixTimeSeconds());
        string spki = Convert.ToBase64String(request.Key.SubjectPublicKeyInfo.Span);
        return Granted(s, KeySource.Request, name)
            .Select(p => (Step: p, Plan: Plan(s, new PreviewCertificate(p, now, s.World.Environment, "", "", false))))
            .Select(p => RequestDifference.Between(request, p.Plan, s.World.Environment, s.Format < JournalFormats.Compared).Contradiction
                ?? CaNames.Refuse(s.World, p.Step, p.Plan, spki, s.Last.Utc))
            .FirstOrDefault(c => c is not null);
    }

    private static Refusal? Contradiction(CeremonyState s, string name, CheckedKey key) => Granted(s, KeySource.Existing, name)
        .Where(p => !KeyAlgorithm.TryParse(p.Algorithm, out KeyAlgorithm? granted) || granted != key.Algorithm)
        .Select(p => RequestRules.AsksWithKey.Refuse($"key: the certificate has {key.Title}, the script grants {p.Algorithm}.",
            "Bring the certificate that is meant, or correct the script and have it approved again."))
        .FirstOrDefault();

    /// <summary>
    /// Name and key of a cross-certificate are the other CA's: what lint and zlint say of them is asked when they are read, where they can
    /// still be left out. At the preview nothing would help but to end the ceremony.
    /// </summary>
    private Refusal? Trial(CeremonyState s, string name, ReadOnlyMemory<byte> der)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(s.Last.Utc.ToUnixTimeSeconds());
        foreach (PreviewCertificateStep step in Granted(s, KeySource.Existing, name))
            try
            {
                if (s.World.Certificates.TryGetValue(step.Issuer, out CertificateFact? issuer)
                    && CertificatePlanning.RefuseIssuer(s, step.Issuer) is null
                    && Preview(s, new PreviewCertificate(step, now, s.World.Environment, issuer.Signed.Der,
                        Convert.ToBase64String(der.Span), s.Format >= JournalFormats.Compared)).Lint
                        .FirstOrDefault(f => f.Result == FindingResults.Fail) is { } failed)
                    return new Refusal(failed.Id, $"Its cross-certificate would not pass its rules: {failed.Text}",
                        "Bring another certificate of that CA, or go on without it. If it is right, have the script mended and "
                            + "approved again.");
            }
            catch (CeremonyException e)
            {
                return e.Refusal;
            }
        return null;
    }

    private static IEnumerable<PreviewCertificateStep> Granted(CeremonyState s, KeySource source, string name) =>
        s.Script.Steps.OfType<PreviewCertificateStep>().Where(p => p.Source == source && p.Key == name);

    /// <summary>159 random bits never come twice; this ledger's serials are compared all the same.</summary>
    private static SerialNumber FreshSerial(CeremonyState s)
    {
        HashSet<string> used = [.. s.World.Previews.Values.Select(p =>
            PlanJson.TryRead(Encoding.UTF8.GetBytes(p.Previewed.Plan), out CertificatePlan? plan, out _) ? plan.Serial.ToString() : "")];
        SerialNumber serial;
        do
            serial = SerialNumber.FromRandom(RandomNumberGenerator.GetBytes(20));
        while (used.Contains(serial.ToString()));
        return serial;
    }

    /// <summary>
    /// A key that any ledger knows is refused: this one's, and those of the other environments when the stick brings their list.
    /// </summary>
    private bool TryCompareKeys(CeremonyState s, string request, CheckedKey key,
        ImmutableArray<KnownKey> known, [NotNullWhen(true)] out Finding? compared, [NotNullWhen(false)] out Refusal? refusal)
    {
        compared = null;
        ImmutableArray<KnownKey> others = [];
        if (!imports.TryReadKnownKeys(out byte[]? file, out refusal)
            || file is not null && !KnownKeysFile.TryRead(file, out others, out refusal))
            return false;
        ImmutableArray<KnownKey> ours = [.. known, .. s.World.Requests.Values
            .Where(r => r.Ceremony == s.Id && r.Read.Request != request && !s.World.LeftOut.Contains((s.Id, r.Read.Request)))
            .Select(r => new KnownKey(Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(r.Read.Spki))),
                s.World.Environment, $"{s.Id} {r.Read.Request}"))];
        refusal = KeyRegister.Of(ours.Concat(others)).Check(key) ?? BuilderPlanning.RefuseRequest(s, key);
        compared = others.IsEmpty
            ? new Finding(ImportRules.KnownKeys, NotAsked, $"The key is none of the {ours.Length} of this ledger. "
                + $"The stick has no {ImportStick.KnownKeysName}: other environments were not asked.")
            : new Finding(ImportRules.KnownKeys, "pass",
                $"The key is none of the {ours.Length} of this ledger and none of the {others.Length} of other environments.");
        return refusal is null;
    }

    private ImmutableArray<Finding> AskZlint(PreviewedCertificate preview, CertificatePlan plan) =>
        zlint.Run(preview.ThrowAwaySigned!.Der.Span, plan.Profile, plan.Key.IsMlDsa || plan.SignerKey is { IsMlDsa: true })?.Recorded()
            ?? [CertificatePlanning.ZlintNotAsked];

    private static ImportRefused Refused(string kind, string subject, string file, Refusal refusal) =>
        new(kind, subject, file, refusal.Rule, refusal.Message, refusal.Remedy);
}
