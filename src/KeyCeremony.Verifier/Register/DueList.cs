using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier.Register;

/// <summary>What has to be done by a day, or happens then by itself.</summary>
/// <param name="Kind">One of <see cref="DueKinds"/>.</param>
/// <param name="Subject">What it is about: a list, a certificate, a set, a key, a ceremony.</param>
/// <param name="Date">The last moment, UTC.</param>
/// <param name="What">In a sentence.</param>
public sealed record DueItem(string Kind, string Subject, DateTimeOffset Date, string What);

/// <summary>How a machine tells them apart. docs/formats/json.md.</summary>
public static class DueKinds
{
    public const string Crl = "crl";
    public const string Certificate = "certificate";
    public const string Replacement = "replacement";
    public const string Transcript = "transcript";
    public const string CardCheck = "card-check";
    public const string Drill = "drill";
    public const string Bags = "bags";
    public const string Devices = "devices";
    public const string DeviceLists = "device-lists";
}

/// <param name="Now">The moment that is asked about.</param>
/// <param name="CardDays">A card is checked so often.</param>
/// <param name="DrillDays">A backup is proven so often.</param>
/// <param name="BagDays">A bag is looked at so often.</param>
public sealed record DueWanted(DateTimeOffset Now, int CardDays, int DrillDays, int BagDays);

