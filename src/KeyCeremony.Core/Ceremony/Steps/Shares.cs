using System.Collections.Immutable;
using System.Globalization;
using KeyCeremony.Core.Journal;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Ceremony.Steps;

/// <summary>Shares are dealt one custodian at a time, read back, combined in every way, and presented later.</summary>
internal static class Shares
{
    private const string PresentId = "present/";
    private const string WhoId = "/who";
    private const string WhyId = "/why";
    private const string SeenId = "/seen";

    public static Move Deal(CeremonyState s, DealSharesStep step)
    {
        if (s.Latest<ShareSetVoided>() is { } voided && !s.Facts<ExceptionRaised>()
            .Any(x => x.Rule == CeremonyRules.DealingInterrupted && x.What.Contains($"\"{voided.Set}\"", StringComparison.Ordinal)))
            return new Note(Room.Exception(s, CeremonyRules.DealingInterrupted,
                $"The dealing of \"{voided.Set}\" was interrupted. Its cards are void and must be destroyed; a new set is dealt."));
        if (s.SetHere(step.Set) is not { } set)
            return Make(s, step);
        (string id, GroupPlan plan) = (set.Made.Set, set.Made.Plan);
        if (!set.Combined && !s.Held.Contains(id))
            return new Note(new ShareSetVoided(id, "The program was started again before every share was read back."));
        for (int i = 1; i <= set.Made.Custodians.Length; i++)
            if (!set.ReadBack.Contains(i))
                return Card(s, set, i);
        if (!set.Combined)
            return new Perform(new CombineSubsets(id));
        for (int i = 1; i <= set.Made.Custodians.Length; i++)
            if (s.Answer($"card/{id}/{i}{SeenId}") is null && SecondWitness.For(s, set.Made.Custodians[i - 1]) is { } second)
                return new Ask(SecondWitness.Look($"card/{id}/{i}{SeenId}", second, set.Made.Custodians[i - 1], $"card {i} of {id}"));
        return Room.Seen(s, Roles.Witness, "Every share was read back and every quorum gives the same secret.",
            [$"Set {id}: {plan.Title}",
                $"Quorums tried {s.Facts<SubsetsCombined>().Last().Subsets}", $"Key check {set.Made.KeyCheck}",
                $"Randomness from {string.Join(" and ", set.Made.Sources)}", .. Cards(set)]);
    }

    /// <summary>Asks for shares of this set until the quorum is there, then rebuilds the secret.</summary>
    /// <param name="because">Why it is asked for again, line by line.</param>
    public static Move Present(CeremonyState s, ShareSetFact set, ImmutableArray<string> because = default)
    {
        ImmutableArray<SharePresented> presented = Presented(s, set.Made.Set);
        GroupPlan plan = set.Made.Plan;
        string accepted = presented.IsEmpty ? "" : Accepted(plan, presented);
        ImmutableArray<string> evidence = [.. because.IsDefault ? [] : because, .. accepted.Length > 0 ? new[] { accepted.TrimEnd() } : [],
            $"Set {set.Made.Set}", .. set.Made.Custodians.Select((c, i) =>
            $"{(presented.Any(p => p.Share == i + 1) ? "presented" : "         ")} {plan.Card(i + 1)} {c}")];
        int number = presented.Length + 1;
        bool isMarked = s.Format >= JournalFormats.Replayed;
        if (isMarked && presented.Select(p => Bags.OfCard(s, set, p.Share)).FirstOrDefault(m => m is not null) is { } bag)
            return bag;
        if (isMarked && presented.Select((p, i) => OtherHands(s, set, p, i + 1)).FirstOrDefault(m => m is not null) is { } otherHands)
            return otherHands;
        if (isMarked && presented.Select((p, i) => Seen(s, set, p, i + 1)).FirstOrDefault(m => m is not null) is { } seen)
            return seen;
        if (plan.Opens(presented.Select(p => p.Share)))
            return new Perform(new RebuildSecret(set.Made.Set, set.Made.KeyCheck));
        Person? presenter = Presenter(s, set.Made.Set, number);
        if (isMarked && presenter is null)
            return new Ask(Who(s, set, number, accepted, evidence));
        return new Ask(new Question($"{PresentId}{number}", presenter?.Role ?? Roles.Officer, presenter?.Index ?? 1,
            $"{presenter?.Name ?? "A custodian"} comes to the screen alone and types a card of {Called(s, set)}.", AnswerKind.PresentShare,
            (plan.HasGroups ? "Any custodian of a group that is not complete. " : "Any custodian of this set who has not presented yet. ")
                + "Four letters are enough for a word. Everyone else turns away.",
            Share: new ShareRef(set.Made.Set, 0, Words(set.Made.Bits)),
            Evidence: evidence));
    }

