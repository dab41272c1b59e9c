using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier;

/// <summary>
/// What the engine of the first format let pass and no honest ceremony did: asked of every format, because whoever forges
/// would name the first. VERIFY-52 and VERIFY-53.
/// </summary>
internal static class FirstFormatChecks
{
    public static readonly ImmutableArray<(VerifyRule, Func<JournalFacts, IEnumerable<string>>)> All =
    [
        (VerifyRules.Dead, Dead),
        (VerifyRules.Seats, Seats),
    ];

    /// <summary>What replay of the first format does not ask, in a sentence; empty where every ceremony is of a later one.</summary>
    public static string NotAsked(ImmutableArray<Entry> entries)
    {
        int first = entries.Select(e => e.Body).OfType<CeremonyOpened>().Count(o => JournalFormats.Of(o) == JournalFormats.First);
        return first == 0 ? "" : $"not asked: format 1 of {first} {(first == 1 ? "ceremony" : "ceremonies")}: "
            + "the witness's words at an abort and at a resumption, "
            + "cards of people who were not in the room, names that no keyboard "
            + "writes, whether the transcript certificate was valid in the morning, software in place of an HSM";
    }

    /// <summary>Aborted before it was closed: nothing that it made may be used afterwards.</summary>
    private static IEnumerable<string> Dead(JournalFacts journal)
    {
        var dead = new HashSet<string>();
        var closed = new HashSet<string>();
        var certificates = new Dictionary<string, (string Ceremony, string Key, string Issuer)>();
        var keys = new Dictionary<string, string>();
        var tokens = new Dictionary<string, string>();
        foreach (Entry entry in journal.Entries)
        {
            string? killed = entry.Body switch
            {
                CertificateSigned c => journal.PreviewOf(c.Certificate, entry.Seq) is { Body: { } p } && p.Issuer != c.Certificate
                    ? OfCertificate(p.Issuer)
                    : OfKey(c.Key),
                CrlSigned c => OfCertificate(c.Issuer),
                ManifestSigned m => m.Signatures.Select(x => OfCertificate(x.Certificate)).FirstOrDefault(x => x is not null),
                TokenUnlocked u => tokens.GetValueOrDefault(u.Serial),
                KeyBackedUp b => OfKey(b.Key),
                BackupDrilled d => OfKey(d.Key),
                KeyRestored r => OfKey(r.Key),
                _ => null,
            };
            if (killed is not null && dead.Contains(killed))
                yield return $"Entry {entry.Seq} uses what {killed} made, which was aborted before it was closed: it is dead.";
            switch (entry.Body)
            {
                case KeyGenerated k:
                    keys[k.Key] = entry.Ceremony;
                    break;
                case CertificateSigned c:
                    certificates[c.Certificate] = (entry.Ceremony, c.Key,
                        journal.PreviewOf(c.Certificate, entry.Seq)?.Body.Issuer ?? c.Certificate);
                    break;
                case TokenCommissioned t:
                    tokens[t.Serial] = entry.Ceremony;
                    break;
                case CeremonyClosed:
                    closed.Add(entry.Ceremony);
                    break;
                case CeremonyAborted when !closed.Contains(entry.Ceremony):
                    dead.Add(entry.Ceremony);
                    break;
            }
        }

        string? OfKey(string key) => keys.GetValueOrDefault(key);

        string? OfCertificate(string name)
        {
            var seen = new HashSet<string>();
            for (string at = name; seen.Add(at) && certificates.TryGetValue(at, out (string Ceremony, string Key, string Issuer) known);
                at = known.Issuer)
                if (dead.Contains(known.Ceremony))
                    return known.Ceremony;
                else if (OfKey(known.Key) is { } ceremony && dead.Contains(ceremony))
                    return ceremony;
            return null;
        }
    }

    private static IEnumerable<string> Seats(JournalFacts journal)
    {
        foreach ((Entry entry, RoomOpened room) in journal.All<RoomOpened>())
        {
            ImmutableArray<ImmutableArray<SeatRef>> combined = CombinedIn(journal, entry.Ceremony);
            foreach (IGrouping<string, Person> same in room.People.GroupBy(p => PeopleNames.Skeleton(p.Name, JournalFormats.First))
                .Where(g => g.Key.Length == 0
                    || g.Count() > 1 && !combined.Any(one => g.All(p => one.Contains(new SeatRef(p.Role, p.Index))))))
                yield return $"{entry.Ceremony}: {string.Join(" and ", same.Select(p => p.Role))} "
                    + $"look like one person, {same.First().Name}.";
        }
    }

    /// <summary>Seats that a script gives to one person. The formats before the sixth knew none.</summary>
    private static ImmutableArray<ImmutableArray<SeatRef>> CombinedIn(JournalFacts journal, string ceremony) =>
        journal.Ceremonies.FirstOrDefault(r => r.Id == ceremony) is { } run && JournalFormats.Of(run.Opened) >= JournalFormats.Renewed
            ? journal.ScriptOf(run)?.Combined ?? [] : [];
}
