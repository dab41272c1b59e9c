using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KeyCeremony.Core.Ceremony.Steps;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// What a certificate is made of and how a request stands to it, as a function of script and journal: whoever replays plans the same.
/// </summary>
public static class CertificatePlanning
{
    /// <summary>The plan of a preview. Only the serial number is not the script's and the journal's.</summary>
    public static bool TryPlan(PreviewCertificate effect, SerialNumber serial, [NotNullWhen(true)] out CertificatePlan? plan,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        plan = null;
        PreviewCertificateStep step = effect.Step;
        refusal = new Refusal("PLAN-00", $"There is no profile \"{step.Profile}\" or no algorithm \"{step.Algorithm}\".",
            "Correct the script.");
        if (!CertificateProfile.TryParse(step.Profile, out CertificateProfile? profile)
            || !KeyAlgorithm.TryParse(step.Algorithm, out KeyAlgorithm? algorithm))
            return false;
        ParsedCertificate? issuer = null;
        if (effect.IssuerDer.Length > 0 && !TryCertificate(effect.IssuerDer, out issuer, out refusal))
            return false;
        if (!TrySubject(effect, out DistinguishedName? subject, out refusal))
            return false;
        if (CertificatePlan.EndAfter(effect.NotBefore, step.Days) is not { } end)
        {
            refusal = PlanRules.Dates.Refuse($"{step.Days} days after {effect.NotBefore:yyyy-MM-dd} there is no date any more.",
                "Correct the days in the script, or the clock.");
            return false;
        }
        if (!TryIdentifier(effect, out string? carried, out refusal))
            return false;
        refusal = PlanRules.CheckUnderClassical(algorithm, issuer is null ? algorithm : issuer.ToBeSigned.KeyAlgorithm,
            step.UnderClassical);
        if (refusal is not null)
            return false;
        plan = new CertificatePlan
        {
            Profile = profile,
            Subject = subject,
            Issuer = issuer,
            Key = algorithm,
            Serial = serial,
            SubjectKeyIdentifier = carried,
            CarriesSubject = effect.CarriesIdentifier && step.Source == KeySource.Existing && !IsOurs(subject),
            NotBefore = effect.NotBefore,
            NotAfter = end,
            PathLength = step.PathLength,
            ExtendedKeyUsage = step.Purposes.IsEmpty ? null : step.Purposes,
            Policies = step.Policies,
            CrlDistributionPoints = step.CrlAddresses,
        };
        return true;
    }

