using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using KeyCeremony.Core.Journal;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// Every copy of a key that the journals ever made or handed out, a line each, and what is known of it: docs/decisions/0034. What the
/// journals prove of a line is computed and asked of nobody; every other line is answered by people.
/// </summary>
public sealed record CopyInventory(string Key, ImmutableArray<CopyLine> Lines)
{
    public const string RecordSticks = "sticks";
    public const string Unrecorded = "unrecorded";

    /// <summary>A line of the statement.</summary>
    public const string NoCopyKnown = "result      no copy known";

    private const string Journal = "the journal, with the backup in it";

    public static CopyInventory Of(World world, string key)
    {
        ArgumentNullException.ThrowIfNull(world);
        ShareSetFact[] sets = SetsOf(world, key);
        return new CopyInventory(key,
        [
            .. InTokens(world, key),
            .. InDrills(world, key),
            .. sets.SelectMany(set => CardsOf(world, key, set)),
            .. sets.SelectMany(set => Elsewhere(world, key, set)),
            .. sets.Length == 0 ? [] : Blobs(world, key, sets),
            Line(world, key, Unrecorded, CopyKind.Unrecorded, "copies that no journal knows: prints, photographs, images of a stick", ""),
        ]);
    }

    /// <summary>What has no answer yet; what was said to remain on an earlier day is asked again.</summary>
    /// <param name="ceremony">The one that asks.</param>
    public ImmutableArray<CopyLine> Open(string ceremony) =>
        [.. Lines.Where(l => l.State == CopyState.Open || l.State == CopyState.Remains && l.AnsweredIn != ceremony)];

    public IEnumerable<CopyLine> Remaining => Lines.Where(l => l.State is CopyState.Open or CopyState.Remains);

    /// <summary>Whether the key can be brought back or used with what is known to remain.</summary>
    public bool CanReturn => Remaining.Any(l => l.Kind is CopyKind.Token or CopyKind.Drill or CopyKind.Blob or CopyKind.Unrecorded);

    /// <summary>
    /// What follows from what is left, a sentence each. It stands in statements and reports: other words are another format.
    /// </summary>
    public ImmutableArray<string> InWords(World world)
    {
        ArgumentNullException.ThrowIfNull(world);
        CopyLine[] inTokens = [.. Remaining.Where(l => l.Kind is CopyKind.Token or CopyKind.Drill)];
        string[] sets =
        [
            .. from set in SetsOf(world, Key)
               let account = CardAccount.Of(world, set)
               where CanOpen(set)
               select account.ForeignUtc is not null
                   ? $"Cards of {account.Set} that were made elsewhere open it, and its backup is in every copy of the journal: "
                       + "the key can be recovered."
                   : $"{account.NotDestroyed} of {account.Issued} cards of {account.Set} were never destroyed before a witness, "
                   + $"{account.Quorum} open it, and its backup is in every copy of the journal: the key can be recovered.",
        ];
        string[] unread =
        [
            .. from set in SetsOf(world, Key)
               let account = CardAccount.Of(world, set)
               where !CanOpen(set) && set.Made.Plan.Opens(set.NotIn(CardChecked.Destroyed))
               select $"{account.DestroyedUnread} destroyed cards of {account.Set} could not be read: that the rest open nothing "
                   + "is the word of the witness.",
        ];
        return
        [
            .. inTokens.Select(l => $"The key may still be in {l.What}: it can be used there."),
            .. sets,
            .. Remaining.Where(l => l.Kind == CopyKind.Unrecorded).Select(_ => "There are copies that no journal knows."),
            .. CanReturn ? [] : new[] { "No copy is left, as far as the journals and the people in the room know." },
            .. unread,
        ];
    }

    /// <summary>The statement that leaves the room, line by line. docs/formats/bundle.md.</summary>
    public ImmutableArray<string> Statement(World world, DateTimeOffset utc, string ceremony, string witness)
    {
        ArgumentNullException.ThrowIfNull(world);
        EndedKey ended = world.Ended[Key];
        return
        [
            "KeyCeremony statement of destruction 1",
            $"ledger      {world.LedgerId}",
            $"environment {world.Environment}",
            $"ceremony    {ceremony}",
            $"key         {Key}",
            $"public key  {ended.Body.SpkiSha256}",
            $"ended       {Time(ended.Utc)}",
            $"reason      {ended.Body.Reason}",
            $"stated      {Time(utc)}",
            $"witness     {witness}",
            CanReturn ? "result      copies remain" : NoCopyKnown,
            .. InWords(world),
            .. Lines.Select(l => $"{l.StateInWords,-9} {l.InWords}"),
        ];
    }