    /// <summary>Of a set in groups nobody knows how many come: it depends on who does.</summary>
    private static string First(GroupPlan plan) => plan.HasGroups ? "first card" : $"first of {plan.Fewest} cards";

    private static string Accepted(GroupPlan plan, ImmutableArray<SharePresented> presented)
    {
        string are = presented.Length == 1 ? "is" : "are";
        if (!plan.HasGroups)
            return $"{presented.Length} of {plan.Fewest} cards {are} accepted. ";
        int[] held = plan.Held(presented.Select(p => p.Share));
        return $"{presented.Length} {(presented.Length == 1 ? "card" : "cards")} {are} accepted: "
            + string.Join(", ", held.Select((has, i) => (Has: has, Group: i + 1)).Where(g => g.Has > 0)
                .Select(g => $"{g.Has} of {plan.Groups[g.Group - 1].Threshold} of group {g.Group}"))
            + $"; {plan.GroupThreshold} groups are needed. ";
    }

    /// <summary>
    /// Between two people who type their cards: the witness marks who comes, so that no key of the one before shows the next page,
    /// and the journal knows whose hands it were.
    /// </summary>
    private static Question Who(CeremonyState s, ShareSetFact set, int number, string accepted, ImmutableArray<string> evidence) => new(
        $"{PresentId}{number}{WhoId}", Roles.Witness, 1,
        $"{accepted}Who comes to the screen with the {(number > 1 ? "next card" : First(set.Made.Plan))} of "
            + $"{Called(s, set)}?", AnswerKind.Choice,
        "The witness looks who it is and marks the name. Whoever brings the card of somebody else is named as what they are; "
            + "the reason is asked and recorded.",
        Options: [.. MayCome(s, set).Select(p => new Option(Seat(p), $"{p.Name} ({Room.Seated(s, p)})"))],
        Evidence: evidence, Share: new ShareRef(set.Made.Set, 0, Words(set.Made.Bits)));

    /// <summary>
    /// The set by its name, and whether its cards are the old or the new ones: on a day on which cards are replaced both lie on the table.
    /// Which card of a quorum comes is no card's number, so cards are counted and never numbered here.
    /// </summary>
    public static string Called(CeremonyState s, ShareSetFact set) =>
        Age(s, set) is { } age ? $"the {age} set {set.Made.Set}" : $"set {set.Made.Set}";

    /// <summary>old or new; null: there are no others that this card could be taken for.</summary>
    public static string? Age(CeremonyState s, ShareSetFact set)
    {
        ShareSetFact[] others =
            [.. s.World.Sets.Values.Where(o => o.Made.Name == set.Made.Name && o.Seq != set.Seq && Bags.IsLive(s.World, o))];
        return others.Any(o => o.Seq > set.Seq) ? "old" : set.Ceremony == s.Id && others.Length > 0 ? "new" : null;
    }

    /// <summary>Everybody; where seats are combined, each person once, and nobody who has typed a card of this quorum.</summary>
    private static IEnumerable<Person> MayCome(CeremonyState s, ShareSetFact set)
    {
        IEnumerable<Person> people = s.People.OrderBy(p => p.Role != Roles.Officer);
        return s.Script.Combined.IsEmpty ? people
            : people.DistinctBy(p => p.Name).Where(p => Presented(s, set.Made.Set).All(before => before.Presenter != p.Name));
    }

    /// <summary>The witness typed this card: an officer who holds nothing else says what was to be seen of it.</summary>
    private static Move? Seen(CeremonyState s, ShareSetFact set, SharePresented p, int number) =>
        Said(s, set.Made.Set).Answer($"{PresentId}{number}{SeenId}") is null && SecondWitness.For(s, p.Presenter ?? "") is { } second
            ? new Ask(SecondWitness.Look($"{PresentId}{number}{SeenId}", second, p.Presenter!, $"card {p.Share} of {p.Set}"))
            : null;

    /// <summary>A card in other hands than those it was dealt to: why, and then an exception, once in the ceremony.</summary>
    private static Move? OtherHands(CeremonyState s, ShareSetFact set, SharePresented p, int number)
    {
        string presenter = p.Presenter ?? "";
        string what = WasDealt(p.Share, p.Set, p.Custodian) + PresentedBy(presenter);
        if (string.Equals(p.Custodian, presenter, StringComparison.OrdinalIgnoreCase)
            || s.Strangers.Any(x => x.StartsWith(what, StringComparison.Ordinal)))
            return null;
        Person? second = SecondWitness.For(s, presenter);
        return Said(s, set.Made.Set).Answer($"{PresentId}{number}{WhyId}") is { } reason
            ? new Note(Room.Exception(s, CeremonyRules.Stranger, what + reason))
            : new Ask(new Question($"{PresentId}{number}{WhyId}", second?.Role ?? Roles.Witness, second?.Index ?? 1,
                $"{presenter} presented the card of {p.Custodian}. Why? {second?.Name ?? "The witness"} says it in a sentence.",
                AnswerKind.Text,
                "It is recorded as an exception with these words. The owner's own word should be on paper.",
                Evidence: [what.TrimEnd(':', ' ')]));
    }

