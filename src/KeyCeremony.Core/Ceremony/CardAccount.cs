using System.Collections.Immutable;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony;

/// <summary>
/// What the ledger can say of a set of cards, and no more. A set is <em>retired</em> only when so many of its cards were destroyed before a
/// witness that the rest cannot open anything: lost cards, unreadable cards and a new set prove nothing about the old one.
/// </summary>
/// <param name="Issued">n: how many cards were dealt.</param>
/// <param name="Needed">k: how many open it at least.</param>
/// <param name="Destroyed">d: destroyed before a witness, and not seen again.</param>
/// <param name="Lost">l: nobody has them, as far as the ledger knows; somebody may.</param>
/// <param name="Good">How many were typed, and right, when they were seen last.</param>
/// <param name="GoodSince">The day on which the good card was seen that was not seen for longest; null: none is good.</param>
/// <param name="State">One of <see cref="Live"/>, <see cref="Retired"/>, <see cref="RetiredUnread"/>, <see cref="Worthless"/>,
/// <see cref="Replaced"/> and <see cref="VoidSet"/>.</param>
/// <param name="Because">Why it does not serve any more; empty while it does.</param>
/// <param name="Blobs">What its secret opens, with the copies that the journals know of.</param>
public sealed record CardAccount(string Set, string Name, int Issued, int Needed, int Destroyed, int Lost, int Good,
    DateTimeOffset? GoodSince, string State, string Because, ImmutableArray<BlobAccount> Blobs)
{
    /// <summary>It serves: its cards are needed.</summary>
    public const string Live = "live";

    /// <summary>It does not serve, and fewer cards than open it were not destroyed before a witness.</summary>
    public const string Retired = "retired";

    /// <summary>The same, when those are counted that were destroyed and that nobody could read.</summary>
    public const string RetiredUnread = "retired, cards unread";

    /// <summary>It does not serve, and enough of its cards may still be somewhere.</summary>
    public const string Replaced = "replaced, not retired";

    /// <summary>The PINs of every HSM that it opened were changed: its cards open nothing.</summary>
    public const string Worthless = "worthless";

    /// <summary>Its dealing was broken off before its secret opened anything.</summary>
    public const string VoidSet = "void";

    /// <summary>Where cards lie that are not known to be destroyed or lost; by the place's first spelling.</summary>
    public ImmutableArray<SiteAccount> Sites { get; private init; } = [];

    /// <summary>u: destroyed before a witness as cards of this set, and nobody could read them.</summary>
    public int DestroyedUnread { get; private init; }

    /// <summary>When cards that were made elsewhere opened it first; null: they never did.</summary>
    public DateTimeOffset? ForeignUtc { get; private init; }

    /// <summary>How many cards open it, as it is said: <c>2</c>, or <c>2 of 3 groups (2 of 3, 2 of 3, 3 of 5)</c>.</summary>
    public string Quorum { get; private init; } = "";

    /// <summary>The cards of every group, as <see cref="SharesMade.Groups"/>.</summary>
    public string? Groups { get; private init; }

    /// <summary>Cards that must still be destroyed before it is retired, the right ones first.</summary>
    public int ToRetire { get; private init; }

    /// <summary>Too few cards are known to be good: nobody can be sure that the set opens.</summary>
    public bool IsShort { get; private init; }

    /// <summary>One more good card that is lost can close it for ever.</summary>
    public bool IsLast { get; private init; }

    /// <summary>As a part of a sentence: <c>2 of 3 cards</c>.</summary>
    public string Bring => Groups is null ? $"{Needed} of {Issued} cards" : $"{Quorum} of the {Issued} cards";

    /// <summary>Whether its cards are needed.</summary>
    public bool Serves => State == Live;

    /// <summary>Cards that were never destroyed before a witness: what somebody may still collect.</summary>
    public int NotDestroyed => Issued - Destroyed - DestroyedUnread;

    /// <summary>Every set of the ledger, in the order of their names.</summary>
    public static ImmutableArray<CardAccount> All(World world)
    {
        ArgumentNullException.ThrowIfNull(world);
        return [.. world.Sets.Values.OrderBy(s => s.Made.Set, StringComparer.Ordinal).Select(s => Of(world, s))];
    }

    public static CardAccount Of(World world, ShareSetFact set)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(set);
        CardFact[] cards = [.. Enumerable.Range(1, set.Made.Custodians.Length).Select(set.Card)];
        GroupPlan plan = set.Made.Plan;
        int issued = cards.Length, destroyed = cards.Count(c => c.State == CardChecked.Destroyed),
            unread = cards.Count(c => c.State == CardChecked.DestroyedUnread);
        string because = WhyNot(world, set);
        string state = because.Length == 0 ? Live
            : set.Opens.IsEmpty && set.Commissioned.IsEmpty ? VoidSet
            : set.ForeignUtc is not null ? Replaced
            : !plan.Opens(set.NotIn(CardChecked.Destroyed)) ? Retired
            : !plan.Opens(set.NotIn(CardChecked.Destroyed, CardChecked.DestroyedUnread)) ? RetiredUnread
            : OpensNothing(set) ? Worthless
            : Replaced;
        ImmutableArray<int> all = [.. Enumerable.Range(1, issued)];
        CardFact[] good = [.. cards.Where(c => c.State == CardChecked.Good)];
        ImmutableArray<int> goodCards = [.. good.Select(c => c.Share)];
        return new CardAccount(set.Made.Set, set.Made.Name, issued, plan.Fewest, destroyed,
            cards.Count(c => c.State == CardChecked.Lost), good.Length, good.Min(c => c.GoodUtc), state, because,
            [.. set.Opens.Select(o => BlobAccount.Of(world, o))])
        {
            DestroyedUnread = unread,
            ForeignUtc = set.ForeignUtc,
            Quorum = plan.InWords,
            Groups = set.Made.Groups,
            ToRetire = plan.ToClose(set.NotIn(CardChecked.Destroyed, CardChecked.DestroyedUnread)),
            IsShort = state == Live && !plan.Opens(goodCards),
            IsLast = state == Live && plan.Opens(goodCards)
                && goodCards.Any(c => !plan.Opens(goodCards.Remove(c)) && plan.Opens(all.Remove(c))),
            Sites = [.. cards.Where(c => SiteNames.Said(c.Site).Length > 0
                    && c.State is not (CardChecked.Destroyed or CardChecked.DestroyedUnread or CardChecked.Lost))
                .GroupBy(c => SiteNames.Bare(c.Site), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new SiteAccount(g.First().Site, [.. g.Select(c => c.Share)], g.Count(c => c.State == CardChecked.Good))
                {
                    Opens = plan.Opens(g.Select(c => c.Share)),
                    Closes = plan.Opens(goodCards) && !plan.Opens(goodCards.Except(g.Select(c => c.Share))),
                })],
        };
    }

    /// <summary>In a line of a list.</summary>
    public string Line => $"{Set}: {State}, {(Groups is null ? $"{Needed} of {Issued}" : Quorum)}, {Seen}";

    /// <summary>What is left of it, as a sentence.</summary>
    public string Left => Serves
        ? $"{Good} of {Issued} cards of {Set} were good when they were seen last; {Quorum} open it."
        : $"{NotDestroyed} of {Issued} cards of {Set} were never destroyed before a witness; {Quorum} open it.";

    /// <summary>The whole account, line by line. It stands in reports, which are composed again: other words are another format.</summary>
    public ImmutableArray<string> InWords =>
    [
        $"{Set}: {State}{(Because.Length > 0 ? $" ({Because})" : "")}",
        $"  issued {Issued}, destroyed and witnessed {Destroyed}{Apart}, lost {Lost}, needed {Quorum}; {Seen}",
        .. Follows.Select(line => $"  {line}"),
        .. Warnings.Select(line => $"  WARNING {line}"),
        .. Blobs.Select(blob => $"  {blob.InWords}"),
    ];

    /// <summary>Where its cards lie, line by line.</summary>
    public ImmutableArray<string> Places =>
        [.. Sites.Select(s => $"{s.Site}: card {string.Join(", ", s.Cards)} of {Set}"), .. SiteWarnings.Select(w => $"WARNING {w}")];

    private string AnyQuorum => Groups is null
        ? $"Any {Needed} of the {NotDestroyed} cards that nobody saw destroyed"
        : $"{Quorum} of the {NotDestroyed} cards that nobody saw destroyed";

    private string Apart => DestroyedUnread > 0 ? $", destroyed unread {DestroyedUnread}" : "";

    /// <summary>What follows from a set that was replaced and is not retired, or is so on somebody's word.</summary>
    public ImmutableArray<string> Follows => ForeignUtc is { } utc
        ?
        [
            $"Cards that were made elsewhere opened it on {utc:yyyy-MM-dd}. They and one copy of a blob below are the key for ever; "
                + "where they lie and how many they are, this ledger does not know.",
            .. State == Replaced && ToRetire > 0 && !Blobs.IsEmpty ? [$"{AnyQuorum} are so, too."] : Array.Empty<string>(),
        ]
        : State == RetiredUnread
        ? [$"{DestroyedUnread} of its destroyed cards could not be read: that they were cards of this set is the word of the witness."]
        : State == Worthless
        ? ["Its cards open none of the HSMs that they were dealt for. Who copied such an HSM before still opens the copy with them."]
        : State != Replaced ? []
        : Blobs.IsEmpty
        ? [$"{AnyQuorum} make the PINs of the HSM that they were dealt for."]
        :
        [
            $"{AnyQuorum}, and one copy of a blob below, are the key for ever.",
            $"It is retired when {(Groups is null ? "" : "at least ")}{ToRetire} more {(ToRetire == 1 ? "is" : "are")} destroyed "
                + "before a witness.",
        ];

    /// <summary>What somebody has to do something about.</summary>
    public ImmutableArray<string> Warnings => [.. Short, .. SiteWarnings];

    private IEnumerable<string> Short => !Serves ? []
        : IsShort ? [$"{Left} Nobody can be sure that this set opens: check the cards, then replace the set."]
        : IsLast ? [$"{Left} One more that is lost, and the set {(Groups is null ? "opens" : "may open")} nothing."]
        : [];

    /// <summary>One place with a threshold is one burglary; one place with too many is one fire.</summary>
    private IEnumerable<string> SiteWarnings => !Serves ? [] : Sites.SelectMany(site => site switch
    {
        _ when Needed < 2 => [],
        { Opens: true } =>
            [$"{site.Cards.Length} cards of {Set} lie in {site.Site}, and {Quorum} open it: whoever enters there has the set."],
        { Closes: true } => new[] { $"{site.Good} of the {Good} good cards of {Set} lie in {site.Site}: "
            + $"a fire there leaves fewer than the {Quorum} that open it." },
        _ => [],
    });

    private string Seen => GoodSince is { } since
        ? $"{Good} good when last seen, none of them longer ago than {since:yyyy-MM-dd}"
        : "none was seen good";

    /// <summary>
    /// Why a set does not serve any more. What is not known to be replaced serves: its cards are guarded rather once too often.
    /// </summary>
    private static string WhyNot(World world, ShareSetFact set)
    {
        if (set.Voided is not null)
            return "its dealing was broken off";
        if (world.IsDead(set))
            return $"{set.Ceremony} was aborted";
        if (OpensNothing(set))
            return $"the PINs of the HSM {string.Join(" and ", set.Commissioned.Distinct())} were changed on "
                + $"{set.Left.Values.Max():yyyy-MM-dd}";
        if (!set.Commissioned.IsEmpty)
            return world.Primary?.Commissioned.Set != set.Made.Set
                && world.Retired.LastOrDefault(t => t.Serial == set.Commissioned[^1]) is { } retired
                ? $"the HSM {retired.Serial} is {retired.How}"
                : "";
        if (!set.Opens.IsEmpty && set.Opens.All(o => world.Ended.ContainsKey(o.Body.Key)))
            return $"the key {string.Join(" and ", set.Opens.Select(o => $"\"{o.Body.Key}\"").Distinct())} ended";
        return !set.Opens.IsEmpty && set.Opens.All(o => IsMadeAnew(world, o) || world.Ended.ContainsKey(o.Body.Key))
            ? $"the backup of {string.Join(" and ", set.Opens.Select(o => $"\"{o.Body.Key}\"").Distinct())} "
                + $"was made anew under another set{(set.Opens.Any(o => world.Ended.ContainsKey(o.Body.Key)) ? ", or the key ended" : "")}"
            : "";
    }

    private static bool OpensNothing(ShareSetFact set) =>
        !set.Commissioned.IsEmpty && set.Commissioned.All(set.Left.ContainsKey);

    /// <summary>
    /// A new backup counts when its cards were read back, combined and drilled, and its ceremony was closed: until then an abort kills it,
    /// and the old one is all there is.
    /// </summary>
    private static bool IsMadeAnew(World world, BackedUp blob) => world.Sets.Values.Any(s => s is { Voided: null, Combined: true }
        && !world.Dead.Contains(s.Ceremony) && world.Ceremonies.Any(c => c.Id == s.Ceremony && c.End.Length > 0)
        && s.Opens.Any(o => o.Drilled && o.Body.Key == blob.Body.Key && o.Seq > blob.Seq));
}

