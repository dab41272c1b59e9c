using System.Collections.Immutable;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Verifier.Register;

/// <summary>What the tables are found in: a journal that was proven and replayed, and the world that it leaves.</summary>
internal sealed class LedgerFacts
{
    /// <summary>Digits of the ledger's number that it is called by, as in the names of bundles.</summary>
    public const int IdDigits = 8;

    private readonly Lazy<Dictionary<string, (string Issuer, string Serial)>> _serials;
    private readonly Lazy<ILookup<(string Set, int Share), Entry>> _presented;

    /// <param name="proof">How the journal was proven, in a word.</param>
    /// <param name="sources">Where it stands.</param>
    public LedgerFacts(ImmutableArray<Entry> entries, string proof, IReadOnlyList<string> sources)
    {
        (Journal, World, Proof, Sources) = (new JournalFacts(entries), Replay.WorldAfter(entries), proof, sources);
        Dead = [.. Journal.All<CeremonyAborted>().Select(a => a.Entry.Ceremony).Except(Journal.All<CeremonyClosed>().Select(c =>
            c.Entry.Ceremony))];
        _serials = new(() => Journal.Certified.Where(c => !Dead.Contains(c.Entry.Ceremony)).GroupBy(c => c.Body.Certificate)
            .ToDictionary(g => g.Key, g => (g.Last().Certificate.ToBeSigned.Issuer.ToString(), Hex(g.Last().Certificate))));
        _presented = new(() => Journal.All<SharePresented>().ToLookup(p => (p.Body.Set, p.Body.Share), p => p.Entry));
    }

    public JournalFacts Journal { get; }

    public World World { get; }

    public string Proof { get; }

    public IReadOnlyList<string> Sources { get; }

    public string Id => World.LedgerId[..IdDigits];

    public string Environment => World.Environment;

    /// <summary>Ceremonies that were aborted before they were closed, in every format.</summary>
    public HashSet<string> Dead { get; }

    /// <summary>When the cards of a set were typed after they had been read back.</summary>
    public IEnumerable<Entry> Presented(string set, int share) => _presented.Value[(set, share)];

    /// <summary>The sealed bag with this card, or null.</summary>
    public string? BagOf(string set, int share) => World.BagOf(World.Sets[set], share);

    /// <summary>Subject of the issuer and serial number of a certificate of the ledger; null when no live ceremony signed it.</summary>
    public (string Issuer, string Serial)? SerialOf(string certificate) => _serials.Value.TryGetValue(certificate, out (string,
        string) found) ? found : null;

    public static string Hex(ParsedCertificate certificate) => Convert.ToHexStringLower(certificate.ToBeSigned.Serial.Span);
}
