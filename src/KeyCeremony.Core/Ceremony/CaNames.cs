using System.Text;
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
        bool isForeign = step.Source == KeySource.Existing;
        return !plan.Profile.IsCa ? null
            : Refuse(world, plan.Subject, spki ?? world.Keys.GetValueOrDefault(step.Key)?.Generated.Spki, utc, isForeign)
                ?? (Previewed(world, step, plan.Subject, isForeign) is { } planned
                    ? Taken(plan.Subject, $"\"{planned}\", which is planned,") : null);
    }

    // What is planned in this ceremony has no key yet that could be compared: the script names it.
    private static string? Previewed(World world, PreviewCertificateStep step, DistinguishedName subject, bool isForeign) =>
        world.Previews.Values.FirstOrDefault(p => p.Ceremony == world.Ceremonies[^1].Id && p.Previewed.Key != step.Key
            && !world.Certificates.ContainsKey(p.Previewed.Certificate) && !(isForeign && p.Previewed.Source == KeySources.Existing)
            && CertificateReader.TryReadToBeSigned(Convert.FromBase64String(p.Previewed.Tbs), out ParsedTbs? tbs, out _)
            && tbs.BasicConstraints is { IsCa: true } && IsSame(tbs.Subject, subject))?.Previewed.Certificate;

    /// <param name="spki">Null: of no key that the ledger knows.</param>
    /// <param name="isForeign">Of another CA, which may roll its key over: only names of our own CAs are taken.</param>
    public static Refusal? Refuse(World world, DistinguishedName subject, string? spki, DateTimeOffset utc, bool isForeign = false)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(subject);
        return Twins(world, subject, spki, utc).FirstOrDefault(c => !(isForeign && c.Preview.Source == KeySources.Existing)) is { } twin
            ? Taken(subject, $"\"{twin.Signed.Certificate}\"") : null;
    }

    /// <summary>
    /// What whoever takes another CA's certificate must know: that this ledger certified, or read today, another key under its name. A CA
    /// that rolls its key over keeps its name; a sentence, or null.
    /// </summary>
    /// <param name="name">The script's name of the certificate that was read.</param>
    public static string? RolledOver(CeremonyState s, string name, ParsedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(certificate);
        DistinguishedName subject = certificate.ToBeSigned.Subject;
        string spki = SpkiOf(certificate);
        string? twin = Twins(s.World, subject, spki, s.Last.Utc).FirstOrDefault()?.Signed.Certificate
            ?? BroughtToday(s, name, subject, spki);
        return twin is null ? null
            : $"\"{twin}\" has this name and another key. Two keys under one name make two revocation lists of one issuer, of which some "
                + "programs keep one. Where that CA rolled its key over, ask it with which key it signs its lists; revoke the old "
                + "certificate when nothing under it is in use.";
    }

    private static IEnumerable<CertificateFact> Twins(World world, DistinguishedName subject, string? spki, DateTimeOffset utc) =>
        world.Certificates.Values.Where(c => IsTwin(c.Parsed, subject, spki)
            && c.Parsed.ToBeSigned.NotAfter.Value >= utc && world.DeadIn(c) is null && world.RevokedIn(c) is null);

    private static string? BroughtToday(CeremonyState s, string name, DistinguishedName subject, string spki) =>
        s.Script.Steps.Take(s.StepIndex).OfType<ImportCertificateStep>()
            .Where(i => i.Certificate != name && !s.World.LeftOut.Contains((s.Id, i.Certificate)))
            .FirstOrDefault(i => s.World.Imported.TryGetValue(i.Certificate, out CertificateImported? other)
                && CertificateReader.TryReadCertificate(Convert.FromBase64String(other.Der), out ParsedCertificate? read, out _)
                && IsTwin(read, subject, spki))?.Certificate;

    /// <summary>The same for the certificate of another CA: the names of our own are taken.</summary>
    public static Refusal? Refuse(CeremonyState s, ParsedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(s);
        ArgumentNullException.ThrowIfNull(certificate);
        return Refuse(s.World, certificate.ToBeSigned.Subject, SpkiOf(certificate), s.Last.Utc, isForeign: true);
    }

    private static bool IsTwin(ParsedCertificate known, DistinguishedName subject, string? spki) =>
        known.ToBeSigned.BasicConstraints is { IsCa: true } && SpkiOf(known) != spki
        && IsSame(known.ToBeSigned.Subject, subject);

    // Names are one however their letters are encoded, whatever their case and however many blanks stand in them or around (RFC 5280 7.1).
    private static bool IsSame(DistinguishedName one, DistinguishedName other) =>
        one.Attributes.Select(Compared).SequenceEqual(other.Attributes.Select(Compared));

    private static (string, bool, string) Compared(NameAttribute attribute) => (attribute.Oid, attribute.JoinsPrevious,
        attribute.String == NameString.NoString ? attribute.Value
        : string.Join(' ', attribute.Value.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries))
            .Normalize(NormalizationForm.FormKC).ToUpperInvariant());

    private static Refusal Taken(DistinguishedName subject, string twin) => new(CeremonyRules.NameOfAnotherKey,
        $"The CA's name {subject} is that of {twin} with another key.",
        "Two keys under one name make two revocation lists of one issuer, of which some programs keep one. Give the new CA another name, "
            + "or revoke the certificate of the old one first.");

    private static string SpkiOf(ParsedCertificate certificate) => Convert.ToBase64String(certificate.ToBeSigned.SubjectPublicKeyInfo.Span);
}
