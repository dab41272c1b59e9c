using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Verifier.Register;

/// <summary>What is found in a ledger, kind by kind: the ledger and its ceremonies, people, exceptions, bags.
/// docs/formats/register.md.</summary>
internal static partial class RegisterTables
{
    private const string Good = "good";
    private const string DeadWord = "dead";
    private const string Void = "void";

    public static RegisterTable Ledgers { get; } = new("ledgers", "Ledgers", "ledger environment proof entries ceremonies exceptions last",
    [
        Text("id", "Number"),
        Text("proof", "Proof"),
        Number("entries", "Entries"),
        Number("ceremonies", "Ceremonies"),
        Number("certificates", "Certificates"),
        Number("exceptions", "Exceptions"),
        Time("last", "Last entry (UTC)"),
        Text("head", "Head"),
        Text("sources", "Read from"),
    ],
    ledger => [new Found(ledger.Journal.Entries[0], ledger.World.LedgerId, ledger.Proof, (long)ledger.Journal.Entries.Length,
        (long)ledger.Journal.Ceremonies.Length,
        (long)ledger.Journal.All<CertificateSigned>().Count(), (long)ledger.Journal.All<ExceptionRaised>().Count(),
            ledger.Journal.Entries[^1].Utc,
        ledger.Journal.Entries[^1].HashHex, string.Join(", ", ledger.Sources))]);

    public static RegisterTable Ceremonies { get; } = new("ceremonies", "Ceremonies", "ceremony ended state people exceptions",
    [
        Text("script", "Script"),
        Number("version", "Version"),
        Number("format", "Format"),
        Time("ended", "Ended (UTC)"),
        Text("state", "State"),
        Text("reason", "Reason"),
        Number("people", "People"),
        Number("exceptions", "Exceptions"),
        Number("entries", "Entries"),
        Text("program", "Program"),
        Text("scriptSha256", "SHA-256 of the script"),
    ], FindCeremonies);

    public static RegisterTable People { get; } = new("people", "People", "ceremony role seat name",
    [
        Text("role", "Role"),
        Number("seat", "Seat"),
        Text("name", "Name"),
    ],
    ledger => ledger.Journal.All<RoomOpened>().SelectMany(r => r.Body.People.Select(p => new Found(r.Entry, p.Role, (long)p.Index,
        p.Name))));

    public static RegisterTable Exceptions { get; } = new("exceptions", "Exceptions", "ceremony number rule what state",
    [
        Number("number", "No."),
        Text("rule", "Rule"),
        Text("what", "What"),
        Text("step", "Step"),
        Text("state", "State"),
        Time("signedOff", "Signed off (UTC)"),
        Text("witness", "Witness"),
        Text("remark", "Remark"),
    ], FindExceptions);

    public static RegisterTable Bags { get; } = new("bags", "Bags", "number content state sealedIn openedIn",
    [
        Text("number", "Number"),
        Text("content", "Content"),
        Text("state", "State"),
        Time("sealed", "Sealed (UTC)"),
        Text("sealedIn", "Sealed in"),
        Time("opened", "Opened (UTC)"),
        Text("openedIn", "Opened in"),
    ], FindBags);

    private static IEnumerable<Found> FindCeremonies(LedgerFacts ledger)
    {
        foreach (CeremonyRun run in ledger.Journal.Ceremonies)
        {
            Entry? closed = run.Entries.FirstOrDefault(e => e.Body is CeremonyClosed), aborted = run.Entries.FirstOrDefault(e =>
                e.Body is CeremonyAborted);
            yield return new Found(run.Opening, run.Opened.Name, (long)run.Opened.Version, (long)JournalFormats.Of(run.Opened),
                (closed ?? aborted)?.Utc,
                ledger.Dead.Contains(run.Id) ? DeadWord : aborted is not null ? "aborted" : closed is not null ? "closed" : "open",
                (aborted?.Body as CeremonyAborted)?.Reason, (long)Attendant.Of(run.Of<RoomOpened>().LastOrDefault()?.People ?? []).Length,
                (long)run.Of<ExceptionRaised>().Count(), (long)run.Entries.Length, run.Opened.Program, run.Opened.ScriptSha256);
        }
    }

    private static IEnumerable<Found> FindExceptions(LedgerFacts ledger)
    {
        foreach (CeremonyRun run in ledger.Journal.Ceremonies)
        {
            var off = run.Entries.Where(e => e.Body is ExceptionSignedOff).GroupBy(e =>
                ((ExceptionSignedOff)e.Body).Number).ToDictionary(g => g.Key, g => g.Last());
            foreach (Entry entry in run.Entries)
                if (entry.Body is ExceptionRaised raised)
                {
                    Entry? signed = off.GetValueOrDefault(raised.Number);
                    var said = signed?.Body as ExceptionSignedOff;
                    yield return new Found(entry, (long)raised.Number, raised.Rule, raised.What, entry.Step, signed is null ? "open"
                        : "signed off", signed?.Utc, said?.Witness, said?.Remark);
                }
        }
    }

    /// <summary>A bag is one sealing; a bag that is opened and was never sealed here has a row too.</summary>
    private static IEnumerable<Found> FindBags(LedgerFacts ledger)
    {
        ILookup<string, (Entry Entry, BagOpened Bag)> opened = ledger.Journal.All<BagOpened>().ToLookup(o => o.Body.Number);
        var found = new List<Found>();
        var taken = new HashSet<long>();
        foreach ((Entry entry, BagSealed bag) in ledger.Journal.All<BagSealed>())
        {
            Entry? opening = opened[bag.Number].Where(o => BagContents.IsSame(bag.Content, o.Bag.Content)).Select(o => o.Entry)
                .FirstOrDefault(o => o.Seq > entry.Seq && taken.Add(o.Seq));
            string state = opening is not null ? "opened"
                : ledger.World.Bags.Any(b => b.Value == bag.Number && BagContents.IsSame(bag.Content, b.Key)) ? "sealed" : Void;
            found.Add(new Found(entry, bag.Number, bag.Content, state, entry.Utc, entry.Ceremony, opening?.Utc, opening?.Ceremony));
        }
        foreach ((Entry entry, BagOpened bag) in ledger.Journal.All<BagOpened>().Where(o => !taken.Contains(o.Entry.Seq)))
            found.Add(new Found(entry, bag.Number, bag.Content, "opened, not known", null, null, entry.Utc, entry.Ceremony));
        return found.OrderBy(f => f.Entry.Seq);
    }

    private static RegisterColumn Text(string name, string heading) => new(name, heading, ColumnKind.Text);

    private static RegisterColumn Number(string name, string heading) => new(name, heading, ColumnKind.Number);

    private static RegisterColumn Time(string name, string heading) => new(name, heading, ColumnKind.Time);

    private static RegisterColumn Flag(string name, string heading) => new(name, heading, ColumnKind.Flag);
}