/// <param name="Site">As it was said first.</param>
/// <param name="Cards">The numbers of the cards that lie there.</param>
/// <param name="Good">How many of them were good when they were seen last.</param>
public sealed record SiteAccount(string Site, ImmutableArray<int> Cards, int Good)
{
    /// <summary>Its cards are a quorum: whoever enters has the set.</summary>
    internal bool Opens { get; init; }

    /// <summary>Without its good cards the other good ones are none.</summary>
    internal bool Closes { get; init; }
}

/// <summary>A wrapped key that the cards of a set open. No copy can be called back: it is public from its first bundle on.</summary>
/// <param name="Sha256">Of the blob.</param>
/// <param name="Bundles">How many bundles carried it out of the room since.</param>
/// <param name="Shown">To whom it was shown as codes.</param>
public sealed record BlobAccount(string Key, string Sha256, int Bundles, ImmutableArray<string> Shown)
{
    internal static BlobAccount Of(World world, BackedUp blob) => new(blob.Body.Key, blob.Body.Sha256,
        world.Exports.Count(seq => seq > blob.Seq),
        [.. world.Shown.Where(x => x.Seq > blob.Seq && x.Shown.Results.Any(r => r.Sha256 == blob.Body.Sha256 && r.Words.Length > 0))
            .Select(x => x.Shown.Receiver).Distinct()]);

    public string InWords => $"blob of \"{Key}\" {Sha256[..16]}: on every record stick, in {Bundles} "
        + $"{(Bundles == 1 ? "bundle" : "bundles")} and every later one"
        + (Shown.IsEmpty ? "" : $", by QR code at {string.Join(", ", Shown)}");
}