    private static string WasDealt(int card, string set, string custodian) => $"Card {card} of {set} was dealt to {custodian}";

    public static string PresentedBy(string presenter) => $"; {presenter} presented it: ";

    /// <summary>Who of the roll call was marked for this card; null: nobody yet.</summary>
    private static Person? Presenter(CeremonyState s, string set, int number) =>
        Said(s, set).Answer($"{PresentId}{number}{WhoId}") is { } seat
            ? s.People.FirstOrDefault(p => Seat(p) == seat)
            : null;

    public static string Seat(Person p) => string.Create(CultureInfo.InvariantCulture, $"{p.Role}/{p.Index}");

    public static Decision Decide(CeremonyState s, Question q, ShareTyped t)
    {
        SharesMade made = s.World.Sets[t.Set].Made;
        if (q.Kind == AnswerKind.ReadBackShare)
            return t.Matches && t.Share == q.Share!.Share && t.Digest == made.Digests[t.Share - 1]
                ? Decision.Take(new ShareReadBack(t.Set, t.Share, made.Custodians[t.Share - 1], t.Digest))
                : Decision.Refuse(CeremonyRules.WrongWord, "What was typed is not what the card must say.",
                    "Compare the card with the screen again, word by word.");
        if (t.Identifier != made.Identifier || t.Share < 1 || t.Share > made.Custodians.Length)
            return Decision.Refuse(CeremonyRules.OtherSet,
                s.World.Sets.Values.FirstOrDefault(x => x.Made.Identifier == t.Identifier && x.Made.Set != t.Set) is { } other
                    ? $"This card belongs to another set: {other.Made.Set}." : "This card belongs to another set.",
                $"Take the card marked {t.Set}. Nothing was used up by this.");
        if (Presented(s, t.Set).Any(p => p.Share == t.Share))
            return Decision.Refuse(CeremonyRules.AlreadyPresented, $"Card {t.Share} was already presented.",
                "Another custodian is needed. If the wrong name was marked, F2 goes back to the names.");
        if (!made.Plan.Advances(t.Share, Presented(s, t.Set).Select(p => p.Share)))
            return Decision.Refuse(CeremonyRules.GroupComplete,
                $"Card {t.Share} is of group {made.Plan.GroupOf(t.Share)}, which is complete.",
                "A custodian of another group is needed. If the wrong name was marked, F2 goes back to the names.");
        if (made.Digests[t.Share - 1] != t.Digest)
            return Decision.Refuse(CeremonyRules.NotTheDealtShare,
                $"This is not the card {t.Share} that was dealt: its digest differs from the journal's.",
                "Its words and its checksum are those of a card, so it is hardly a typing mistake: it is of another dealing, or was not "
                    + "dealt here. Put it aside, report a deviation, use other custodians.");
        if (HasAnother(s, s.NameOf(q.By, q.Seat), made, t.Share))
            return Decision.Refuse(CeremonyRules.SecondCard, $"{s.NameOf(q.By, q.Seat)} knows another card of this set, and typed card "
                + $"{t.Share}, which was dealt to {made.Custodians[t.Share - 1]}.",
                "Nobody sees two cards. Nothing was recorded: report a deviation (F4), and let each custodian type their own card.");
        return Decision.Take(new SharePresented(t.Set, t.Share, made.Custodians[t.Share - 1],
            t.Digest, s.Format >= JournalFormats.Replayed ? s.NameOf(q.By, q.Seat) : null));
    }

    /// <summary>Asked where seats are combined: there are so few people that two cards in one hand are a quorum.</summary>
    private static bool HasAnother(CeremonyState s, string presenter, SharesMade made, int share) => !s.Script.Combined.IsEmpty
        && made.Custodians.Select((custodian, i) => (Custodian: custodian, Card: i + 1)).Any(card => card.Card != share
            && (PeopleNames.IsSame(card.Custodian, presenter, s.Format)
                || s.Strangers.Any(x => x.StartsWith(WasDealt(card.Card, made.Set, card.Custodian) + PresentedBy(presenter),
                    StringComparison.Ordinal))));

    public static int Words(int bits) => Slip39.WordCount(bits / 8);