    /// <summary>ISSUE-05 for the name that the script gives, with this ledger's environment in front; null: no CA's, or free.</summary>
    public static Refusal? RefuseTakenName(World world, PreviewCertificateStep step, DateTimeOffset utc)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(step);
        var effect = new PreviewCertificate(step, utc, world.Environment, "", "", CarriesIdentifier: true);
        return CertificateProfile.TryParse(step.Profile, out CertificateProfile? profile) && profile.IsCa
            && TrySubject(effect, out DistinguishedName? subject, out _)
            ? CaNames.Refuse(world, subject, world.Keys.GetValueOrDefault(step.Key)?.Generated.Spki, utc) : null;
    }

    /// <summary>
    /// The rows that the room sees beside the preview of a request, and what contradicts the script; none for another source.
    /// </summary>
    public static bool TryCompare(PreviewCertificate effect, CertificatePlan plan,
        out ImmutableArray<string> rows, out Finding? contradiction, [NotNullWhen(false)] out Refusal? refusal)
    {
        (rows, contradiction, refusal) = ([], null, null);
        if (effect.Step.Source != KeySource.Request)
            return true;
        if (!TryRequest(effect, out RequestFile? request, out refusal))
            return false;
        RequestComparison compared = RequestDifference.Between(request, plan, effect.Environment, !effect.CarriesIdentifier,
            effect.ShowsDifferences);
        rows = [.. compared.Rows.Select(r => r.ToString())];
        contradiction = compared.Contradiction is { } c ? new Finding(c.Rule, FindingResults.Fail, $"{c.Message} {c.Remedy}") : null;
        return true;
    }

    /// <summary>DER of the public key that is certified; null when it is yet to be generated.</summary>
    public static bool TrySubjectKey(PreviewCertificate effect, out byte[]? spki, [NotNullWhen(false)] out Refusal? refusal)
    {
        (spki, refusal) = (null, null);
        if (effect.SubjectFile.Length == 0)
            return true;
        if (effect.Step.Source == KeySource.Existing)
        {
            if (!TryCertificate(effect.SubjectFile, out ParsedCertificate? existing, out refusal))
                return false;
            spki = existing.ToBeSigned.SubjectPublicKeyInfo.ToArray();
            return true;
        }
        if (!TryRequest(effect, out RequestFile? request, out refusal))
            return false;
        spki = request.Key.SubjectPublicKeyInfo.ToArray();
        return true;
    }

    /// <summary>
    /// CROSS-22: a cross-certificate gives no new life to a CA whose own certificate ran out. Not asked in the first three formats of the
    /// journal.
    /// </summary>
    public static Refusal? RefuseOver(int format, ParsedCertificate certificate, DateTimeOffset utc) =>
        format >= JournalFormats.Prepared && certificate.ToBeSigned.NotAfter.Value is var end && end < utc
            ? new(CeremonyRules.ForeignOver, $"The certificate of the other CA ran out on {end:yyyy-MM-dd HH:mm:ss} UTC.",
                "Look at the clock. If it is right, ask its owner for the certificate of the CA that is valid today.")
            : null;

    /// <summary>CROSS-22 for one that has not begun. Asked when it is read; the facts of a journal are not judged by it.</summary>
    public static Refusal? RefuseEarly(ParsedCertificate certificate, DateTimeOffset utc) =>
        certificate.ToBeSigned.NotBefore.Value is var begin && begin > utc
            ? new(CeremonyRules.ForeignOver, $"The certificate of the other CA is not valid before {begin:yyyy-MM-dd HH:mm:ss} UTC.",
                "Look at the clock. If it is right, bring the certificate of the CA that is valid today, or go on without it.")
            : null;

    /// <summary>
    /// Why this certificate of the ledger may issue nothing today: ISSUE-01 to ISSUE-04, DEAD-01, LINT-01. The steps say so themselves;
    /// here it is asked by whoever must not blame a file for it.
    /// </summary>
    public static Refusal? RefuseIssuer(CeremonyState s, string issuer) =>
        Certificates.RefuseIssuer(s, issuer) ?? Signers.Refuse(s, issuer, KeyUsages.KeyCertSign);

    /// <summary>Environments do not cross, nor do the names that belong to them. CROSS-21.</summary>
    public static Refusal? RefuseName(DistinguishedName existing, string environment) =>
        environment == EnvironmentPrefix.Production == (EnvironmentPrefix.In(existing.CommonName ?? "") is null) ? null
            : new Refusal(CeremonyRules.ForeignName, $"The name {existing} does not belong to {environment}.",
                "Nothing crosses from one environment to another.");

    /// <summary>What deceives those who read a name is asked where it comes in; all else of it is the other CA's to decide.</summary>
    public static Refusal? RefuseCarried(DistinguishedName existing) =>
        NameHygiene.CheckCarried(existing.Attributes) is { } deceiving
            ? new(deceiving.Rule, $"The name of that CA: {deceiving.Message}",
                "It is carried over byte for byte or not at all. Bring another certificate, or go on without it.")
            : NameHygiene.UnreadByOthers(existing.Attributes) is { } unread
            ? new(NameRules.Readable.Id, $"The name of that CA cannot be carried into a certificate: {unread}",
                "It is carried over byte for byte or not at all. Have that CA's certificate made with a name of UTF8String or "
                    + "PrintableString, or go on without it.")
            : null;

    /// <summary>A name as we would write it ourselves.</summary>
    private static bool IsOurs(DistinguishedName subject) => NameHygiene.Check(subject.Attributes) is null
        && subject.ValueOf(Oids.Organization) is not null;

    /// <summary>As a preview records what lint found.</summary>
    public static ImmutableArray<Finding> Recorded(LintReport report) =>
        [new Finding(CeremonyRules.LintFailed, FindingResults.Pass, $"{report.RulesAsked} rules asked"),
            .. report.Findings.Select(Recorded)];

    /// <summary>CROSS-24 for each thing that a cross-certificate allows beyond the other CA's own certificate. Since format 5.</summary>
    public static ImmutableArray<Finding> Wider(PreviewCertificate effect)
    {
        ArgumentNullException.ThrowIfNull(effect);
        return effect.ShowsDifferences && effect.Step.Source == KeySource.Existing
            && TryCertificate(effect.SubjectFile, out ParsedCertificate? existing, out _)
            ? [.. CrossScope.Warnings(existing.ToBeSigned, effect.Step, CertificatePlan.EndAfter(effect.NotBefore, effect.Step.Days))
                .Select(said => new Finding(CeremonyRules.CrossIsWider, FindingResults.Warning, said))]
            : [];
    }

    /// <summary>What stands where zlint's findings would.</summary>
    public static Finding ZlintNotAsked { get; } = new(CeremonyRules.Zlint, FindingResults.Unknown,
        "zlint is not installed on this appliance: not asked");

    private static Finding Recorded(LintFinding f) => new(f.Rule.Id,
        f.Severity switch
        {
            LintSeverity.Error => FindingResults.Fail,
            LintSeverity.Warning => FindingResults.Warning,
            _ => FindingResults.Pass,
        }, f.Message);

    /// <summary>The script's name; for a cross-certificate the existing one, byte for byte.</summary>
    private static bool TrySubject(PreviewCertificate effect, [NotNullWhen(true)] out DistinguishedName? subject,
        [NotNullWhen(false)] out Refusal? refusal)
    {
        subject = null;
        if (effect.Step.Source != KeySource.Existing)
            return DistinguishedName.TryCreate([.. effect.Step.Subject.Select(a => (a.Type, a.Value))],
                out DistinguishedName? name, out refusal)
                && name.TryWithEnvironment(effect.Environment, out subject, out refusal);
        if (!TryCertificate(effect.SubjectFile, out ParsedCertificate? existing, out refusal))
            return false;
        refusal = RefuseName(existing.ToBeSigned.Subject, effect.Environment);
        subject = refusal is null ? existing.ToBeSigned.Subject : null;
        return refusal is null;
    }

    /// <summary>
    /// The identifier by which the other CA's certificates name its key, where it is not the one that we would give the key ourselves
    /// (RFC 7093 allows others): a cross-certificate with another one is part of no path.
    /// </summary>
    private static bool TryIdentifier(PreviewCertificate effect, out string? identifier, [NotNullWhen(false)] out Refusal? refusal)
    {
        (identifier, refusal) = (null, null);
        if (!effect.CarriesIdentifier || effect.Step.Source != KeySource.Existing)
            return true;
        if (!TryCertificate(effect.SubjectFile, out ParsedCertificate? existing, out refusal))
            return false;
        ParsedTbs subject = existing.ToBeSigned;
        if (subject.SubjectKeyIdentifier is { } own
            && !own.Span.SequenceEqual(CertificateRules.KeyIdentifierOf(subject.PublicKeyBits.Span)))
            identifier = Convert.ToHexStringLower(own.Span);
        return true;
    }

    private static bool TryCertificate(string base64, [NotNullWhen(true)] out ParsedCertificate? certificate,
        [NotNullWhen(false)] out Refusal? refusal) =>
        CertificateReader.TryReadCertificate(Convert.FromBase64String(base64), out certificate, out refusal);

    private static bool TryRequest(PreviewCertificate effect, [NotNullWhen(true)] out RequestFile? request,
        [NotNullWhen(false)] out Refusal? refusal) =>
        RequestFile.TryRead(Convert.FromBase64String(effect.SubjectFile), out request, out refusal, effect.ReadsMicrosofts);
}