    public static string Sha256Of(ImmutableArray<string> statement) =>
        Convert.ToHexStringLower(SHA256.HashData(DestructionStated.FileOf(statement)));

    private static ShareSetFact[] SetsOf(World world, string key) =>
        [.. world.Sets.Values.Where(s => s.Opens.Any(o => o.Body.Key == key)).OrderBy(s => s.Seq)];

    /// <summary>Whether enough cards may be somewhere; a lost one counts as in other hands.</summary>
    private static bool CanOpen(ShareSetFact set) => set.ForeignUtc is not null
        || set.Made.Plan.Opens(set.NotIn(CardChecked.Destroyed, CardChecked.DestroyedUnread));

    private static IEnumerable<CopyLine> InTokens(World world, string key)
    {
        HashSet<(string CkaId, string Serial)> known = [];
        // A ceremony that makes a key and brings it back into another HSM gives it one ID in both.
        string Id(string ckaId, string serial) => known.Any(o => o.CkaId == ckaId) ? $"hsm/{ckaId}/{serial}" : $"hsm/{ckaId}";
        foreach (KeyObject o in world.Objects.Where(o => o.Key == key && o.Came != KeyObject.Drill))
        {
            yield return InToken(world, key, Id(o.CkaId, o.Serial), o.CkaId, o.Serial, $"{o.Came} there on {o.Utc:yyyy-MM-dd}", o.Gone);
            known.Add((o.CkaId, o.Serial));
        }
        foreach (BegunKey begun in world.Begun.Values.Where(b => b.Key == key && !known.Contains((b.CkaId, b.Serial)))
            .OrderBy(b => b.Seq))
            yield return InToken(world, key, Id(begun.CkaId, begun.Serial), begun.CkaId, begun.Serial, "an attempt was cut off there", "");
    }

    private static CopyLine InToken(World world, string key, string id, string ckaId, string serial, string came, string gone)
    {
        string fate = gone.Length > 0 ? gone
            : world.Retired.LastOrDefault(r => r.Serial == serial) is { How: TokenRetired.Destroyed } retired
                ? $"the HSM is destroyed: {retired.Remark}" : "";
        return Line(world, key, id, CopyKind.Token, $"the HSM {serial}, CKA_ID {ckaId}, {came}", fate) with
        {
            CkaId = ckaId,
            Serial = serial,
        };
    }

    /// <summary>A line for each HSM, however often it served.</summary>
    private static IEnumerable<CopyLine> InDrills(World world, string key) => world.Objects
        .Where(o => o.Key == key && o.Came == KeyObject.Drill).GroupBy(o => o.Serial)
        .Select(g => Line(world, key, $"drill/{g.Key}", CopyKind.Drill, $"the drill HSM {g.Key}",
            g.Any(o => o.Gone.Length == 0) ? "" : g.Last().Gone) with
        {
            Serial = g.Key,
        });

    private static IEnumerable<CopyLine> CardsOf(World world, string key, ShareSetFact set) =>
        from number in Enumerable.Range(1, set.Made.Custodians.Length)
        let card = set.Card(number)
        select Line(world, key, string.Create(CultureInfo.InvariantCulture, $"card/{set.Made.Set}/{number}"), CopyKind.Card,
            $"card {number} of {set.Made.Set}, dealt to {set.Made.Custodians[number - 1]}",
            card.State is CardChecked.Destroyed or CardChecked.DestroyedUnread ? $"{card.State} on {card.Utc:yyyy-MM-dd}" : "") with
        {
            Set = set.Made.Set,
            Seen = set.CardInWords(number),
        };

    /// <summary>Of these the journals know that they opened it, and neither how many they are nor who has them.</summary>
    private static IEnumerable<CopyLine> Elsewhere(World world, string key, ShareSetFact set)
    {
        if (set.ForeignUtc is { } utc)
            yield return Line(world, key, $"elsewhere/{set.Made.Set}", CopyKind.Elsewhere,
                $"the cards that were made elsewhere and opened {set.Made.Set} on {utc:yyyy-MM-dd}", "");
    }

