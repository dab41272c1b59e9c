using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// One name of a CA, one key. Two keys under one name write two revocation lists of one issuer: readers that keep the newest list of an
/// issuer alone then take as valid what the other one revoked. Asked where a CA's certificate is planned or read, before a key exists.
/// </summary>
public static class CaNames
{
    /// <summary>ISSUE-05 when another CA that is in force has the name of the one that is planned, else null.</summary>
    /// <param name="spki">Base64 SubjectPublicKeyInfo of what is certified; null: the key is generated, today or earlier.</param>
    public static Refusal? Refuse(World world, PreviewCertificateStep step, CertificatePlan plan, string? spki, DateTimeOffset utc)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(plan);
        return !plan.Profile.IsCa ? null
            : Refuse(world, plan.Subject, spki ?? world.Keys.GetValueOrDefault(step.Key)?.Generated.Spki, utc)
                ?? (Previewed(world, step, plan.Subject) is { } planned
                    ? Taken(plan.Subject, $"\"{planned}\", which is planned,") : null);
    }

    // What is planned in this ceremony has no key yet that could be compared: the script names it.
    private static string? Previewed(World world, PreviewCertificateStep step, DistinguishedName subject) =>
        world.Previews.Values.FirstOrDefault(p => p.Ceremony == world.Ceremonies[^1].Id && p.Previewed.Key != step.Key
            && !world.Certificates.ContainsKey(p.Previewed.Certificate)
            && CertificateReader.TryReadToBeSigned(Convert.FromBase64String(p.Previewed.Tbs), out ParsedTbs? tbs, out _)
            && tbs.BasicConstraints is { IsCa: true } && IsSame(tbs.Subject, subject))?.Previewed.Certificate;

    /// <param name="spki">Null: of no key that the ledger knows.</param>
    public static Refusal? Refuse(World world, DistinguishedName subject, string? spki, DateTimeOffset utc)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(subject);
        return world.Certificates.Values.FirstOrDefault(c => IsTwin(c.Parsed, subject, spki)
            && c.Parsed.ToBeSigned.NotAfter.Value >= utc && world.DeadIn(c) is null && world.RevokedIn(c) is null) is { } twin
            ? Taken(subject, $"\"{twin.Signed.Certificate}\"") : null;
    }

    /// <summary>The same for the certificate of another CA, which may also be the twin of one that was brought today.</summary>
    /// <param name="name">The script's name of the certificate that was read.</param>
    public static Refusal? Refuse(CeremonyState s, string name, ParsedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(certificate);
        DistinguishedName subject = certificate.ToBeSigned.Subject;
        string spki = SpkiOf(certificate);
        return Refuse(s.World, subject, spki, s.Last.Utc)
            ?? (s.Script.Steps.Take(s.StepIndex).OfType<ImportCertificateStep>()
                .Where(i => i.Certificate != name && !s.World.LeftOut.Contains((s.Id, i.Certificate)))
                .FirstOrDefault(i => s.World.Imported.TryGetValue(i.Certificate, out CertificateImported? other)
                    && CertificateReader.TryReadCertificate(Convert.FromBase64String(other.Der), out ParsedCertificate? read, out _)
                    && IsTwin(read, subject, spki)) is { } today
                ? Taken(subject, $"\"{today.Certificate}\", which was brought today,") : null);
    }

    private static bool IsTwin(ParsedCertificate known, DistinguishedName subject, string? spki) =>
        known.ToBeSigned.BasicConstraints is { IsCa: true } && SpkiOf(known) != spki
        && IsSame(known.ToBeSigned.Subject, subject);

    // Names are one however their letters are encoded and whatever their case (RFC 5280 7.1).
    private static bool IsSame(DistinguishedName one, DistinguishedName other) =>
        string.Equals(one.ToString(), other.ToString(), StringComparison.OrdinalIgnoreCase);

    private static Refusal Taken(DistinguishedName subject, string twin) => new(CeremonyRules.NameOfAnotherKey,
        $"The CA's name {subject} is that of {twin} with another key.",
        "Two keys under one name make two revocation lists of one issuer, of which some programs keep one. Give the new CA another name, "
            + "or revoke the certificate of the old one first.");

    private static string SpkiOf(ParsedCertificate certificate) => Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span);
}