/// <summary>
/// What a ledger says of the days to come: nothing but its entries, the certificates in them, and how often people want to look.
/// </summary>
internal static class DueList
{
    /// <summary>In the order of their days.</summary>
    public static ImmutableArray<DueItem> Of(LedgerFacts ledger, DueWanted wanted)
    {
        CertificateFact[] living = [.. ledger.World.Certificates.Values.Where(c => IsAlive(ledger, c))];
        return
        [
            .. Lists(ledger, living, wanted).Concat(Unlisted(ledger, living, wanted)).Concat(Certificates(ledger, living, wanted))
                .Concat(Transcript(ledger, wanted))
                .Concat(Cards(ledger, wanted)).Concat(Drills(ledger, wanted)).Concat(Bags(ledger, wanted))
                .Concat(Devices(ledger, living, wanted))
                .OrderBy(i => i.Date).ThenBy(i => i.Kind, StringComparer.Ordinal).ThenBy(i => i.Subject, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// A CA that ended signs no list any more, and nobody who checks its certificate asks for one. Nor does one whose key ended.
    /// </summary>
    private static IEnumerable<DueItem> Lists(LedgerFacts ledger, CertificateFact[] living, DueWanted wanted) => ledger.World.Crls.Values
        .Where(l => living.Any(c => c.Signed.Certificate == l.Signed.Issuer && End(c) >= wanted.Now && !HasEnded(ledger, c)))
        .Select(l => new DueItem(DueKinds.Crl, l.Signed.Crl, l.Preview.NextUpdate,
            $"The list \"{l.Signed.Crl}\", number {l.Signed.Number}, runs out: sign the next one before (crl-signing)."));

    /// <summary>Whoever asks for the list that a certificate names finds none, and may refuse what the certificate is for.</summary>
    private static IEnumerable<DueItem> Unlisted(LedgerFacts ledger, CertificateFact[] living, DueWanted wanted) => living
        .Where(c => End(c) >= wanted.Now && c.Parsed.ToBeSigned.CrlDistributionPoints is { Uris.Count: > 0 })
        .GroupBy(c => c.Preview.Issuer, StringComparer.Ordinal)
        .Where(g => living.Any(ca => ca.Signed.Certificate == g.Key && End(ca) >= wanted.Now)
            && ledger.World.Crls.Values.All(l => l.Signed.Issuer != g.Key)
            && !living.Any(ca => ca.Signed.Certificate == g.Key && HasEnded(ledger, ca)))
        .Select(g => new DueItem(DueKinds.Crl, g.Key, wanted.Now,
            $"\"{g.Key}\" never signed a list, and certificates under it say where one is found "
                + $"({string.Join(", ", g.Select(c => $"\"{c.Signed.Certificate}\"").Order(StringComparer.Ordinal))}): "
                + "sign the first one now (crl-signing)."));

    /// <summary>
    /// Every certificate's end, and the last day on which one that lives as long can take its place: nothing outlives its issuer (CERT-08).
    /// A certificate that ended is not due any more when another one of its profile under its issuer ends later.
    /// </summary>
    private static IEnumerable<DueItem> Certificates(LedgerFacts ledger, CertificateFact[] living, DueWanted wanted)
    {
        string[] transcripts = [.. TranscriptCertificates(ledger).Select(c => c.Signed.Certificate)];
        foreach (CertificateFact certificate in living.Where(c => HasEnd(c) && !transcripts.Contains(c.Signed.Certificate)))
        {
            DateTimeOffset end = End(certificate);
            if (end < wanted.Now && living.Any(other => Replaces(other, certificate)))
                continue;
            string name = certificate.Signed.Certificate;
            CertificateFact? issuer = Chain(ledger, certificate).Skip(1).FirstOrDefault();
            if (issuer is null || !HasEnd(issuer) || HasEnded(ledger, issuer))
            {
                yield return new DueItem(DueKinds.Certificate, name, end, issuer is null ? EndOfRoot(ledger, certificate)
                    : $"The certificate \"{name}\" ends." + (!HasEnded(ledger, issuer) ? ""
                        : $" The key of \"{issuer.Signed.Certificate}\" ended: nothing under it is replaced."));
                continue;
            }
            yield return new DueItem(DueKinds.Certificate, name, end,
                $"The certificate \"{name}\" ends. Its replacement can be made until then, and ends with \"{issuer.Signed.Certificate}\" "
                    + $"on {End(issuer):yyyy-MM-dd} at the latest.");
            DateTimeOffset last = End(issuer) - (end - certificate.Parsed.ToBeSigned.NotBefore.Value);
            // Past that day it stays overdue until something took its place, or it ended and says so itself.
            if (last < end && end >= wanted.Now && !living.Any(other => Replaces(other, certificate)))
                yield return new DueItem(DueKinds.Replacement, name, last, $"The last day on which \"{name}\" can be replaced by one that "
                    + $"lives as long: \"{issuer.Signed.Certificate}\" above it ends on {End(issuer):yyyy-MM-dd}.");
        }
    }

    private static string EndOfRoot(LedgerFacts ledger, CertificateFact root) =>
        $"The root certificate \"{root.Signed.Certificate}\" ends, and everything under it. "
            + (HasEnded(ledger, root) ? "Its key ended before." : "The next root is made and cross-signed before.");

    /// <summary>A signed list names it, or one above it: no ceremony that signs can be opened any more (TRANSCRIPT-01).</summary>
    private static IEnumerable<DueItem> Transcript(LedgerFacts ledger, DueWanted wanted) =>
        TranscriptCertificates(ledger).Select(c => Transcript(ledger, wanted, c));

    /// <summary>Of the keys that sign records now.</summary>
    private static IEnumerable<CertificateFact> TranscriptCertificates(LedgerFacts ledger) =>
        ledger.World.TranscriptKeys.Select(k => ledger.World.CertificateOf(k.Generated.Key)).OfType<CertificateFact>();

    private static DueItem Transcript(LedgerFacts ledger, DueWanted wanted, CertificateFact certificate)
    {
        string name = certificate.Signed.Certificate;
        return (ledger.World.RevokedIn(certificate) ?? ledger.World.DeadIn(certificate)) is { } why
            ? new DueItem(DueKinds.Transcript, name, Chain(ledger, certificate).Select(End).Append(wanted.Now).Min(),
                $"The transcript certificate \"{name}\" cannot sign records: \"{why}\" is revoked or dead. Make another one now "
                    + "(service-certificates).")
            : new DueItem(DueKinds.Transcript, name, Chain(ledger, certificate).Min(End),
                $"The transcript certificate \"{name}\" cannot sign records any more: make another one before (service-certificates).");
    }

    /// <summary>What somebody has to do something about is due now: too few good cards, none to spare, a place with too many.</summary>
    private static IEnumerable<DueItem> Cards(LedgerFacts ledger, DueWanted wanted) => CardAccount.All(ledger.World).Where(a => a.Serves)
        .Select(a => new DueItem(DueKinds.CardCheck, a.Set,
            a.IsShort || a.GoodSince is null ? a.GoodSince ?? wanted.Now
                : Earlier(a.GoodSince.Value.AddDays(wanted.CardDays), a.Warnings.IsEmpty ? null : wanted.Now),
            $"Cards of {a.Set} are checked (card-check): {a.Good} of {a.Issued} good when last seen, {a.Quorum} needed."
                + string.Concat(a.Warnings.Select(w => $" WARNING {w}"))));

    private static IEnumerable<DueItem> Drills(LedgerFacts ledger, DueWanted wanted)
    {
        foreach (KeyFact key in ledger.World.Keys.Values.Where(k => k.Backup is not null && !ledger.Dead.Contains(k.Ceremony)
            && (k.Serial.Length > 0 || k.RestsSince is not null) && !ledger.World.Ended.ContainsKey(k.Generated.Key)))
        {
            string name = key.Generated.Key;
            DateTimeOffset? last = ledger.Journal.Entries.LastOrDefault(e => e.Seq > key.Seq
                && (e.Body is BackupDrilled d && d.Key == name || e.Body is KeyRestored r && r.Key == name))?.Utc;
            if (last is { } proven)
                yield return new DueItem(DueKinds.Drill, name, proven.AddDays(wanted.DrillDays),
                    $"The way back of the key \"{name}\" was gone last on {proven:yyyy-MM-dd}: practise it (recovery.md).");
        }
    }

    /// <summary>Bags that were sealed on one day are looked at on one day.</summary>
    private static IEnumerable<DueItem> Bags(LedgerFacts ledger, DueWanted wanted) => ledger.World.Bags
        .Select(b => (b.Key, b.Value, Sealed: ledger.Journal.All<BagSealed>()
            .Last(s => BagContents.IsSame(s.Body.Content, b.Key) && s.Body.Number == b.Value).Entry))
        .GroupBy(b => b.Sealed.Ceremony)
        .Select(g => new DueItem(DueKinds.Bags, g.Key, g.Min(b => b.Sealed.Utc).AddDays(wanted.BagDays),
            $"Bags of {g.Key} are looked at, seal and number: "
                + $"{string.Join(", ", g.OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => $"{b.Key} ({b.Value})"))}."));

    /// <summary>
    /// Under each CA that issues to devices, the first end in its chain, and the first list of its chain that runs out: a device's own
    /// certificate is not in the ledger, and another way to a root is not reckoned with. A CA that ended and has a successor is past.
    /// </summary>
    private static IEnumerable<DueItem> Devices(LedgerFacts ledger, CertificateFact[] living, DueWanted wanted)
    {
        foreach (CertificateFact ca in living.Where(c => IsCa(c) && !living.Any(below => IsCa(below) && below != c
            && below.Preview.Issuer == c.Signed.Certificate)))
        {
            if (End(ca) < wanted.Now && living.Any(other => Replaces(other, ca)))
                continue;
            CertificateFact[] chain = [.. Chain(ledger, ca)];
            string name = ca.Signed.Certificate;
            if (chain.Where(HasEnd).MinBy(End) is { } first)
                yield return new DueItem(DueKinds.Devices, name, End(first), $"Devices under \"{name}\" begin to fail: "
                    + (first == ca ? "its certificate ends." : $"\"{first.Signed.Certificate}\" above it ends."));
            if (ledger.World.Crls.Values.Where(l => chain.Any(c => c.Signed.Certificate == l.Signed.Issuer && End(c) >= wanted.Now))
                .MinBy(l => l.Preview.NextUpdate) is { } list)
                yield return new DueItem(DueKinds.DeviceLists, name, list.Preview.NextUpdate,
                    $"Whoever asks for revocation lists begins to refuse devices under \"{name}\": "
                        + $"the list \"{list.Signed.Crl}\" runs out.");
        }
    }

    private static bool HasEnded(LedgerFacts ledger, CertificateFact certificate) =>
        ledger.World.EndOf(Convert.ToBase64String(certificate.Parsed.ToBeSigned.SubjectPublicKeyInfo.Span)) is not null;

    private static DateTimeOffset Earlier(DateTimeOffset day, DateTimeOffset? other) => other < day ? other.Value : day;

    private static bool IsAlive(LedgerFacts ledger, CertificateFact certificate) => !ledger.Dead.Contains(certificate.Ceremony)
        && ledger.World.DeadIn(certificate) is null && ledger.World.RevokedIn(certificate) is null;

    private static bool IsCa(CertificateFact certificate) => certificate.Parsed.ToBeSigned.BasicConstraints is { IsCa: true };

    private static DateTimeOffset End(CertificateFact certificate) => certificate.Parsed.ToBeSigned.NotAfter.Value;

    /// <summary>99991231235959Z is none. RFC 5280 4.1.2.5.</summary>
    private static bool HasEnd(CertificateFact certificate) => End(certificate).Year < 9999;

    private static bool Replaces(CertificateFact other, CertificateFact old) => other != old && other.Preview.Issuer == old.Preview.Issuer
        && End(other) > End(old) && RegisterTables.ProfileOf(other.Preview) == RegisterTables.ProfileOf(old.Preview);

    /// <summary>Itself first, up to where the ledger knows no further.</summary>
    private static IEnumerable<CertificateFact> Chain(LedgerFacts ledger, CertificateFact certificate)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (CertificateFact? at = certificate; at is not null && seen.Add(at.Signed.Certificate);
            at = ledger.World.Certificates.GetValueOrDefault(at.Preview.Issuer))
            yield return at;
    }
}