    private static Move Make(CeremonyState s, DealSharesStep step)
    {
        if (step.Dice && s.Since(b => b is Reopened or ShareSetVoided).Answer("dice") is null)
            return new Ask(new Question("dice", Roles.Witness, 1, "Throw the dice and type what they show; at least 99 throws.",
                AnswerKind.Dice,
                "Digits 1 to 6. They are mixed with the randomness of the HSM and of this computer; "
                    + "no source alone decides. Nobody writes them down."));
        Script.Quorum quorum = s.Script.QuorumNamed(step.Quorum);
        int number = s.World.Sets.Values.Count(x => x.Ceremony == s.Id && x.Made.Name == step.Set) + 1;
        return new Perform(new MakeShares($"{s.Id[..4]}-{step.Set}-{number}", step.Set, step.Bits,
            quorum.Plan.Threshold,
            new Names([.. s.Officers.Take(quorum.Count).Select(o => o.Name)]), step.Dice,
            step.Set == "backup" || s.Script.Steps.Any(other => other is ChangeActivationStep), quorum.Plan.GroupsInWords));
    }

    private static Move Card(CeremonyState s, ShareSetFact set, int i)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"card/{set.Made.Set}/{i}/");
        (string who, string card) = (set.Made.Custodians[i - 1], set.Made.Plan.Card(i));
        var share = new ShareRef(set.Made.Set, i, Words(set.Made.Bits));
        if (s.Answer(id + "alone") is null)
            return new Ask(s.Format < JournalFormats.Replayed
                ? new Question(id + "alone", Roles.Officer, i, $"{who} comes to the screen alone. Everyone else turns away.",
                    AnswerKind.Acknowledge,
                    $"Have {card} of set {set.Made.Set} and a pen ready. The words stand on the screen until you say that you have them.",
                    Evidence: Cards(set))
                : new Question(id + "alone", Roles.Officer, i,
                    $"{who} comes to the screen alone, with {card} of set {set.Made.Set} and a pen. Everyone else turns away. "
                        + $"Then {who} types the word below.", AnswerKind.Typed,
                    $"No key that was pressed too often shows a card: this word stands here for the first time. "
                        + $"Write the set's name on the card first: {set.Made.Set}, {card}.",
                    Gate(s), Evidence: Cards(set)));
        if (s.Answer(id + "written") is null)
            return new Ask(new Question(id + "written", Roles.Officer, i,
                $"{who}: write the {share.Words} numbered words on {card}. Enter when all are written.", AnswerKind.ShowShare,
                "Write clearly; the first four letters decide. Then the screen is cleared and you type them back from the card.",
                Share: share));
        return new Ask(new Question(id + "back", Roles.Officer, i, $"{who}: type the words back from your card.", AnswerKind.ReadBackShare,
            "Four letters are enough. A word that differs is pointed at and never changed for you. "
                + "If you cannot read your own writing, undo (F2) shows the card again.", Share: share));
    }

    /// <summary>A word that nobody knows before this screen shows it.</summary>
    private static string Gate(CeremonyState s) => PgpWords.Of(s.Last.Hash.AsSpan()[..1]);

    private static ImmutableArray<SharePresented> Presented(CeremonyState s, string set) =>
        [.. s.Since(b => Restarts(b, set)).OfType<SharePresented>().Where(p => p.Set == set)];

    /// <summary>How many cards of a set were typed and wait in memory until its quorum is whole; null: none.</summary>
    public static (string Set, int Cards)? Waiting(CeremonyState s) => s.Facts<SharePresented>().Select(p => p.Set).Distinct()
        .Select(set => (set, Presented(s, set).Length)).Where(w => w.Length > 0).Select(w => ((string, int)?)w).FirstOrDefault()
        ?? ForeignCards.Waiting(s);

    /// <summary>
    /// What was said of the cards that are presented now. In a step in which two quorums come, as when the HSM has to be unlocked again,
    /// the second is asked for its people as the first was; before format 6 the first one's names stood for them.
    /// </summary>
    private static ImmutableArray<EntryBody> Said(CeremonyState s, string set) =>
        s.Since(b => Restarts(b, set) || s.Format >= JournalFormats.Renewed && b is SecretRebuilt);

    /// <summary>After these the typed shares are no longer in memory.</summary>
    private static bool Restarts(EntryBody body, string set) => body switch
    {
        Reopened => true,
        Failed { Effect: "rebuild-secret" } f => f.Subject == set,
        SecretRebuilt r => r.Set == set,
        _ => false,
    };

    private static ImmutableArray<string> Cards(ShareSetFact set) =>
        [.. set.Made.Custodians.Select((c, i) =>
            $"{(set.ReadBack.Contains(i + 1) ? "read back" : "open     ")} {set.Made.Plan.Card(i + 1)} {c}")];
}