    /// <summary>
    /// A wrapped key whose wrap key exists no more is erased by that, wherever it lies: NIST SP 800-88, Cryptographic Erase.
    /// </summary>
    private static IEnumerable<CopyLine> Blobs(World world, string key, ShareSetFact[] sets)
    {
        string erased = sets.Any(CanOpen) ? "" : "purged by cryptographic erase: fewer cards than open it are left";
        BackedUp[] blobs = [.. sets.SelectMany(s => s.Opens).Where(o => o.Body.Key == key)];
        long first = blobs.Min(b => b.Seq);
        yield return Line(world, key, RecordSticks, CopyKind.Blob, $"{Journal}: on the record sticks, and in every bundle from today on",
            erased);
        foreach (long seq in world.Exports.Where(seq => seq > first))
            yield return Line(world, key, string.Create(CultureInfo.InvariantCulture, $"bundle/{seq}"), CopyKind.Blob,
                $"{Journal}: the bundle of entry {seq}, wherever it was taken", erased);
        // The entry that says so of this bundle was on the record sticks alone.
        foreach (long seq in world.Restorations.Where(seq => seq > first))
            yield return Line(world, key, string.Create(CultureInfo.InvariantCulture, $"bundle/{seq}"), CopyKind.Blob,
                $"{Journal}: the bundle from which entry {seq} restored the ledger, and the record sticks before it", erased);
        foreach ((long seq, ResultsShown shown) in world.Shown)
            foreach (BackedUp blob in blobs.Where(b => b.Seq < seq && shown.Results.Any(r => r.Sha256 == b.Body.Sha256)))
                yield return Line(world, key, string.Create(CultureInfo.InvariantCulture, $"codes/{seq}/{blob.Body.Sha256[..16]}"),
                    CopyKind.Blob, $"the backup {blob.Body.Sha256[..16]}, shown as QR codes to {shown.Receiver}", erased);
    }

    /// <param name="proven">What the journals prove of it; empty: people say what became of it.</param>
    private static CopyLine Line(World world, string key, string id, CopyKind kind, string what, string proven)
    {
        CopyAnswer? answer = world.Ended.GetValueOrDefault(key)?.Answers.GetValueOrDefault(id);
        return proven.Length > 0 ? new CopyLine(id, kind, what, CopyState.Gone, proven, "")
            : answer is null ? new CopyLine(id, kind, what, CopyState.Open, "", "")
            : new CopyLine(id, kind, what, answer.Body.Result == CopyAnswered.Remains ? CopyState.Remains : CopyState.Gone,
                answer.Body.Result == CopyAnswered.None ? "nobody in the room knows of one"
                    : $"{answer.Body.Result}, as was said on {answer.Utc:yyyy-MM-dd}: {answer.Body.Words}", answer.Ceremony);
    }

    private static string Time(DateTimeOffset utc) => utc.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}

public enum CopyKind
{
    /// <summary>An object in an HSM that serves or served.</summary>
    Token,

    /// <summary>A drill HSM, which is wiped after every drill.</summary>
    Drill,

    /// <summary>One of the cards that open a backup.</summary>
    Card,

    /// <summary>Cards that no ledger dealt and that open a backup.</summary>
    Elsewhere,

    /// <summary>The wrapped key, on whatever carries it.</summary>
    Blob,

    /// <summary>What no journal tells of.</summary>
    Unrecorded,
}

public enum CopyState
{
    /// <summary>Nobody has said what became of it.</summary>
    Open,

    /// <summary>It is destroyed or worth nothing.</summary>
    Gone,

    /// <summary>It was named as remaining, with a reason.</summary>
    Remains,
}

/// <summary>One copy.</summary>
/// <param name="Id">Unique in the inventory and the same whenever it is made.</param>
/// <param name="How">What became of it; empty while it is open.</param>
/// <param name="AnsweredIn">The ceremony in which people said so; empty: the journals prove it, or nobody did.</param>
public sealed record CopyLine(string Id, CopyKind Kind, string What, CopyState State, string How, string AnsweredIn)
{
    public string CkaId { get; init; } = "";

    public string Serial { get; init; } = "";

    /// <summary>Of a card.</summary>
    public string Set { get; init; } = "";

    /// <summary>Of a card: what was seen of it last.</summary>
    public string Seen { get; init; } = "";

    public string StateInWords => State switch
    {
        CopyState.Gone => "gone",
        CopyState.Remains => "REMAINS",
        _ => "OPEN",
    };

    public string InWords =>
        $"{What}{(How.Length > 0 ? $": {How}" : "")}{(State != CopyState.Gone && Seen.Length > 0 ? $" ({Seen})" : "")}";
}
